from __future__ import annotations

from flask import Flask

from shop.extensions import db
from shop.web.pagecache.watched import NEVER_PRINTED, STOCK, WATCHED, keep_triggers


def test_of_every_table_it_is_known_whether_catalog_pages_print_it(app: Flask) -> None:
    """A table is missing? Put it into WATCHED where any page of a blueprint in shop/web/visit.py
    prints something of it, else into NEVER_PRINTED.
    """
    tables = set(db.metadata.tables)

    assert WATCHED | NEVER_PRINTED | {STOCK} == tables
    assert not WATCHED & NEVER_PRINTED


def test_the_migrated_database_has_its_triggers(own_database: Flask) -> None:
    with own_database.app_context():
        before = triggers()
        assert len(before) >= len(WATCHED)
        with db.engine.begin() as connection:
            keep_triggers(connection)

        assert triggers() == before


def test_lost_triggers_come_back(own_database: Flask) -> None:
    with own_database.app_context():
        before = triggers()
        with db.engine.begin() as connection:
            name, table = next(iter(before.items()))
            on_table = f" ON {table}" if connection.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER {name}{on_table}")
            keep_triggers(connection)

        assert triggers() == before


def triggers() -> dict[str, str]:
    from shop.web.pagecache.watched import _found

    with db.engine.connect() as connection:
        return _found(connection)
