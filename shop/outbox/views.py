"""Mails of a shop in development, to read in the browser."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("outbox", __name__)
