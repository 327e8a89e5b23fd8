"""Which of the shop's currencies a visitor sees and pays.

The address comes first (`?currency=EUR`, so that links and feeds lead to the prices they speak of),
then the visitor's own choice, then the shop's currency.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from flask import has_request_context, request
from werkzeug.http import dump_cookie

from shop.store.queries import Store

COOKIE = "currency"
ONE_YEAR = 31_536_000
_IN_QUERY = re.compile(r"(?:^|&)currency=([A-Z]{3})(?:&|$)")
_IN_COOKIES = re.compile(rf"(?:^|;) *{COOKIE}=([A-Z]{{3}})(?:;|$)")


def as_visited(store: Store) -> Store:
    """The store with the currency of whoever makes this request."""
    if not store.currencies or not has_request_context():
        return store
    asked = asked_for(request.query_string.decode("latin-1"))
    chosen = chosen_before(request.headers.get("Cookie", ""))
    return store.in_currency(choose(asked, chosen, store.offered))


def asked_for(query: str) -> str:
    """The code that an address names; empty: none."""
    found = _IN_QUERY.search(query) if "currency=" in query else None
    return found[1] if found else ""


def chosen_before(cookies: str) -> str:
    found = _IN_COOKIES.search(cookies) if COOKIE in cookies else None
    return found[1] if found else ""


def choose(asked: str, chosen: str, offered: Collection[str]) -> str:
    """One of `offered`; empty: the shop's own."""
    return next((code for code in (asked, chosen) if code and code in offered), "")


def cookie(code: str, *, is_https: bool) -> str:
    """Value of the header that keeps a choice."""
    return dump_cookie(COOKIE, code, max_age=ONE_YEAR, secure=is_https, samesite="Lax", path="/")
