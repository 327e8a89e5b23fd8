"""Which rows hold a text anywhere in their words: what the admin's lists are searched by.

An index of trigrams answers: FTS5 on SQLite, kept by triggers; GIN over arrays on PostgreSQL, which
needs no extension (docs/adr/0038). Where so many rows match that a list's page is full soon, no
index is asked: walking the list is quicker.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from shop.extensions import db

#: Columns by table, in their order in the index. Tables have an integer `id`. A change here takes a
#: migration.
INDEXED: dict[str, tuple[str, ...]] = {
    "accounts": ("email", "name", "tags"),
    "articles": ("title", "handle"),
    "audit_entries": ("text",),
    "discounts": ("title", "code"),
    "gift_cards": ("email",),
    "orders": ("email", "name"),
    "pages": ("title", "handle"),
    "products": ("title", "handle"),
    "purchase_orders": ("supplier", "reference"),
    "redirects": ("path", "target"),
    "reviews": ("title", "text", "name"),
    "searched_words": ("words",),
    "subscribers": ("email",),
    "synonyms": ("searched", "found"),
    "variants": ("sku",),
}
#: Shorter texts have no trigram: every row is looked at.
MIN_LENGTH = 3
#: So many rows are sorted out by their ids; more are met often enough as a list is walked.
FEW = 1000

AnyColumn = sa.ColumnElement[Any] | Any


def has(text: str, *columns: AnyColumn) -> sa.ColumnElement[bool]:
    """Whether the row at hand holds it, without an index."""
    return sa.or_(*(column.icontains(text, autoescape=True) for column in columns))


def ids(table: Any, text: str) -> sa.Select[Any]:
    """Ids of the rows that hold the text; by the index unless the text is short. Of a mapped class
    that is INDEXED.
    """
    found: sa.Table = table.__table__
    columns = [found.c[name] for name in INDEXED[found.name]]
    if len(text) < MIN_LENGTH:
        return sa.select(found.c.id).where(has(text, *columns))
    if db.engine.dialect.name == "postgresql":
        trigrams = _postgres_trigrams(found.name)
        return sa.select(found.c.id).where(
            sa.literal_column(trigrams).op("@>", is_comparison=True)(
                sa.func.till_trigrams(text.lower())
            ),
            has(text, *columns),
        )
    index = sa.table(index_of(found.name), sa.column("rowid", sa.Integer))
    matched = sa.literal_column(index.name).op("MATCH", is_comparison=True)(_phrase(text))
    return sa.select(index.c.rowid.label("id")).where(matched)


def few(by_index: Sequence[sa.Select[Any]], most: int = FEW) -> set[int] | None:
    """What these find, where it is so many at most. One query."""
    every = by_index[0] if len(by_index) == 1 else sa.union_all(*by_index)
    found = every.subquery()
    rows = db.session.scalars(sa.select(found.c[0]).limit(most + 1)).all()
    return None if len(rows) > most else set(rows)


def narrowed(
    column: AnyColumn,
    by_index: Sequence[sa.Select[Any]],
    walked: sa.ColumnElement[bool],
    most: int = FEW,
) -> sa.ColumnElement[bool]:
    """The condition that a list's rows hold a text. `by_index`: what finds the values of `column`;
    `walked`: the same, asked of the row at hand, where the index has more than `most`, which a list
    that counts its rows sets as high as it counts. One query.
    """
    ids = few(by_index, most)
    return walked if ids is None else column.in_(ids)


def holds(table: Any, text: str) -> sa.ColumnElement[bool]:
    """As `narrowed`, of a list of one table's own rows."""
    columns = [getattr(table, name) for name in INDEXED[table.__tablename__]]
    return narrowed(table.id, [ids(table, text)], has(text, *columns))


def index_of(table: str) -> str:
    return f"search_in_{table}"


def _phrase(text: str) -> str:
    """As FTS5 takes it: no part of it is an operator."""
    return '"' + text.replace('"', '""').replace("\0", "") + '"'


def _postgres_trigrams(table: str) -> str:
    words = " || chr(10) || ".join(f"coalesce({table}.{name}, '')" for name in INDEXED[table])
    return f'till_trigrams(lower({words})) COLLATE "C"'


# Keeping the index on SQLite --------------------------------------------------------------------


def install(connection: sa.Connection) -> None:
    """Put the triggers in place for every index that there is. PostgreSQL keeps its own."""
    if connection.dialect.name != "sqlite":
        return
    indexes = set(connection.scalars(sa.text(_INDEXES)))
    for table, columns in INDEXED.items():
        if index_of(table) in indexes:
            for statement in _triggers(table, columns):
                connection.exec_driver_sql(statement)


def remove(connection: sa.Connection) -> None:
    """Before migrations: SQLite makes changed tables anew, and triggers would be in the way."""
    if connection.dialect.name != "sqlite":
        return
    for name in connection.scalars(sa.text(_TRIGGERS)).all():
        connection.exec_driver_sql(_DROP.format(name=name))


def rebuild(connection: sa.Connection) -> None:
    """Read every row anew: what changed while the triggers were away."""
    if connection.dialect.name != "sqlite":
        return
    for index in connection.scalars(sa.text(_INDEXES)).all():
        connection.exec_driver_sql(_REBUILD.format(index=index))


_DROP = "DROP TRIGGER {name}"
_REBUILD = "INSERT INTO {index} ({index}) VALUES ('rebuild')"
_INDEXES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'search!_in!_%' ESCAPE '!'"
    " AND sql LIKE 'CREATE VIRTUAL%'"
)
_TRIGGERS = (
    "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'search!_in!_%' ESCAPE '!'"
)


def _triggers(table: str, columns: Iterable[str]) -> list[str]:
    index, names = index_of(table), ", ".join(columns)

    def row(which: str) -> str:
        return ", ".join(f"{which}.{name}" for name in ("id", *columns))

    gone = f"INSERT INTO {index} ({index}, rowid, {names}) VALUES ('delete', {row('OLD')});"  # noqa: S608 - our own names
    come = f"INSERT INTO {index} (rowid, {names}) VALUES ({row('NEW')});"  # noqa: S608 - our own names
    events = (
        ("insert", "INSERT", come),
        ("update", f"UPDATE OF id, {names}", f"{gone} {come}"),
        ("delete", "DELETE", gone),
    )
    return [
        f"CREATE TRIGGER IF NOT EXISTS {index}_{name} AFTER {event} ON {table} BEGIN {what} END"
        for name, event, what in events
    ]
