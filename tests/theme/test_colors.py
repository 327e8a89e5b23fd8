from __future__ import annotations

import re

import pytest

from shop.settings import ROOT
from shop.theme.colors import contrast, ink_on, mix, nearest_readable, read_color
from shop.theme.palette import ROLES, tokens, unreadable
from shop.theme.themes import CORE, find_themes

FETTLE = find_themes([ROOT / "themes"])[CORE]


@pytest.mark.parametrize(
    ("typed", "color"),
    [
        ("#1C33B5", "#1c33b5"),
        (" 1c33b5 ", "#1c33b5"),
        ("#abc", "#aabbcc"),
        ("red", None),
        ("#12345", None),
        ("#1234567", None),
        ("#fff;}body{", None),
        ("", None),
    ],
)
def test_a_color_is_six_hex_digits_however_it_was_typed(typed: str, color: str | None) -> None:
    assert read_color(typed) == color


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#ffffff", "#000000", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#ffffff", "#777777", 4.48),
        ("#1c33b5", "#1c33b5", 1.0),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert round(contrast(one, other), 2) == ratio


def test_the_nearest_readable_color_keeps_its_hue() -> None:
    found = nearest_readable("#ffcc00", ("#ffffff",))

    assert found == "#927100"
    assert contrast(found, "#ffffff") >= 4.5


def test_a_readable_color_stays_as_it_is() -> None:
    assert nearest_readable("#1c33b5", ("#ffffff",)) == "#1c33b5"


def test_between_black_and_white_nothing_may_be_readable() -> None:
    assert nearest_readable("#808080", ("#ffffff", "#000000")) is None


def test_mixing_goes_all_the_way() -> None:
    assert (mix("#1c33b5", "#ffffff", 0), mix("#1c33b5", "#ffffff", 1)) == ("#1c33b5", "#ffffff")
    assert (ink_on("#ffe000"), ink_on("#1c33b5")) == ("#000000", "#ffffff")


def test_an_unreadable_pair_is_told_with_a_way_out() -> None:
    (found,) = unreadable({**FETTLE.light, "action": "#ffcc00", "on_action": "#14201b"})

    assert (found.role, found.ground, round(found.ratio, 2)) == ("action", "background", 1.40)
    assert found.suggestion is not None
    assert contrast(found.suggestion, FETTLE.light["background"]) >= 4.5
    assert contrast(found.suggestion, FETTLE.light["surface"]) >= 4.5


@pytest.mark.parametrize("ground", ["#fff8f0", "#ffffff", "#f2e6ff", "#d8e8d8"])
def test_what_follows_from_a_background_is_readable_on_it(ground: str) -> None:
    palette = {**FETTLE.light, "background": ground}

    made = tokens(palette, {"background"}, is_night=False)

    for text in ("--ink-2", "--ink-3", "--good", "--warn"):
        assert contrast(made[text], ground) >= 4.5
    assert contrast(made["--ink-2"], made["--surface-2"]) >= 4.5
    assert contrast(made["--line-strong"], ground) >= 3
    for name in ("good", "warn"):
        assert contrast(made[f"--{name}"], made[f"--{name}-wash"]) >= 4.5


def test_a_changed_color_changes_no_token_of_others() -> None:
    made = tokens({**FETTLE.light, "highlight": "#ff8800"}, {"highlight"}, is_night=False)

    assert made == {"--highlight": "#ff8800"}


def test_the_core_theme_repeats_the_style_sheet() -> None:
    """The admin shows and checks what is in theme.toml; pages show what is in base.css."""
    css = (ROOT / "static" / "css" / "base.css").read_text()
    by_day, by_night = css.split("prefers-color-scheme: dark", 1)

    for palette, text in ((FETTLE.light, by_day), (FETTLE.dark, by_night)):
        for role, token in ROLES.items():
            found = re.search(rf"\n\s+{token}: (#[0-9a-f]+)", text) or re.search(
                rf"\n\s+{token}: (#[0-9a-f]+)", by_day
            )
            assert found is not None
            assert read_color(found[1]) == palette[role], role
