"""Counts what is bought together, for the worker."""

from __future__ import annotations

from shop.clock import now
from shop.database import in_transaction
from shop.extensions import db
from shop.recommendations.queries import counted_orders
from shop.recommendations.service import keep_companions
from shop.recommendations.together import companions


def count_companions() -> int:
    """How many rows changed. Orders are read before the transaction, which only writes."""
    found = companions(counted_orders(now()))
    db.session.rollback()
    return in_transaction(lambda: keep_companions(found))
