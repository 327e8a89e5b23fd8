"""Which published products have which attributes, as bitmaps in memory. [pure]

A bitmap is an integer with one bit for each product, so "cobalt or celadon, and a mug" is three
machine-fast operations however many products there are, and counting is one more. Orders are kept
sorted (sorted_products.py), so a page is a slice or a short walk. What it takes and gives is in
facets.py. See docs/adr/0013.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

from shop.catalog.bitmaps import among, bitmap_of, bytes_of, ordinals_of
from shop.catalog.facet_values import LAST, OptionValue, Sizes, Value, in_order
from shop.catalog.facets import (
    TYPE,
    VENDOR,
    Attribute,
    Base,
    Chosen,
    Counts,
    Facet,
    FacetValue,
    Facts,
    Sort,
)
from shop.catalog.sorted_products import SortedProducts
from shop.catalog.value_words import ValueWords

#: Up to so many matches are taken out of the bitmap and sorted; more are met soon on a walk.
FEW_MATCHES = 3000
#: Up to so many products of a base are counted one by one; for more, the bitmaps of the values are.
FEW_COUNTED = 300
#: Facets made of options that a list shows at most.
MAX_OPTIONS = 6
#: Price ranges kept as bitmaps until the next change.
_KEPT_RANGES = 64


class FacetIndex:
    """Not safe to be changed and read at once."""

    def __init__(self) -> None:
        self.everything = 0
        self._available = 0
        self._ids: list[int] = []
        self._ordinals: dict[int, int] = {}
        self._free: list[int] = []
        self._values: list[Value] = []
        #: facet -> handle -> number of the value
        self._numbers: dict[str, dict[str, int]] = {}
        self._facet_labels: dict[str, str] = {}
        #: Of the values of options.
        self.value_words = ValueWords()
        #: By ordinal: numbers of the product's values, doubled, odd where available.
        self._values_of: list[tuple[int, ...]] = []
        self._sorted = SortedProducts()
        self._rated = 0
        self._kept_counts: dict[tuple[int, str], Counts] = {}
        self._kept_ranges: dict[tuple[int | None, int | None, str], int] = {}

    # Keeping it up to date

    def put(self, products: Iterable[Facts]) -> None:
        """Add these products, or replace what is known of them."""
        products = list(products)
        self.remove(facts.product_id for facts in products)
        found: defaultdict[int, list[int]] = defaultdict(list)
        available: defaultdict[int, list[int]] = defaultdict(list)
        ordinals = [self._place(facts, found, available) for facts in products]
        for number, having in found.items():
            self._values[number].bits |= bitmap_of(having)
        for number, having in available.items():
            self._values[number].available_bits |= bitmap_of(having)
        self.everything |= bitmap_of(ordinals)
        self._available |= bitmap_of(
            ordinal for ordinal, facts in zip(ordinals, products, strict=True) if facts.is_available
        )
        self._sorted.sort_in(ordinals)

    def remove(self, product_ids: Iterable[int]) -> None:
        """Forget these products; unknown ones are passed over."""
        self.forget_counts()
        for product_id in product_ids:
            ordinal = self._ordinals.pop(product_id, None)
            if ordinal is None:
                continue
            others = ~(1 << ordinal)
            for number in self._values_of[ordinal]:
                value = self._values[number >> 1]
                value.bits &= others
                value.available_bits &= others
            self.everything &= others
            self._available &= others
            self._rated -= self._sorted.is_rated(ordinal)
            self._sorted.take_out(ordinal)
            self._free.append(ordinal)

    def add_currency(
        self, code: str, convert: Callable[[int], int], typed: Mapping[int, tuple[int, int]]
    ) -> None:
        """Know the prices in one more currency, or know them anew: those `typed` by product, the
        rest by `convert`, which must keep the order of amounts.
        """
        self.forget_counts()
        self._sorted.add_currency(code, convert, typed, self._ordinals.values())

    def remove_currency(self, code: str) -> None:
        self.forget_counts()
        self._sorted.remove_currency(code)

    def forget_counts(self) -> None:
        """What was counted of a base that has changed is not true any more."""
        self._kept_counts.clear()
        self._kept_ranges.clear()

    def _place(
        self,
        facts: Facts,
        found: defaultdict[int, list[int]],
        available: defaultdict[int, list[int]],
    ) -> int:
        if self._free:
            ordinal = self._free.pop()
        else:
            ordinal = len(self._ids)
            self._ids.append(0)
            self._values_of.append(())
        self._ids[ordinal] = facts.product_id
        self._ordinals[facts.product_id] = ordinal
        #: Two attributes may have one handle, as "Blue" and "blue".
        numbers: dict[int, bool] = {}
        for attribute in facts.attributes:
            number = self._number(attribute)
            numbers[number] = numbers.get(number, False) or attribute.is_available
        for number, is_available in numbers.items():
            found[number].append(ordinal)
            if is_available:
                available[number].append(ordinal)
        self._values_of[ordinal] = tuple(
            number * 2 + is_available for number, is_available in numbers.items()
        )
        self._sorted.note(ordinal, facts)
        self._rated += facts.score > 0
        return ordinal

    def _number(self, attribute: Attribute) -> int:
        number = self._numbers.get(attribute.facet, _NONE).get(attribute.handle)
        if number is None:
            number = len(self._values)
            self._numbers.setdefault(attribute.facet, {})[attribute.handle] = number
            self._facet_labels.setdefault(attribute.facet, attribute.facet_label)
            self._values.append(Value(attribute.facet, attribute.handle, attribute.label))
            if attribute.facet not in LAST:
                self.value_words.add(number, attribute.label)
        value = self._values[number]
        value.places += attribute.place
        value.seen += 1
        return number

    # What a list is about

    @property
    def is_rated(self) -> bool:
        return self._rated > 0

    def all_products(self) -> Base:
        return Base(self.everything, key=0)

    def these(self, product_ids: Iterable[int], key: int | None = None) -> Base:
        """The known ones of these products, in this order."""
        order = [self._ordinals[id_] for id_ in product_ids if id_ in self._ordinals]
        return Base(bitmap_of(order), order, key)

    def newest_first(self, product_ids: Iterable[int]) -> list[int]:
        """The known ones of these products."""
        known = (self._ordinals[id_] for id_ in product_ids if id_ in self._ordinals)
        return [self._ids[ordinal] for ordinal in self._sorted.sort(known, Sort.NEWEST)]

    def knows(self, facet: str, handle: str) -> bool:
        return handle in self._numbers.get(facet, ())

    def has(self, facet: str, handle: str) -> bool:
        """Whether one of the products comes in it now."""
        number = self._numbers.get(facet, _NONE).get(handle)
        return number is not None and self._values[number].bits != 0

    def label(self, facet: str, handle: str) -> str:
        return self._values[self._numbers[facet][handle]].label

    @property
    def facets(self) -> Collection[str]:
        return self._numbers.keys()

    # What variants may be meant by

    def option_labels(self) -> Iterator[tuple[int, str]]:
        """All values of options by their numbers."""
        return (
            (number, value.label)
            for number, value in enumerate(self._values)
            if value.facet not in LAST
        )

    def options_of(self, product_id: int) -> list[OptionValue]:
        return [
            OptionValue(number, value.facet, value.handle)
            for number, value in self._of(product_id)
            if value.facet not in LAST
        ]

    def name_of(self, product_id: int) -> str:
        """Title, type and vendor."""
        title = self._sorted.title_of(self._ordinals[product_id])
        own = (value.label for _, value in self._of(product_id) if value.facet in (TYPE, VENDOR))
        return " ".join((title, *own))

    def _of(self, product_id: int) -> Iterator[tuple[int, Value]]:
        """Nothing of an unknown product."""
        ordinal = self._ordinals.get(product_id)
        for doubled in () if ordinal is None else self._values_of[ordinal]:
            yield doubled >> 1, self._values[doubled >> 1]

    # Finding

    def count(self, base: Base, chosen: Chosen) -> int:
        return self._matching(base, chosen).bit_count()

    def page(self, base: Base, chosen: Chosen, sort: Sort, *, offset: int, limit: int) -> list[int]:
        """Ids in order."""
        matching = self._matching(base, chosen)
        order, is_reversed = self._order(base, sort, chosen.currency)
        count = matching.bit_count()
        if count == len(order):  # nothing is filtered out
            places: Iterable[int] = islice(_walk(order, is_reversed), offset, offset + limit)
        elif count <= FEW_MATCHES and order is not base.order:
            found = self._sorted.sort(ordinals_of(matching), sort, chosen.currency)
            places = found[offset : offset + limit]
        else:
            walk = among(_walk(order, is_reversed), bytes_of(matching))
            places = islice(walk, offset, offset + limit)
        return [self._ids[ordinal] for ordinal in places]

    def counts(self, base: Base, chosen: Chosen) -> Counts:
        key = None if base.key is None else (base.key, chosen.currency)
        if chosen.is_empty and key is not None and key in self._kept_counts:
            return self._kept_counts[key]
        masks = self._masks(chosen)
        matching = _all_of(base.bits, masks.values())
        lowest, highest = self._bounds(base, chosen.currency)
        counts = Counts(
            total=matching.bit_count(),
            facets=tuple(self._facets(base, chosen, masks, matching)),
            available=(_all_of(base.bits, _but(masks, _AVAILABLE)) & self._available).bit_count(),
            lowest=lowest,
            highest=highest,
        )
        if chosen.is_empty and key is not None:
            self._kept_counts[key] = counts
        return counts

    def _matching(self, base: Base, chosen: Chosen) -> int:
        return _all_of(base.bits, self._masks(chosen).values())

    def _masks(self, chosen: Chosen) -> dict[str, int]:
        """For each filtered facet the products that fit it."""
        masks = {}
        for facet, handles in chosen.values.items():
            mask = 0
            for handle in handles:
                number = self._numbers.get(facet, {}).get(handle)
                if number is not None:
                    mask |= self._bits(self._values[number], chosen)
            masks[facet] = mask
        if chosen.has_price:
            masks[_PRICE] = self._price_mask(chosen.lowest, chosen.highest, chosen.currency)
        if chosen.is_available:
            masks[_AVAILABLE] = self._available
        return masks

    def _bits(self, value: Value, chosen: Chosen) -> int:
        """Who wants cobalt, and in stock, wants cobalt that is in stock."""
        return value.available_bits if chosen.is_available else value.bits

    def _price_mask(self, lowest: int | None, highest: int | None, currency: str) -> int:
        """Products with prices on both sides of the range, or within it."""
        kept = self._kept_ranges.get((lowest, highest, currency))
        if kept is not None:
            return kept
        mask = self.everything
        if highest is not None:  # the cheapest variant is not too dear
            mask &= self._bitmap(*self._sorted.cheapest_up_to(highest, currency))
        if lowest is not None:  # the dearest is not too cheap
            mask &= ~self._bitmap(*self._sorted.dearest_up_to(lowest - 1, currency))
        if len(self._kept_ranges) >= _KEPT_RANGES:
            self._kept_ranges.clear()
        self._kept_ranges[lowest, highest, currency] = mask
        return mask

    def _bitmap(self, ordinals: Sequence[int], others: Sequence[int]) -> int:
        """The bitmap, made of the fewer of the two."""
        if len(ordinals) <= len(others):
            return bitmap_of(ordinals)
        return self.everything & ~bitmap_of(others)

    def _bounds(self, base: Base, currency: str) -> tuple[int | None, int | None]:
        if not base.bits:
            return None, None
        if base.order is not None and len(base.order) <= FEW_MATCHES:
            return self._sorted.bounds_of(base.order, currency)
        return self._sorted.bounds_in(bytes_of(base.bits), currency)

    def _facets(
        self, base: Base, chosen: Chosen, masks: Mapping[str, int], matching: int
    ) -> Iterable[Facet]:
        for name, sizes in self._shown(base, chosen):
            own = _all_of(base.bits, _but(masks, name)) if name in masks else matching
            counted = tuple(
                FacetValue(
                    value.handle,
                    value.label,
                    (self._bits(value, chosen) & own).bit_count() if masks else size,
                )
                for size, value in sizes
            )
            yield Facet(name, self._facet_labels[name], counted)

    def _shown(self, base: Base, chosen: Chosen) -> list[tuple[str, Sizes]]:
        """The facets that part this list, options first, with their values in order and how many
        products of the base have each.
        """
        shown, found = [], self._sizes_in(base)
        for name in self._numbers:
            sizes = found.get(name, [])
            if len(sizes) > 1 or name in chosen.values:
                shown.append((sum(size for size, _ in sizes), name, sizes))
        options = sorted((one for one in shown if one[1] not in LAST), key=lambda one: -one[0])
        others = sorted((one for one in shown if one[1] in LAST), key=lambda one: LAST[one[1]])
        kept = [
            one for at, one in enumerate(options) if at < MAX_OPTIONS or one[1] in chosen.values
        ]
        return [
            (name, in_order(name, sizes, chosen.values.get(name, ())))
            for _, name, sizes in [*kept, *others]
        ]

    def _sizes_in(self, base: Base) -> Mapping[str, Sizes]:
        """By facet, the values that products of the base have."""
        found: defaultdict[str, Sizes] = defaultdict(list)
        for size, value in self._counted_in(base):
            if size:
                found[value.facet].append((size, value))
        return found

    def _counted_in(self, base: Base) -> Iterable[tuple[int, Value]]:
        """Values with how many products of the base have them. Of few products only the values that
        they have are looked at: a shop may have thousands of tags.
        """
        if base.order is None or len(base.order) > FEW_COUNTED:
            return (((value.bits & base.bits).bit_count(), value) for value in self._values)
        seen = Counter(chain.from_iterable(map(self._values_of.__getitem__, base.order)))
        numbers = sorted({number >> 1 for number in seen})
        return (
            (seen[number * 2] + seen[number * 2 + 1], self._values[number]) for number in numbers
        )

    def _order(self, base: Base, sort: Sort, currency: str) -> tuple[Sequence[int], bool]:
        if sort in (Sort.FEATURED, Sort.RELEVANCE) and base.order is not None:
            return base.order, False
        return self._sorted.order(sort, currency)


_NONE: dict[str, int] = {}
_PRICE, _AVAILABLE = " price", " available"


def _all_of(bits: int, masks: Iterable[int]) -> int:
    for mask in masks:
        bits &= mask
    return bits


def _but(masks: Mapping[str, int], name: str) -> list[int]:
    return [mask for other, mask in masks.items() if other != name]


def _walk(order: Sequence[int], is_reversed: bool) -> Iterable[int]:
    return reversed(order) if is_reversed else order
