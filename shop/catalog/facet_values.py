"""Values of facets as a FacetIndex keeps them, and how a list lines them up. [pure]"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from shop.catalog.facets import TAG, TYPE, VENDOR

#: Of one facet, a list shows so many at most.
MAX_VALUES = 60
#: Facets that stand below those made of options, in this order.
LAST = {TYPE: 1, TAG: 3, VENDOR: 2}
_NUMBER = re.compile(r"\D?(\d{1,9}(?:[.,]\d{1,9})?)\s*(\D{0,20})")


@dataclass(slots=True)
class Value:
    facet: str
    handle: str
    label: str
    bits: int = 0
    #: Those of which a variant with this value can be bought now.
    available_bits: int = 0
    places: int = 0
    seen: int = 0

    @property
    def place(self) -> float:
        return self.places / self.seen


class OptionValue(NamedTuple):
    """One that a product comes in. Values keep their numbers."""

    number: int
    facet: str
    handle: str


#: Values with how many products have them.
Sizes = list[tuple[int, Value]]


def in_order(name: str, sizes: Sizes, chosen: Collection[str]) -> Sizes:
    """Options as merchants line them up, measures by their numbers; the rest by size."""
    most = sorted(sizes, key=lambda one: (one[1].handle not in chosen, -one[0]))[:MAX_VALUES]
    if name in LAST:
        return sorted(most, key=lambda one: (-one[0], one[1].label.casefold()))
    return sorted(most, key=lambda one: _natural(one[1]))


def _natural(value: Value) -> tuple[str, float, str]:
    """Small, Medium, Large as they stand; then 9 cm, 14 cm; then 200 ml."""
    match = _NUMBER.fullmatch(value.label.strip())
    if match is None:
        return "", value.place, value.label.casefold()
    return match[2].casefold() or " ", float(match[1].replace(",", ".")), ""
