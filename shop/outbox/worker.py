"""Keeping promises: claim a due one, commit the claim, keep it, commit the result.

Delivery is at least once: a process that dies between the two commits leaves a claim that runs
out, and the promise is kept again, under the same Message-ID.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from shop.clock import now
from shop.database import in_transaction
from shop.extensions import db
from shop.outbox.models import OutboxMessage
from shop.outbox.service import CLAIM

log = logging.getLogger("shop.outbox")

#: Waits before the next try; after the last one the promise is parked for a person.
BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720)]

Handler = Callable[["Claimed"], None]


class Claimed:
    """A promise this worker keeps now."""

    def __init__(self, message: OutboxMessage) -> None:
        self.id = message.id
        self.channel, self.name = message.channel, message.name
        self.payload: dict[str, Any] = message.payload
        self.dedupe_key, self.attempts = message.dedupe_key, message.attempts


def keep_due(handlers: Mapping[str, Handler], *, limit: int = 100) -> int:
    """Keep up to `limit` due promises of the handlers' channels; returns how many were tried."""
    for tried in range(limit):
        claimed = in_transaction(lambda: _claim(list(handlers)))
        if claimed is None:
            return tried
        _keep(claimed, handlers)
    return limit


def _claim(channels: Sequence[str]) -> Claimed | None:
    """The conditional UPDATE lets one worker win; the others look for the next."""
    due = (
        sa.select(OutboxMessage.id)
        .where(OutboxMessage.sent_at.is_(None), OutboxMessage.parked_at.is_(None))
        .where(OutboxMessage.due_at <= now(), OutboxMessage.channel.in_(channels))
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    message_id = db.session.scalar(due)
    if message_id is None:
        return None
    message = db.session.get_one(OutboxMessage, message_id, populate_existing=True)
    message.attempts += 1
    message.due_at = now() + CLAIM
    db.session.flush()
    return Claimed(message)


def _keep(claimed: Claimed, handlers: Mapping[str, Handler]) -> None:
    try:
        handlers[claimed.channel](claimed)
    except Exception as error:  # one promise that cannot be kept must not stop the others
        db.session.rollback()
        log.exception("promise not kept", extra={"outbox": claimed.id, "what": claimed.name})
        message = f"{type(error).__name__}: {error}"[:500]
        in_transaction(lambda: _postpone(claimed, message))
    else:
        db.session.rollback()
        in_transaction(lambda: _finish(claimed))


def _finish(claimed: Claimed) -> None:
    """Only while the claim is still this one: a late finisher must not touch a newer try."""
    message = _still_claimed(claimed)
    if message is not None:
        message.sent_at, message.last_error = now(), ""


def _postpone(claimed: Claimed, error: str) -> None:
    message = _still_claimed(claimed)
    if message is None:
        return
    message.last_error = error
    if claimed.attempts > len(BACKOFF):
        message.parked_at = now()
    else:
        message.due_at = now() + BACKOFF[claimed.attempts - 1]


def _still_claimed(claimed: Claimed) -> OutboxMessage | None:
    message = db.session.get_one(
        OutboxMessage, claimed.id, populate_existing=True, with_for_update=True
    )
    is_ours = message.attempts == claimed.attempts and message.sent_at is None
    return message if is_ours else None
