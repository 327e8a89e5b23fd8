"""For the day a webhook is lost: ask Stripe about everything that is not settled here."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shop.clock import now
from shop.database import in_transaction
from shop.extensions import db
from shop.payments import events, ledger, queries, refund_queries, refunding, settlement
from shop.payments.gateway import PaymentsError, PaymentsUnreachable, StripeGateway
from shop.payments.snapshots import SessionSnapshot
from shop.payments.verdicts import Verdict

log = logging.getLogger("shop.payments.reconcile")

#: Younger attempts are still being made by the request that placed the order.
SETTLING_TIME = timedelta(minutes=2)
#: Events are asked for from a little before the last one known.
OVERLAP = timedelta(minutes=10)
#: How far back Stripe keeps events.
EVENTS_KEPT = timedelta(days=30)


@dataclass
class Report:
    checked: int = 0
    paid: int = 0
    refunds: int = 0
    events: int = 0
    #: Sessions paid at Stripe that no order of this shop accounts for.
    unaccounted: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def reconcile(gateway: StripeGateway, *, settling_time: timedelta = SETTLING_TIME) -> Report:
    """Settle attempts that wait, take in missed events, and look for money without an order.

    One failure does not stop the rest; the report tells all of them. Only a complete run moves the
    mark from which the next one asks for events.
    """
    started, report = now(), Report()
    _recheck_attempts(gateway, started - settling_time, report)
    _send_refunds(gateway, started - settling_time, report)
    _take_in_events(gateway, report)
    if not report.failures:
        in_transaction(lambda: ledger.note_complete_until(started))
    return report


def look_for_lost_money(gateway: StripeGateway, since: datetime, report: Report) -> None:
    """Compare Stripe's sessions with the shop's payments; nothing is changed."""
    try:
        for session in gateway.sessions_since(since):
            is_ours = session.metadata.get("store") == gateway.store_id
            if session.is_paid and is_ours and not _is_accounted(session):
                report.unaccounted.append(session.id)
    except PaymentsError as error:
        report.failures.append(f"sessions: {type(error).__name__}")


def _recheck_attempts(gateway: StripeGateway, before: datetime, report: Report) -> None:
    ids = queries.unsettled_attempt_ids(before)
    db.session.rollback()
    for attempt_id in ids:
        report.checked += 1
        try:
            verdict = settlement.recheck(attempt_id, gateway)
        except PaymentsUnreachable:
            report.failures.append("Stripe does not answer")
            return
        except Exception as error:  # one attempt that cannot be checked must not hide the others
            _note_failure(report, f"attempt {attempt_id}", error)
            continue
        report.paid += verdict is Verdict.PAID


def _send_refunds(gateway: StripeGateway, before: datetime, report: Report) -> None:
    """Those that nobody has asked Stripe for yet, or whose answer was lost."""
    ids = refund_queries.requested_ids(before=before)
    db.session.rollback()
    for refund_id in ids:
        try:
            refunding.send(refund_id, gateway)
        except PaymentsUnreachable:
            report.failures.append("Stripe does not answer")
            return
        except Exception as error:  # nor one refund
            _note_failure(report, f"refund {refund_id}", error)
            continue
        report.refunds += 1


def _take_in_events(gateway: StripeGateway, report: Report) -> None:
    complete_until = queries.complete_until()
    db.session.rollback()
    since = complete_until - OVERLAP if complete_until else now() - EVENTS_KEPT
    try:
        missed = gateway.events_since(since, events.EVENTS)
    except PaymentsError as error:
        report.failures.append(f"events: {type(error).__name__}")
        return
    finished = queries.finished_events([event.id for event in missed])
    db.session.rollback()
    for event in missed:
        if event.id in finished:
            continue
        try:
            events.receive(event, gateway)
        except Exception as error:  # nor one event
            _note_failure(report, f"event {event.id}", error)
            continue
        report.events += 1


def _note_failure(report: Report, what: str, error: Exception) -> None:
    db.session.rollback()
    log.warning("not reconciled", extra={"what": what}, exc_info=error)
    report.failures.append(f"{what}: {type(error).__name__}")


def _is_accounted(session: SessionSnapshot) -> bool:
    attempt = queries.attempt_of_session(session.id)
    return attempt is not None and queries.payment_exists(session.payment_intent_id or session.id)
