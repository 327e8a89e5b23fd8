"""Stripe's webhook, and the pages a shopper comes back to."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("payments", __name__)
