"""A customer arrives and leaves: what the guest had and what the account keeps become one.

The rules: docs/adr/0024.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from flask import Response, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.devices import name_of
from shop.accounts.models import Account
from shop.accounts.security import (
    KEPT,
    KNOWN_DEVICE,
    end_session,
    known_device,
    note_activity,
    signed_in,
    start_session,
)
from shop.accounts.service import tell_of_new_device
from shop.address_book import service as address_book
from shop.cart import session as carts
from shop.cart.cart import Cart, merged
from shop.cart.saved import save_cart, saved_cart
from shop.orders import queries as orders
from shop.orders import service as orders_service
from shop.web import cookies
from shop.web.config import settings
from shop.web.proxies import g_now
from shop.wishlist import service as wishlists
from shop.wishlist import session as wishlist_session

#: For scripts alone: somebody is signed in here, and their first name. Nothing is decided by it.
HINT = "account"
#: What a request notes for `tell_scripts`.
TOLD = {"arrived_wishlist", "left_wishlist", "account_name"}


@dataclass(frozen=True)
class Customer:
    """Whose pages these are."""

    id: int
    email: str
    name: str
    has_password: bool

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name else ""


def arrive(account: Account, *, by: str) -> None:
    """Sign in, in the caller's transaction. `by`: "password", "link" or "passkey"."""
    if account.is_staff:
        is_new_device = known_device(account.id) is None
        start_session(account, by=by)
        if is_new_device:
            tell_of_new_device(account, name_of(request.user_agent.string))
        return
    cart = merged(carts.load(), saved_cart(account.id))
    save_cart(account.id, cart)
    orders_service.claim(account.id, account.email)
    wishlist = wishlists.adopt(account.id, wishlist_session.current())
    start_session(account, by=by)
    carts.save(cart)
    wishlist_session.forget()
    if wishlist is not None:
        wishlist_session.keep(wishlist.token)
        g.arrived_wishlist = wishlist
    tell_name(account.name)


def take_over_details(account: Account) -> None:
    """A new account begins with what its latest order knew, so that the next needs no typing. An
    order that nobody has paid may be anybody's, who typed this email address and their own street.
    """
    latest = next(iter(orders.orders_of_account(account.id, limit=1)), None)
    if latest is None or not latest.is_paid:
        return
    account.name = account.name or latest.name
    if latest.line1:
        address_book.add(account.id, latest.address, latest.phone)


def leave() -> None:
    """Sign this browser out, in the caller's transaction. A customer's things go along: they are
    kept, and the next to use the browser may be somebody else.
    """
    account = signed_in()
    if account is None or account.is_staff:
        end_session(KEPT)
    else:
        end_session((KNOWN_DEVICE,))
        carts.save(Cart())
        g.left_wishlist = True
    g.account_name = None


def tell_name(name: str) -> None:
    """For the script that greets; an empty one only says that somebody is signed in."""
    g.account_name = name.split()[0] if name else ""


def tell_scripts(response: Response) -> Response:
    """Bring the hints up to date that pages for everybody get by cookie."""
    told = vars(g_now())
    if told.keys().isdisjoint(TOLD):
        return response
    is_https = settings().is_https
    if "arrived_wishlist" in told:
        wishlist_session.hint(response, g.arrived_wishlist, is_https=is_https)
    if "left_wishlist" in told:
        cookies.forget(response, wishlist_session.HINT, is_https=is_https)
    if told.get("account_name") is not None:
        cookies.keep(response, HINT, quote(g.account_name), is_https=is_https)
    elif "account_name" in told and HINT in request.cookies:
        cookies.forget(response, HINT, is_https=is_https)
    return response


def require_customer() -> ResponseReturnValue | None:
    """Guests are asked to sign in; staff have their own pages."""
    account = signed_in()
    if account is None:
        g.account_name = None
        if request.method in ("GET", "HEAD"):
            wanted = request.full_path.rstrip("?")
            return redirect(url_for("accounts.show_sign_in", next=wanted), code=303)
        abort(
            401,
            _(
                "You are signed out, and nothing was changed. Sign in in another tab, then come"
                " back to this one and send the form again: what you typed is still there."
            ),
        )
    if account.is_staff and request.endpoint == "customers.home":
        return redirect(url_for("admin.home"), code=303)
    if account.is_staff:
        abort(403, _("These pages are for customers. Staff find theirs in the admin."))
    note_activity()
    g.customer = Customer(account.id, account.email, account.name, account.password is not None)
    return None


def customer() -> Customer:
    found: Customer = g.customer
    return found
