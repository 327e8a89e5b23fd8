"""SQLite under everything: Stripe objects as JSON documents, one transaction per request.

WAL with `synchronous=FULL`: what was answered survives a killed process and a power cut.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .clock import Clock

Doc = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    payment_intent TEXT AS (json_extract(doc, '$.payment_intent')) VIRTUAL,
    charge TEXT AS (json_extract(doc, '$.charge')) VIRTUAL,
    customer TEXT AS (json_extract(doc, '$.customer')) VIRTUAL,
    status TEXT AS (json_extract(doc, '$.status')) VIRTUAL,
    type TEXT AS (json_extract(doc, '$.type')) VIRTUAL,
    source TEXT AS (json_extract(doc, '$.source')) VIRTUAL,
    doc TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_by_payment_intent ON objects (payment_intent, kind);
CREATE INDEX IF NOT EXISTS objects_by_charge ON objects (charge, kind);
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    request_id TEXT NOT NULL,
    created INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    subject TEXT NOT NULL,
    due_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS tasks_by_due_at ON tasks (due_at);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending',
    due_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS deliveries_by_due_at ON deliveries (state, due_at);
CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event_id);
CREATE TABLE IF NOT EXISTS attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    at REAL NOT NULL,
    outcome TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS attempts_by_delivery ON attempts (delivery_id);
"""

#: Fields `find` may compare; each is a column of `objects`.
_SEARCHABLE = {"payment_intent", "charge", "customer", "status", "type", "source"}


class Store:
    """One connection behind one lock: writers queue up here instead of inside SQLite."""

    def __init__(self, path: Path, clock: Clock, *, base_url: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.clock = clock
        self._base_url = base_url
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            path, timeout=30, isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_SCHEMA)
        self.after_write: Callable[[], None] = lambda: None

    @contextmanager
    def writing(self) -> Iterator[Work]:
        """All or nothing; wakes the background thread once it is on disk."""
        with self._lock:
            before = self._connection.total_changes
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Work(self._connection, self.clock.now(), self._base_url)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
            changed = self._connection.total_changes > before
        if changed:
            self.after_write()

    @contextmanager
    def reading(self) -> Iterator[Work]:
        with self._lock:
            yield Work(self._connection, self.clock.now(), self._base_url)

    def close(self) -> None:
        with self._lock:
            self._connection.close()


class Work:
    """One transaction: its documents, its time, and the API request behind it, if any.

    `base_url` is where browsers find the sandbox's pages.
    """

    def __init__(self, connection: sqlite3.Connection, at: float, base_url: str) -> None:
        self.sql = connection.execute
        self.at = at
        self.base_url = base_url
        self.request_id: str | None = None
        self.idempotency_key: str | None = None

    @property
    def now(self) -> int:
        return int(self.at)

    def add(self, doc: Doc) -> Doc:
        self.sql(
            "INSERT INTO objects (id, kind, created, doc) VALUES (?, ?, ?, ?)",
            (doc["id"], doc["object"], doc.get("created", self.now), json.dumps(doc)),
        )
        return doc

    def save(self, doc: Doc) -> Doc:
        self.sql("UPDATE objects SET doc = ? WHERE id = ?", (json.dumps(doc), doc["id"]))
        return doc

    def remove(self, doc: Doc) -> None:
        self.sql("DELETE FROM objects WHERE id = ?", (doc["id"],))

    def get(self, kind: str, object_id: str) -> Doc | None:
        query = "SELECT doc FROM objects WHERE id = ? AND kind = ?"
        row = self.sql(query, (object_id, kind)).fetchone()
        return None if row is None else json.loads(row["doc"])

    def need(self, kind: str, object_id: str) -> Doc:
        """For ids the sandbox wrote itself; a missing one is our own fault."""
        doc = self.get(kind, object_id)
        if doc is None:
            raise LookupError(f"{kind} {object_id}")
        return doc

    def find(self, kind: str, **equals: str) -> list[Doc]:
        """Every match, oldest first."""
        if unknown := equals.keys() - _SEARCHABLE:
            raise LookupError(f"not searchable: {unknown}")
        where = " AND ".join(["kind = ?", *(f"{name} = ?" for name in equals)])
        query = f"SELECT doc FROM objects WHERE {where} ORDER BY seq"  # noqa: S608 - names checked above
        return [json.loads(row["doc"]) for row in self.sql(query, (kind, *equals.values()))]

    def newest(self, kind: str, limit: int) -> list[Doc]:
        query = "SELECT doc FROM objects WHERE kind = ? ORDER BY seq DESC LIMIT ?"
        return [json.loads(row["doc"]) for row in self.sql(query, (kind, limit))]

    def later(self, name: str, subject: str, due_at: float) -> None:
        """Have `name` (see tasks.py) done to `subject` once its time has come."""
        self.sql(
            "INSERT INTO tasks (name, subject, due_at) VALUES (?, ?, ?)", (name, subject, due_at)
        )
