"""The shop's icon: the merchant's own, else the demo's mark, else the first letter of its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shop.theme.look import Look

_SVG, _PNG, _WEBP = "image/svg+xml", "image/png", "image/webp"


@dataclass(frozen=True)
class Icon:
    """`sizes` as HTML and manifests write them; empty where a tab needs none."""

    src: str
    type: str
    sizes: str = ""


@dataclass(frozen=True)
class Icons:
    #: For a browser's tab; the first is what programs get that read no page.
    tab: tuple[Icon, ...]
    #: For the manifest.
    app: tuple[Icon, ...]
    #: Where Apple's devices look; empty: they make one of the page.
    touch: str = ""
    #: One that every program reads; empty: there is none.
    picture: str = ""


#: Drawn by the shop, see seo/views.py.
LETTER = "/favicon.svg"


def icons_of(look: Look, asset: Callable[[str], str]) -> Icons:
    """`asset`: the address of a static file."""
    if look.icon:
        return _own(f"/media/{look.icon.file}")
    return _mark(asset) if look.has_mark else _letter()


def picture_of_shop(look: Look, asset: Callable[[str], str]) -> str:
    """The address of what stands for the shop in other programs: its logo, else its icon. Empty for
    one that has neither.
    """
    return f"/media/{look.logo.file}-800.jpg" if look.logo else icons_of(look, asset).picture


def _own(address: str) -> Icons:
    small, large = f"{address}-400.webp", f"{address}-800.webp"
    return Icons(
        tab=(Icon(small, _WEBP),),
        app=(Icon(small, _WEBP, "any"), Icon(large, _WEBP, "any")),
        touch=f"{address}-800.jpg",
        picture=f"{address}-800.jpg",
    )


def _mark(asset: Callable[[str], str]) -> Icons:
    small, large = asset("icons/icon-192.png"), asset("icons/icon-512.png")
    return Icons(
        tab=(
            Icon(asset("icons/favicon.ico"), "image/x-icon", "32x32"),
            Icon(asset("icons/favicon.svg"), _SVG),
        ),
        app=(Icon(small, _PNG, "192x192"), Icon(large, _PNG, "512x512")),
        touch=asset("icons/icon-180.png"),
        picture=large,
    )


def _letter() -> Icons:
    return Icons(tab=(Icon(LETTER, _SVG),), app=(Icon(LETTER, _SVG, "any"),))
