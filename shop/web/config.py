"""The running shop's deployment settings, for code that has no other way to them."""

from __future__ import annotations

from flask import current_app

from shop.settings import Settings


def settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
