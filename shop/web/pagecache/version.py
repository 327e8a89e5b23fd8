"""Which state of the catalog the database holds, told without asking it each time.

Two answers are equal only if no catalog page can have changed between them. None: not known, so
nothing may be served from memory. Why it is strict: docs/adr/0019.
"""

from __future__ import annotations

import logging
import mmap
import os
import secrets
import selectors
import sqlite3
import threading
import time
from collections.abc import Hashable
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import psycopg
import sqlalchemy as sa

from shop.web.pagecache.watched import SIGNAL

log = logging.getLogger("shop.pagecache")

#: Seconds between two looks at whether PostgreSQL is still there, and until the next try.
HEARTBEAT, RETRY = 5.0, 1.0
#: Seconds after which SQLite is asked although no process of the shop marked a change: so late
#: may be seen what another program wrote into its file.
LOOK = 0.02


class CatalogVersion(Protocol):
    def current(self) -> Hashable | None:
        """Cheap enough for every request."""

    def close(self) -> None: ...


class UnknownVersion:
    """The cache is switched off."""

    def current(self) -> None:
        return None

    def close(self) -> None:
        return


def catalog_version(engine: sa.Engine, folder: Path) -> CatalogVersion:
    """For a whole process; it opens its own connection at the first request, after any fork."""
    mark = SharedMark(folder / "catalog-mark")
    if engine.dialect.name == "sqlite":
        return SqliteVersion(engine.url.database or "", mark)
    return PostgresVersion(engine, mark)


class SqliteVersion:
    """`PRAGMA data_version` moves when another connection, of any process, has committed; only
    then is the row of the catalog's own version read.

    The question takes locks in the file, microseconds that are most of what a page from memory
    costs: it is asked where a process of the shop marked a change, and every LOOK seconds.
    """

    def __init__(self, file: str, mark: SharedMark) -> None:
        self._file, self._mark = file, mark
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._seen: object = None
        self._version: int | None = None
        #: The mark before the last question, and until when its answer holds.
        self._asked: tuple[int, float] = (0, 0.0)

    def current(self) -> Hashable | None:
        marked, until = self._asked
        if self._mark.read() == marked and time.monotonic() < until:
            return self._version
        with self._lock:
            try:
                # The mark is read first: a change after it is asked for at the next request.
                asked = self._mark.read(), time.monotonic() + LOOK
                version = self._read()
                self._asked = asked
            except sqlite3.Error:
                self._forget()
                return None
            return version

    def close(self) -> None:
        with self._lock:
            self._forget()

    def _read(self) -> int | None:
        if self._connection is None:
            self._connection = sqlite3.connect(
                f"{Path(self._file).as_uri()}?mode=rw",
                uri=True,
                timeout=1,
                isolation_level=None,
                check_same_thread=False,
            )
        (seen,) = self._connection.execute("PRAGMA data_version").fetchone()
        if seen != self._seen:
            # Read after `seen`: a commit in between is seen again at the next request.
            row = self._connection.execute("SELECT version FROM catalog_version").fetchone()
            self._version = row[0] if row else None
            self._seen = seen
        return self._version

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._seen, self._version = None, None, None
        self._asked = (0, 0.0)


class PostgresVersion:
    """What this machine's processes marked, and what this process heard from the database.

    The mark is made after a commit and before its answer, so the next request on this machine
    cannot miss it. The NOTIFY comes milliseconds later, and also tells of other machines.
    """

    def __init__(self, engine: sa.Engine, mark: SharedMark) -> None:
        self._url = engine.url.set(drivername="postgresql")
        self._mark = mark
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_listening = False
        self._heard = 0
        self._waker, self._sleeper = os.pipe()

    def current(self) -> Hashable | None:
        if self._thread is None:
            self._start()
        if not self._is_listening:
            return None
        return self._mark.read(), self._heard

    def close(self) -> None:
        os.write(self._sleeper, b"x")
        if self._thread is not None:
            self._thread.join()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._listen, name="catalog-version", daemon=True
                )
                self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                with closing(self._connect()) as connection:
                    # What happened while nobody listened is not known.
                    self._heard += 1
                    self._is_listening = True
                    self._hear_all(connection)
                    return
            except psycopg.Error as error:
                log.warning("the catalog's changes cannot be heard: %s", type(error).__name__)
            finally:
                self._is_listening = False
            if self._wait(None, RETRY):
                return

    def _connect(self) -> psycopg.Connection[Any]:
        connection = psycopg.connect(
            self._url.render_as_string(hide_password=False),
            autocommit=True,
            connect_timeout=5,
            # A server that vanished without a word is noticed within seconds.
            tcp_user_timeout=5000,
            options="-c statement_timeout=5s",
        )
        connection.add_notify_handler(self._hear)
        connection.execute("LISTEN till_catalog")
        return connection

    def _hear(self, _notify: psycopg.Notify) -> None:
        self._heard += 1

    def _hear_all(self, connection: psycopg.Connection[Any]) -> None:
        """Until close(). The statement takes in what came, and fails where the server is gone."""
        while not self._wait(connection, HEARTBEAT):
            connection.execute("SELECT 1")

    def _wait(self, connection: psycopg.Connection[Any] | None, seconds: float) -> bool:
        """Until something came or the time is over; whether to end."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._waker, selectors.EVENT_READ)
            if connection is not None:
                selector.register(connection.fileno(), selectors.EVENT_READ)
            return any(key.fd == self._waker for key, _ in selector.select(seconds))


class SharedMark:
    """Eight bytes in the data folder that all processes of the shop on this machine see at once.

    Random, not counted up: two that change it in the same moment need no lock, since all that
    anyone asks is whether it still is what it was. One aligned store, so never half of each.
    """

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(handle).st_size < 8:
                os.ftruncate(handle, 8)
            self._number = memoryview(mmap.mmap(handle, 8)).cast("Q")
        finally:
            os.close(handle)

    def read(self) -> int:
        return self._number[0]

    def change(self) -> None:
        self._number[0] = secrets.randbits(63)


def mark_changes(engine: sa.Engine, folder: Path) -> None:
    """Let every process that changes the catalog say so on this machine, before it answers.

    A connection goes back to the pool right after its commit, before the request can be answered.
    On PostgreSQL the triggers' notice tells which commits matter, on SQLite the catalog's version
    does, which is cheap to ask for. A change rolled back marks as well: no harm.
    """
    mark = SharedMark(folder / "catalog-mark")
    if engine.dialect.name == "postgresql":
        _note_notices(engine)
    else:
        _note_commits(engine)

    @sa.event.listens_for(engine, "checkin")
    def on_checkin(_connection: object, record: Any) -> None:
        if record.info.pop(SIGNAL, False):
            mark.change()


def _note_notices(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: psycopg.Connection[Any], record: Any) -> None:
        def note(diagnostic: psycopg.errors.Diagnostic) -> None:
            if diagnostic.message_primary == SIGNAL:
                record.info[SIGNAL] = True

        connection.add_notice_handler(note)


def _note_commits(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "commit")
    def on_commit(connection: sa.Connection) -> None:
        connection.info[SIGNAL] = True
