from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from shop.clock import now
from shop.database import in_transaction
from shop.extensions import db
from shop.outbox import service
from shop.outbox.models import OutboxMessage
from shop.outbox.worker import BACKOFF, CLAIM, Claimed, keep_due


def promise(key: str = "greeting:1", name: str = "greeting") -> None:
    service.enqueue(channel="email", name=name, payload={"order_id": 1}, dedupe_key=key)


def messages() -> list[OutboxMessage]:
    return list(
        db.session.scalars(
            sa.select(OutboxMessage)
            .order_by(OutboxMessage.id)
            .execution_options(populate_existing=True)
        )
    )


class Letterbox:
    def __init__(self, failing: str = "") -> None:
        self.kept: list[str] = []
        self.failing = failing

    def __call__(self, claimed: Claimed) -> None:
        if claimed.name == self.failing:
            raise OSError("the post office is closed")
        self.kept.append(claimed.dedupe_key)


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


def test_the_same_promise_is_made_and_kept_once(app: Flask, letterbox: Letterbox) -> None:
    for _ in range(3):
        promise()
    db.session.commit()

    for _ in range(3):
        keep_due({"email": letterbox})

    assert letterbox.kept == ["greeting:1"]
    (message,) = messages()
    assert message.sent_at is not None


def test_a_promise_that_fails_is_tried_again_later(app: Flask) -> None:
    letterbox = Letterbox(failing="greeting")
    promise()
    db.session.commit()

    keep_due({"email": letterbox})
    (message,) = messages()
    assert (message.attempts, message.sent_at) == (1, None)
    assert "post office" in message.last_error
    assert keep_due({"email": letterbox}) == 0

    letterbox.failing = ""
    with time_machine.travel(now() + BACKOFF[0] * 2, tick=False):
        keep_due({"email": letterbox})

    assert letterbox.kept == ["greeting:1"]


def test_a_poisoned_promise_is_parked_and_stops_no_other(app: Flask) -> None:
    letterbox = Letterbox(failing="poison")
    promise("poison:1", "poison")
    promise("greeting:1")
    db.session.commit()
    moment = now()

    for wait in [timedelta(0), *BACKOFF]:
        moment += wait + timedelta(seconds=1)
        with time_machine.travel(moment, tick=False):
            keep_due({"email": letterbox})

    poisoned, greeting = messages()
    assert letterbox.kept == ["greeting:1"]
    assert greeting.sent_at is not None
    assert poisoned.parked_at is not None
    assert poisoned.attempts == len(BACKOFF) + 1


def test_a_dead_workers_claim_runs_out(app: Flask, letterbox: Letterbox) -> None:
    promise()
    db.session.commit()

    def die(claimed: Claimed) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep_due({"email": die})
    assert keep_due({"email": letterbox}) == 0

    with time_machine.travel(now() + CLAIM * 2, tick=False):
        keep_due({"email": letterbox})

    assert letterbox.kept == ["greeting:1"]


def test_a_late_finisher_does_not_touch_the_newer_try(app: Flask, letterbox: Letterbox) -> None:
    promise()
    db.session.commit()

    def overslept(claimed: Claimed) -> None:
        with time_machine.travel(now() + CLAIM * 2, tick=False):
            keep_due({"email": letterbox})
        raise OSError("too late")

    keep_due({"email": overslept})

    (message,) = messages()
    assert letterbox.kept == ["greeting:1"]
    assert message.sent_at is not None
    assert message.last_error == ""


def test_many_workers_keep_each_promise_once(own_database: Flask, letterbox: Letterbox) -> None:
    with own_database.app_context():
        in_transaction(lambda: [promise(f"greeting:{n}") for n in range(40)])

    def work() -> None:
        with own_database.app_context():
            keep_due({"email": letterbox})

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(letterbox.kept) == sorted(f"greeting:{n}" for n in range(40))
