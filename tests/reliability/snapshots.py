"""Everything a shop has written down, to show that nothing moved."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from shop.extensions import Model, db
from tests.reliability.shop_processes import Shop

#: Rows in which money, goods and promises stand.
OF_VALUE = (
    "line_items", "order_counters", "order_events", "orders", "outbox_messages",
    "payment_attempts", "payments", "reservations", "stock_items", "stock_movements",
)  # fmt: skip


def rows(shop: Shop, tables: Collection[str] = OF_VALUE) -> dict[str, list[Any]]:
    shop.wait_for_promises()  # the worker moves things too
    with shop.app.app_context():
        return rows_here(tables)


def rows_here(tables: Collection[str] = OF_VALUE) -> dict[str, list[Any]]:
    """The same inside an app context."""
    db.session.rollback()
    found = {}
    for name in tables:
        table = Model.metadata.tables[name]
        statement = sa.select(table).order_by(*table.primary_key)
        found[name] = [tuple(map(repr, row)) for row in db.session.execute(statement)]
    db.session.rollback()
    return found
