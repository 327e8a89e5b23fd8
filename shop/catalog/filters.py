"""What a list's address says: filters, order and page, read and written. [pure]

`?glaze=cobalt&glaze=celadon&type=mugs&price=10-40&available=1&sort=price-low`. What an address says
wrongly is passed over: an old link still shows a list. An amount that cannot be read is told at its
field.
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
#: Of an amount that cannot be read, as its field takes them.
MAX_TYPED = 12


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
    #: What was typed as the lowest and the highest price, where it is no amount.
    unread: tuple[str, str] = ("", "")

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
    (lowest, highest), unread = _read_price(first(args, "price"), currency.code)
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
        unread=unread,
    )


def price_range(
    lowest: int | None, highest: int | None, currency: str, unread: Sequence[str] = ("", "")
) -> str:
    """ "10-40", "10-" or "-39.50"."""
    ends = zip((lowest, highest), unread, strict=True)
    return "-".join(typed or price_words(amount, currency) for amount, typed in ends)


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
    # A dash parts the two in the address; one that is typed in a field makes no amount.
    typed = "-".join(first(args, name).replace("-", "\u2013") for name in PRICE_FIELDS)
    amounts, unread = _read_price(typed, currency)
    rest = [
        (name, value)
        for name, values in args.items()
        if name not in (*PRICE_FIELDS, CURRENCY_FIELD, "price", "currency", "page")
        for value in values
    ]
    if amounts != (None, None) or any(unread):
        rest.append(("price", price_range(*amounts, currency, unread)))
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


def _read_price(text: str, currency: str) -> tuple[tuple[int | None, int | None], tuple[str, str]]:
    """The bounds, and what cannot be read of them."""
    ends = text.split("-", 1) if "-" in text else ["", ""]
    (lowest, first_unread), (highest, last_unread) = (_read_bound(end, currency) for end in ends)
    return _ordered(lowest, highest), (first_unread, last_unread)


def _ordered(lowest: int | None, highest: int | None) -> tuple[int | None, int | None]:
    if lowest is not None and highest is not None and lowest > highest:
        return highest, lowest
    return lowest, highest


def _read_bound(text: str, currency: str) -> tuple[int | None, str]:
    """The amount, or what was typed in its place. Signs of currencies are left out, as people type
    them.
    """
    typed = text.strip().strip("£$€¥ ")
    if not typed:
        return None, ""
    try:
        return read_amount(typed, currency).amount, ""
    except UnreadableAmount:
        return None, typed[:MAX_TYPED]


def _read_sort(text: str, sorts: Collection[Sort], usual: Sort) -> Sort:
    return Sort(text) if text in set(sorts) else usual
