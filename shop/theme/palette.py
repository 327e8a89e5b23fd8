"""A palette: one color for each role, by day or by night, and the tokens that follow from it.

A merchant chooses a dozen roles. Borders, quiet text and washes are made from them, so that they
are readable whatever was chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shop.theme.colors import (
    BLACK,
    SHAPE,
    TEXT,
    WHITE,
    contrast,
    ink_on,
    is_readable,
    mix,
    nearest_readable,
)

#: Role -> the token of the style sheets that holds it.
ROLES = {
    "background": "--bg",
    "surface": "--surface",
    "ink": "--ink",
    "action": "--action",
    "on_action": "--on-action",
    "highlight": "--highlight",
    "on_highlight": "--on-highlight",
    "sale": "--sale",
    "banner": "--banner",
    "on_banner": "--on-banner",
    "footer": "--footer",
    "on_footer": "--on-footer",
}
#: What lies on what, as text.
PAIRS = (
    ("ink", "background"),
    ("ink", "surface"),
    ("action", "background"),
    ("action", "surface"),
    ("on_action", "action"),
    ("on_highlight", "highlight"),
    ("sale", "background"),
    ("sale", "surface"),
    ("on_banner", "banner"),
    ("on_footer", "footer"),
)
#: Colors with a meaning of their own, by day and by night: in stock, waiting.
_STOCK, _WAITING = ("#1a6346", "#82d8b1"), ("#744800", "#f1c36a")

Palette = Mapping[str, str]


@dataclass(frozen=True)
class Unreadable:
    """Text of one role on another that too few people can read."""

    role: str
    ground: str
    ratio: float
    minimum: float
    #: The nearest color for `role` that reads on every ground it lies on; none: change the ground.
    suggestion: str | None


def unreadable(palette: Palette) -> list[Unreadable]:
    """The pairs below WCAG AA, each role's first ground only."""
    found: dict[str, Unreadable] = {}
    for role, ground in PAIRS:
        ratio = contrast(palette[role], palette[ground])
        if ratio < TEXT and role not in found:
            suggestion = nearest_readable(palette[role], _grounds_of(role, palette))
            found[role] = Unreadable(role, ground, ratio, TEXT, suggestion)
    return list(found.values())


def tokens(palette: Palette, changed: Iterable[str], *, is_night: bool) -> dict[str, str]:
    """The tokens that the changed roles set, those made from them included."""
    changed = set(changed)
    found = {ROLES[role]: palette[role] for role in ROLES if role in changed}
    if changed & {"background", "surface", "ink"}:
        found |= _ground_tokens(palette, is_night)
    if changed & {"action", "background", "surface", "ink"}:
        found |= _action_tokens(palette)
    if changed & {"sale", "background", "surface", "ink"}:
        found |= _sale_tokens(palette)
    if changed & {"footer", "on_footer"}:
        found |= _footer_tokens(palette)
    return found


def _grounds_of(role: str, palette: Palette) -> tuple[str, ...]:
    return tuple(palette[ground] for mine, ground in PAIRS if mine == role)


def _ground_tokens(palette: Palette, is_night: bool) -> dict[str, str]:
    ground, surface, ink = palette["background"], palette["surface"], palette["ink"]
    second, third = mix(ground, ink, 0.07), mix(ground, ink, 0.13)
    # The washes lie under text as well.
    grounds = (ground, surface, second)
    found = {
        "--surface-2": second,
        "--surface-3": third,
        "--ink-2": _quiet(ink, ground, grounds, 0.28),
        # A chosen value that is sold out stands on the action's wash.
        "--ink-3": _quiet(ink, ground, (ground, surface, _action_wash(palette)), 0.42),
        "--line": mix(ground, ink, 0.16),
        "--line-strong": _quiet(ink, ground, (ground, surface), 0.6, SHAPE),
    }
    for name, colors in (("good", _STOCK), ("warn", _WAITING)):
        color = nearest_readable(colors[is_night], (ground, surface)) or ink
        found |= {f"--{name}": color, f"--{name}-wash": _wash(color, surface, ink)}
    return found


def _action_tokens(palette: Palette) -> dict[str, str]:
    action = palette["action"]
    deeper = mix(action, palette["ink"], 0.25)
    is_still_readable = contrast(palette["on_action"], deeper) >= TEXT
    return {
        "--action-hover": deeper if is_still_readable else action,
        "--action-wash": _action_wash(palette),
        "--focus": action,
        "--focus-gap": palette["background"],
    }


def _action_wash(palette: Palette) -> str:
    quiet = mix(palette["ink"], palette["background"], 0.34)
    return _wash(palette["action"], palette["surface"], quiet)


def _sale_tokens(palette: Palette) -> dict[str, str]:
    sale = palette["sale"]
    return {
        "--on-sale": ink_on(sale),
        "--sale-wash": _wash(sale, palette["surface"], palette["ink"]),
        "--sale-badge": sale,
        "--on-sale-badge": ink_on(sale),
    }


def _footer_tokens(palette: Palette) -> dict[str, str]:
    footer, ink = palette["footer"], palette["on_footer"]
    return {
        "--footer-name": mix(footer, ink, 0.1),
        "--footer-line": mix(footer, ink, 0.2),
        "--on-footer-2": _quiet(ink, footer, (footer,), 0.25),
    }


def _quiet(
    ink: str, ground: str, grounds: tuple[str, ...], most: float, minimum: float = TEXT
) -> str:
    """The palest ink that still reads on all the grounds."""
    for step in range(round(most * 50), 0, -1):
        found = mix(ink, ground, step / 50)
        if is_readable(found, grounds, minimum):
            return found
    return ink


def _wash(color: str, surface: str, ink: str) -> str:
    """A tint of the surface that both the color and the ink read on."""
    for percent in (14, 12, 10, 8, 6, 4, 2):
        found = mix(surface, color, percent / 100)
        if is_readable(color, (found,)) and is_readable(ink, (found,)):
            return found
    return surface


__all__ = ["BLACK", "PAIRS", "ROLES", "WHITE", "Palette", "Unreadable", "tokens", "unreadable"]
