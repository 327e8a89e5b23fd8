"""The fonts a merchant may choose: the shop's own two, and stacks of those that systems bring.

None is fetched from elsewhere. Licences of our own: static/fonts/OFL.txt.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Font:
    stack: str
    #: Own files, to be fetched early.
    files: tuple[str, ...] = ()
    #: How headings in it are set.
    weight: int = 700
    tracking: str = "-0.02em"
    leading: str = "1.08"


_PLAIN = 'system-ui, -apple-system, "Segoe UI", roboto, "Noto Sans", arial, sans-serif'
FONTS = {
    "fettle-text": Font(
        f'"Fettle Text", "Fettle Text Fallback", {_PLAIN}',
        ("fonts/text.woff2",),
        weight=700,
    ),
    "fettle-wide": Font(
        f'"Fettle Wide", "Fettle Wide Fallback", {_PLAIN}',
        ("fonts/wide.woff2",),
        weight=740,
        tracking="-0.035em",
        leading="1.02",
    ),
    "system": Font(_PLAIN),
    "grotesque": Font(
        '"Helvetica Neue", "Nimbus Sans", "Liberation Sans", arial, sans-serif',
    ),
    "humanist": Font(
        'seravek, "Gill Sans Nova", ubuntu, calibri, "DejaVu Sans", "Trebuchet MS", sans-serif',
        tracking="-0.01em",
    ),
    "geometric": Font(
        'avenir, montserrat, corbel, "URW Gothic", "Century Gothic", sans-serif',
    ),
    "old-style": Font(
        '"Iowan Old Style", "Palatino Linotype", "URW Palladio L", palladio, p052, georgia, serif',
        weight=600,
        tracking="-0.01em",
        leading="1.12",
    ),
    "transitional": Font(
        'charter, "Bitstream Charter", "Sitka Text", cambria, georgia, "Liberation Serif", serif',
        tracking="-0.01em",
        leading="1.12",
    ),
    "didone": Font(
        'didot, "Bodoni MT", "Noto Serif Display", "URW Palladio L", p052, georgia, serif',
        weight=500,
        tracking="-0.01em",
    ),
    "slab": Font(
        'rockwell, "Rockwell Nova", "Roboto Slab", "DejaVu Serif", "Sitka Small", serif',
        tracking="-0.01em",
    ),
    "typewriter": Font(
        'ui-monospace, "Cascadia Code", menlo, consolas, "DejaVu Sans Mono", monospace',
        tracking="-0.04em",
        leading="1.12",
    ),
}
