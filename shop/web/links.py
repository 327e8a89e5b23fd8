"""Absolute addresses, built from the shop's own setting and never from a request's headers."""

from __future__ import annotations

from flask import current_app

from shop.orders.links import link_of
from shop.settings import Settings


def settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def order_link(token: str) -> str:
    """The last part of the order's address."""
    return link_of(token, settings().secret_keys)


def order_url(token: str) -> str:
    return f"{settings().url}/orders/{order_link(token)}"
