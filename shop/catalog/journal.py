"""The journal of changes: which products and collections changed, noted by database triggers.

Triggers see every way to write, bulk imports and other programs included, in the same transaction.
Each web process reads on from where it was and reads again only what changed. Stock is noted when a
variant sells out or comes back, not at each sale.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from shop.catalog.models import CatalogChange
from shop.clock import now
from shop.extensions import db

#: Changes are kept so long; a reader that slept longer begins anew.
KEPT_FOR = timedelta(hours=2)
#: More changes than this are not worth following one by one.
MAX_FOLLOWED = 5000

#: Whether it can be bought: as inventory.queries.CAN_BE_BOUGHT.
_SELLS = (
    "(NOT ROW.is_tracked OR ROW.on_hand"
    " + CASE ROW.backorders WHEN 'none' THEN 0 ELSE ROW.backorder_limit END > ROW.reserved)"
)
#: How it is sold while none is here: as inventory.queries.COMES_LATER, and the day.
_LATER = (
    "(CASE WHEN NOT ROW.is_tracked OR ROW.backorders = 'none' OR ROW.on_hand > ROW.reserved THEN ''"
    " ELSE ROW.backorders || COALESCE(CAST(ROW.promised_on AS text), '') END)"
)
_FLIPS = " OR ".join(
    f"{told.replace('ROW', 'OLD')} <> {told.replace('ROW', 'NEW')}" for told in (_SELLS, _LATER)
)


# Putting the triggers in place -------------------------------------------------------------------


@dataclass(frozen=True)
class _Trigger:
    name: str
    table: str
    event: str
    #: What is noted of the row: columns and a SELECT of their values, with ROW for NEW or OLD.
    column: str
    source: str
    condition: str = ""


def _triggers() -> list[_Trigger]:
    found = []
    for table, column, source in (
        ("products", "product_id", "SELECT ROW.id"),
        ("variants", "product_id", "SELECT ROW.product_id"),
        ("product_options", "product_id", "SELECT ROW.product_id"),
        (
            "variant_prices",
            "product_id",
            "SELECT product_id FROM variants WHERE id = ROW.variant_id",
        ),
        ("stock_items", "product_id", "SELECT product_id FROM variants WHERE id = ROW.variant_id"),
        ("collections", "collection_id", "SELECT ROW.id"),
        ("collection_products", "collection_id", "SELECT ROW.collection_id"),
        ("swatches", "collection_id", "SELECT 0"),  # of no collection, but shown on all of them
    ):
        for event in ("INSERT", "UPDATE", "DELETE"):
            condition = _FLIPS if (table, event) == ("stock_items", "UPDATE") else ""
            name = f"{table}_{event.lower()}_noted"
            row = source.replace("ROW", "OLD" if event == "DELETE" else "NEW")
            found.append(_Trigger(name, table, event, column, row, condition))
    return found


_SQLITE = """
CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} ON {table} FOR EACH ROW {when} BEGIN
    INSERT INTO catalog_changes ({column}, stamp, at)
    SELECT noted.*, (SELECT coalesce(max(stamp), 0) + 1 FROM catalog_changes), CURRENT_TIMESTAMP
    FROM ({source}) AS noted;
END
"""
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_changes ({column}, stamp, at)
    SELECT noted.*, CAST(CAST(pg_current_xact_id() AS text) AS bigint), now()
    FROM ({source}) AS noted;
    RETURN NULL;
END
$$
"""
_POSTGRES = """
CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION {name}()
"""


def install(connection: sa.Connection) -> None:
    """Put in place what is missing; nothing in a schema taken down to before the journal, or to
    before stock was sold beyond what is on hand.
    """
    inspector = sa.inspect(connection)
    if not inspector.has_table(CatalogChange.__tablename__):
        return
    if "backorders" not in {column["name"] for column in inspector.get_columns("stock_items")}:
        return
    is_postgres = connection.dialect.name == "postgresql"
    known = set(connection.scalars(sa.text(_KNOWN[connection.dialect.name])))
    for trigger in _triggers():
        if trigger.name in known:
            continue
        words = vars(trigger) | {"when": f"WHEN ({trigger.condition})" if trigger.condition else ""}
        if is_postgres:
            connection.exec_driver_sql(_POSTGRES_FUNCTION.format(**words))
        connection.exec_driver_sql((_POSTGRES if is_postgres else _SQLITE).format(**words))


def remove(connection: sa.Connection) -> None:
    """Before migrations: no table may be renamed, no column dropped that a trigger speaks of."""
    is_postgres = connection.dialect.name == "postgresql"
    known = set(connection.scalars(sa.text(_KNOWN[connection.dialect.name])))
    for trigger in _triggers():
        if trigger.name not in known:
            continue
        drop = _DROP_POSTGRES if is_postgres else _DROP_SQLITE
        connection.exec_driver_sql(drop.format(name=trigger.name))


_KNOWN = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE NOT tgisinternal AND pg_table_is_visible(pg_class.oid)",
}
_DROP_SQLITE = "DROP TRIGGER {name}"
_DROP_POSTGRES = "DROP FUNCTION {name}() CASCADE"


# Reading on --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """How far a reader has read. On PostgreSQL transactions end in another order than they began,
    so a place is the oldest one still running, with what has been read beyond it.
    """

    stamp: int
    read: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Changes:
    place: Place
    product_ids: set[int]
    collection_ids: set[int]
    #: Too many to follow: read everything anew.
    is_flood: bool = False


def place() -> Place:
    """Take it before reading; what changes meanwhile is then read twice rather than never."""
    return Place(db.session.execute(_statement("place")).scalar_one())


def changes_since(place: Place) -> Changes | None:
    """None where nothing changed."""
    rows = db.session.execute(
        _statement("since"), {"stamp": place.stamp, "limit": MAX_FOLLOWED + 1}
    ).all()
    fresh = [row for row in rows if row.id not in place.read]
    if not fresh:
        return None
    reached = rows[-1].reached
    is_ordered = reached is None
    stamp = rows[-1].stamp + 1 if is_ordered else reached
    read = frozenset() if is_ordered else frozenset(row.id for row in rows if row.stamp >= reached)
    return Changes(
        Place(stamp, read),
        {row.product_id for row in fresh if row.product_id is not None},
        {row.collection_id for row in fresh if row.collection_id is not None},
        is_flood=len(rows) > MAX_FOLLOWED,
    )


def prune() -> None:
    """Forget what every reader has read long ago."""
    db.session.execute(sa.delete(CatalogChange).where(CatalogChange.at < now() - KEPT_FOR))


def _statement(name: str) -> sa.TextClause:
    return _STATEMENTS[db.engine.dialect.name][name]


_ROWS = " FROM catalog_changes WHERE stamp >= :stamp ORDER BY stamp, id LIMIT :limit"
_OLDEST = "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)"
_STATEMENTS: dict[str, dict[str, sa.TextClause]] = {
    "sqlite": {
        "place": sa.text("SELECT coalesce(max(stamp), 0) + 1 FROM catalog_changes"),
        "since": sa.text("SELECT id, product_id, collection_id, stamp, NULL AS reached" + _ROWS),
    },
    "postgresql": {
        "place": sa.text("SELECT " + _OLDEST),
        "since": sa.text(
            "SELECT id, product_id, collection_id, stamp, " + _OLDEST + " AS reached" + _ROWS
        ),
    },
}
