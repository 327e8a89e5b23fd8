"""The ledger of Stripe's events: each that came, what became of it, and up to when none is missing.

In the caller's transaction; none commits.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from shop import audit
from shop.clock import now
from shop.database import upsert
from shop.extensions import db
from shop.payments.models import EventStatus, EventVerdict, ReconcileMark, StripeEvent
from shop.payments.snapshots import StripeEventFacts
from shop.payments.verdicts import Verdict


def record_event(
    event: StripeEventFacts,
    status: EventStatus,
    *,
    verdict: Verdict | EventVerdict | None = None,
    order_id: int | None = None,
    error: str = "",
) -> bool:
    """Write the event into the ledger; False when it stands there finished already, and is no
    replay.

    On PostgreSQL a second delivery waits here for the first one's transaction.
    """
    outcome = {"status": status, "verdict": verdict or "", "order_id": order_id, "error": error}
    statement = upsert(StripeEvent).values(
        id=event.id[:255],
        type=event.type[:120],
        object_id=event.object_id[:255],
        api_version=event.api_version[:40],
        is_live=event.is_live,
        payload=event.payload,
        is_fetched=event.is_fetched,
        attempts=1,
        created_at=event.created_at,
        received_at=now(),
        **outcome,
    )
    recorded = db.session.scalar(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_=outcome | {"attempts": StripeEvent.attempts + 1},
            where=None if event.is_replay else StripeEvent.status == EventStatus.FAILED,
        ).returning(StripeEvent.id)
    )
    return recorded is not None


def note_complete_until(at: datetime) -> None:
    db.session.merge(ReconcileMark(id=1, complete_until=at))


def note_replay(event_id: str, before: str, *, by: int) -> None:
    """Staff had an event taken in again; `before`: its status in the ledger."""
    status = db.session.scalar(sa.select(StripeEvent.status).where(StripeEvent.id == event_id))
    audit.record(
        by,
        "stripe_event.replayed",
        subject_kind="payments",
        subject_id=1,
        event=event_id,
        status=[before, status],
    )
