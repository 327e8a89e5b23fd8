"""What addresses of lists ask for in Shopify's words, told in ours.

`?sort_by=price-ascending&filter.v.option.glaze=Cobalt` is `?glaze=cobalt&sort=price-low`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from shop.catalog.facets import TAG, TYPE, VENDOR, Sort
from shop.catalog.fact_queries import facet_of, handle_of
from shop.catalog.filters import CURRENCY_FIELD, PRICE_FIELDS, Args, first, readable_address

#: Of the others, "best-selling", "title-descending" and "created-ascending", lists keep their own.
_SORTS = {
    "manual": Sort.FEATURED,
    "price-ascending": Sort.PRICE_LOW,
    "price-descending": Sort.PRICE_HIGH,
    "title-ascending": Sort.TITLE,
    "created-descending": Sort.NEWEST,
}
_FACETS = {
    "filter.p.product_type": TYPE,
    "filter.p.tag": TAG,
    "filter.p.vendor": VENDOR,
}
_PRICES = dict(zip(("filter.v.price.gte", "filter.v.price.lte"), PRICE_FIELDS, strict=True))
_SORT_BY, _FILTER, _OPTION = "sort_by", "filter.", "filter.v.option."


def list_address(path: str, args: Args, currency: str) -> tuple[str, int] | None:
    """Where the address of a list leads that is not written as the shop writes it, and by which
    status; none: it is.
    """
    if not args:
        return None
    if not any(name == _SORT_BY or name.startswith(_FILTER) for name in args):
        readable = readable_address(path, args, currency)
        return None if readable is None else (readable, 302)
    pairs = list(_ours(args))
    ours: dict[str, list[str]] = {}
    for name, value in pairs:
        ours.setdefault(name, []).append(value)
    plain = f"{path}?{urlencode(pairs)}" if pairs else path
    if first(ours, "currency") == currency:
        ours[CURRENCY_FIELD] = [currency]  # the amounts are in it
    return readable_address(path, ours, currency) or plain, 301


def _ours(args: Args) -> Iterator[tuple[str, str]]:
    """What lists here have no word for is left out."""
    for name, values in args.items():
        if name.startswith(_FILTER):
            yield from ((ours, value) for ours, value in _filters(name, values) if value)
        elif name != _SORT_BY:
            yield from ((name, value) for value in values)
    if (sort := _SORTS.get(first(args, _SORT_BY))) and "sort" not in args:
        yield "sort", sort


def _filters(name: str, values: Sequence[str]) -> Iterator[tuple[str, str]]:
    if name in _FACETS:
        yield from ((_FACETS[name], handle_of(value)) for value in values)
    elif option := name.partition(_OPTION)[2]:
        yield from ((facet_of(option), handle_of(value)) for value in values)
    elif name in _PRICES:
        yield _PRICES[name], values[0]
    elif name == "filter.v.availability" and "1" in values:
        yield "available", "1"
