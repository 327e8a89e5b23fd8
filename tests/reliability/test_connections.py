"""Connections to PostgreSQL in the pool: lost ones are replaced, those just used are not asked."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine.default import DefaultDialect

from shop.database import transaction
from shop.extensions import db
from tests.factories import make_product, make_store
from tests.reliability.processes import wait_until


@pytest.fixture
def pings(
    own_database: Flask, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[int]]:
    if dialect == "sqlite":
        pytest.skip("a file has no connections to lose")
    asked: list[int] = []
    with own_database.app_context():
        make_store()
        make_product(handle="mug")
        db.session.commit()
        kind = type(db.engine.dialect)
        ping = kind.do_ping

        def note(self: DefaultDialect, connection: psycopg.Connection) -> bool:
            asked.append(connection.info.backend_pid)
            return ping(self, connection)

        monkeypatch.setattr(kind, "do_ping", note)
        yield asked


def test_a_page_right_after_another_asks_for_nothing_but_what_it_shows(
    own_database: Flask, pings: list[int]
) -> None:
    client = own_database.test_client()
    assert client.get("/products/mug").status_code == 200

    assert client.get("/products/mug").status_code == 200

    assert pings == []


def test_a_connection_that_lay_a_while_is_asked_once(
    own_database: Flask, pings: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert own_database.test_client().get("/products/mug").status_code == 200
    monkeypatch.setattr("shop.database.UNASKED", -1.0)

    with own_database.app_context():
        db.session.execute(sa.text("SELECT 1"))

    assert len(pings) == 1


def test_a_lost_connection_is_noticed_at_once_and_replaced(
    own_database: Flask, pings: list[int]
) -> None:
    client = own_database.test_client()
    assert client.get("/products/mug").status_code == 200
    lost = _cut_all(own_database)

    page = client.get("/products/mug")
    with own_database.app_context(), transaction():
        db.session.execute(sa.text("UPDATE store_settings SET tagline = 'Anew'"))

    assert page.status_code == 200
    assert pings
    assert set(pings) <= lost


def _cut_all(app: Flask) -> set[int]:
    """Ids of the server's processes that ended, all of this database's but the one asked."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with app.app_context():
        url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        cut = connection.execute(f"SELECT pid, pg_terminate_backend(pid) {others}").fetchall()
        wait_until(
            lambda: connection.execute(f"SELECT count(*) {others}").fetchone() == (0,), "the end"
        )
    return {pid for pid, _ in cut}
