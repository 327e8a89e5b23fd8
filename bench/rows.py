"""Rows of everything that the admin lists, as many of each as asked for, beside the catalog.

They go in by bulk inserts; bench/makers.py says what stands in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from bench import catalog, makers
from bench.makers import Row
from shop.accounts.models import Account, Role, account_roles
from shop.accounts.permissions import OWNER
from shop.catalog.models import Collection
from shop.clock import now
from shop.database import transaction
from shop.extensions import Model, db
from shop.search import service as searching
from shop.store.currencies import Currency, written
from shop.store.models import StoreSettings

BATCH = 5000
#: Of collections there are so many at least.
COLLECTIONS = 50
_EUROS = written(Currency("EUR", base=catalog.CURRENCY, rate="1.17"))


def fill(size: int) -> None:
    """After `catalog.fill`, in a shop that has nothing else."""
    makers.begin(size)
    _add_staff()
    _add_collections()
    for model, row_of in makers.MAKERS:
        insert(model, (row for n in range(1, size + 1) if (row := row_of(n))))
    for first in range(1, size + 1, BATCH):
        with transaction():
            numbers = range(first, min(first + BATCH, size + 1))
            searching.record_searches(dict(map(makers.searched, numbers)))
    with transaction():
        db.session.execute(sa.update(StoreSettings).values(currencies=[_EUROS]))
    settle()


def insert(model: type[Model] | sa.Table, rows: Iterator[Row]) -> None:
    """What a row does not say is whatever its column can hold."""
    table: sa.Table = model if isinstance(model, sa.Table) else model.__table__  # type: ignore[assignment]  # of a mapped class
    usual = {column.name: _anything(column) for column in table.columns if _is_needed(column)}
    batch: list[Row] = []
    for row in rows:
        batch.append(usual | row)
        if len(batch) == BATCH:
            _flush(table, batch)
    _flush(table, batch)


def settle() -> None:
    """PostgreSQL counts on behind the rows that brought their ids, and both know what they hold."""
    if db.engine.dialect.name == "postgresql":
        with transaction():
            for table in db.metadata.sorted_tables:
                if "id" in table.columns and isinstance(table.c.id.type, sa.Integer):
                    db.session.execute(sa.text(_SEQUENCE.format(table=table.name)))
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("SET statement_timeout = 0"))
            connection.execute(sa.text("VACUUM ANALYZE"))


_SEQUENCE = (
    "SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
    " (SELECT coalesce(max(id), 0) + 1 FROM {table}), false)"
)


def _add_staff() -> None:
    with transaction():
        role = db.session.scalar(sa.select(Role).where(Role.name == OWNER)) or Role(name=OWNER)
        db.session.add(role)
        db.session.flush()
        role_id = role.id
    ids = range(makers.FIRST_OF_STAFF, makers.FIRST_OF_STAFF + makers.STAFF)
    insert(Account, map(makers.account, ids))
    links = ({"account_id": id_, "role_id": role_id} for id_ in ids)
    insert(account_roles, links)


def _add_collections() -> None:
    """As many as a page of their list has, beside those of the catalog."""
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Collection)) or 0
    insert(
        Collection,
        (
            {"id": n, "handle": f"shelf-{n}", "title": f"Shelf {n}", "position": n}
            for n in range(count + 1, COLLECTIONS + 1)
        ),
    )


# Into the database ------------------------------------------------------------------------------


def _flush(table: sa.Table, batch: list[Row]) -> None:
    if batch:
        with transaction():
            db.session.execute(sa.insert(table), batch)
        batch.clear()


def _is_needed(column: sa.Column[Any]) -> bool:
    has_default = column.default is not None or column.server_default is not None
    return not (column.nullable or column.primary_key or has_default)


def _anything(column: sa.Column[Any]) -> Any:
    kind = column.type.python_type
    if kind is datetime:
        return now()
    return {str: "", int: 0, bool: False, date: now().date()}.get(kind, {})
