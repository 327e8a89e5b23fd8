"""What roles may do: each area of the admin to see or to change; and the roles to begin with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Area(StrEnum):
    ORDERS = "orders"
    REFUNDS = "refunds"
    CUSTOMERS = "customers"
    PRODUCTS = "products"
    INVENTORY = "inventory"
    DISCOUNTS = "discounts"
    GIFT_CARDS = "gift_cards"
    REVIEWS = "reviews"
    CONTENT = "content"
    THEME = "theme"
    REPORTS = "reports"
    SETTINGS = "settings"
    PAYMENT_SETTINGS = "payment_settings"
    STAFF = "staff"


class Access(StrEnum):
    """How far somebody gets in an area; to change includes to see."""

    NONE = "none"
    SEE = "see"
    CHANGE = "change"


Grid = Mapping[Area, Access]
_ORDER = list(Access)

#: Has everything, in areas to come as well; the shop always has an active account with it.
OWNER = "owner"
_GUARDED = {Area.PAYMENT_SETTINGS, Area.STAFF}

#: Name -> what the role begins with. A migration wrote them into every shop.
PRESETS: dict[str, dict[Area, Access]] = {
    "manager": {
        **{area: Access.CHANGE for area in Area if area not in _GUARDED},
        Area.PAYMENT_SETTINGS: Access.SEE,
    },
    "fulfillment": {
        Area.ORDERS: Access.CHANGE,
        Area.INVENTORY: Access.CHANGE,
        Area.PRODUCTS: Access.SEE,
        Area.CUSTOMERS: Access.SEE,
    },
    "editor": {
        Area.PRODUCTS: Access.CHANGE,
        Area.REVIEWS: Access.CHANGE,
        Area.CONTENT: Access.CHANGE,
        Area.THEME: Access.CHANGE,
        Area.INVENTORY: Access.SEE,
        Area.DISCOUNTS: Access.SEE,
    },
    "support": {
        Area.ORDERS: Access.CHANGE,
        Area.CUSTOMERS: Access.CHANGE,
        Area.REVIEWS: Access.CHANGE,
        Area.PRODUCTS: Access.SEE,
        Area.INVENTORY: Access.SEE,
        Area.DISCOUNTS: Access.SEE,
        Area.GIFT_CARDS: Access.SEE,
    },
    "read_only": {area: Access.SEE for area in Area if area not in _GUARDED},
}


def written(grid: Grid) -> list[str]:
    """As a role keeps it: "orders:change"."""
    return [f"{area}:{grid[area]}" for area in Area if grid.get(area, Access.NONE) != Access.NONE]


def read(permissions: Iterable[str]) -> dict[Area, Access]:
    """Every area; what names no area any more is passed over."""
    found = dict.fromkeys(Area, Access.NONE)
    for text in permissions:
        area, _, access = text.partition(":")
        if area in set(Area) and access in set(Access):
            found[Area(area)] = Access(access)
    return found


def union(grids: Iterable[Grid]) -> dict[Area, Access]:
    """The most of each."""
    grids = list(grids)
    return {
        area: max((grid.get(area, Access.NONE) for grid in grids), key=_ORDER.index, default=_NONE)
        for area in Area
    }


def contains(grid: Grid, other: Grid) -> bool:
    """Whether nothing of `other` goes beyond `grid`."""
    return all(
        _ORDER.index(grid.get(area, _NONE)) >= _ORDER.index(other.get(area, _NONE)) for area in Area
    )


EVERYTHING: Grid = dict.fromkeys(Area, Access.CHANGE)
_NONE = Access.NONE
