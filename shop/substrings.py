"""Which rows hold a text anywhere in their words: what the admin's lists are searched by.

An index of trigrams answers: FTS5 on SQLite, kept by triggers; GIN over arrays on PostgreSQL, which
needs no extension (docs/adr/0038). Where so many rows match that a list's page is full soon, no
index is asked: walking the list is quicker.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.visitors import iterate

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
    "products": ("title", "handle", "tags"),
    "purchase_orders": ("supplier", "reference"),
    "ranked_words": ("words",),
    "redirects": ("path", "target"),
    "reviews": ("title", "text", "name"),
    "subscribers": ("email",),
    "synonyms": ("searched", "found"),
    "variants": ("sku",),
}
#: Of them, lists in JSON: not searched by a text, which asks for one of their values by name.
LISTS = {"products": ("tags",)}
#: Shorter texts have no trigram: every row is looked at.
MIN_LENGTH = 3
#: So many rows are sorted out by their ids; more are met often enough as a list is walked.
FEW = 1000
#: Indexes that are asked for the fewest rows.
TRIES = 3

AnyColumn = sa.ColumnElement[Any] | Any


@dataclass(frozen=True)
class Way:
    """One way in which rows of a list fit what it is narrowed to."""

    #: Whether the row at hand does.
    walked: sa.ColumnElement[bool]
    #: The same by an index: values of the column that narrows. None: no index tells them.
    by_index: sa.Select[Any] | sa.CompoundSelect[Any] | None = None
    #: Whether few are found by asking `walked`, which an index answers, and not by their ids.
    asks_index: bool = False


def has(text: str, *columns: AnyColumn) -> sa.ColumnElement[bool]:
    """Whether the row at hand holds it, without an index."""
    # SQLite's LIKE knows no case, and lower() would take it longer than the comparison.
    name = "contains" if db.engine.dialect.name == "sqlite" else "icontains"
    return sa.or_(*(getattr(column, name)(text, autoescape=True) for column in columns))


def ids(table: Any, *texts: str, columns: Sequence[str] = ()) -> sa.Select[Any]:
    """Ids of the rows that hold all the texts; by the index unless they are short. Of a mapped
    class that is INDEXED. `columns`: those that may hold them, where not all that are searched.
    """
    found: sa.Table = table.__table__
    names = columns or _searched(found.name)
    cells = [_text(found.c[name]) for name in names]
    by_index = [text for text in texts if len(text) >= MIN_LENGTH]
    is_sqlite = db.engine.dialect.name == "sqlite"
    if is_sqlite and by_index == list(texts):
        return _by_phrases(found.name, names, texts)
    rows = sa.select(found.c.id).where(*(has(text, *cells) for text in texts))
    if is_sqlite and by_index:
        return rows.where(found.c.id.in_(_by_phrases(found.name, names, by_index)))
    trigrams: sa.ColumnElement[Any] = sa.literal_column(_postgres_trigrams(found.name))
    holds_all = trigrams.op("@>", is_comparison=True)
    return rows.where(*(holds_all(sa.func.till_trigrams(text.lower())) for text in by_index))


def _by_phrases(table: str, names: Sequence[str], texts: Sequence[str]) -> sa.Select[Any]:
    index = sa.table(index_of(table), sa.column("rowid", sa.Integer))
    phrases = f"{{{' '.join(names)}}} : ({' AND '.join(_phrase(text) for text in texts)})"
    matched = sa.literal_column(index.name).op("MATCH", is_comparison=True)(phrases)
    return sa.select(index.c.rowid.label("id")).where(matched)


def narrowed(column: AnyColumn, ways: Sequence[Way]) -> sa.ColumnElement[bool]:
    """The condition that rows fit in any of the ways. At most one query."""
    return _fitting(column, ways, _few(ways))[0]


def narrowed_each(
    lists: Sequence[tuple[AnyColumn, Sequence[Way]]], most: int
) -> list[tuple[sa.ColumnElement[bool], bool]]:
    """For each list of which `most` rows at most are told by their ids: its condition, and whether
    they are. One query for all.
    """
    few = iter(_few([way for _column, ways in lists for way in ways], most))
    return [_fitting(column, ways, [next(few) for _way in ways]) for column, ways in lists]


def narrowest(
    column: AnyColumn, narrowings: Sequence[Sequence[Way]]
) -> tuple[list[sa.ColumnElement[bool]], bool]:
    """A condition for each, and whether rows are found by their ids, as few fit one of them; where
    they are not, the list is walked. One query for the first TRIES.
    """
    few = iter(_few([way for ways in narrowings[:TRIES] for way in ways]))
    conditions: list[sa.ColumnElement[bool]] = []
    is_few = False
    for at, ways in enumerate(narrowings):
        if is_few or at >= TRIES:
            conditions.append(sa.or_(*(way.walked for way in ways)))
        else:
            condition, is_few = _fitting(column, ways, [next(few) for _way in ways])
            conditions.append(condition)
    return conditions, is_few


def among(column: AnyColumn, ids: Iterable[int]) -> sa.ColumnElement[bool]:
    """Whether it is one of them, which take one parameter, however many they are."""
    numbers = ",".join(map(str, sorted(ids)))
    if db.engine.dialect.name == "postgresql":
        # The driver would write an array number by number.
        listed = sa.cast(sa.func.string_to_array(numbers, ","), sa.ARRAY(sa.Integer))
        return column == sa.any_(listed)
    each = sa.func.json_each(f"[{numbers}]").table_valued("value")
    return column.in_(sa.select(each.c.value))


def _fitting(
    column: AnyColumn, ways: Sequence[Way], few: Sequence[set[int] | None]
) -> tuple[sa.ColumnElement[bool], bool]:
    """The condition, and whether all that fit are told by their ids. `few`: those of each way."""
    pairs = list(zip(ways, few, strict=True))
    ids = {id_ for found in few if found is not None for id_ in found}
    asked = [way.walked for way, found in pairs if found is not None and way.asks_index]
    walked = [_often(way.walked) for way, found in pairs if found is None]
    told = [among(column, ids)] if ids or not (asked or walked) else []
    return sa.or_(*told, *asked, *walked), not walked


def _often(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Said so that PostgreSQL takes it for true of every second row: it would guess that so few
    hold a text that it reads and sorts them all. What asks another table stays as it is: that
    table would be read whole.
    """
    asks_others = any(isinstance(part, sa.Exists | sa.Select) for part in iterate(condition))
    is_told = db.engine.dialect.name == "postgresql" and not asks_others
    return sa.case((condition, sa.true()), else_=sa.false()) if is_told else condition


def _few(ways: Sequence[Way], most: int | None = None) -> list[set[int] | None]:
    """What an index finds for each, where it is so many at most. One query; none without one."""
    most = FEW if most is None else most
    asked = [at for at, way in enumerate(ways) if way.by_index is not None]
    found: list[set[int] | None] = [None] * len(ways)
    if asked:
        parts = [_told(at, ways[at], most) for at in asked]
        query = parts[0] if len(parts) == 1 else sa.union_all(*parts)
        for at, is_few, ids in db.session.execute(query):
            found[at] = {int(id_) for id_ in (ids or "").split(",") if id_} if is_few else None
    return found


def _told(at: int, way: Way, most: int) -> sa.Select[Any]:
    """One row: which way, whether so many fit at most, and their ids as one text, which is read
    far quicker than a row for each.
    """
    place = sa.literal(at, literal_execute=True)
    rows = way.by_index
    assert rows is not None  # noqa: S101 - others are not asked
    if way.asks_index:
        following = rows.offset(most).limit(1).subquery()
        is_few = sa.not_(sa.exists().select_from(following))
        return sa.select(place, is_few, sa.literal(""))
    first = rows.limit(most + 1).subquery()
    is_few = sa.func.count() <= most
    ids = sa.func.aggregate_strings(sa.cast(first.c[0], sa.Text), ",")
    return sa.select(place, is_few, sa.case((is_few, ids))).select_from(first)


def holds(table: Any, text: str) -> sa.ColumnElement[bool]:
    """As `narrowed`, of a list of one table's own rows."""
    return narrowed(table.id, [holding(table, text)])


def holding(table: Any, *texts: str) -> Way:
    """All of them, in what is searched of a table."""
    columns = [getattr(table, name) for name in _searched(table.__tablename__)]
    walked = sa.and_(*(has(text, *columns) for text in texts))
    return Way(walked, ids(table, *texts))


def _searched(table: str) -> list[str]:
    return [name for name in INDEXED[table] if name not in LISTS.get(table, ())]


def _text(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.cast(column, sa.Text) if isinstance(column.type, sa.JSON) else column


def index_of(table: str) -> str:
    return f"search_in_{table}"


def _phrase(text: str) -> str:
    """As FTS5 takes it: no part of it is an operator."""
    return '"' + text.replace('"', '""').replace("\0", "") + '"'


def _postgres_trigrams(table: str) -> str:
    words = " || chr(10) || ".join(
        f"coalesce({table}.{name}{'::text' if name in LISTS.get(table, ()) else ''}, '')"
        for name in INDEXED[table]
    )
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
