"""What the shop itself notes of payments: attempts before Stripe is asked, declined cards and
disputes it is told of, money that staff take, let go of or record.

What Stripe's session means for an order is in verdicts.py. Every function runs inside the caller's
transaction, with the order locked first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.clock import now
from shop.extensions import db
from shop.orders import service as orders
from shop.orders.event_kinds import EventKind
from shop.orders.models import Order
from shop.orders.placement import PayBy
from shop.orders.states import Move, OrderState, WrongState, allows
from shop.payments import queries
from shop.payments.models import (
    LIVE_ATTEMPTS,
    AttemptStatus,
    Closing,
    Payment,
    PaymentAttempt,
    PaymentSettings,
)
from shop.payments.params import Shop, session_params
from shop.payments.snapshots import SessionSnapshot
from shop.protection import queries as protection_queries
from shop.protection import service as protection
from shop.protection.rules import STRICT_HOLD

#: How long a payment page stays open; Stripe's least is 30 minutes, the rest is for slow retries.
PAGE_OPEN = timedelta(minutes=35)
#: The reservation outlives the page, so that a payment in its last second still finds the stock.
RESERVATION_GRACE = timedelta(minutes=15)
#: A reviewed order is accepted once its money is taken, or it is called off.
CAPTURABLE = (OrderState.AUTHORIZED, OrderState.PAYMENT_REVIEW)


class NotCaptured(Exception):
    """The bank only holds the money: whoever sends the goods now may never get it."""


def reservation_until(page_closes_at: datetime | None = None) -> datetime:
    """Without a page yet: as if it were opened now."""
    return (page_closes_at or _closing_time()) + RESERVATION_GRACE


def _closing_time() -> datetime:
    """Of a page opened now; in whole seconds, as Stripe is told."""
    return (now() + PAGE_OPEN).replace(microsecond=0)


def open_attempt(order: Order, shop: Shop, ordinal: int) -> PaymentAttempt:
    """Write down what Stripe will be asked, before it is asked. The order must have its lines."""
    expires_at = _closing_time()
    attempt = PaymentAttempt(
        order_id=order.id,
        ordinal=ordinal,
        amount=order.due.amount,
        currency=order.currency,
        params=session_params(
            order,
            shop,
            ordinal=ordinal,
            expires_at=int(expires_at.timestamp()),
            is_captured_later=queries.settings().captures_manually,
        ),
        idempotency_key=f"cs:{shop.store_id}:{order.token[:12]}:{order.id}:{ordinal}",
        expires_at=expires_at,
    )
    db.session.add(attempt)
    orders.extend(order, _hold_until(order.id, expires_at))
    orders.note(order, EventKind.PAYMENT_STARTED, attempt=ordinal)
    db.session.flush()
    return attempt


def _hold_until(order_id: int, page_closes_at: datetime) -> datetime:
    source = protection_queries.source_of(order_id)
    is_strict = source is not None and source.is_strict
    return now() + STRICT_HOLD if is_strict else reservation_until(page_closes_at)


def note_session(attempt_id: int, session: SessionSnapshot) -> PaymentAttempt:
    """Remember which session Stripe made. Doing it again changes nothing."""
    _order, attempt = _locked(attempt_id)
    if attempt.session_id is None:
        attempt.session_id = session.id
        attempt.url, attempt.client_secret = session.url, session.client_secret
        if attempt.status == AttemptStatus.CREATING:
            attempt.status = AttemptStatus.OPEN
    return attempt


def fail_attempt(attempt_id: int, code: str) -> None:
    """Stripe would not open the page, or knows it no more: the order may be tried again."""
    order, attempt = _locked(attempt_id)
    if attempt.status in LIVE_ATTEMPTS:
        attempt.status, attempt.failure_code = AttemptStatus.FAILED, code[:80]
        orders.note(order, EventKind.PAYMENT_FAILED, code=code[:80])


def note_closing(attempt_id: int, why: Closing, by: int | None = None) -> None:
    """Said before Stripe is asked: its event may be here sooner than its answer."""
    _order, attempt = _locked(attempt_id)
    attempt.closing, attempt.closing_by = why, by


def expire_order(order_id: int) -> bool:
    """Release an unpaid order whose time ran out and which has no open page left."""
    order = orders.locked(order_id)
    if not allows(order.state, Move.EXPIRE) or queries.live_attempt(order_id):
        return False
    if order.expires_at is None or order.expires_at > now():
        return False
    orders.expire(order)
    return True


def authorization_of(order_id: int) -> PaymentAttempt:
    """What staff may let go of, whatever became of the order, locked. Raises WrongState."""
    order = orders.locked(order_id)
    attempt = queries.live_attempt(order_id)
    if attempt is None or attempt.status != AttemptStatus.AUTHORIZED:
        raise WrongState(OrderState(order.state), Move.PAY)
    return attempt


def capturable(order_id: int) -> PaymentAttempt:
    """What staff may take: of an order that waits for it, or whose review needs it. Raises
    WrongState.
    """
    attempt = authorization_of(order_id)
    order = orders.locked(order_id)
    if order.state not in CAPTURABLE:
        raise WrongState(OrderState(order.state), Move.PAY)
    return attempt


def accept(order: Order, *, by: int) -> None:
    """A person finds the reviewed order good. Raises NotCaptured, and what `orders.accept` does."""
    attempt = queries.live_attempt(order.id)
    if attempt is not None and attempt.status == AttemptStatus.AUTHORIZED:
        raise NotCaptured
    orders.accept(order, by=by)


def record_money(order_id: int, *, by: int) -> None:
    """Staff say that the money of an order without a payment page is here.

    Raises WrongState where it was not waiting for any, and OutOfStock where it came after the time
    to pay and the goods are sold.
    """
    order = orders.locked(order_id)
    is_late = order.state == OrderState.EXPIRED
    if order.pay_by == PayBy.CARD or not (order.is_awaiting_money or is_late):
        raise WrongState(OrderState(order.state), Move.PAY)
    if is_late:
        orders.retake_stock(order)
    db.session.add(
        Payment(
            order_id=order.id,
            amount=order.due.amount,
            currency=order.currency,
            method=order.pay_by,
            recorded_by=by,
        )
    )
    orders.mark_paid(order, at=now(), method=order.pay_by, by=by)


def change_settings(values: Mapping[str, Any], *, by: int) -> None:
    """Values by column of PaymentSettings."""
    row = db.session.get(PaymentSettings, 1, with_for_update=True)
    if row is None:
        row = queries.settings()
        row.id = 1
        db.session.add(row)
    audit.change(row, values, by, "payments.changed", subject_kind="payments")


def note_publishable_key(before: str, after: str, *, by: int) -> None:
    """It is no secret: pages tell it to every browser."""
    audit.record(
        by, "payments.changed", subject_kind="payments", subject_id=1,
        publishable_key=[before, after],
    )  # fmt: skip


# What is told without a session -----------------------------------------------------------------


def note_decline(
    payment_intent_id: str, order_id: int | None, code: str, *, card: str | None
) -> int | None:
    """A payment was declined on Stripe's page, which stays open: a line for staff. Returns the
    order whose page must be closed, since too many cards were declined.

    `card`: the card's fingerprint, empty where it is not told; none: it was no card.
    """
    found = queries.attempt_of_payment(payment_intent_id, order_id)
    if found is None:
        return None
    order, attempt = _locked(found.id)
    attempt.failure_code = code[:80]
    orders.note(order, EventKind.PAYMENT_FAILED, code=code[:80])
    if card is None or order.state != OrderState.PENDING_PAYMENT or order.checkout_id is None:
        return None
    return order.id if protection.note_decline(order.id, order.checkout_id, card) else None


def note_on_order(order_id: int, kind: EventKind, amount: int, currency: str) -> None:
    """A dispute, told on the order."""
    orders.note(orders.locked(order_id), kind, amount=amount, currency=currency.upper())


def _locked(attempt_id: int) -> tuple[Order, PaymentAttempt]:
    """The order's lock first, then the attempt as it is now."""
    order_id = sa.select(PaymentAttempt.order_id).where(PaymentAttempt.id == attempt_id)
    order = orders.locked(db.session.execute(order_id).scalar_one())
    return order, db.session.get_one(PaymentAttempt, attempt_id, populate_existing=True)
