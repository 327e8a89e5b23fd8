"""The merchant's side: one blueprint, one guard for all of it."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("admin", __name__, url_prefix="/admin")
