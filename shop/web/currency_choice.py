"""Which of the shop's currencies a visitor sees and pays.

The address comes first (`?currency=EUR`, so that links and feeds lead to the prices they speak of),
then the visitor's own choice, then the shop's currency.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from babel.numbers import get_territory_currencies
from flask import has_request_context, request

from shop.store.queries import Store
from shop.web import cookies

COOKIE = "currency"
_REGION = re.compile(r"[-_]([A-Za-z]{2})$")
_IN_QUERY = re.compile(r"(?:^|&)currency=([A-Z]{3})(?:&|$)")
_IN_COOKIES = re.compile(rf"(?:^|;) *{COOKIE}=([A-Z]{{3}})(?:;|$)")


def as_visited(store: Store) -> Store:
    """The store with the currency of whoever makes this request."""
    if not store.currencies or not has_request_context():
        return store
    asked = asked_for(request.query_string.decode("latin-1"))
    chosen = chosen_before(request.headers.get("Cookie", ""))
    return store.in_currency(choose(asked, chosen, store.offered))


def suggested_currency(store: Store, languages: Iterable[str], country: str) -> str:
    """What the visitor may rather pay in, by the country of the estimate or the region of their
    languages ("de-AT"); empty: nothing else, or they have chosen. Only ever offered: an address
    would mean another page otherwise.
    """
    if not store.currencies or chosen_before(request.headers.get("Cookie", "")):
        return ""
    regions = [country] if country != store.country else []
    regions += [found[1].upper() for text in languages if (found := _REGION.search(text))]
    for region in regions:
        used = get_territory_currencies(region, tender=True)
        if store.selling.code in used:
            return ""
        offered = [code for code in used if code in store.offered]
        if offered:
            return str(offered[0])
    return ""


def asked_for(query: str) -> str:
    """The code that an address names; empty: none."""
    found = _IN_QUERY.search(query) if "currency=" in query else None
    return found[1] if found else ""


def chosen_before(sent: str) -> str:
    found = _IN_COOKIES.search(sent) if COOKIE in sent else None
    return found[1] if found else ""


def choose(asked: str, chosen: str, offered: Collection[str]) -> str:
    """One of `offered`; empty: the shop's own."""
    return next((code for code in (asked, chosen) if code and code in offered), "")


def cookie(code: str, *, is_https: bool) -> str:
    """Value of the header that keeps a choice."""
    return cookies.header(COOKIE, code, is_https=is_https)
