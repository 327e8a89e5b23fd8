"""What Stripe's answers mean for attempts, payments and orders.

Stripe's own session, asked for afresh, is the only source of "paid": never an address, never the
body of an event. Every function runs inside the caller's transaction, with the order locked first.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from enum import StrEnum

from shop.clock import now
from shop.extensions import db
from shop.gift_cards.service import GiftCardGone
from shop.inventory import reservations
from shop.money import Money
from shop.orders import service as orders
from shop.orders.event_kinds import EventKind, ReviewReason
from shop.orders.models import Order
from shop.orders.states import Move, OrderState, allows
from shop.payments import queries
from shop.payments.amounts import AmountNotExpressible, from_stripe, to_stripe
from shop.payments.models import (
    LIVE_ATTEMPTS,
    AttemptStatus,
    Closing,
    Payment,
    PaymentAttempt,
)
from shop.payments.service import CAPTURABLE, reservation_until
from shop.payments.snapshots import SessionSnapshot

log = logging.getLogger("shop.payments")

#: PaymentIntents with money, or the promise of it; a declined one has neither.
UNDER_WAY = ("processing", "requires_capture", "succeeded")
#: How long a bank holds what was authorized, where it does not say; some hold it longer.
AUTHORIZATION = timedelta(days=6)
#: After a bank refused a delayed payment.
SECOND_CHANCE = timedelta(hours=24)


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
