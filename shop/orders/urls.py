"""Absolute addresses of orders, built from the shop's own setting, never from request headers."""

from __future__ import annotations

from shop.orders import queries
from shop.orders.links import UnknownLink, link_of, token_of
from shop.orders.models import Order
from shop.web.config import settings


def order_link(token: str) -> str:
    """The last part of the order's address."""
    return link_of(token, settings().secret_keys)


def order_url(token: str) -> str:
    return f"{settings().url}/orders/{order_link(token)}"


def order_of_link(link: str) -> Order | None:
    """With its lines and events; none where this shop has not signed the link."""
    try:
        token = token_of(link, settings().secret_keys)
    except UnknownLink:
        return None
    return queries.order_by_token(token)
