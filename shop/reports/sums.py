"""What the reports' statements share: whole sums, and the entries of lists kept as JSON."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from shop.extensions import db


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
