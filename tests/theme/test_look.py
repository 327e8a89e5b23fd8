from __future__ import annotations

from pathlib import Path

import pytest

from shop.settings import ROOT
from shop.theme.look import Look, digest_of, fonts_to_fetch, read_look, stylesheet
from shop.theme.themes import CORE, ThemeError, find_themes, read_theme

FETTLE = find_themes([ROOT / "themes"])[CORE]


def test_a_theme_as_it_is_needs_no_style_sheet() -> None:
    assert stylesheet(FETTLE, Look()) == ""
    assert digest_of("") == ""


def test_colors_hold_for_day_or_night_alone() -> None:
    css = stylesheet(FETTLE, Look(light={"highlight": "#ff8800"}, dark={"banner": "#332255"}))

    assert css == (
        "@layer tokens{"
        "@media print,not (prefers-color-scheme: dark){:root{--highlight:#ff8800}}"
        "@media screen and (prefers-color-scheme: dark){:root{--banner:#332255}}}"
    )


def test_fonts_corners_and_spacing_are_tokens() -> None:
    css = stylesheet(FETTLE, Look(heading_font="old-style", corners="square", spacing="airy"))

    assert "--heading-weight:600" in css
    assert "--r1:0;--r2:0;--r3:0;--r-full:0;--s7:4rem;--s8:7rem" in css


def test_only_the_fonts_in_use_are_fetched_early() -> None:
    assert fonts_to_fetch(FETTLE, Look()) == ("fonts/text.woff2", "fonts/wide.woff2")
    assert fonts_to_fetch(FETTLE, Look(heading_font="slab")) == ("fonts/text.woff2",)
    assert fonts_to_fetch(FETTLE, Look(heading_font="slab", text_font="system")) == ()


def test_what_a_later_version_stored_is_left_out() -> None:
    assert read_look({"corners": "round", "wings": 2}) == Look(corners="round")


@pytest.mark.parametrize("path", sorted((ROOT / "themes").glob("*/theme.toml")), ids=str)
def test_every_theme_that_ships_is_whole_and_readable(path: Path) -> None:
    assert read_theme(path).handle == path.parent.name


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('ink = "#14201b"', "", "[light] needs a color for ink"),
        ('ink = "#14201b"', 'ink = "black"', '[light] ink = "black"'),
        ('ink = "#14201b"', 'ink = "#999999"', "ink on background has a contrast of 2.6"),
        ('text_font = "fettle-text"', 'text_font = "comic"', "'comic' is none of the fonts"),
        ('corners = "slight"', 'corners = "wavy"', "Invalid enum value 'wavy'"),
        ('corners = "slight"', 'stylesheet = "no.css"', "there is no style sheet static/no.css"),
        ('corners = "slight"', "corners = slight", "Invalid value"),
        ('corners = "slight"', 'corner = "slight"', "corner is none of about, corners, dark,"),
    ],
)
def test_a_broken_theme_is_told_by_its_file(
    tmp_path: Path, was: str, becomes: str, said: str
) -> None:
    text = (ROOT / "themes" / CORE / "theme.toml").read_text()
    path = tmp_path / "mine" / "theme.toml"
    path.parent.mkdir()
    path.write_text(text.replace(was, becomes, 1))

    with pytest.raises(ThemeError) as refusal:
        find_themes([tmp_path])

    assert str(refusal.value).startswith(str(path))
    assert said in str(refusal.value)
