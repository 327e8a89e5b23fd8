"""What the reports' statements share: whole sums, and the entries of lists kept as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from shop.extensions import UtcDateTime, db


def sum_of(column: Any) -> sa.ColumnElement[int]:
    """A whole number on both databases: PostgreSQL sums large ones into a decimal."""
    return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), sa.BigInteger)


def entries_of(column: Any) -> sa.TableValuedAlias:
    """The entries of a JSON list, one a row."""
    if db.engine.dialect.name == "postgresql":
        return sa.func.json_array_elements(column).table_valued(
            sa.column("value", sa.JSON), name="entry"
        )
    return sa.func.json_each(column).table_valued(sa.column("value", sa.JSON), name="entry")


def text_of(entry: sa.TableValuedAlias, name: str) -> sa.ColumnElement[str]:
    if db.engine.dialect.name == "postgresql":
        return sa.func.json_extract_path_text(entry.c.value, name)
    return sa.func.json_extract(entry.c.value, f"$.{name}")


def number_of(entry: sa.TableValuedAlias, name: str) -> sa.ColumnElement[int]:
    return sa.cast(text_of(entry, name), sa.BigInteger)


def instant_of(entry: sa.TableValuedAlias, name: str) -> sa.ColumnElement[datetime]:
    """Of `instant_text`. SQLite keeps instants as texts, and a cast would leave their years."""
    is_postgres = db.engine.dialect.name == "postgresql"
    return (sa.cast if is_postgres else sa.type_coerce)(text_of(entry, name), UtcDateTime)


def instant_text(instant: datetime) -> str:
    """As the database's driver would be given it."""
    written = UtcDateTime().bind_processor(db.engine.dialect)
    assert written is not None  # noqa: S101 - it always writes
    return str(written(instant))
