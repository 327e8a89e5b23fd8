"""What the payment page is told of this shop for one order: its name and the ways back."""

from __future__ import annotations

from shop.extensions import db
from shop.orders.models import Order
from shop.orders.urls import order_link
from shop.payments.params import Shop
from shop.store import queries as store
from shop.web.config import settings


def shop_for(order_id: int) -> Shop:
    config = settings()
    link = order_link(db.session.get_one(Order, order_id).token)
    return Shop(
        name=store.current().name,
        store_id=config.stripe_store_id,
        success_url=f"{config.url}/checkout/return/{link}?session_id={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{config.url}/checkout/back/{link}",
        # Stripe fetches pictures itself, so only public https ones are named.
        media_url=f"{config.url}/media" if config.is_https else "",
    )
