"""Runs the migrations on the shop's own engine, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app

from shop.catalog import journal
from shop.web.pagecache.watched import keep_triggers

database = current_app.extensions["migrate"].db
options = current_app.extensions["migrate"].configure_args


def is_ours(thing: Any, name: str | None, kind: str, reflected: bool, compared_to: Any) -> bool:
    """The search index is made by its own migration and has no model; the page cache's version by
    keep_triggers.
    """
    return not (kind == "table" and (name or "").startswith(("search_", "catalog_version")))


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
def journal_aside(connection: sa.Connection) -> Iterator[None]:
    """The journal's triggers are in place after each migration, a failed one too, and in their
    present words.
    """
    journal.remove(connection)
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        journal.install(connection)
        connection.commit()


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
    journal_aside(connection),
):
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        include_object=is_ours,
        render_item=plain_types,
        process_revision_directives=leave_out_empty_revisions,
        **options,
    )
    with context.begin_transaction():
        context.run_migrations()

with database.engine.begin() as connection:
    keep_triggers(connection)
