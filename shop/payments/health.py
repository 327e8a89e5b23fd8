"""Whether Stripe and the shop hear each other: what staff should know before a shopper does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from shop.clock import now
from shop.extensions import db
from shop.payments.models import (
    LIVE_ATTEMPTS,
    AttemptStatus,
    EventStatus,
    PaymentAttempt,
    ReconcileMark,
    StripeEvent,
)

#: A payment page is over by then, and the shop has asked what became of it.
SETTLED_WITHIN = timedelta(hours=1)
#: The worker asks Stripe every five minutes.
ASKED_WITHIN = timedelta(minutes=30)
#: Events that had to be asked for are a sign while they are younger.
RECENT = timedelta(days=1)


class Sign(StrEnum):
    """What is not as it should be."""

    FAILED_EVENTS = "failed_events"
    UNSETTLED = "unsettled"
    #: Events come only when the shop asks for them: the webhook does not reach it.
    NOT_DELIVERED = "not_delivered"
    #: The worker does not run, or Stripe does not answer it.
    NOT_ASKED = "not_asked"


class Light(StrEnum):
    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Unsettled:
    """A payment page whose outcome the shop waits for."""

    order_id: int
    status: str
    since: datetime

    @property
    def is_late(self) -> bool:
        """The bank may take days; a page cannot."""
        is_page = self.status in (AttemptStatus.CREATING, AttemptStatus.OPEN)
        return is_page and now() - self.since > SETTLED_WITHIN


@dataclass(frozen=True)
class Health:
    #: When the last event came by itself, and when the last one had to be asked for.
    delivered_at: datetime | None
    fetched_at: datetime | None
    failed_count: int
    #: When Stripe was last asked about all that was open.
    asked_at: datetime | None
    #: The oldest payment page that may be late, else the oldest payment that is under way.
    unsettled: Unsettled | None

    @property
    def signs(self) -> list[Sign]:
        """The worst first."""
        found = {
            Sign.UNSETTLED: self.unsettled is not None and self.unsettled.is_late,
            Sign.FAILED_EVENTS: self.failed_count > 0,
            Sign.NOT_DELIVERED: self._is_only_fetched,
            Sign.NOT_ASKED: self.asked_at is not None and now() - self.asked_at > ASKED_WITHIN,
        }
        return [sign for sign, is_seen in found.items() if is_seen]

    @property
    def light(self) -> Light:
        signs = self.signs
        if Sign.UNSETTLED in signs or Sign.FAILED_EVENTS in signs:
            return Light.BAD
        return Light.WARN if signs else Light.OK

    @property
    def _is_only_fetched(self) -> bool:
        if self.fetched_at is None or now() - self.fetched_at > RECENT:
            return False
        return self.delivered_at is None or self.delivered_at < self.fetched_at - ASKED_WITHIN


def health() -> Health:
    """Two queries."""
    last = sa.select(StripeEvent.received_at).order_by(StripeEvent.received_at.desc()).limit(1)
    is_recent = StripeEvent.received_at > now() - RECENT
    failed = sa.select(sa.func.count()).where(StripeEvent.status == EventStatus.FAILED)
    row = db.session.execute(
        sa.select(
            last.where(~StripeEvent.is_fetched).scalar_subquery().label("delivered_at"),
            last.where(StripeEvent.is_fetched, is_recent).scalar_subquery().label("fetched_at"),
            failed.scalar_subquery().label("failed_count"),
            sa.select(ReconcileMark.complete_until).scalar_subquery().label("asked_at"),
        )
    ).one()
    return Health(**row._mapping, unsettled=_oldest_unsettled())


def _oldest_unsettled() -> Unsettled | None:
    is_page = PaymentAttempt.status.in_([AttemptStatus.CREATING, AttemptStatus.OPEN])
    is_late = sa.and_(is_page, PaymentAttempt.created_at < now() - SETTLED_WITHIN)
    row = db.session.execute(
        sa.select(PaymentAttempt.order_id, PaymentAttempt.status, PaymentAttempt.created_at)
        .where(PaymentAttempt.status.in_(LIVE_ATTEMPTS))
        .order_by(sa.case((is_late, 0), else_=1), PaymentAttempt.created_at)
        .limit(1)
    ).first()
    return Unsettled(*row) if row else None
