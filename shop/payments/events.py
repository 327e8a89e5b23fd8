"""Stripe's events: each is taken in once, and the ledger tells what came of it."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import replace
from typing import Any

from shop.database import in_transaction
from shop.extensions import db
from shop.orders.event_kinds import EventKind
from shop.payments import ledger, queries, refund_queries, refunding, service, verdicts
from shop.payments.gateway import PaymentRefused, PaymentsError, StripeGateway
from shop.payments.models import AttemptStatus, Closing, EventStatus, EventVerdict, StripeEvent
from shop.payments.settlement import close, end_reading, open_page, settle
from shop.payments.snapshots import StripeEventFacts
from shop.payments.verdicts import Verdict

log = logging.getLogger("shop.payments.events")

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
    end_reading()
    try:
        if is_again and event.is_live == gateway.is_live:
            return _handle(replace(event, is_replay=True), gateway)
        return receive(event, gateway)
    finally:
        db.session.rollback()
        in_transaction(lambda: ledger.note_replay(event_id, before, by=by))


# Inside -----------------------------------------------------------------------------------------


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
        end_reading()
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
    end_reading()
    snapshot = gateway.session(session_id)

    def work() -> EventStatus:
        verdict = verdicts.apply(snapshot, is_live=gateway.is_live)
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
        end_reading()
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
            open_page(attempt, gateway)


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


def _unused(event: StripeEventFacts) -> Verdict | EventVerdict:
    """Why nothing came of it: it is another application's, or of no use."""
    return Verdict.FOREIGN if event.type in PAYMENT_EVENTS else EventVerdict.UNUSED


def _finish(
    event: StripeEventFacts, status: EventStatus, verdict: Verdict | EventVerdict
) -> EventStatus:
    in_transaction(lambda: ledger.record_event(event, status, verdict=verdict))
    return status
