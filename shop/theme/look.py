"""A look: what a merchant changed of a theme, and the style sheet that says so in tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from shop.theme.fonts import FONTS
from shop.theme.palette import Palette, tokens
from shop.theme.themes import Corners, Spacing, Theme


class Radii(NamedTuple):
    picture: str
    control: str
    panel: str
    chip: str


_CORNERS = {
    Corners.SQUARE: Radii("0", "0", "0", "0"),
    Corners.SLIGHT: Radii("3px", "6px", "12px", "999px"),
    Corners.ROUND: Radii("10px", "14px", "22px", "999px"),
}
#: Between sections, and around what stands in them.
_SPACING = {
    Spacing.TIGHT: ("2rem", "3rem"),
    Spacing.ROOMY: ("3rem", "4.5rem"),
    Spacing.AIRY: ("4rem", "7rem"),
}


@dataclass(frozen=True, kw_only=True)
class Logo:
    """A picture of the media folder, with the renditions that every other has."""

    file: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Look:
    """Empty means as the theme has it."""

    #: Color by role, of those that differ from the theme's.
    light: Mapping[str, str] = field(default_factory=dict)
    dark: Mapping[str, str] = field(default_factory=dict)
    text_font: str = ""
    heading_font: str = ""
    corners: str = ""
    spacing: str = ""
    logo: Logo | None = None
    #: For dark grounds; the logo itself where there is none.
    logo_dark: Logo | None = None
    icon: Logo | None = None
    #: The demo's glazed pot before the name, where there is no logo, and as the icon.
    has_mark: bool = False


def read_look(values: Mapping[str, Any]) -> Look:
    """As it was stored; what a later version of the shop no longer knows is left out."""
    return msgspec.convert(dict(values), Look)


def palette(theme: Theme, look: Look, *, is_night: bool = False) -> Palette:
    chosen = look.dark if is_night else look.light
    return {**(theme.dark if is_night else theme.light), **chosen}


def mail_colors(theme: Theme, look: Look, *, is_night: bool = False) -> Palette:
    """The palette, with the colors of quiet text and of lines that pages make from it."""
    chosen = palette(theme, look, is_night=is_night)
    made = tokens(chosen, chosen, is_night=is_night)
    return {**chosen, "quiet": made["--ink-2"], "line": made["--line"]}


def corners(theme: Theme, look: Look) -> Radii:
    return _CORNERS[Corners(look.corners if look.corners in _CORNERS else theme.corners)]


_NIGHT = "(prefers-color-scheme: dark)"


def stylesheet(theme: Theme, look: Look) -> str:
    """Token assignments over the theme's own; empty where nothing differs."""
    plain = _shape_tokens(look)
    blocks = [_block(":root", plain)]
    for is_night, where in ((False, f"print,not {_NIGHT}"), (True, f"screen and {_NIGHT}")):
        changed = (look.dark if is_night else look.light).keys()
        colors = tokens(palette(theme, look, is_night=is_night), changed, is_night=is_night)
        rule = _block(":root", colors)
        blocks.append(rule and f"@media {where}{{{rule}}}")
    css = "".join(blocks)
    return f"@layer tokens{{{css}}}" if css else ""


def theme_stylesheet(theme: Theme, core: Theme) -> str:
    """What a theme's theme.toml says over the core's style sheets."""
    own = Look(
        light=_differing(theme.light, core.light),
        dark=_differing(theme.dark, core.dark),
        text_font=theme.text_font if theme.text_font != core.text_font else "",
        heading_font=theme.heading_font if theme.heading_font != core.heading_font else "",
        corners=theme.corners if theme.corners != core.corners else "",
        spacing=theme.spacing if theme.spacing != core.spacing else "",
    )
    return stylesheet(theme, own)


def digest_of(css: str) -> str:
    return hashlib.sha256(css.encode()).hexdigest()[:16] if css else ""


def fonts_to_fetch(theme: Theme, look: Look) -> tuple[str, ...]:
    names = (look.text_font or theme.text_font, look.heading_font or theme.heading_font)
    return tuple(
        dict.fromkeys(file for name in names if name in FONTS for file in FONTS[name].files)
    )


def _differing(colors: Palette, others: Palette) -> Palette:
    return {role: color for role, color in colors.items() if color != others[role]}


def _shape_tokens(look: Look) -> dict[str, str]:
    found = {}
    if look.text_font in FONTS:
        found["--font-text"] = FONTS[look.text_font].stack
    if look.heading_font in FONTS:
        font = FONTS[look.heading_font]
        found |= {
            "--font-heading": font.stack,
            "--heading-weight": str(font.weight),
            "--heading-tracking": font.tracking,
            "--heading-leading": font.leading,
        }
    if look.corners in _CORNERS:
        names = ("--r1", "--r2", "--r3", "--r-full")
        found |= dict(zip(names, _CORNERS[Corners(look.corners)], strict=True))
    if look.spacing in _SPACING:
        found |= dict(zip(("--s7", "--s8"), _SPACING[Spacing(look.spacing)], strict=True))
    return found


def _block(selector: str, declarations: Mapping[str, str]) -> str:
    body = ";".join(f"{name}:{value}" for name, value in declarations.items())
    return body and f"{selector}{{{body}}}"
