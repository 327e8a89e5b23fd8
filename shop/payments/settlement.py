"""The edge between the shop's transactions and Stripe: ask first, then write, never both at once.

`settle` is the one road to "paid", shared by the webhook, the page a shopper returns to, the
reconciler and the admin's button.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from shop.clock import now
from shop.database import in_transaction
from shop.extensions import db
from shop.orders import service as orders
from shop.orders.models import Order
from shop.orders.service import EventKind
from shop.orders.states import Move, OrderState, WrongState
from shop.payments import ledger, queries, refund_queries, refunding, service
from shop.payments.gateway import PaymentRefused, PaymentsError, StripeGateway
from shop.payments.models import (
    LIVE_ATTEMPTS,
    AttemptStatus,
    Closing,
    EventStatus,
    EventVerdict,
    PaymentAttempt,
    StripeEvent,
)
from shop.payments.params import Shop
from shop.payments.service import Verdict
from shop.payments.snapshots import SessionSnapshot, StripeEventFacts

log = logging.getLogger("shop.payments.settlement")

#: A page with less time left than this is not offered again.
LEAST_TIME_LEFT = timedelta(minutes=2)
#: Stripe wants pages open for 30 minutes at least; a later request with the frozen time is refused.
CREATE_WITHIN = service.PAGE_OPEN - timedelta(minutes=31)

#: What Stripe answers for a page of another account or mode.
NO_SUCH_PAGE = "resource_missing"

#: Exactly the events the endpoint subscribes to. See docs/payments.md for what each one does.
SESSION_EVENTS = {
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
}
PAYMENT_EVENTS = {
    "payment_intent.succeeded",
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
}
REFUND_EVENTS = {
    "charge.refunded",
    "charge.refund.updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
}
DECLINE_EVENT = "payment_intent.payment_failed"
NOTED_EVENTS = {
    DECLINE_EVENT,
    "charge.dispute.created",
    "charge.dispute.closed",
}
#: Taken in again, these do no more than bring the shop up to what Stripe says now; the others would
#: be told twice.
REPEATABLE_EVENTS = SESSION_EVENTS | PAYMENT_EVENTS | REFUND_EVENTS
EVENTS = tuple(sorted(SESSION_EVENTS | PAYMENT_EVENTS | REFUND_EVENTS | NOTED_EVENTS))


class ToldOnce(Exception):
    """The event is finished, and what it did was to write a line."""


@dataclass(frozen=True)
class PaymentPage:
    """Where to send the shopper."""

    url: str


def settle(session_id: str, gateway: StripeGateway) -> Verdict:
    """Ask Stripe what became of the session, and bring the order up to it.

    Raises PaymentsError when Stripe cannot be asked; nothing is changed then.
    """
    _end_reading()
    snapshot = gateway.session(session_id)
    return in_transaction(lambda: service.apply(snapshot, is_live=gateway.is_live))


def receive(event: StripeEventFacts, gateway: StripeGateway) -> EventStatus:
    """Take in one verified event, once: its effect and its row in the ledger are one transaction.

    A failure is recorded and raised, so that Stripe delivers the event again.
    """
    if queries.is_event_finished(event.id):
        return EventStatus.DONE
    if event.is_live != gateway.is_live:
        return _finish(event, EventStatus.IGNORED, EventVerdict.OTHER_MODE)
    try:
        return _handle(event, gateway)
    except Exception as error:  # whatever it was, the ledger must tell staff, and Stripe must retry
        db.session.rollback()
        message = f"{type(error).__name__}: {error}"[:500]
        in_transaction(lambda: ledger.record_event(event, EventStatus.FAILED, error=message))
        raise


def replay(event_id: str, gateway: StripeGateway, *, by: int) -> EventStatus:
    """Take in an event of the ledger once more, by the road of a new one.

    Raises LookupError, ToldOnce, and what `receive` does; a finished event stays finished then.
    """
    event, before = _facts_in_ledger(event_id)
    is_again = before != EventStatus.FAILED
    if is_again and event.type not in REPEATABLE_EVENTS:
        raise ToldOnce
    _end_reading()
    try:
        if is_again and event.is_live == gateway.is_live:
            return _handle(replace(event, is_replay=True), gateway)
        return receive(event, gateway)
    finally:
        db.session.rollback()
        in_transaction(lambda: ledger.note_replay(event_id, before, by=by))


def start(order_id: int, gateway: StripeGateway, shop: Shop) -> PaymentPage:
    """The payment page of an unpaid order: the open one, or a new one.

    Raises WrongState for an order that is not waiting for payment, PaymentRefused, and
    PaymentsUnreachable (call again: there will be no second page).
    """
    attempt = in_transaction(lambda: _attempt_to_use(order_id, shop))
    if _is_of_no_use(attempt, shop):
        _close_page(attempt, gateway, Closing.RENEWED)
        attempt = in_transaction(lambda: _attempt_to_use(order_id, shop))
    if attempt.has_page:
        return PaymentPage(attempt.url or shop.frame_url)
    is_stale = now() - attempt.created_at > CREATE_WITHIN
    try:
        return PaymentPage(_open_page(attempt, gateway).url or shop.frame_url)
    except PaymentRefused:
        if not is_stale:
            raise
    # Its frozen closing time had come too near: the same press opens a page with a new one.
    attempt = in_transaction(lambda: _attempt_to_use(order_id, shop))
    return PaymentPage(_open_page(attempt, gateway).url or shop.frame_url)


def close(order_id: int, gateway: StripeGateway, *, why: Closing, by: int | None = None) -> Order:
    """Close the order's payment page and call the order off, unless it turns out to be paid.

    Returns the order as it is then; raises PaymentsError when Stripe cannot be asked.
    """
    attempt = queries.live_attempt(order_id)
    if attempt is not None:
        _close_page(attempt, gateway, why, by)
    return in_transaction(lambda: _cancel_if_unpaid(order_id, why, by))


def capture(order_id: int, gateway: StripeGateway) -> Verdict:
    """Take the money of an authorized order, and bring the order up to it.

    Raises WrongState; PaymentRefused where the bank holds nothing any more; and PaymentsUnreachable
    (call again: the money is taken once).
    """
    in_transaction(lambda: service.capturable(order_id))
    return _end_authorization(order_id, gateway, gateway.capture, "cap")


def let_go(order_id: int, gateway: StripeGateway, *, by: int) -> Verdict:
    """Give the money of an authorized order free, and call the order off. Raises as `capture`."""
    attempt = in_transaction(lambda: service.authorization_of(order_id))
    attempt_id = attempt.id
    in_transaction(lambda: service.note_closing(attempt_id, Closing.STAFF, by))
    return _end_authorization(order_id, gateway, gateway.cancel_payment, "void")


def release_overdue(order_id: int, gateway: StripeGateway) -> None:
    """Free the stock of an order whose time ran out, after asking Stripe: money goes first."""
    attempt = queries.live_attempt(order_id)
    if attempt is not None:
        _close_page(attempt, gateway)
    in_transaction(lambda: service.expire_order(order_id))


def recheck(attempt_id: int, gateway: StripeGateway) -> Verdict:
    """Bring one attempt up to date, also one whose session the shop never heard of."""
    attempt = db.session.get_one(PaymentAttempt, attempt_id, populate_existing=True)
    session_id = attempt.session_id
    try:
        if session_id is None:
            if attempt.status not in LIVE_ATTEMPTS:
                return Verdict.FAILED
            session_id = _open_page(attempt, gateway).id
        return settle(session_id, gateway)
    except PaymentRefused as refusal:
        code = refusal.code
        if session_id is not None and code != NO_SUCH_PAGE:
            raise
        in_transaction(lambda: service.fail_attempt(attempt_id, code))
        return Verdict.FAILED


# Inside -----------------------------------------------------------------------------------------


def _end_authorization(
    order_id: int, gateway: StripeGateway, ask: Callable[..., None], what: str
) -> Verdict:
    """What may be done is looked up, Stripe is asked with a key of its own, and what became of it
    is written down: also after a refusal, which may mean that it was done or over before.
    """
    attempt = in_transaction(lambda: service.authorization_of(order_id))
    session_id, intent_id = attempt.session_id or "", attempt.payment_intent_id or ""
    key = f"{what}:{attempt.idempotency_key}"
    _end_reading()
    try:
        ask(intent_id, idempotency_key=key)
    except PaymentRefused:
        settle(session_id, gateway)
        raise
    return settle(session_id, gateway)


def _is_of_no_use(attempt: PaymentAttempt, shop: Shop) -> bool:
    """Nearly over, or in a frame that cannot be shown: there is one page an order, so it makes room
    for another.
    """
    is_nearly_over = attempt.expires_at - now() < LEAST_TIME_LEFT
    return (attempt.has_page and is_nearly_over) or (attempt.is_framed and not shop.frame_url)


def _attempt_to_use(order_id: int, shop: Shop) -> PaymentAttempt:
    """As it is now: the caller reads on when the transaction is over."""
    order = orders.locked_with_lines(order_id)
    if order.state != OrderState.PENDING_PAYMENT:
        raise WrongState(OrderState(order.state), Move.PAY)
    attempts = queries.attempts_of(order_id)
    live = [attempt for attempt in attempts if attempt.status in LIVE_ATTEMPTS]
    attempt = live[0] if live else service.open_attempt(order, shop, len(attempts) + 1)
    db.session.expunge(attempt)
    return attempt


def _open_page(attempt: PaymentAttempt, gateway: StripeGateway) -> SessionSnapshot:
    """Ask Stripe with the frozen parameters and key: however often, one page."""
    attempt_id, params, key = attempt.id, attempt.params, attempt.idempotency_key
    _end_reading()
    try:
        session = gateway.create_session(params, idempotency_key=key)
    except PaymentRefused as refusal:
        code = refusal.code
        in_transaction(lambda: service.fail_attempt(attempt_id, code))
        raise
    in_transaction(lambda: service.note_session(attempt_id, session))
    return session


def _close_page(
    attempt: PaymentAttempt,
    gateway: StripeGateway,
    why: Closing | None = None,
    by: int | None = None,
) -> None:
    """Have Stripe close the page, then bring the order up to what became of it: if it was paid just
    now, the order is. Without `why`, the page's time is simply over.
    """
    attempt_id, session_id = attempt.id, attempt.session_id
    if why is not None:
        in_transaction(lambda: service.note_closing(attempt_id, why, by))
    try:
        if session_id is None:
            session_id = _open_page(attempt, gateway).id
        _end_reading()
        snapshot = gateway.expire_session(session_id)
    except PaymentRefused as refusal:
        code = refusal.code
        if session_id is not None and code != NO_SUCH_PAGE:
            raise
        # Stripe never made the page and would not make it now, or knows it no more.
        in_transaction(lambda: service.fail_attempt(attempt_id, code))
        return
    in_transaction(lambda: service.apply(snapshot, is_live=gateway.is_live))


def _cancel_if_unpaid(order_id: int, why: Closing, by: int | None) -> Order:
    order = orders.locked(order_id)
    is_unpaid = order.state in (OrderState.PENDING_PAYMENT, OrderState.AWAITING_MONEY)
    if is_unpaid and queries.live_attempt(order_id) is None:
        orders.cancel(order, reason=why, by=by)
    return order


def _facts_in_ledger(event_id: str) -> tuple[StripeEventFacts, str]:
    """With its status. Raises LookupError."""
    kept = db.session.get(StripeEvent, event_id, populate_existing=True)
    if kept is None:
        raise LookupError(event_id)
    data = kept.payload.get("data")
    thing = data.get("object") if isinstance(data, dict) else None
    facts = StripeEventFacts(
        id=kept.id,
        type=kept.type,
        object_id=kept.object_id,
        object=thing if isinstance(thing, dict) else {},
        is_live=kept.is_live,
        api_version=kept.api_version,
        created_at=kept.created_at,
        payload=kept.payload,
    )
    return facts, kept.status


def _handle(event: StripeEventFacts, gateway: StripeGateway) -> EventStatus:
    if event.type in SESSION_EVENTS and event.object_id:
        return _settle_and_record(event, event.object_id, gateway)
    if event.type in PAYMENT_EVENTS and event.object_id:
        _end_reading()
        session_id = gateway.session_of_payment(event.object_id)
        if session_id is not None:
            return _settle_and_record(event, session_id, gateway)
    if event.type in REFUND_EVENTS:
        return _take_in_refunds(event, gateway)
    if event.type == DECLINE_EVENT:
        return _note_decline(event, gateway)
    if event.type in NOTED_EVENTS:
        return in_transaction(lambda: _note_and_record(event))
    return _finish(event, EventStatus.IGNORED, _unused(event))


def _settle_and_record(
    event: StripeEventFacts, session_id: str, gateway: StripeGateway
) -> EventStatus:
    if queries.attempt_of_session(session_id) is None:
        _learn_session(event, gateway)
        if queries.attempt_of_session(session_id) is None:
            return _finish(event, EventStatus.IGNORED, Verdict.FOREIGN)  # another application's
    _end_reading()
    snapshot = gateway.session(session_id)

    def work() -> EventStatus:
        verdict = service.apply(snapshot, is_live=gateway.is_live)
        status = EventStatus.IGNORED if verdict is Verdict.FOREIGN else EventStatus.DONE
        attempt = queries.attempt_of_session(session_id)
        order_id = attempt.order_id if attempt else None
        ledger.record_event(event, status, verdict=verdict, order_id=order_id)
        return status

    return in_transaction(work)


def _take_in_refunds(event: StripeEventFacts, gateway: StripeGateway) -> EventStatus:
    """An event of one refund has us ask for all refunds of its payment, as they are now."""
    payment_id = str(event.object.get("payment_intent") or "")
    if not _is_known_payment(payment_id, gateway):
        return _finish(event, EventStatus.IGNORED, Verdict.FOREIGN)  # another application's

    def record() -> EventStatus:
        order_id = queries.order_of_payment(payment_id)
        ledger.record_event(
            event, EventStatus.DONE, verdict=EventVerdict.REFUNDS, order_id=order_id
        )
        return EventStatus.DONE

    return refunding.take_in(payment_id, gateway, record)


def _is_known_payment(payment_id: str, gateway: StripeGateway) -> bool:
    """Of a payment that the shop has not heard of yet, the session is settled first."""
    if refund_queries.payment_of_intent(payment_id) is None:
        _end_reading()
        with contextlib.suppress(PaymentRefused):
            session_id = gateway.session_of_payment(payment_id)
            if session_id is not None and queries.attempt_of_session(session_id) is not None:
                settle(session_id, gateway)
    return refund_queries.payment_of_intent(payment_id) is not None


def _learn_session(event: StripeEventFacts, gateway: StripeGateway) -> None:
    """The process that opened the page died before it wrote the session down: the same request
    with the same key names the session again. Another application's event finds no such attempt.
    """
    order_id = _order_id_of(event, gateway.store_id)
    attempt = queries.live_attempt(order_id) if order_id else None
    if attempt is not None and attempt.status == AttemptStatus.CREATING:
        with contextlib.suppress(PaymentRefused):
            _open_page(attempt, gateway)


def _note_decline(event: StripeEventFacts, gateway: StripeGateway) -> EventStatus:
    """Where too many cards were declined, the page they are tried on is closed. A Stripe that
    cannot be asked for that is asked after the next one.
    """
    found = event.object.get("last_payment_error")
    error = found if isinstance(found, dict) else {}
    code = str(error.get("decline_code") or error.get("code") or "")
    order_id = _order_id_of(event, gateway.store_id)

    def work() -> int | None:
        attempt = queries.attempt_of_payment(event.object_id, order_id)
        about = attempt.order_id if attempt else None
        verdict = EventVerdict.DECLINE
        if not ledger.record_event(event, EventStatus.DONE, verdict=verdict, order_id=about):
            return None
        return service.note_decline(event.object_id, order_id, code, card=_card_of(error))

    worn_out = in_transaction(work)
    if worn_out is not None:
        try:
            close(worn_out, gateway, why=Closing.DECLINED)
        except PaymentsError:
            log.warning("page not closed after declines", extra={"order": worn_out})
    return EventStatus.DONE


def _card_of(error: dict[str, Any]) -> str | None:
    """The fingerprint; empty where Stripe does not tell it, none where it was no card."""
    if error.get("type") != "card_error":
        return None
    method = error.get("payment_method")
    card = method.get("card") if isinstance(method, dict) else None
    return str(card.get("fingerprint") or "")[:80] if isinstance(card, dict) else ""


def _note_and_record(event: StripeEventFacts) -> EventStatus:
    thing = event.object
    order_id = queries.order_of_payment(str(thing.get("payment_intent") or ""))
    verdict = EventVerdict.DISPUTE
    is_new = ledger.record_event(event, EventStatus.DONE, verdict=verdict, order_id=order_id)
    if is_new and order_id is not None:
        amount = thing.get("amount")
        service.note_on_order(
            order_id,
            EventKind.DISPUTED,
            amount if isinstance(amount, int) else 0,
            str(thing.get("currency") or ""),
        )
    return EventStatus.DONE


def _order_id_of(event: StripeEventFacts, store_id: str) -> int | None:
    """None for what belongs to another shop or application on the same Stripe account."""
    metadata = event.object.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("store") != store_id:
        return None
    text = metadata.get("order_id")
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    return None


def _end_reading() -> None:
    """No transaction, not even one that only reads, stays open while Stripe thinks."""
    db.session.rollback()


def _unused(event: StripeEventFacts) -> Verdict | EventVerdict:
    """Why nothing came of it: it is another application's, or of no use."""
    return Verdict.FOREIGN if event.type in PAYMENT_EVENTS else EventVerdict.UNUSED


def _finish(
    event: StripeEventFacts, status: EventStatus, verdict: Verdict | EventVerdict
) -> EventStatus:
    in_transaction(lambda: ledger.record_event(event, status, verdict=verdict))
    return status
