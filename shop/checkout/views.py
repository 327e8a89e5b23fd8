"""The two screens from the cart to the payment page."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("checkout", __name__)
