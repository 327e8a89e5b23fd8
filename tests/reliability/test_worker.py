"""The worker as processes: each promise kept once, whoever else works, dies or is poisoned."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from shop.clock import now
from shop.extensions import db
from shop.outbox import service as outbox
from shop.outbox.models import OutboxMessage
from shop.outbox.worker import BACKOFF
from tests.factories import make_order
from tests.reliability.conftest import FULL
from tests.reliability.processes import PATIENCE, free_port, wait_until
from tests.reliability.shop_processes import Shop

PROMISES = 10_000 if FULL else 200
CONFIRMATION = "order_confirmation"


class Postbox:
    """A mail server that counts what it accepted, by Message-ID."""

    def __init__(self) -> None:
        self.accepted = Counter[str]()
        #: While it is clear, the server has the mail but does not answer.
        self.answers = threading.Event()
        self.answers.set()
        self.arrived = threading.Event()

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:
        headers = envelope.content.decode().splitlines()
        (message_id,) = [line for line in headers if line.lower().startswith("message-id:")]
        self.accepted[message_id] += 1
        self.arrived.set()
        loop = __import__("asyncio").get_running_loop()
        await loop.run_in_executor(None, self.answers.wait, PATIENCE)
        return "250 OK"


@pytest.fixture
def postbox(still_shop: Shop) -> Iterator[Postbox]:
    """Receives what the shop's workers send."""
    postbox, port = Postbox(), free_port()
    controller = Controller(postbox, hostname="127.0.0.1", port=port, ready_timeout=PATIENCE)
    controller.start()
    still_shop.settings = replace(
        still_shop.settings, mail_server="127.0.0.1", mail_port=port, mail_use_tls=False
    )
    yield postbox
    postbox.answers.set()
    controller.stop()


def promise(shop: Shop, count: int, *, poisoned: int = 0) -> None:
    """So many confirmations; the poisoned ones are of orders that do not exist."""
    with shop.app.app_context():
        order = make_order(paid=True)
        db.session.execute(sa.delete(OutboxMessage))
        for number in range(count):
            payload = {"order_id": 10**6 + number if number < poisoned else order.id}
            key = f"{CONFIRMATION}:test-{number}"
            outbox.enqueue(channel="email", name=CONFIRMATION, payload=payload, dedupe_key=key)
        db.session.commit()


def kept(shop: Shop) -> int:
    with shop.app.app_context():
        sent = sa.select(sa.func.count(OutboxMessage.id)).where(OutboxMessage.sent_at.is_not(None))
        return db.session.scalar(sent) or 0


def make_due(shop: Shop) -> None:
    with shop.app.app_context():
        db.session.execute(sa.update(OutboxMessage).values(due_at=now()))
        db.session.commit()


@contextlib.contextmanager
def workers(shop: Shop, count: int) -> Iterator[list[str]]:
    names = [f"worker-{number}" for number in range(count)]
    for name in names:
        shop.running[name] = shop._spawn(name, [*shop._flask(), "worker"])
    yield names
    for name in names:
        if name in shop.running:
            shop.stop(name)


@pytest.mark.timeout(3600 if FULL else 900)
def test_two_workers_keep_two_hundred_promises_once_each(
    still_shop: Shop, postbox: Postbox
) -> None:
    promise(still_shop, PROMISES)

    with workers(still_shop, 2):
        wait_until(lambda: kept(still_shop) == PROMISES, "all promises", PROMISES)

    assert len(postbox.accepted) == PROMISES
    assert set(postbox.accepted.values()) == {1}


def test_a_poisoned_promise_is_parked_and_holds_up_nobody(
    still_shop: Shop, postbox: Postbox
) -> None:
    promise(still_shop, 20, poisoned=1)

    for _ in range(len(BACKOFF) + 2):
        still_shop.run_once()
        make_due(still_shop)

    with still_shop.app.app_context():
        (parked,) = db.session.scalars(
            sa.select(OutboxMessage).where(OutboxMessage.parked_at.is_not(None))
        )
        assert parked.attempts == len(BACKOFF) + 1
        assert "does not exist" in parked.last_error
    assert kept(still_shop) == 19
    assert list(postbox.accepted.values()) == [1] * 19


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_the_worker_finishes_what_it_does(
    still_shop: Shop, postbox: Postbox, number: int
) -> None:
    promise(still_shop, 1)
    postbox.answers.clear()

    with workers(still_shop, 1) as (name,):
        assert postbox.arrived.wait(PATIENCE)
        still_shop.running[name].signal(number)
        postbox.answers.set()
        code = still_shop.running[name].wait()

    assert code == 0
    assert kept(still_shop) == 1
    assert list(postbox.accepted.values()) == [1]


def test_a_killed_workers_promise_is_kept_by_the_next_under_the_same_id(
    still_shop: Shop, postbox: Postbox
) -> None:
    promise(still_shop, 1)
    postbox.answers.clear()
    with workers(still_shop, 1) as (name,):
        assert postbox.arrived.wait(PATIENCE)
        still_shop.kill(name)
    postbox.answers.set()
    still_shop.run_once()
    early = kept(still_shop)

    make_due(still_shop)
    still_shop.run_once()

    assert (early, kept(still_shop)) == (0, 1)
    assert list(postbox.accepted.values()) == [2]


def test_while_the_mail_server_is_away_promises_wait(
    still_shop: Shop, stock: Callable[..., int]
) -> None:
    still_shop.settings = replace(
        still_shop.settings, mail_server="127.0.0.1", mail_port=free_port(), mail_use_tls=False
    )
    promise(still_shop, 3)

    still_shop.run_once()

    with still_shop.app.app_context():
        waiting = list(db.session.scalars(sa.select(OutboxMessage)))
        assert [row.attempts for row in waiting] == [1, 1, 1]
        assert all(row.due_at > now() and row.sent_at is None for row in waiting)
        assert all("Refused" in row.last_error for row in waiting)
