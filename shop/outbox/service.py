"""Making promises: a row in the caller's transaction, once per promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from shop.clock import now
from shop.extensions import db
from shop.outbox.models import OutboxMessage

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
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    rows = [
        asdict(promise) | {"attempts": 0, "created_at": now(), "due_at": now(), "last_error": ""}
        for promise in promises
    ]
    if rows:
        statement = insert(OutboxMessage).on_conflict_do_nothing(index_elements=["dedupe_key"])
        db.session.execute(statement, rows)


def is_promised(dedupe_key: str) -> bool:
    found = sa.select(OutboxMessage.id).where(OutboxMessage.dedupe_key == dedupe_key)
    return db.session.scalar(found) is not None


def try_again(message: OutboxMessage) -> None:
    """A parked promise is due again, with all its tries."""
    message.parked_at, message.attempts, message.due_at = None, 0, now()
