"""The cart that a customer's account keeps."""

from __future__ import annotations

from shop.cart.cart import Cart, pack, unpack
from shop.cart.models import SavedCart
from shop.clock import now
from shop.database import upsert
from shop.extensions import db


def saved_cart(account_id: int) -> Cart:
    saved = db.session.get(SavedCart, account_id)
    return unpack(saved.lines) if saved else Cart()


def save_cart(account_id: int, cart: Cart) -> None:
    """In the caller's transaction; two at once do not meet."""
    values = {"lines": pack(cart), "saved_at": now()}
    db.session.execute(
        upsert(SavedCart)
        .values(account_id=account_id, **values)
        .on_conflict_do_update(index_elements=["account_id"], set_=values)
    )
