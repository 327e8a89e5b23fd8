"""Waiting for a variant, and telling those who wait; see docs/adr/0015."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.alerts import queries
from shop.alerts.models import StockAlert
from shop.alerts.queries import KEPT
from shop.catalog import restoring
from shop.clock import now
from shop.database import upsert
from shop.extensions import db
from shop.outbox import service as outbox

LETTER = "back_in_stock"
#: People told for each unit there is: most who asked have bought elsewhere or changed their mind
#: by then, and a mail to somebody who finds nothing is worse than one that comes a day later.
PEOPLE_PER_UNIT = 3
#: So long those who were told have time; what is left after it is told to the next.
PAUSE = timedelta(hours=12)
#: Mails of one turn of the worker, and variants it looks at.
BATCH = 100
#: More than this wait for no variant.
MAX_WAITING = 1000
#: A mail that was sent needs its address no longer than for the link inside it.
KEPT_FOR = timedelta(days=30)
#: Nobody waits longer than this for a firing.
MAX_WAIT = timedelta(days=365)


def wait_for(variant_id: int, email: str, language: str) -> None:
    """Whether the address waits already, or too many do, nobody is told."""
    if queries.waiting([variant_id]).get(variant_id, 0) >= MAX_WAITING:
        return
    values = {
        "variant_id": variant_id,
        "email": email.casefold(),
        "language": language,
        "token": secrets.token_urlsafe(24),
        "created_at": now(),
    }
    db.session.execute(upsert(StockAlert).values(values).on_conflict_do_nothing())


def tell_waiting() -> int:
    """Promise a mail to those who waited longest for what can be bought again; how many it were."""
    told = 0
    for variant_id, units in queries.back_in_stock(BATCH).items():
        quota = BATCH - told
        if units is not None:
            already = queries.told_since(variant_id, now() - PAUSE)
            quota = min(quota, PEOPLE_PER_UNIT * units - already)
        if quota > 0:
            told += _tell(variant_id, quota)
        if told >= BATCH:
            break
    return told


def forget(token: str) -> None:
    """The address that the link was mailed to, for the link's variant: who was told may have asked
    again.
    """
    alert = queries.by_token(token)
    if alert is not None:
        db.session.execute(
            sa.delete(StockAlert)
            .where(StockAlert.variant_id == alert.variant_id, StockAlert.email == alert.email)
            .execution_options(synchronize_session=False)
        )
        return
    kept = queries.kept_by_token(token)
    if kept is not None:
        asked = (kept.variant_id, kept.email)
        restoring.forget_belongings(KEPT, lambda one: (one["variant_id"], one["email"]) == asked)


def keep_alerts(product_id: int, variant_ids: Sequence[int]) -> list[Any]:
    """Of a product that is deleted: those who wait still, and those who have a link that must
    go on to work.
    """
    rows = db.session.scalars(
        sa.select(StockAlert).where(StockAlert.variant_id.in_(variant_ids)).order_by(StockAlert.id)
    )
    return [audit.values_of(row) for row in rows]


def restore_alerts(kept: Sequence[Any], product_id: int, variants: Mapping[int, int]) -> None:
    for values in kept:
        variant_id = variants[values["variant_id"]]
        db.session.add(audit.remade(StockAlert, dict(values, variant_id=variant_id)))
    db.session.flush()


def forget_kept(email: str) -> None:
    """Of an address in lower case, what would come back with a product that is deleted."""
    restoring.forget_belongings(KEPT, lambda alert: alert["email"] == email)


def forget_old() -> None:
    """Of deleted products too."""
    told_before, asked_before = now() - KEPT_FOR, now() - MAX_WAIT
    is_old = sa.or_(StockAlert.notified_at < told_before, StockAlert.created_at < asked_before)
    db.session.execute(
        sa.delete(StockAlert).where(is_old).execution_options(synchronize_session=False)
    )

    def is_kept_too_long(kept: Any) -> bool:
        told, asked = kept["notified_at"], datetime.fromisoformat(kept["created_at"])
        return asked < asked_before or (told and datetime.fromisoformat(told) < told_before)

    restoring.forget_belongings(KEPT, is_kept_too_long)


def _tell(variant_id: int, limit: int) -> int:
    alerts = queries.first_waiting(variant_id, limit)
    for alert in alerts:
        alert.notified_at = now()
    outbox.enqueue_many(
        [
            outbox.Promise(outbox.EMAIL, LETTER, {"alert_id": alert.id}, f"{LETTER}:{alert.id}")
            for alert in alerts
        ]
    )
    db.session.flush()
    return len(alerts)
