"""For the day a webhook is lost: ask Stripe about everything that is not settled here."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shop.clock import now
from shop.extensions import db
from shop.payments import queries, settlement
from shop.payments.gateway import PaymentsError, SessionSnapshot, StripeGateway
from shop.payments.service import Verdict

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
    events: int = 0
    #: Sessions paid at Stripe that no order of this shop accounts for.
    unaccounted: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def reconcile(gateway: StripeGateway, *, settling_time: timedelta = SETTLING_TIME) -> Report:
    """Settle attempts that wait, take in missed events, and look for money without an order.

    One failure does not stop the rest; the report tells all of them.
    """
    report = Report()
    _recheck_attempts(gateway, now() - settling_time, report)
    _take_in_events(gateway, report)
    return report


def look_for_lost_money(gateway: StripeGateway, since: datetime, report: Report) -> None:
    """Compare Stripe's sessions with the shop's payments; nothing is changed."""
    try:
        for session in gateway.sessions_since(since):
            if session.is_paid and not _is_accounted(session):
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
        except PaymentsError as error:
            report.failures.append(f"attempt {attempt_id}: {type(error).__name__}")
            continue
        report.paid += verdict is Verdict.PAID


def _take_in_events(gateway: StripeGateway, report: Report) -> None:
    latest = queries.latest_event_at()
    db.session.rollback()
    since = latest - OVERLAP if latest else now() - EVENTS_KEPT
    try:
        events = gateway.events_since(since, settlement.EVENTS)
    except PaymentsError as error:
        report.failures.append(f"events: {type(error).__name__}")
        return
    for event in events:
        if queries.is_event_finished(event.id):
            continue
        try:
            settlement.receive(event, gateway)
        except PaymentsError as error:
            report.failures.append(f"event {event.id}: {type(error).__name__}")
            continue
        report.events += 1


def _is_accounted(session: SessionSnapshot) -> bool:
    attempt = queries.attempt_of_session(session.id)
    return attempt is not None and queries.payment_exists(session.payment_intent_id or session.id)
