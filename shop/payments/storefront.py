"""What the payment page is told of this shop for one order: its name and the ways back."""

from __future__ import annotations

from dataclasses import replace

from shop.orders.urls import order_link
from shop.payments import queries
from shop.payments.keys import with_keys
from shop.payments.params import Shop
from shop.web.config import settings
from shop.web.context import current_site


def is_embedded() -> bool:
    """Whether payment pages are shown inside the checkout."""
    return bool(with_keys(settings()).publishable_key) and queries.settings().is_embedded


def hosted_shop_for(token: str) -> Shop:
    """For whose browser shows nothing inside a page."""
    return replace(shop_for(token), frame_url="")


def shop_for(token: str) -> Shop:
    """`token`: the order's."""
    config, link = settings(), order_link(token)
    return Shop(
        name=current_site().store.name,
        store_id=config.stripe_store_id,
        success_url=f"{config.url}/checkout/return/{link}?session_id={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{config.url}/checkout/back/{link}",
        frame_url=f"{config.url}/checkout/pay/{link}" if is_embedded() else "",
        # Stripe fetches pictures itself, so only public https ones are named.
        media_url=f"{config.url}/media" if config.is_https else "",
    )
