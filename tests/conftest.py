"""Fixtures shared by all tests: the shop on SQLite and on PostgreSQL, rolled back after each test.

A test that takes `app` or `client` runs once on each database. A test with threads, processes or
crashes takes `own_database`, a database of its own, since a savepoint cannot show a race. Every
database is a copy of one that a process migrates once for each of the two.
"""

from __future__ import annotations

import atexit
import functools
import gc
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flask_migrate
import hypothesis
import psycopg
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask, Response, has_app_context
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect, sync_playwright
from xdist.scheduler import LoadScopeScheduling

from shop import create_app
from shop.extensions import db
from shop.search.views import TALLY
from shop.settings import Settings
from tests.compiled import compile_once
from tests.fakes import FakeGateway

compile_once()

# A busy machine makes examples slowly; that says nothing of the code.
hypothesis.settings.register_profile(
    "shop", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("shop")

#: `with databases(dialect, folder) as url`: a database of its own, migrated unless is_empty=True.
Databases = Callable[..., AbstractContextManager[str]]
#: `with apps(dialect, folder, page_cache_mb=8) as app`: the shop with such a database; commits are
#: real.
Apps = Callable[..., AbstractContextManager[Flask]]

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
#: Milliseconds; far more than a page or a lock takes on a busy machine.
BROWSER_PATIENCE = LOCK_PATIENCE = 60_000
WEBHOOK_SECRET = "whsec_test_0123456789abcdef"


#: Folders that several workers must not share: each would start the whole shop again.
TOGETHER = ("tests/browser/",)
#: What takes longest, begun first, so that no worker is left alone with it at the end.
LONGEST = (
    "tests/browser/", "tests/reliability/test_kills.py", "tests/reliability/test_supervisor.py",
    "tests/reliability/",
)  # fmt: skip


class WholeFiles(LoadScopeScheduling):
    """Gives each worker whole files, so that what a file's tests share is made once."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in TOGETHER if file.startswith(folder)), file)


#: Far more than Python's 700: a test leaves few cycles behind, and looking for them took a quarter
#: of its time.
NEW_OBJECTS_BEFORE_COLLECTION = 50_000


def pytest_configure() -> None:
    gc.disable()  # what is imported and collected stays


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS_BEFORE_COLLECTION)
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WholeFiles:
    config.option.loadscopereorder = False  # by the number of tests, which says little of the time
    return WholeFiles(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: rank(item.nodeid))


def rank(nodeid: str) -> int:
    """Its place among LONGEST; all others after those."""
    return next((at for at, name in enumerate(LONGEST) if nodeid.startswith(name)), len(LONGEST))


def required(what: str) -> bool:
    """Whether this run must fail, not skip, where `what` is missing."""
    return what in os.environ.get("TEST_REQUIRE", "").split(",")


def find_postgres() -> str | None:
    urls = (
        [os.environ["TEST_POSTGRES_URL"]] if "TEST_POSTGRES_URL" in os.environ else USUAL_POSTGRES
    )
    for url in urls:
        try:
            psycopg.connect(url, connect_timeout=30).close()
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
def new_database(
    server: Callable[[], str], dialect: str, folder: Path, *, is_empty: bool = False
) -> Iterator[str]:
    """The address of a database, migrated or empty, gone afterwards."""
    if dialect == "sqlite":
        file = folder / "till.sqlite"
        if not is_empty:
            file.write_bytes(migrated_sqlite())
        yield f"sqlite:///{file}"
        return
    found, name = server(), f"till_test_{secrets.token_hex(6)}"
    create_database(found, name, "template1" if is_empty else migrated_postgres(found))
    try:
        yield address(found, name)
    finally:
        drop_database(found, name)


@functools.cache
def migrated_sqlite() -> bytes:
    """A migrated database's file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        migrate(make_settings(f"sqlite:///{folder / 'till.sqlite'}", folder))
        assert not (folder / "till.sqlite-wal").exists(), "the file is not the whole database"
        return (folder / "till.sqlite").read_bytes()


@functools.cache
def migrated_postgres(server: str) -> str:
    """The name of a migrated database to copy; it is dropped when the process ends."""
    name = f"till_test_{secrets.token_hex(6)}"
    create_database(server, name, "template1")
    atexit.register(drop_database, server, name)
    with tempfile.TemporaryDirectory() as folder:
        migrate(make_settings(address(server, name), Path(folder)))
    return name


def create_database(server: str, name: str, template: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        # What it holds need not outlive a crash of the machine.
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')


def drop_database(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def address(server: str, name: str) -> str:
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)


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


def migrate(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
    dispose(app)


def migrated_app(settings: Settings) -> Flask:
    """On a copy of a migrated database: see new_database. A SQLite file is made where none is."""
    url = sa.make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        Path(str(url.database)).write_bytes(migrated_sqlite())
    app = create_app(settings)
    app.config["TESTING"] = True
    app.test_client_class = ShopClient
    if url.get_backend_name() == "sqlite":
        _be_patient(app)
    return app


def _be_patient(app: Flask) -> None:
    """Fifty threads of a busy machine may keep one of them from the lock for longer than a shop
    lets a shopper wait.
    """

    def on_connect(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA busy_timeout={LOCK_PATIENCE}")

    with app.app_context():
        sa.event.listen(db.engine, "connect", on_connect)


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
def databases(request: pytest.FixtureRequest) -> Databases:
    """A server is looked for only when one is needed."""
    return functools.partial(new_database, lambda: request.getfixturevalue("postgres_server"))


@pytest.fixture(scope="session")
def apps(databases: Databases) -> Apps:
    @contextmanager
    def opened(dialect: str, folder: Path, **values: Any) -> Iterator[Flask]:
        with databases(dialect, folder) as url:
            app = migrated_app(make_settings(url, folder, **values))
            yield app
            dispose(app)

    return opened


@pytest.fixture(scope="session")
def shared_apps(
    tmp_path_factory: pytest.TempPathFactory, apps: Apps
) -> Iterator[Callable[[str], Flask]]:
    """The shop on the named database: made when it is first asked for, kept for all tests."""
    with ExitStack() as stack:

        @functools.cache
        def app_on(dialect: str) -> Flask:
            return stack.enter_context(apps(dialect, tmp_path_factory.mktemp(dialect)))

        yield app_on


@pytest.fixture(scope="session")
def shared_app(dialect: str, shared_apps: Callable[[str], Flask]) -> Flask:
    return shared_apps(dialect)


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
def noon() -> Iterator[None]:
    """The clock stands at a noon in winter, for what counts days: around midnight, and where an
    hour is put in or left out, "a day ago" is another day.
    """
    with time_machine.travel(datetime(2026, 11, 26, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def gateway(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    """In the place of the shop's own, wherever that is asked for."""
    fake = FakeGateway()
    monkeypatch.setitem(app.extensions, "payments", SimpleNamespace(get=lambda: fake))
    return fake


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
def own_database(dialect: str, tmp_path: Path, apps: Apps) -> Iterator[Flask]:
    """A shop with a migrated database of its own; commits are real."""
    with apps(dialect, tmp_path) as app:
        yield app


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
    expect.set_options(timeout=BROWSER_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        browser.on("context", lambda context: context.set_default_timeout(BROWSER_PATIENCE))
        yield browser
        browser.close()
