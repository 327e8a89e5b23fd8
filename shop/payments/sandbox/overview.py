"""What the dashboard shows: each payment's state, what can be done to it, what was sent."""

from __future__ import annotations

from dataclasses import dataclass

from . import disputes
from .store import Doc, Work

_SHOWN = 100


@dataclass(frozen=True)
class Payment:
    """A session with everything that hangs on it."""

    session: Doc
    intent: Doc | None
    charges: list[Doc]
    refunds: list[Doc]
    disputes: list[Doc]

    @property
    def charge(self) -> Doc | None:
        return self.charges[-1] if self.charges else None

    @property
    def state(self) -> str:
        """One word for the badge; also its CSS class."""
        intent, charge = self.intent, self.charge
        if self.session["status"] != "complete":
            failed = intent is not None and intent["last_payment_error"] is not None
            return "declined" if failed and self.is_open else str(self.session["status"])
        if intent is None:
            return "free"
        if intent["status"] != "succeeded" or charge is None:
            return _INTENT_STATES.get(intent["status"], "failed")
        if any(disputes.is_open(dispute) for dispute in self.disputes):
            return "disputed"
        if charge["refunded"]:
            return "refunded"
        return "partly refunded" if charge["amount_refunded"] else "paid"

    @property
    def is_open(self) -> bool:
        return bool(self.session["status"] == "open")

    @property
    def can_capture(self) -> bool:
        return self.state == "authorized"

    @property
    def waits_for_bank(self) -> bool:
        return self.state == "waiting"

    @property
    def can_refund(self) -> bool:
        return self.state in ("paid", "partly refunded")

    @property
    def can_dispute(self) -> bool:
        return self.can_refund and not (self.charge and self.charge["disputed"])


_INTENT_STATES = {
    "processing": "waiting",
    "requires_capture": "authorized",
    "canceled": "canceled",
    "requires_payment_method": "failed",
}


def payments(work: Work) -> list[Payment]:
    return [payment(work, session) for session in work.newest("checkout.session", _SHOWN)]


def payment(work: Work, session: Doc) -> Payment:
    intent_id = session["payment_intent"]
    if intent_id is None:
        return Payment(session, None, [], [], [])
    return Payment(
        session,
        work.need("payment_intent", intent_id),
        work.find("charge", payment_intent=intent_id),
        work.find("refund", payment_intent=intent_id),
        work.find("dispute", payment_intent=intent_id),
    )


@dataclass(frozen=True)
class Sending:
    """An event and how telling the store about it went, endpoint by endpoint."""

    event: Doc
    deliveries: list[Delivery]


@dataclass(frozen=True)
class Delivery:
    url: str
    state: str
    attempts: list[tuple[float, str]]


def sendings(work: Work) -> list[Sending]:
    return [sending(work, event) for event in work.newest("event", _SHOWN)]


def sending(work: Work, event: Doc) -> Sending:
    rows = work.sql("SELECT * FROM deliveries WHERE event_id = ? ORDER BY id", (event["id"],))
    return Sending(
        event,
        [
            Delivery(_url(work, row["endpoint_id"]), row["state"], _attempts(work, row["id"]))
            for row in rows.fetchall()
        ],
    )


def sendings_about(work: Work, found: Payment) -> list[Sending]:
    """The events of one payment, oldest first."""
    ids = [found.session["id"], found.session["payment_intent"]]
    documents = [*found.charges, *found.refunds, *found.disputes]
    ids += [document["id"] for document in documents]
    marks = ", ".join("?" for _ in ids)
    query = (
        "SELECT id FROM objects WHERE kind = 'event' AND "  # noqa: S608 - only question marks
        f"json_extract(doc, '$.data.object.id') IN ({marks}) ORDER BY seq"
    )
    rows = work.sql(query, tuple(ids)).fetchall()
    return [sending(work, work.need("event", row["id"])) for row in rows]


def _url(work: Work, endpoint_id: str) -> str:
    endpoint = work.get("webhook_endpoint", endpoint_id)
    return str(endpoint["url"]) if endpoint else "a deleted endpoint"


def _attempts(work: Work, delivery_id: int) -> list[tuple[float, str]]:
    query = "SELECT at, outcome FROM attempts WHERE delivery_id = ? ORDER BY id"
    return [(row["at"], row["outcome"]) for row in work.sql(query, (delivery_id,))]
