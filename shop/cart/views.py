"""The cart page and changes to it."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("cart", __name__)
