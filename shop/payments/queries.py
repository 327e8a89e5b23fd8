"""Reading attempts, payments and events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from shop.extensions import db
from shop.orders.placement import OfflinePayment, PayBy
from shop.payments.models import (
    LIVE_ATTEMPTS,
    EventStatus,
    Payment,
    PaymentAttempt,
    PaymentSettings,
    ReconcileMark,
    StripeEvent,
)

#: Ids that one statement may name.
MAX_IDS = 500


def settings() -> PaymentSettings:
    """As the merchant set them, or the usual ones, which are not stored."""
    return db.session.get(PaymentSettings, 1) or PaymentSettings(
        takes_bank_transfer=False,
        bank_transfer_text="",
        takes_cash=False,
        cash_text="",
        hold_days=7,
        captures_manually=False,
        is_embedded=False,
    )


def offline_payments(chosen: PaymentSettings, *, is_pickup: bool) -> list[OfflinePayment]:
    """`is_pickup`: the order is collected, so cash can change hands."""
    offered = []
    if chosen.takes_bank_transfer:
        offered.append((PayBy.BANK_TRANSFER, chosen.bank_transfer_text))
    if chosen.takes_cash and is_pickup:
        offered.append((PayBy.CASH, chosen.cash_text))
    return [OfflinePayment(pay_by, text, chosen.hold_days) for pay_by, text in offered]


def attempt_of_session(session_id: str) -> PaymentAttempt | None:
    return db.session.scalars(
        sa.select(PaymentAttempt).where(PaymentAttempt.session_id == session_id)
    ).first()


def attempt_of_payment(payment_intent_id: str, order_id: int | None) -> PaymentAttempt | None:
    """By the payment, else by the order named in its metadata: the session's id comes later."""
    by_payment = db.session.scalars(
        sa.select(PaymentAttempt).where(PaymentAttempt.payment_intent_id == payment_intent_id)
    ).first()
    if by_payment is not None:
        return by_payment
    return live_attempt(order_id) if order_id else None


def attempts_of(order_id: int) -> list[PaymentAttempt]:
    """Oldest first."""
    return list(
        db.session.scalars(
            sa.select(PaymentAttempt)
            .where(PaymentAttempt.order_id == order_id)
            .order_by(PaymentAttempt.ordinal)
            .execution_options(populate_existing=True)
        )
    )


def live_attempt(order_id: int) -> PaymentAttempt | None:
    return db.session.scalars(
        sa.select(PaymentAttempt)
        .where(PaymentAttempt.order_id == order_id, PaymentAttempt.status.in_(LIVE_ATTEMPTS))
        .execution_options(populate_existing=True)
    ).first()


def payments_of(order_id: int) -> list[Payment]:
    return list(
        db.session.scalars(
            sa.select(Payment).where(Payment.order_id == order_id).order_by(Payment.id)
        )
    )


def order_of_payment(payment_intent_id: str) -> int | None:
    """The id of the order whose money came with it."""
    return db.session.scalar(
        sa.select(Payment.order_id).where(Payment.provider_payment_id == payment_intent_id)
    )


def payment_exists(provider_payment_id: str) -> bool:
    found = sa.select(Payment.id).where(Payment.provider_payment_id == provider_payment_id)
    return db.session.scalar(found) is not None


def unsettled_attempt_ids(created_before: datetime, limit: int = 2000) -> list[int]:
    """Attempts whose outcome the shop has waited for: their page was opened long enough ago."""
    return list(
        db.session.scalars(
            sa.select(PaymentAttempt.id)
            .where(PaymentAttempt.status.in_(LIVE_ATTEMPTS))
            .where(PaymentAttempt.created_at <= created_before)
            .order_by(PaymentAttempt.id)
            .limit(limit)
        )
    )


def complete_until() -> datetime | None:
    return db.session.scalar(sa.select(ReconcileMark.complete_until))


def finished_events(event_ids: Sequence[str]) -> set[str]:
    """Those of them that need no more work."""
    finished: set[str] = set()
    for start in range(0, len(event_ids), MAX_IDS):
        some = event_ids[start : start + MAX_IDS]
        found = sa.select(StripeEvent.id).where(StripeEvent.id.in_(some))
        finished.update(
            db.session.scalars(found.where(StripeEvent.status != EventStatus.FAILED)).all()
        )
    return finished


def is_event_finished(event_id: str) -> bool:
    found = sa.select(StripeEvent.status).where(StripeEvent.id == event_id)
    return db.session.scalar(found) in ("done", "ignored")
