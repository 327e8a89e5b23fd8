"""What Stripe's answers mean for attempts, payments and orders.

Stripe's own session, asked for afresh, is the only source of "paid": never an address, never the
body of an event. Every function runs inside the caller's transaction, with the order locked first.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.clock import now
from shop.extensions import db
from shop.gift_cards.service import GiftCardGone
from shop.inventory import reservations
from shop.money import Money
from shop.orders import service as orders
from shop.orders.models import Order
from shop.orders.placement import PayBy
from shop.orders.service import EventKind, ReviewReason
from shop.orders.states import Move, OrderState, WrongState, allows
from shop.payments import queries
from shop.payments.amounts import AmountNotExpressible, from_stripe, to_stripe
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

log = logging.getLogger("shop.payments")

#: How long a payment page stays open; Stripe's least is 30 minutes, the rest is for slow retries.
PAGE_OPEN = timedelta(minutes=35)
#: The reservation outlives the page, so that a payment in its last second still finds the stock.
RESERVATION_GRACE = timedelta(minutes=15)
#: PaymentIntents with money, or the promise of it; a declined one has neither.
UNDER_WAY = ("processing", "requires_capture", "succeeded")
#: How long a bank holds what was authorized, where it does not say; some hold it longer.
AUTHORIZATION = timedelta(days=6)
#: A reviewed order is accepted once its money is taken, or it is called off.
CAPTURABLE = (OrderState.AUTHORIZED, OrderState.PAYMENT_REVIEW)
#: After a bank refused a delayed payment.
SECOND_CHANCE = timedelta(hours=24)


class NotCaptured(Exception):
    """The bank only holds the money: whoever sends the goods now may never get it."""


class Verdict(StrEnum):
    """What a session meant for its order."""

    PAID = "paid"
    WAITING_FOR_BANK = "waiting_for_bank"
    AUTHORIZED = "authorized"
    OPEN = "open"
    FAILED = "failed"
    EXPIRED = "expired"
    REVIEW = "review"
    #: No order of this shop knows the session.
    FOREIGN = "foreign"


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
    attempt = _locked_attempt(attempt_id)
    if attempt.session_id is None:
        attempt.session_id = session.id
        attempt.url, attempt.client_secret = session.url, session.client_secret
        if attempt.status == AttemptStatus.CREATING:
            attempt.status = AttemptStatus.OPEN
    return attempt


def fail_attempt(attempt_id: int, code: str) -> None:
    """Stripe would not open the page, or knows it no more: the order may be tried again."""
    attempt = _locked_attempt(attempt_id)
    if attempt.status in LIVE_ATTEMPTS:
        attempt.status, attempt.failure_code = AttemptStatus.FAILED, code[:80]
        _note(attempt.order_id, EventKind.PAYMENT_FAILED, code)


def note_closing(attempt_id: int, why: Closing, by: int | None = None) -> None:
    """Said before Stripe is asked: its event may be here sooner than its answer."""
    attempt = _locked_attempt(attempt_id)
    attempt.closing, attempt.closing_by = why, by


def apply(session: SessionSnapshot, *, is_live: bool) -> Verdict:
    """Bring attempt, payment and order up to what the session says. Forward only, once only."""
    found = queries.attempt_of_session(session.id)
    if found is None or session.is_live != is_live:
        return Verdict.FOREIGN
    order = orders.locked(found.order_id)
    attempt = db.session.get_one(PaymentAttempt, found.id, populate_existing=True)
    if session.is_paid or session.payment_intent_status in UNDER_WAY:
        attempt.payment_intent_id = session.payment_intent_id
    if session.is_paid:
        return _paid(order, attempt, session)
    if session.is_authorized:
        return _authorized(order, attempt, session)
    if session.status == "complete":
        if attempt.status == AttemptStatus.AUTHORIZED:
            return _let_go_of(order, attempt)
        if session.payment_intent_status in ("requires_payment_method", "canceled"):
            return _refused_by_bank(order, attempt, session)
        return _under_way(order, attempt)
    if session.status == "expired":
        return _expired(order, attempt)
    return Verdict.OPEN


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
    attempt = _locked_attempt(found.id)
    attempt.failure_code = code[:80]
    _note(attempt.order_id, EventKind.PAYMENT_FAILED, code)
    order = orders.locked(attempt.order_id)
    if card is None or order.state != OrderState.PENDING_PAYMENT or order.checkout_id is None:
        return None
    return order.id if protection.note_decline(order.id, order.checkout_id, card) else None


def note_on_order(order_id: int, kind: EventKind, amount: int, currency: str) -> None:
    """A dispute, told on the order."""
    orders.note(orders.locked(order_id), kind, amount=amount, currency=currency.upper())


# What each state of a session does --------------------------------------------------------------


def _paid(order: Order, attempt: PaymentAttempt, session: SessionSnapshot) -> Verdict:
    payment_id = session.payment_intent_id or session.id
    if attempt.status == AttemptStatus.PAID or queries.payment_exists(payment_id):
        return Verdict.PAID if order.is_paid else Verdict.REVIEW
    was_held = attempt.status == AttemptStatus.AUTHORIZED
    attempt.status = AttemptStatus.PAID
    _record_payment(order, attempt, session, payment_id)
    if not _agrees(order, attempt, session):
        orders.flag(
            order,
            ReviewReason.AMOUNT_DIFFERS,
            received=session.amount_total,
            currency=session.currency,
            session=session.id,
        )
        log.error("payment does not fit its order", extra={"order": order.id})
        return Verdict.REVIEW
    if was_held and order.state == OrderState.PAYMENT_REVIEW:
        return Verdict.REVIEW  # why it is looked at is no other for its money being taken
    return _accept(order, session)


def _record_payment(
    order: Order, attempt: PaymentAttempt, session: SessionSnapshot, payment_id: str
) -> None:
    """What was received is written down as it is, before anybody judges whether it fits."""
    try:
        received = from_stripe(session.amount_total, session.currency)
    except AmountNotExpressible:
        received = Money(session.amount_total, session.currency.upper())
    if received.amount <= 0:
        return
    db.session.add(
        Payment(
            order_id=order.id,
            attempt_id=attempt.id,
            provider_payment_id=payment_id,
            amount=received.amount,
            currency=received.currency,
            method=session.method,
            method_label=session.method_label,
        )
    )


def _accept(order: Order, session: SessionSnapshot) -> Verdict:
    """The money is a fact; what remains is whether the order can still be had for it."""
    if order.is_paid:
        orders.note(order, EventKind.PAID_AGAIN, session=session.id)
        orders.flag(order, ReviewReason.PAID_TWICE, session=session.id)
        return Verdict.PAID
    if not allows(order.state, Move.PAY):
        orders.flag(order, ReviewReason.PAID_AFTER_CANCELLATION, session=session.id)
        return Verdict.REVIEW
    gone = _retake_stock(order) if order.state == OrderState.EXPIRED else None
    if gone is not None:
        orders.flag(order, gone, session=session.id)
        return Verdict.REVIEW
    orders.mark_paid(order, at=now(), method=session.method_label)
    return Verdict.PAID


def _retake_stock(order: Order) -> ReviewReason | None:
    """Why that cannot be; none: it is held again."""
    try:
        with db.session.begin_nested():
            orders.retake_stock(order)
    except reservations.OutOfStock:
        return ReviewReason.STOCK_GONE
    except GiftCardGone:
        return ReviewReason.GIFT_CARD_GONE
    return None


def _agrees(order: Order, attempt: PaymentAttempt, session: SessionSnapshot) -> bool:
    """The equalities that make a session this order's: reference, order, currency, amount.

    That the session is this attempt's and of our mode was checked on the way here.
    """
    return (
        session.client_reference_id == str(order.id)
        and session.metadata.get("order_id") == str(order.id)
        and session.currency.upper() == attempt.currency == order.currency
        and session.amount_total == to_stripe(order.due)
        and attempt.amount == order.due.amount
    )


def _authorized(order: Order, attempt: PaymentAttempt, session: SessionSnapshot) -> Verdict:
    """The bank holds the money for the shop: nothing is charged until staff capture it."""
    if attempt.status not in LIVE_ATTEMPTS:
        return Verdict.FAILED  # an answer that was overtaken by a newer one
    if attempt.status == AttemptStatus.AUTHORIZED:
        return Verdict.AUTHORIZED
    attempt.status = AttemptStatus.AUTHORIZED
    attempt.capture_before = session.capture_before or now() + AUTHORIZATION
    if not _agrees(order, attempt, session):
        orders.flag(order, ReviewReason.AMOUNT_DIFFERS, session=session.id)
        return Verdict.REVIEW
    if order.state == OrderState.EXPIRED:
        reason = _retake_stock(order)
        if reason is not None:
            orders.flag(order, reason, session=session.id)
            return Verdict.REVIEW
    if not allows(order.state, Move.AUTHORIZE):
        orders.flag(order, ReviewReason.PAID_AFTER_CANCELLATION, session=session.id)
        return Verdict.REVIEW
    orders.authorize(order)
    return Verdict.AUTHORIZED


def _let_go_of(order: Order, attempt: PaymentAttempt) -> Verdict:
    """Staff, or the bank, ended an authorization that was not captured."""
    attempt.status = AttemptStatus.EXPIRED
    if order.state in CAPTURABLE and not queries.payments_of(order.id):
        orders.cancel(order, reason=attempt.closing or Closing.UNUSED, by=attempt.closing_by)
    return Verdict.EXPIRED


def _under_way(order: Order, attempt: PaymentAttempt) -> Verdict:
    if attempt.status not in LIVE_ATTEMPTS:
        return Verdict.FAILED  # an answer that was overtaken by a newer one
    attempt.status = AttemptStatus.AWAITING_BANK
    if order.state == OrderState.PENDING_PAYMENT:
        orders.wait_for_bank(order, attempt=attempt.ordinal)
    return Verdict.WAITING_FOR_BANK


def _refused_by_bank(order: Order, attempt: PaymentAttempt, session: SessionSnapshot) -> Verdict:
    if attempt.status in (AttemptStatus.PAID, AttemptStatus.FAILED):
        return Verdict.FAILED
    attempt.status, attempt.failure_code = AttemptStatus.FAILED, session.failure_code[:80]
    # A refusal may arrive before the shop heard that the bank was asked at all.
    if order.state == OrderState.PENDING_PAYMENT:
        orders.wait_for_bank(order, attempt=attempt.ordinal)
    if order.state == OrderState.AWAITING_BANK:
        pay_until = now() + SECOND_CHANCE
        orders.bank_refused(order, attempt=attempt.ordinal, pay_until=pay_until)
    return Verdict.FAILED


def _expired(order: Order, attempt: PaymentAttempt) -> Verdict:
    """Only the order's current page can end it: an old one may close long after another paid."""
    if attempt.status in (AttemptStatus.CREATING, AttemptStatus.OPEN):
        attempt.status = AttemptStatus.EXPIRED
        if order.state == OrderState.PENDING_PAYMENT:
            _end_with_page(order, attempt)
    return Verdict.EXPIRED


def _end_with_page(order: Order, attempt: PaymentAttempt) -> None:
    """A page closed on purpose cancels the order rather than letting it run out; an order that has
    more time than its page, after a refusal by the bank, keeps it.
    """
    if attempt.closing == Closing.RENEWED:
        return
    if attempt.closing:
        orders.cancel(order, reason=attempt.closing, by=attempt.closing_by)
        return
    own_time = reservation_until(attempt.expires_at)
    if order.expires_at is None or order.expires_at <= own_time:
        orders.expire(order)


def _locked_attempt(attempt_id: int) -> PaymentAttempt:
    """The order's lock first, then the attempt as it is now."""
    order_id = sa.select(PaymentAttempt.order_id).where(PaymentAttempt.id == attempt_id)
    orders.locked(db.session.execute(order_id).scalar_one())
    return db.session.get_one(PaymentAttempt, attempt_id, populate_existing=True)


def _note(order_id: int, kind: EventKind, code: str) -> None:
    orders.note(orders.locked(order_id), kind, code=code[:80])
