"""Absolute addresses of orders, built from the shop's own setting, never from request headers."""

from __future__ import annotations

from shop.orders.links import link_of
from shop.web.config import settings


def order_link(token: str) -> str:
    """The last part of the order's address."""
    return link_of(token, settings().secret_keys)


def order_url(token: str) -> str:
    return f"{settings().url}/orders/{order_link(token)}"
