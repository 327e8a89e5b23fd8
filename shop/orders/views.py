"""A shopper's own order, by its signed link."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("orders", __name__)
