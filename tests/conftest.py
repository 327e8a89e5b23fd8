"""Fixtures shared by all tests: the shop on SQLite and on PostgreSQL, rolled back after each test.

A test that takes `app` or `client` runs once on each database. A test with threads, processes or
crashes takes `own_database`, a database of its own, since a savepoint cannot show a race.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask_migrate
import hypothesis
import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask, Response, has_app_context
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright

from shop import create_app
from shop.extensions import db
from shop.search.views import TALLY
from shop.settings import Settings

# A busy machine makes examples slowly; that says nothing of the code.
hypothesis.settings.register_profile(
    "shop", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("shop")

DATABASES = ("sqlite", "postgresql")
USUAL_POSTGRES = (
    "postgresql:///postgres",
    "postgresql://postgres@127.0.0.1:5432/postgres",
    "postgresql://postgres:postgres@127.0.0.1:5432/postgres",
)
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip
WEBHOOK_SECRET = "whsec_test_0123456789abcdef"


def required(what: str) -> bool:
    """Whether this run must fail, not skip, where `what` is missing."""
    return what in os.environ.get("TEST_REQUIRE", "").split(",")


def find_postgres() -> str | None:
    urls = (
        [os.environ["TEST_POSTGRES_URL"]] if "TEST_POSTGRES_URL" in os.environ else USUAL_POSTGRES
    )
    for url in urls:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.Error:
            continue
        return url
    return None


@pytest.fixture(scope="session")
def postgres_server() -> str:
    url = find_postgres()
    if url is None:
        reason = "no PostgreSQL answers at TEST_POSTGRES_URL or the usual local addresses"
        if required("postgresql"):
            pytest.fail(reason)
        pytest.skip(reason)
    return url


@pytest.fixture(scope="session", params=DATABASES)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextmanager
def new_database(dialect: str, folder: Path, server: Callable[[], str]) -> Iterator[str]:
    """The address of an empty database, gone afterwards."""
    if dialect == "sqlite":
        yield f"sqlite:///{folder / 'till.sqlite'}"
        return
    name = f"till_test_{secrets.token_hex(6)}"
    with psycopg.connect(server(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        url = sa.make_url(server()).set(database=name)
        yield url.render_as_string(hide_password=False)
    finally:
        with psycopg.connect(server(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def make_settings(database_url: str, folder: Path, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "secret_key": "test-only-0123456789-abcdefghijklmnopqrstuvwxyz",
        "shop_url": "http://localhost",
        "stripe_secret_key": "sk_test_sandbox_tests",
        "stripe_webhook_secret": WEBHOOK_SECRET,
        "database_url": database_url,
        "data_path": str(folder),
        "log_level": "ERROR",
        # What a test writes is never committed, so no version could tell of it.
        "page_cache_mb": -1,
    }
    return Settings(**(values | changes))


def migrated_app(settings: Settings) -> Flask:
    app = create_app(settings)
    app.config["TESTING"] = True
    app.test_client_class = ShopClient
    with app.app_context():
        flask_migrate.upgrade()
    return app


def dispose(app: Flask) -> None:
    app.extensions["catalog_version"].close()
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


class ShopClient(FlaskClient):
    """Commits what the test arranged, then sends the request in a fresh app context.

    Requests come from the shop's own pages; a test of strangers sets its own headers.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"

    def open(self, *args: Any, **kwargs: Any) -> Any:
        # As a server does: read to the end, and close what was opened for it.
        kwargs.setdefault("buffered", True)
        if has_app_context():
            db.session.commit()
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture(scope="session")
def shared_app(
    dialect: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp(dialect)
    server = lambda: request.getfixturevalue("postgres_server")  # noqa: E731 - only when needed
    with new_database(dialect, folder, server) as url:
        app = migrated_app(make_settings(url, folder))
        yield app
        dispose(app)


@pytest.fixture
def app(shared_app: Flask) -> Iterator[Flask]:
    """Everything a test writes is rolled back, commits included."""
    with shared_app.app_context():
        engine = db.engine
        connection = engine.connect()
        outer = connection.begin()
        # Flask-SQLAlchemy's session ignores a bind and asks for the app's engines; this private
        # entry is the one way in.
        db._app_engines[shared_app][None] = connection
        db.session.remove()
        db.session.configure(join_transaction_mode="create_savepoint")
        try:
            yield shared_app
        finally:
            db.session.remove()
            outer.rollback()
            connection.close()
            db._app_engines[shared_app][None] = engine
            shared_app.extensions[TALLY].take()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def answered_inside(app: Flask) -> Callable[[str], Response]:
    """What a view itself answers, before the page cache takes out what only it reads."""

    def answer(path: str) -> Response:
        db.session.commit()
        with app.test_request_context(path) as context:
            view = app.view_functions[str(context.request.endpoint)]
            return app.make_response(app.ensure_sync(view)(**context.request.view_args or {}))

    return answer


@pytest.fixture
def own_database(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """A shop with a migrated database of its own; commits are real."""
    server = lambda: request.getfixturevalue("postgres_server")  # noqa: E731 - only when needed
    with new_database(dialect, tmp_path, server) as url:
        app = migrated_app(make_settings(url, tmp_path))
        yield app
        dispose(app)


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], Any]:
    """`with count_queries() as statements: ...; assert len(statements) == 4`."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")):
                statements.append(statement)

        engine = db.engine
        sa.event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            sa.event.remove(engine, "before_cursor_execute", note)

    return counting


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all: a process can have Playwright running but once."""
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        if required("browser"):
            pytest.fail("no Chromium was found")
        pytest.skip("no Chromium was found (chromium, chromium-browser or google-chrome)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
