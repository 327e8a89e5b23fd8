"""What lists are filtered and sorted by: what is known of a product, what an address chose, and
what is counted of it. facet_index.py answers with them. [pure]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Sort(StrEnum):
    NEWEST = "newest"
    RATING = "rating"
    PRICE_LOW = "price-low"
    PRICE_HIGH = "price-high"
    TITLE = "title"
    #: As the merchant placed them in a collection.
    FEATURED = "featured"
    #: As a search ranked them.
    RELEVANCE = "relevance"


TYPE, TAG, VENDOR = "type", "tag", "vendor"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One value that a product has. `facet` and `handle` are what an address says: glaze=cobalt."""

    facet: str
    handle: str
    facet_label: str
    label: str
    #: Where the value stands among the product's own.
    place: int = 0
    #: Whether a variant with it can be bought now.
    is_available: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """What lists know of one published product. Amounts in minor units."""

    product_id: int
    title: str
    #: Microseconds since 1970.
    published_at: int
    lowest: int
    highest: int
    is_available: bool
    attributes: tuple[Attribute, ...] = ()
    #: How good it is said to be, in millionths of a star; 0 where nobody said anything.
    score: int = 0
    #: Lowest and highest in other currencies, where they are not what the shop's own convert to.
    typed: Mapping[str, tuple[int, int]] = field(default_factory=dict)


#: Handles by option, any of which will do; of one option there may be several such groups.
Criteria = tuple[tuple[str, tuple[str, ...]], ...]


class Wanted(NamedTuple):
    """What is asked of variants."""

    #: By an address.
    values: Criteria
    is_available: bool
    #: By the words of a search or the rule of a collection; what the address asks for goes before.
    meant: Criteria = ()
    #: Lowest and highest amount in the visitor's currency, both included; none: any.
    lowest: int | None = None
    highest: int | None = None

    def fits_price(self, amount: int) -> bool:
        is_enough = self.lowest is None or amount >= self.lowest
        return is_enough and (self.highest is None or amount <= self.highest)


@dataclass(frozen=True)
class Chosen:
    """The filters that an address names."""

    #: Handles by facet.
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lowest: int | None = None
    highest: int | None = None
    is_available: bool = False
    #: Of the two amounts, and of what is sorted by price; empty: the shop's own.
    currency: str = ""

    @property
    def has_price(self) -> bool:
        return self.lowest is not None or self.highest is not None

    @property
    def is_empty(self) -> bool:
        return not (self.values or self.has_price or self.is_available)

    @property
    def wanted(self) -> Wanted | None:
        """None where no value of an option is chosen."""
        if not self.values:
            return None
        values = tuple(one for one in self.values.items() if one[0] not in (TYPE, TAG, VENDOR))
        return self.wanting(values) if values else None

    def wanting(self, values: Criteria, meant: Criteria = ()) -> Wanted:
        return Wanted(values, self.is_available, meant, self.lowest, self.highest)


@dataclass(frozen=True)
class Base:
    """The products that a list is about, before any filter."""

    bits: int
    #: Their own order, where they have one.
    order: Sequence[int] | None = None
    #: Names it, so that what was counted once is kept until the next change; none: not kept.
    key: int | None = None


@dataclass(frozen=True)
class FacetValue:
    handle: str
    label: str
    count: int


@dataclass(frozen=True)
class Facet:
    name: str
    label: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True)
class Counts:
    """How many products there are for each filter, as if its own facet were not filtered."""

    total: int
    facets: tuple[Facet, ...]
    available: int
    #: The cheapest and the dearest of the list without filters; none where it is empty.
    lowest: int | None
    highest: int | None
