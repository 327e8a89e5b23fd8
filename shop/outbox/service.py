"""Making promises: a row in the caller's transaction, once per promise."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from shop.clock import now
from shop.extensions import db
from shop.outbox.models import OutboxMessage

EMAIL = "email"
IMAGE = "image"


def enqueue(*, channel: str, name: str, payload: dict[str, Any], dedupe_key: str) -> None:
    """Promise it, unless the same promise (`dedupe_key`) was made before."""
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    db.session.execute(
        insert(OutboxMessage)
        .values(
            channel=channel,
            name=name,
            payload=payload,
            dedupe_key=dedupe_key,
            attempts=0,
            created_at=now(),
            due_at=now(),
            last_error="",
        )
        .on_conflict_do_nothing(index_elements=["dedupe_key"])
    )


def parked_count() -> int:
    return (
        db.session.scalar(sa.select(sa.func.count()).where(OutboxMessage.parked_at.is_not(None)))
        or 0
    )


def try_again(message: OutboxMessage) -> None:
    """A parked promise is due again, with all its tries."""
    message.parked_at, message.attempts, message.due_at = None, 0, now()
