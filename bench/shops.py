"""A scratch shop on one database: made, filled, served as in production, and gone afterwards."""

from __future__ import annotations

import http.client
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, replace
from enum import Enum
from pathlib import Path

import flask_migrate
import psycopg
import sqlalchemy as sa
from flask import Flask

from bench import catalog, replay
from shop import create_app, supervisor
from shop.extensions import db
from shop.settings import ROOT, SANDBOX_KEY, Settings
from shop.store import queries as store
from shop.store.queries import Store
from shop.supervisor import Child

DATABASES = ("sqlite", "postgresql")
USUAL_POSTGRES = (
    "postgresql://postgres@127.0.0.1:5432/postgres",
    "postgresql:///postgres",
    "postgresql://postgres:postgres@127.0.0.1:5432/postgres",
)
WORKERS = 2
#: Seconds for a server to answer lists: of 100,000 products each process reads for a while.
START = 180
#: Lists must be answered so often before all processes have surely read.
IN_A_ROW = 12


class Kept(Enum):
    """What a server keeps, as PAGE_CACHE_MB."""

    PAGES = Settings.__dataclass_fields__["page_cache_mb"].default
    PARTS = 0
    NOTHING = -1


@dataclass(frozen=True)
class ScratchShop:
    """A filled shop, running in three ways, and the bare route beside them on the same server and
    flags.
    """

    app: Flask
    settings: Settings
    folder: Path
    bare_port: int
    #: By what is kept. Parts are at the settings' own port.
    ports: dict[Kept, int]
    #: Sessions of the servers' processes.
    sessions: dict[Kept, int]
    bare_session: int
    #: Of the server that gives the kept pages again and does nothing else.
    replay_port: int
    replay_session: int
    #: Seconds that filling it took.
    filled_in: float


def find_postgres() -> str | None:
    """TEST_POSTGRES_URL, or one of the usual local addresses, if a server answers there."""
    named = os.environ.get("TEST_POSTGRES_URL")
    for url in (named,) if named else USUAL_POSTGRES:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.Error:
            continue
        return url
    return None


@contextmanager
def scratch_shop(database: str, products: int, server: str | None) -> Iterator[ScratchShop]:
    """`server`: address of a PostgreSQL database from which others can be created."""
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        url = stack.enter_context(_database(database, folder, server))
        settings = _settings(url, folder)
        stack.enter_context(_environment(settings))
        app = create_app(settings)
        started = time.monotonic()
        with app.app_context():
            flask_migrate.upgrade()
            catalog.fill(products)
            shop = store.current()
            db.session.remove()
        filled_in = time.monotonic() - started
        stack.callback(_dispose, app)
        bare = replace(settings, port=_free_port())
        ports = {kept: _free_port() for kept in Kept} | {Kept.PARTS: settings.port}
        others = [
            web_process(replace(settings, port=ports[kept]), kept)
            for kept in (Kept.PAGES, Kept.NOTHING)
        ]
        replayed = replace(settings, port=_free_port())
        others.append(replay_process(replayed, ports[Kept.PAGES]))
        children = [*shop_processes(settings, shop), bare_process(bare), *others]
        stack.callback(supervisor._stop, children)
        for child in children:
            child.start()
        for port in (bare.port, settings.sandbox_port):
            _await_answer(port, children)
        for port in ports.values():
            for _ in range(IN_A_ROW):  # of either process
                _await_answer(port, children, "/products", statuses={200})
        found = {child.name: child.process.pid for child in children if child.process}
        yield ScratchShop(
            app,
            settings,
            folder,
            bare.port,
            ports,
            {kept: found["web" if kept is Kept.PARTS else kept.name] for kept in Kept},
            found["bare"],
            replayed.port,
            found["replay"],
            filled_in,
        )


# The database and the folder --------------------------------------------------------------------


@contextmanager
def _folder() -> Iterator[Path]:
    """Beside the real shop's data, so that SQLite syncs to the same kind of disk."""
    parent = ROOT / "instance"
    parent.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _database(database: str, folder: Path, server: str | None) -> Iterator[str]:
    if database == "sqlite":
        yield f"sqlite:///{folder / 'till.sqlite'}"
        return
    assert server is not None
    name = f"till_bench_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _dispose(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


# Settings and processes -------------------------------------------------------------------------


def _settings(database_url: str, folder: Path) -> Settings:
    """Production's defaults, except what the sandbox and a loopback address need."""
    return Settings(
        secret_key=secrets.token_urlsafe(48),
        port=_free_port(),
        web_workers=WORKERS,
        data_path=str(folder),
        database_url=database_url,
        stripe_secret_key=SANDBOX_KEY + secrets.token_hex(12),
        stripe_webhook_secret="whsec_" + secrets.token_hex(24),
        stripe_api_base=f"http://127.0.0.1:{_free_port()}",
        page_cache_mb=0,
    )


@contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    """The server processes read the same settings; nothing of the machine's own reaches them."""
    before = dict(os.environ)
    for item in fields(settings):
        os.environ[item.name.upper()] = str(getattr(settings, item.name))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def shop_processes(settings: Settings, shop: Store) -> list[Child]:
    """As `make run` starts them, without the worker: nothing falls due while we measure."""
    return [child for child in supervisor._children(settings, shop) if child.name != "worker"]


def web_process(settings: Settings, kept: Kept) -> Child:
    """The shop's own command line, keeping more or less."""
    names = [f"PAGE_CACHE_MB={kept.value}", f"PORT={settings.port}"]
    command = ["env", *names, *supervisor._web(settings)]
    return Child(kept.name, command, settings.data_folder / "logs" / f"{kept.name}.log")


def bare_process(settings: Settings) -> Child:
    return _of_another_app("bare", "bench.bare:create_app", settings)


def replay_process(settings: Settings, replayed_port: int) -> Child:
    return _of_another_app(
        "replay", "bench.replay:create_app", settings, "env", f"{replay.PORT}={replayed_port}"
    )


def _of_another_app(name: str, app: str, settings: Settings, *before: str) -> Child:
    """The shop's own command line, but for the application."""
    command = [app if part == "shop:create_web_app" else part for part in supervisor._web(settings)]
    return Child(name, [*before, *command], settings.data_folder / "logs" / f"{name}.log")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_answer(
    port: int, children: list[Child], path: str = "/", statuses: Collection[int] = range(600)
) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
        except OSError:
            time.sleep(0.1)
        else:
            if answer.status in statuses:
                return
        finally:
            connection.close()
    logs = [child.log.read_text()[-2000:] for child in children if child.log is not None]
    raise TimeoutError("\n".join([f"nothing answers on port {port}", *logs]))
