"""Colors: contrast by WCAG, mixing, and the nearest color that is readable.

Lightness is moved in Oklab, which keeps the hue. Source of the matrices: Ottosson, "A perceptual
color space for image processing"; of the contrast: WCAG 2.2, relative luminance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

HEX = re.compile(r"#[0-9a-f]{6}")
#: WCAG AA: text, and the shapes that controls are known by.
TEXT, SHAPE = 4.5, 3.0
WHITE, BLACK = "#ffffff", "#000000"
_SHORT = re.compile(r"#?([0-9a-f])([0-9a-f])([0-9a-f])")
_STEPS = 100

_Triple = tuple[float, float, float]


def read_color(text: str) -> str | None:
    """ "1C33B5" or "#abc" as "#rrggbb"; none where it is no such color."""
    lower = text.strip().lower()
    if short := _SHORT.fullmatch(lower):
        lower = "#" + "".join(digit * 2 for digit in short.groups())
    if not lower.startswith("#"):
        lower = f"#{lower}"
    return lower if HEX.fullmatch(lower) else None


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def is_readable(color: str, grounds: Iterable[str], minimum: float = TEXT) -> bool:
    return all(contrast(color, ground) >= minimum for ground in grounds)


def nearest_readable(color: str, grounds: Iterable[str], minimum: float = TEXT) -> str | None:
    """The same hue, as little darker or lighter as it takes; none where nothing is readable."""
    grounds = tuple(grounds)
    if is_readable(color, grounds, minimum):
        return color
    lightness, a, b = _oklab(color)
    for step in range(1, _STEPS + 1):
        for direction in (-1, 1):
            moved = lightness + direction * step / _STEPS
            if 0 <= moved <= 1:
                fade = 1 - step / _STEPS
                found = _hex((moved, a * fade, b * fade))
                if is_readable(found, grounds, minimum):
                    return found
    return next((end for end in (BLACK, WHITE) if is_readable(end, grounds, minimum)), None)


def mix(color: str, other: str, part: float) -> str:
    """`part` of `other` in `color`, from 0 to 1."""
    pairs = zip(_oklab(color), _oklab(other), strict=True)
    lightness, a, b = (mine + (theirs - mine) * part for mine, theirs in pairs)
    return _hex((lightness, a, b))


def ink_on(ground: str) -> str:
    """Black or white, whichever reads better."""
    return max((BLACK, WHITE), key=lambda ink: contrast(ink, ground))


def is_dark(color: str) -> bool:
    return ink_on(color) == WHITE


def _channels(color: str) -> _Triple:
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _gamma(channel: float) -> float:
    if channel <= 0.0031308:
        return channel * 12.92
    return float(1.055 * channel ** (1 / 2.4) - 0.055)


def _luminance(color: str) -> float:
    red, green, blue = map(_linear, _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklab(color: str) -> _Triple:
    red, green, blue = map(_linear, _channels(color))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _hex(lab: _Triple) -> str:
    """Cut off at the edges of sRGB."""
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    channels = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    values = (round(255 * _gamma(min(1.0, max(0.0, channel)))) for channel in channels)
    return "#" + "".join(f"{value:02x}" for value in values)
