"""The products of a FacetIndex in each of their orders, in memory; those by price in each currency.
[pure]

A product is known by its number in the index, which may become another's once it is taken out.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from shop.catalog.bitmaps import among
from shop.catalog.facets import Facts, Sort

#: From so many on, new ones are sorted together with all others, not put in one by one.
_MANY = 100
_NO_SCORE = 5_000_001
_DEAREST = "dearest"

_Key = int | str


class SortedProducts:
    def __init__(self) -> None:
        self._key_functions: dict[str, Callable[[Facts], _Key]] = dict(_KEYS)
        #: By number.
        self._keys: dict[str, list[_Key]] = {name: [] for name in _KEYS}
        self._orders: dict[str, array[int]] = {name: array("I") for name in _KEYS}

    # Keeping them up to date

    def note(self, ordinal: int, facts: Facts) -> None:
        """Its place in each order, where `sort_in` puts it. `ordinal`: one more than the last new
        one, or one that was taken out.
        """
        for name, key in self._key_functions.items():
            keys = self._keys[name]
            keys[ordinal : ordinal + 1] = [key(facts)]

    def sort_in(self, ordinals: Sequence[int]) -> None:
        for name, order in self._orders.items():
            keys = self._keys[name]
            if len(ordinals) > _MANY:
                self._orders[name] = array("I", sorted([*order, *ordinals], key=keys.__getitem__))
                continue
            for ordinal in ordinals:
                order.insert(bisect_left(order, keys[ordinal], key=keys.__getitem__), ordinal)

    def take_out(self, ordinal: int) -> None:
        for name, order in self._orders.items():
            keys = self._keys[name]
            del order[bisect_left(order, keys[ordinal], key=keys.__getitem__)]

    def add_currency(
        self,
        code: str,
        convert: Callable[[int], int],
        typed: Mapping[int, tuple[int, int]],
        ordinals: Collection[int],
    ) -> None:
        """Of the products with these numbers; see FacetIndex.add_currency."""
        self.remove_currency(code)
        for place, base in enumerate((Sort.PRICE_LOW, _DEAREST)):
            name, keys = _in(base, code), list(self._keys[base])
            for ordinal in ordinals:
                amount, product_id = divmod(int(keys[ordinal]), 1 << 32)
                own = typed.get(product_id)
                keys[ordinal] = (convert(amount) if own is None else own[place]) << 32 | product_id
            self._keys[name] = keys
            self._orders[name] = array("I", sorted(self._orders[base], key=keys.__getitem__))
            self._key_functions[name] = _price_key(code, place, convert)

    def remove_currency(self, code: str) -> None:
        for name in (_in(Sort.PRICE_LOW, code), _in(_DEAREST, code)):
            for held in (self._keys, self._orders, self._key_functions):
                held.pop(name, None)

    # Reading them

    def order(self, sort: Sort, currency: str = "") -> tuple[Sequence[int], bool]:
        """All numbers, and whether they are to be read from the end."""
        return self._orders[_name_of(sort, currency)], sort is Sort.PRICE_HIGH

    def sort(self, ordinals: Iterable[int], sort: Sort, currency: str = "") -> list[int]:
        keys = self._keys[_name_of(sort, currency)]
        return sorted(ordinals, key=keys.__getitem__, reverse=sort is Sort.PRICE_HIGH)

    def title_of(self, ordinal: int) -> str:
        """In small letters."""
        return str(self._keys[Sort.TITLE][ordinal]).partition("\0")[0]

    def is_rated(self, ordinal: int) -> bool:
        return int(self._keys[Sort.RATING][ordinal]) >> 96 < _NO_SCORE

    def cheapest_up_to(self, amount: int, currency: str) -> tuple[Sequence[int], Sequence[int]]:
        """Those that have a variant for this amount or less, and the others."""
        return self._parted(_in(Sort.PRICE_LOW, currency), amount)

    def dearest_up_to(self, amount: int, currency: str) -> tuple[Sequence[int], Sequence[int]]:
        """Those whose variants all cost this amount or less, and the others."""
        return self._parted(_in(_DEAREST, currency), amount)

    def bounds_of(self, ordinals: Collection[int], currency: str) -> tuple[int, int]:
        """Of their prices; there must be some."""
        cheapest = map(self._keys[_in(Sort.PRICE_LOW, currency)].__getitem__, ordinals)
        dearest = map(self._keys[_in(_DEAREST, currency)].__getitem__, ordinals)
        return int(min(cheapest)) >> 32, int(max(dearest)) >> 32

    def bounds_in(self, data: bytes, currency: str) -> tuple[int, int]:
        """The same of a bitmap's bytes."""
        low, high = _in(Sort.PRICE_LOW, currency), _in(_DEAREST, currency)
        cheapest = next(among(self._orders[low], data))
        dearest = next(among(reversed(self._orders[high]), data))
        return int(self._keys[low][cheapest]) >> 32, int(self._keys[high][dearest]) >> 32

    def _parted(self, name: str, amount: int) -> tuple[Sequence[int], Sequence[int]]:
        order, keys = self._orders[name], self._keys[name]
        cut = bisect_left(order, amount + 1 << 32, key=lambda ordinal: int(keys[ordinal]))
        return order[:cut], order[cut:]


def _newest(facts: Facts) -> int:
    return ((1 << 60) - facts.published_at << 32) - facts.product_id


#: Small comes first; the id settles ties.
_KEYS: dict[str, Callable[[Facts], _Key]] = {
    Sort.NEWEST: _newest,
    Sort.RATING: lambda facts: (_NO_SCORE - facts.score << 96) + _newest(facts),
    Sort.PRICE_LOW: lambda facts: (facts.lowest << 32) + facts.product_id,
    _DEAREST: lambda facts: (facts.highest << 32) + facts.product_id,
    Sort.TITLE: lambda facts: f"{facts.title.casefold()}\0{facts.product_id:010}",
}


def _in(name: str, currency: str) -> str:
    """The order by price in this currency."""
    return f"{name} {currency}" if currency else name


def _price_key(code: str, place: int, convert: Callable[[int], int]) -> Callable[[Facts], int]:
    """Of the lowest price (place 0) or the highest."""

    def key(facts: Facts) -> int:
        own = facts.typed.get(code)
        amount = convert((facts.lowest, facts.highest)[place]) if own is None else own[place]
        return (amount << 32) + facts.product_id

    return key


def _name_of(sort: Sort, currency: str) -> str:
    if sort in (Sort.PRICE_LOW, Sort.PRICE_HIGH):
        return _in(Sort.PRICE_LOW, currency)
    return sort if sort in _KEYS else Sort.NEWEST
