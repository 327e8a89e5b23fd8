"""The unit of work, and what SQLite and PostgreSQL each need to keep it safe."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import InstrumentedAttribute

from shop.extensions import Model, db

T = TypeVar("T")
Upsert = postgresql.Insert | sqlite.Insert

SQLITE_PRAGMAS = (
    "foreign_keys=ON",
    "journal_mode=WAL",
    "busy_timeout=5000",
    # An acknowledged webhook must survive a power cut; NORMAL may lose the last commits.
    "synchronous=FULL",
)
#: serialization_failure and deadlock_detected: the whole unit of work may be tried again.
RETRYABLE = {"40001", "40P01"}


def init_engines(app: Flask) -> None:
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _prepare_sqlite(db.engine)


@contextmanager
def transaction() -> Iterator[None]:
    """One unit of work: all of it is kept, or none of it.

    Takes SQLite's write lock at the start, so what was read inside cannot change before it is
    written. Keep it short, and never call another server inside it.
    """
    session = db.session()
    if session.info.get("in_transaction"):
        raise RuntimeError("transactions do not nest: open one at the edge")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("changes were made outside a transaction")
    session.rollback()  # end the read snapshot; loaded objects are read afresh
    session.info["in_transaction"] = True
    try:
        session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["in_transaction"] = False


def in_transaction(work: Callable[[], T], *, tries: int = 5) -> T:
    """Run `work` as one unit of work; again from the start when PostgreSQL asks for it."""
    for attempt in range(1, tries + 1):
        try:
            with transaction():
                return work()
        except DBAPIError as error:
            if attempt == tries or getattr(error.orig, "sqlstate", None) not in RETRYABLE:
                raise
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 - jitter, not secrecy
    raise AssertionError("unreachable")


def spelled(column: InstrumentedAttribute[str], *values: str) -> sa.ColumnElement[bool]:
    """`column` is one of these, written into the statement: a database only asks a partial index
    where it can read that all rows are in it.
    """
    return column.in_([sa.literal(str(value), literal_execute=True) for value in values])


def upsert(model: type[Model]) -> Upsert:
    """An INSERT that can say what becomes of a row that is there already, `on_conflict_…`."""
    is_postgres = db.engine.dialect.name == "postgresql"
    return postgresql.insert(model) if is_postgres else sqlite.insert(model)


def is_busy(error: Exception) -> bool:
    """Whether the database is only busy or away, so that trying again later may help."""
    if not isinstance(error, OperationalError):
        return False
    said_by_sqlite = ("locked", "busy", "disk is full", "readonly", "disk I/O")
    return error.connection_invalidated or (
        error.orig is not None
        and (
            any(word in str(error.orig) for word in said_by_sqlite)
            or "psycopg" in type(error.orig).__module__
        )
    )


def _prepare_sqlite(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")


@contextmanager
def numbers_kept(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew, and forgets with the old one which numbers of
    deleted rows it must not give again. Within the caller's transaction.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    before = _last_numbers(connection)
    yield
    for table, number in _last_numbers(connection).items():
        last = {"name": table, "seq": max(number, before.get(table, 0))}
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), last)
        connection.execute(sa.text("INSERT INTO sqlite_sequence VALUES (:name, :seq)"), last)


def _last_numbers(connection: sa.Connection) -> dict[str, int]:
    """By table that gives numbers once."""
    tables = sa.text(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
    )
    found = dict.fromkeys(connection.scalars(tables), 0)
    if found:  # the table of the last numbers comes with the first that needs it
        rows = connection.execute(sa.text("SELECT name, seq FROM sqlite_sequence"))
        found |= {name: number for name, number in rows if name in found}
    return found
