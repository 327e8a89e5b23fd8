"""Making promises: a row in the caller's transaction, once per promise."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from shop.clock import now
from shop.database import upsert
from shop.extensions import db
from shop.outbox.models import OutboxMessage

#: A claim that is this old belongs to a worker that died.
CLAIM = timedelta(minutes=2)
EMAIL = "email"
IMAGE = "image"


@dataclass(frozen=True)
class Promise:
    channel: str
    name: str
    payload: dict[str, Any]
    #: The same promise is made once: "order_confirmation:17".
    dedupe_key: str


def enqueue(*, channel: str, name: str, payload: dict[str, Any], dedupe_key: str) -> None:
    """Promise it, unless the same promise (`dedupe_key`) was made before."""
    enqueue_many([Promise(channel, name, payload, dedupe_key)])


def enqueue_many(promises: Sequence[Promise]) -> None:
    rows = [
        asdict(promise) | {"attempts": 0, "created_at": now(), "due_at": now(), "last_error": ""}
        for promise in promises
    ]
    if rows:
        statement = upsert(OutboxMessage).on_conflict_do_nothing(index_elements=["dedupe_key"])
        db.session.execute(statement, rows)


def is_waiting(dedupe_key: str) -> bool:
    """Promised, and not kept yet."""
    found = sa.select(OutboxMessage.id).where(
        OutboxMessage.dedupe_key == dedupe_key, OutboxMessage.sent_at.is_(None)
    )
    return db.session.scalar(found) is not None


def is_promised(dedupe_key: str) -> bool:
    found = sa.select(OutboxMessage.id).where(OutboxMessage.dedupe_key == dedupe_key)
    return db.session.scalar(found) is not None


def fates(dedupe_keys: Collection[str]) -> list[OutboxMessage]:
    """Of those promises that are kept or given up. One query."""
    return list(
        db.session.scalars(
            sa.select(OutboxMessage).where(
                OutboxMessage.dedupe_key.in_(dedupe_keys),
                sa.or_(OutboxMessage.sent_at.is_not(None), OutboxMessage.parked_at.is_not(None)),
            )
        )
    )


def try_again(message_id: int) -> bool:
    """Have what was parked, or waits for its next try, tried now and with all its tries. False: it
    is sent, or due so soon that a worker may be at it.
    """
    is_idle = sa.or_(OutboxMessage.parked_at.is_not(None), OutboxMessage.due_at > now() + CLAIM)
    return bool(_due_now(OutboxMessage.id == message_id, is_idle))


def try_parked_again() -> list[int]:
    """All that was parked is tried now, with all its tries. Ids of the promises."""
    return _due_now(OutboxMessage.parked_at.is_not(None))


def _due_now(*conditions: sa.ColumnElement[bool]) -> list[int]:
    changed = db.session.scalars(
        sa.update(OutboxMessage)
        .where(OutboxMessage.sent_at.is_(None), *conditions)
        .values(parked_at=None, attempts=0, due_at=now())
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return list(changed)
