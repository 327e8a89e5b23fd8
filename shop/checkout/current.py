"""The current request's cart: priced now, with what its own unpaid order holds as available."""

from __future__ import annotations

from shop.cart import service as carts
from shop.cart import session
from shop.cart.service import CartView
from shop.checkout import service
from shop.checkout.models import Checkout
from shop.store import queries as store


def current_checkout() -> Checkout | None:
    return service.checkout_by_token(session.checkout_token())


def current_cart() -> CartView:
    shop = store.current()
    return carts.view(
        session.load(), shop.currency, session.seen_amounts(), held_units(), shop.stock_words
    )


def held_units() -> dict[int, int]:
    """By variant; nothing for a shopper who has not pressed Pay."""
    checkout = current_checkout()
    return {} if checkout is None else service.held_units(checkout.id)
