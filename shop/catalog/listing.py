"""One page of a list: cards, filters with their counts, and the ways on. For all products, for
collections, and for what a search found.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from shop.catalog import meant, shelves
from shop.catalog.cards import ProductCard, cards_as, cards_of
from shop.catalog.facets import (
    TAG,
    TYPE,
    VENDOR,
    Base,
    Counts,
    Facet,
    FacetValue,
    Sort,
)
from shop.catalog.fact_queries import facet_of, handle_of
from shop.catalog.filters import Address, Args, first, price_words, read_address
from shop.catalog.meant import Meaning
from shop.catalog.queries import SwatchTile
from shop.catalog.shelves import Shelf, Shop
from shop.money import Money
from shop.search.question import Question
from shop.store.queries import Store
from shop.web.pagination import Pager, paginate, read_page
from shop.web.visit import kept

PER_PAGE = 24
#: So many values are shown before "Show all 14".
SHOWN_VALUES = 8

_SORTS = (Sort.NEWEST, Sort.PRICE_LOW, Sort.PRICE_HIGH, Sort.TITLE)


class ChipKind(StrEnum):
    VALUE = "value"
    PRICE = "price"
    AVAILABLE = "available"


@dataclass(frozen=True)
class Chip:
    """An applied filter; its link takes it away."""

    kind: ChipKind
    #: Empty but for a value.
    label: str
    url: str
    #: Products that the list would hold without it.
    count_without: int
    lowest: Money | None = None
    highest: Money | None = None


class ValueChoice(NamedTuple):
    """A tuple, since each list makes a hundred of them."""

    handle: str
    label: str
    count: int  # type: ignore[assignment]  # in the place of a tuple's own
    is_chosen: bool
    swatch: SwatchTile | None


@dataclass(frozen=True)
class FacetChoice:
    """A group of the form. `label` is the merchant's; empty where the shop names it."""

    name: str
    label: str
    shown: tuple[ValueChoice, ...]
    #: Behind "Show all".
    more: tuple[ValueChoice, ...]

    @property
    def values(self) -> tuple[ValueChoice, ...]:
        return self.shown + self.more

    @property
    def is_chosen(self) -> bool:
        return any(value.is_chosen for value in self.values)

    @property
    def is_open(self) -> bool:
        """Tags wait until somebody asks; what leads nowhere makes room."""
        is_worth_it = self.name != TAG and any(value.count for value in self.values)
        return self.is_chosen or is_worth_it

    @property
    def has_tiles(self) -> bool:
        return bool(self.values) and all(value.swatch for value in self.values)

    @property
    def is_option(self) -> bool:
        return self.name not in (TYPE, TAG, VENDOR)


@dataclass(frozen=True)
class PriceChoice:
    #: What is typed.
    lowest: str
    highest: str
    #: Which of the two cannot be read as an amount.
    is_lowest_unread: bool
    is_highest_unread: bool
    #: What there is.
    cheapest: Money
    dearest: Money

    @property
    def is_chosen(self) -> bool:
        return bool(self.lowest or self.highest)


@dataclass(frozen=True)
class ListPage:
    address: Address
    cards: list[ProductCard]
    pager: Pager[int]
    #: Products of the list, and of the list without its filters.
    count: int
    total: int
    sorts: tuple[Sort, ...]
    facets: tuple[FacetChoice, ...]
    #: None where all cost the same.
    price: PriceChoice | None
    #: Available products; none where all are, or none, and nobody asks.
    available: int | None
    chips: tuple[Chip, ...]

    @property
    def sort(self) -> Sort:
        return self.address.sort

    @property
    def is_filtered(self) -> bool:
        return bool(self.chips)

    @property
    def left_on_next(self) -> int:
        """How many products the next page adds."""
        return max(0, min(PER_PAGE, self.count - self.pager.last_shown))

    @property
    def key(self) -> tuple[Hashable, ...]:
        """All that the parts of one state of the catalog depend on."""
        address = self.address
        return str(address), address.unread, self.pager.number, self.sorts, self.count

    @property
    def clear_url(self) -> str:
        return str(self.address.without_filters())

    @property
    def has_choices(self) -> bool:
        return bool(self.facets or self.price or self.available is not None)


def all_products(args: Args, *, path: str, store: Store) -> ListPage:
    with shelves.open_shop(store.selling) as shop:
        return _page(shop, args, shop.index.all_products(), _SORTS, path, store)


@dataclass(frozen=True)
class CollectionPage:
    collection: Shelf
    parents: list[Shelf]
    children: Sequence[Shelf]
    page: ListPage


def collection(handle: str, args: Args, *, path: str, store: Store) -> CollectionPage | None:
    with shelves.open_shop(store.selling) as shop:
        shelf = shop.shelves.find(handle)
        if shelf is None:
            return None
        base = shop.base_of(shelf)
        sorts = _SORTS if shelf.is_rule_based else (Sort.FEATURED, *_SORTS)
        return CollectionPage(
            shelf,
            shop.shelves.path_to(shelf),
            shop.shelves.children(shelf),
            _page(shop, args, base, sorts, path, store, meant.by_rule(shop.index, shelf.rule)),
        )


def found(
    product_ids: Sequence[int],
    asked: Question | None,
    args: Args,
    *,
    path: str,
    store: Store,
    kept: Mapping[str, str],
) -> ListPage:
    """What a search found, the best first. `kept`: what stays in every address, as its words."""
    with shelves.open_shop(store.selling) as shop:
        base, meanings = shop.index.these(product_ids), meant.by_words(shop.index, asked)
        return _page(shop, args, base, (Sort.RELEVANCE, *_SORTS), path, store, meanings, kept)


def first_found(
    product_ids: Sequence[int], asked: Question | None, store: Store
) -> list[ProductCard]:
    """The cards alone."""
    with shelves.open_if_read() as shop:
        if shop is None:
            return cards_of(product_ids, store)
        meanings = meant.by_words(shop.index, asked)
        wanted = meant.wanted_of(shop.index, product_ids, meanings)
    return list(cards_as(list(wanted.items()), store).values())


def _page(
    shop: Shop,
    args: Args,
    base: Base,
    sorts: tuple[Sort, ...],
    path: str,
    store: Store,
    meanings: Sequence[Meaning] = (),
    kept: Mapping[str, str] | None = None,
) -> ListPage:
    index, number = shop.index, read_page(first(args, "page"))
    if index.is_rated:
        sorts = (*sorts[:-3], Sort.RATING, *sorts[-3:])
    address = read_address(
        args,
        index,
        path=path,
        currency=store.selling,
        tells_currency=len(store.offered) > 1,
        sorts=sorts,
        usual_sort=sorts[0],
        kept=kept or {},
    )
    offset = (number - 1) * PER_PAGE
    ids = index.page(base, address.chosen, address.sort, offset=offset, limit=PER_PAGE + 1)
    wanted = meant.wanted_of(index, ids[:PER_PAGE], meanings, address.chosen)
    counts = index.counts(base, address.chosen)
    total = base.bits.bit_count()
    return ListPage(
        address=address,
        cards=list(cards_as(list(wanted.items()), store).values()),
        pager=paginate(ids, number, PER_PAGE, address.on_page, total=counts.total),
        count=counts.total,
        total=total,
        sorts=sorts,
        facets=_kept_facets(shop, base, address, counts),
        price=_price(address, counts),
        available=_available(address, counts, total),
        chips=tuple(_chips(shop, base, address)),
    )


# Filters ----------------------------------------------------------------------------------------


def _kept_facets(
    shop: Shop, base: Base, address: Address, counts: Counts
) -> tuple[FacetChoice, ...]:
    """Kept as the counts are: of lists that have a name and are not filtered."""

    def choices() -> tuple[FacetChoice, ...]:
        return tuple(_facets(shop, address, counts))

    if base.key is None or not address.chosen.is_empty:
        return choices()
    return kept(("facets", base.key, address.chosen.currency), choices)


def _facets(shop: Shop, address: Address, counts: Counts) -> Iterator[FacetChoice]:
    tiles = {
        (facet_of(tile.option_name), handle_of(tile.value)): (place, tile)
        for place, tile in enumerate(shop.swatches)
    }
    for facet in counts.facets:
        values = [
            _value(facet, value, address, tiles.get((facet.name, value.handle), (0, None))[1])
            for value in _in_order_of(tiles, facet)
        ]
        # One more than fits is no reason to hide it.
        cut = SHOWN_VALUES if len(values) > SHOWN_VALUES + 1 else len(values)
        yield FacetChoice(facet.name, facet.label, tuple(values[:cut]), tuple(values[cut:]))


def _in_order_of(
    tiles: Mapping[tuple[str, str], tuple[int, SwatchTile]], facet: Facet
) -> list[FacetValue]:
    """As their swatches stand, where all have one."""
    keys = [(facet.name, value.handle) for value in facet.values]
    if not all(key in tiles for key in keys):
        return list(facet.values)
    return sorted(facet.values, key=lambda value: tiles[facet.name, value.handle][0])


def _value(
    facet: Facet, value: FacetValue, address: Address, swatch: SwatchTile | None
) -> ValueChoice:
    is_chosen = value.handle in address.chosen.values.get(facet.name, ())
    return ValueChoice(value.handle, value.label, value.count, is_chosen, swatch)


def _price(address: Address, counts: Counts) -> PriceChoice | None:
    chosen, currency = address.chosen, address.currency
    if counts.lowest is None or counts.highest is None:
        return None
    if counts.lowest == counts.highest and not chosen.has_price and not any(address.unread):
        return None
    lowest_unread, highest_unread = address.unread
    return PriceChoice(
        lowest_unread or price_words(chosen.lowest, currency),
        highest_unread or price_words(chosen.highest, currency),
        bool(lowest_unread),
        bool(highest_unread),
        Money(counts.lowest, currency),
        Money(counts.highest, currency),
    )


def _available(address: Address, counts: Counts, total: int) -> int | None:
    is_choice = address.chosen.is_available or 0 < counts.available < (
        counts.total if address.chosen.is_empty else total
    )
    return counts.available if is_choice else None


def _chips(shop: Shop, base: Base, address: Address) -> Iterator[Chip]:
    def chip(kind: ChipKind, without: Address, label: str = "") -> Chip:
        count = shop.index.count(base, without.chosen)
        return Chip(kind, label, str(without), count, lowest, highest)

    chosen, currency = address.chosen, address.currency
    lowest = None if chosen.lowest is None else Money(chosen.lowest, currency)
    highest = None if chosen.highest is None else Money(chosen.highest, currency)
    for facet, handles in chosen.values.items():
        for handle in handles:
            label = shop.index.label(facet, handle)
            yield chip(ChipKind.VALUE, address.without_value(facet, handle), label)
    if chosen.has_price:
        yield chip(ChipKind.PRICE, address.without_price())
    if chosen.is_available:
        yield chip(ChipKind.AVAILABLE, address.without_available())
