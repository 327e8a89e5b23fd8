"""Whose wishlist this is: its token in Flask's signed session cookie, and a hint that scripts read.

The hint says that there is a list and when it changed, so that pages without one ask for nothing.
"""

from __future__ import annotations

from flask import Response, session

from shop.accounts.security import signed_in
from shop.web import cookies
from shop.wishlist import queries
from shop.wishlist.models import Wishlist

KEY = "wishlist"
HINT = "wishlist"


def current() -> Wishlist | None:
    """A customer's list is open to them alone, while they are signed in."""
    token = session.get(KEY)
    found = queries.by_token(token) if isinstance(token, str) else None
    if found is None or found.account_id is None:
        return found
    account = signed_in()
    return found if account is not None and account.id == found.account_id else None


def keep(token: str) -> None:
    session.permanent = True
    session[KEY] = token


def forget() -> None:
    session.pop(KEY, None)


def hint(response: Response, wishlist: Wishlist, *, is_https: bool) -> None:
    """How many there are, and a number that another change makes another."""
    value = f"{queries.count(wishlist.id)}.{int(wishlist.changed_at.timestamp() * 1000)}"
    cookies.keep(response, HINT, value, is_https=is_https)
