"""Themes: folders with a theme.toml, and what a shop's pages take from one.

themes/<handle>/theme.toml      title, palettes, fonts, corners, spacing, style sheet
themes/<handle>/templates/...   in place of the core template of the same name
themes/<handle>/static/...      served as /static/themes/<handle>/...
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from shop.theme.colors import read_color
from shop.theme.fonts import FONTS
from shop.theme.palette import ROLES, unreadable

#: The look of the core templates.
CORE = "fettle"
_HANDLE = re.compile(r"[a-z][a-z0-9-]{0,39}")


class Corners(StrEnum):
    SQUARE = "square"
    SLIGHT = "slight"
    ROUND = "round"


class Spacing(StrEnum):
    TIGHT = "tight"
    ROOMY = "roomy"
    AIRY = "airy"


class ThemeError(Exception):
    """A theme's folder says something that no shop could show."""


@dataclass(frozen=True, kw_only=True)
class Theme:
    title: str
    about: str
    #: Color by role.
    light: Mapping[str, str]
    dark: Mapping[str, str]
    text_font: str
    heading_font: str
    corners: Corners = Corners.SLIGHT
    spacing: Spacing = Spacing.ROOMY
    #: Its own style sheet in static/, after the core's; the colors and fonts above need none.
    stylesheet: str = ""
    handle: str = CORE
    folder: Path = field(default_factory=Path)

    @property
    def templates(self) -> Path:
        return self.folder / "templates"

    @property
    def static(self) -> Path:
        return self.folder / "static"


#: What theme.toml may say.
_WRITTEN = {each.name for each in fields(Theme)} - {"handle", "folder"}


def find_themes(roots: Iterable[Path]) -> dict[str, Theme]:
    """By handle, the core's look first. Raises ThemeError for a folder that is no whole theme."""
    found: dict[str, Theme] = {}
    for root in roots:
        for path in sorted(root.glob("*/theme.toml")):
            theme = read_theme(path)
            found.setdefault(theme.handle, theme)
    return dict(sorted(found.items(), key=lambda item: (item[0] != CORE, item[1].title)))


def read_theme(path: Path) -> Theme:
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        if unknown := sorted(values.keys() - _WRITTEN):
            raise ThemeError(f"{path}: {unknown[0]} is none of {', '.join(sorted(_WRITTEN))}")
        values |= {"handle": path.parent.name, "folder": str(path.parent)}
        theme = msgspec.convert(values, Theme, strict=False, dec_hook=_as_path)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ThemeError(f"{path}: {error}") from error
    if faults := list(_faults(theme)):
        raise ThemeError(f"{path}: {faults[0]}")
    return theme


def _as_path(kind: type, value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise NotImplementedError


def _faults(theme: Theme) -> Iterable[str]:
    if not _HANDLE.fullmatch(theme.handle):
        yield f"the folder's name {theme.handle!r} must be lower case letters, digits, hyphens"
    for name, palette in (("light", theme.light), ("dark", theme.dark)):
        if missing := sorted(set(ROLES) - set(palette)):
            yield f"[{name}] needs a color for {', '.join(missing)}"
            return
        for role, color in palette.items():
            if role not in ROLES or read_color(color) != color:
                yield f'[{name}] {role} = "{color}" is no role with a color like "#1c33b5"'
                return
        for pair in unreadable(palette):
            yield f"[{name}] {pair.role} on {pair.ground} has a contrast of {pair.ratio:.2f}"
    for font in (theme.text_font, theme.heading_font):
        if font not in FONTS:
            yield f"{font!r} is none of the fonts {', '.join(FONTS)}"
    if theme.stylesheet and not (theme.static / theme.stylesheet).is_file():
        yield f"there is no style sheet static/{theme.stylesheet}"
