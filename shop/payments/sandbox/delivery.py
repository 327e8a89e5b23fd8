"""Sends webhooks: signed, in order, again later when they fail, at least once.

What has been sent is in the state file, so nothing is forgotten over a restart.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import requests

from . import tasks
from .config import SandboxConfig
from .events import with_pending
from .faults import Faults
from .store import Store

_LONGEST_NAP = 3600.0
_SENDERS = 8
_DUE_NOW = "SELECT DISTINCT endpoint_id FROM deliveries WHERE state = 'pending' AND due_at <= ?"
_DUE_NEXT = "SELECT min(due_at) FROM deliveries WHERE state = 'pending' AND due_at > ?"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Letter:
    """One delivery about to be attempted."""

    delivery_id: int
    attempts: int
    url: str
    secret: str
    body: bytes


def sign(body: bytes, secret: str, at: int) -> str:
    """The `Stripe-Signature` header. Source: docs.stripe.com/webhooks/signatures."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={digest.hexdigest()}"


class Postman:
    """A background thread that does due tasks, and sends due webhooks endpoint by endpoint."""

    def __init__(self, store: Store, faults: Faults, config: SandboxConfig) -> None:
        self._store = store
        self._faults = faults
        self._config = config
        self._wake = threading.Event()
        self._stopping = False
        self._busy: set[str] = set()
        self._senders = ThreadPoolExecutor(_SENDERS, thread_name_prefix="webhooks")
        self._thread = threading.Thread(target=self._run, name="postman")
        store.after_write = self._wake.set

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()
        self._thread.join()
        self._senders.shutdown()

    def _run(self) -> None:
        while True:
            self._wake.clear()
            if self._stopping:  # looked at after clearing, so that `stop` is never missed
                return
            try:
                nap = self._round()
            except sqlite3.OperationalError:  # the disk is full or the file is locked: try again
                _log.exception("The sandbox's background thread could not reach its state file")
                nap = 1.0
            self._wake.wait(nap)

    def _round(self) -> float:
        """Start everything that is due; gives the seconds until something else will be."""
        with self._store.writing() as work:
            tasks.run_due(work)
            endpoints = [row[0] for row in work.sql(_DUE_NOW, (work.at,))]
            times = [work.sql(_DUE_NEXT, (work.at,)).fetchone()[0], tasks.next_due_at(work)]
            now = work.at
        for endpoint_id in endpoints:
            if endpoint_id not in self._busy:
                self._busy.add(endpoint_id)
                self._senders.submit(self._serve, endpoint_id)
        naps: list[float] = [max(0.0, moment - now) for moment in times if moment]
        return min([_LONGEST_NAP, *naps])

    def _serve(self, endpoint_id: str) -> None:
        """Send what is due to one endpoint, one after the other."""
        try:
            with requests.Session() as http:
                http.trust_env = False
                while not self._stopping and (letter := self._next(endpoint_id)):
                    self._attempt(http, letter)
        except sqlite3.OperationalError:
            _log.exception("A webhook's delivery could not be noted; it will be sent again")
        finally:
            self._busy.discard(endpoint_id)
            self._wake.set()

    def _next(self, endpoint_id: str) -> _Letter | None:
        order = "random()" if self._faults.now.shuffle else "due_at, id"
        query = (
            "SELECT * FROM deliveries WHERE endpoint_id = ? AND state = 'pending' AND due_at <= ? "  # noqa: S608 - own text
            f"ORDER BY {order} LIMIT 1"
        )
        with self._store.reading() as work:
            row = work.sql(query, (endpoint_id, work.at)).fetchone()
            endpoint = work.get("webhook_endpoint", endpoint_id)
            if row is None or endpoint is None:
                return None
            event = with_pending(work, work.need("event", row["event_id"]))
        body = json.dumps(event, indent=2).encode()
        return _Letter(row["id"], row["attempts"], endpoint["url"], endpoint["_secret"], body)

    def _attempt(self, http: requests.Session, letter: _Letter) -> None:
        faults = self._faults.now
        if faults.drop_webhooks:
            self._note(letter, "dropped by a fault switch", "dropped")
            return
        for _ in range(2 if faults.duplicate_webhooks else 1):
            outcome, taken = self._post(http, letter)
        self._note(letter, outcome, "done" if taken else self._after_failure(letter))

    def _post(self, http: requests.Session, letter: _Letter) -> tuple[str, bool]:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (Till sandbox)",
            "Stripe-Signature": sign(letter.body, letter.secret, int(time.time())),
        }
        try:
            response = http.post(
                letter.url,
                data=letter.body,
                headers=headers,
                timeout=self._config.webhook_timeout,
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            return type(error).__name__, False
        with response:
            return f"HTTP {response.status_code}", 200 <= response.status_code < 300

    def _after_failure(self, letter: _Letter) -> str:
        return "pending" if letter.attempts < len(self._config.retry_delays) else "failed"

    def _note(self, letter: _Letter, outcome: str, state: str) -> None:
        with self._store.writing() as work:
            work.sql(
                "INSERT INTO attempts (delivery_id, at, outcome) VALUES (?, ?, ?)",
                (letter.delivery_id, work.at, outcome),
            )
            delay = self._config.retry_delays[letter.attempts] if state == "pending" else 0.0
            work.sql(
                "UPDATE deliveries SET state = ?, attempts = attempts + 1, due_at = ? WHERE id = ?",
                (state, work.at + delay, letter.delivery_id),
            )
