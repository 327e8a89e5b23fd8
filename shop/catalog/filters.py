"""What a list's address says: filters, order and page, read and written. [pure]

`?glaze=cobalt&glaze=celadon&type=mugs&price=10-40&available=1&sort=price-low`. What an address says
wrongly is passed over: an old link still shows a list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import urlencode

from shop.catalog.facets import Chosen, Sort
from shop.money import Money, UnreadableAmount, plain_amount, read_amount
from shop.store.currencies import Currency

#: Names that mean something else in the address of a list.
RESERVED = frozenset(
    {"q", "page", "sort", "price", "available", "currency", "fragment", "type", "tag", "vendor"}
)
#: The two fields of the form; a script and a redirect make `price` of them.
PRICE_FIELDS = ("price-from", "price-to")
#: Beside them, where the shop has several currencies.
CURRENCY_FIELD = "price-currency"
#: Values that one address can choose at most.
MAX_CHOSEN = 40


#: The part of an address behind the question mark: all values by name.
Args = Mapping[str, Sequence[str]]


class Known(Protocol):
    @property
    def facets(self) -> Collection[str]: ...
    def knows(self, facet: str, handle: str) -> bool: ...


@dataclass(frozen=True)
class Address:
    """A list as its address names it. `kept` stays in all of its addresses: a search's words."""

    path: str
    #: Of its amounts; told beside them where the shop has several.
    currency: str
    chosen: Chosen
    sort: Sort
    usual_sort: Sort
    kept: tuple[tuple[str, str], ...] = ()
    tells_currency: bool = False

    def __str__(self) -> str:
        return self.on_page(1)

    def on_page(self, number: int) -> str:
        pairs = [*self.kept, *self._filters()]
        if self.sort is not self.usual_sort:
            pairs.append(("sort", self.sort))
        if number > 1:
            pairs.append(("page", str(number)))
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    def without_filters(self) -> Address:
        return replace(self, chosen=Chosen(currency=self.chosen.currency))

    def without_value(self, facet: str, handle: str) -> Address:
        rest = tuple(other for other in self.chosen.values[facet] if other != handle)
        values = {**self.chosen.values, facet: rest}
        kept = {name: handles for name, handles in values.items() if handles}
        return replace(self, chosen=replace(self.chosen, values=kept))

    def without_price(self) -> Address:
        return replace(self, chosen=replace(self.chosen, lowest=None, highest=None))

    def without_available(self) -> Address:
        return replace(self, chosen=replace(self.chosen, is_available=False))

    def _filters(self) -> Iterator[tuple[str, str]]:
        for facet, handles in self.chosen.values.items():
            yield from ((facet, handle) for handle in handles)
        if self.chosen.has_price:
            yield "price", price_range(self.chosen.lowest, self.chosen.highest, self.currency)
            if self.tells_currency:
                yield "currency", self.currency
        if self.chosen.is_available:
            yield "available", "1"


def read_address(
    args: Args,
    known: Known,
    *,
    path: str,
    currency: Currency,
    sorts: Collection[Sort],
    usual_sort: Sort,
    kept: Mapping[str, str],
    tells_currency: bool = False,
) -> Address:
    lowest, highest = _read_price(first(args, "price"), currency.code)
    return Address(
        path=path,
        currency=currency.code,
        chosen=Chosen(
            dict(_read_values(args, known)),
            lowest,
            highest,
            is_available=first(args, "available") == "1",
            currency="" if currency.is_base else currency.code,
        ),
        sort=_read_sort(first(args, "sort"), sorts, usual_sort),
        usual_sort=usual_sort,
        kept=tuple(kept.items()),
        tells_currency=tells_currency,
    )


def price_range(lowest: int | None, highest: int | None, currency: str) -> str:
    """ "10-40", "10-" or "-39.50"."""
    return f"{price_words(lowest, currency)}-{price_words(highest, currency)}"


def price_words(amount: int | None, currency: str) -> str:
    if amount is None:
        return ""
    words = plain_amount(Money(amount, currency))
    whole, _, decimals = words.partition(".")
    return words if decimals.strip("0") else whole


def readable_address(path: str, args: Args, currency: str) -> str | None:
    """Where the form's two fields for the price are in an address, the address with `price`."""
    if not any(name in args for name in PRICE_FIELDS):
        return None
    amounts = _ordered(*(_read_amount(first(args, name), currency) for name in PRICE_FIELDS))
    rest = [
        (name, value)
        for name, values in args.items()
        if name not in (*PRICE_FIELDS, CURRENCY_FIELD, "price", "currency", "page")
        for value in values
    ]
    if amounts != (None, None):
        rest.append(("price", price_range(*amounts, currency)))
        if CURRENCY_FIELD in args:
            rest.append(("currency", currency))
    return f"{path}?{urlencode(rest)}" if rest else path


def first(args: Args, name: str) -> str:
    return next(iter(args.get(name, ())), "")


def _read_values(args: Args, known: Known) -> Iterator[tuple[str, tuple[str, ...]]]:
    left = MAX_CHOSEN
    for facet in sorted(known.facets):
        handles = dict.fromkeys(args.get(facet, ())[: MAX_CHOSEN * 2])
        chosen = tuple(handle for handle in handles if known.knows(facet, handle))[:left]
        left -= len(chosen)
        if chosen:
            yield facet, chosen


def _read_price(text: str, currency: str) -> tuple[int | None, int | None]:
    lowest, dash, highest = text.partition("-")
    if not dash:
        return None, None
    return _ordered(_read_amount(lowest, currency), _read_amount(highest, currency))


def _ordered(lowest: int | None, highest: int | None) -> tuple[int | None, int | None]:
    if lowest is not None and highest is not None and lowest > highest:
        return highest, lowest
    return lowest, highest


def _read_amount(text: str, currency: str) -> int | None:
    """Signs of currencies are left out as people type them."""
    try:
        return read_amount(text.strip().strip("£$€¥ "), currency).amount
    except UnreadableAmount:
        return None


def _read_sort(text: str, sorts: Collection[Sort], usual: Sort) -> Sort:
    return Sort(text) if text in set(sorts) else usual
