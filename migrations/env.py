"""Runs the migrations on the shop's own engine, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import context
from alembic.migration import MigrationContext
from flask import current_app

from shop import substrings
from shop.catalog import journal
from shop.database import numbers_kept
from shop.web.pagecache.watched import keep_triggers

database = current_app.extensions["migrate"].db
options = current_app.extensions["migrate"].configure_args


def is_ours(thing: Any, name: str | None, kind: str, reflected: bool, compared_to: Any) -> bool:
    """The search indexes are made by their own migrations and have no model; the page cache's
    version by keep_triggers.
    """
    is_made_apart = (name or "").startswith(("search_", "catalog_version"))
    return not (kind in ("table", "index") and is_made_apart)


def leave_out_empty_revisions(_context: Any, _revision: Any, directives: list[Any]) -> None:
    if getattr(context.config.cmd_opts, "autogenerate", False):
        (script,) = directives
        if script.upgrade_ops.is_empty():
            directives[:] = []


def plain_types(kind: str, thing: Any, _context: Any) -> str | bool:
    """Migrations name database types only, so that old ones outlive the shop's classes."""
    if kind == "type" and isinstance(thing, sa.types.TypeDecorator):
        is_instant = isinstance(thing.impl_instance, sa.DateTime)
        return "sa.DateTime(timezone=True)" if is_instant else "sa.UnicodeText()"
    return False


@contextmanager
def triggers_aside(connection: sa.Connection) -> Iterator[None]:
    """The journal's triggers, and those that keep the lists' index, are in place after each
    migration, a failed one too, and in their present words.
    """
    before = _revision(connection)
    journal.remove(connection)
    substrings.remove(connection)
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        journal.install(connection)
        substrings.install(connection)
        if _revision(connection) != before:
            substrings.rebuild(connection)
        connection.commit()


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def references_aside(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew and dropping the old one. With foreign keys on, that
    deletes every row that belongs to the old table's, so they are checked afterwards instead.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    # On the driver's connection: inside a transaction, and SQLAlchemy opens one, it does nothing.
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = driver.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"rows that belong to none: {broken[:5]}")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


with (
    database.engine.connect() as connection,
    references_aside(connection),
    triggers_aside(connection),
):
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        include_object=is_ours,
        render_item=plain_types,
        process_revision_directives=leave_out_empty_revisions,
        **options,
    )
    with context.begin_transaction(), numbers_kept(connection):
        context.run_migrations()

with database.engine.begin() as connection:
    keep_triggers(connection)
