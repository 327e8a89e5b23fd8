"""Counts what came of reminders, for the worker: there may be too many to count at a look."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from shop.clock import now
from shop.database import in_transaction
from shop.extensions import db
from shop.recovery import queries
from shop.recovery.models import ReminderFigures
from shop.recovery.queries import Figures


def count_figures() -> None:
    """Reminders are read before the transaction, which writes only where something changed."""
    found = {days: queries.counted(now() - timedelta(days=days)) for days in queries.PERIODS}
    before = queries.figures()
    db.session.rollback()
    if found != before:
        in_transaction(lambda: _keep(found))


def _keep(found: Mapping[int, Figures]) -> None:
    for days, figures in found.items():
        row = db.session.get(ReminderFigures, days)
        if row is None:
            row = ReminderFigures(days=days)
            db.session.add(row)
        row.sent, row.opened, row.orders = figures.sent, figures.opened, figures.orders
        row.totals = [[value.amount, value.currency] for value in figures.values]
    db.session.flush()
