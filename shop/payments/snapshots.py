"""What Stripe tells of sessions, refunds, events and the balance, as values of the shop's own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shop.clock import now

#: 31 December 9999, beyond which no date can be written.
LAST_SECOND = 253_402_300_799


@dataclass(frozen=True)
class SessionSnapshot:
    """A Checkout Session as Stripe tells it at one moment; amounts in Stripe's units."""

    id: str
    #: "open", "complete" or "expired".
    status: str
    #: "paid", "unpaid" or "no_payment_required".
    payment_status: str
    amount_total: int
    currency: str
    is_live: bool
    client_reference_id: str
    metadata: dict[str, str]
    #: Empty for one that is shown in a frame, which is opened by its secret.
    url: str
    client_secret: str = field(default="", repr=False)
    payment_intent_id: str = ""
    #: "succeeded", "processing", "requires_payment_method" ...
    payment_intent_status: str = ""
    method: str = ""
    method_label: str = ""
    failure_code: str = ""
    #: Until when the bank holds what was authorized.
    capture_before: datetime | None = None

    @property
    def is_paid(self) -> bool:
        return self.payment_status in ("paid", "no_payment_required")

    @property
    def is_authorized(self) -> bool:
        """The bank holds the money until the shop captures it."""
        return self.status == "complete" and self.payment_intent_status == "requires_capture"


@dataclass(frozen=True)
class RefundSnapshot:
    """A refund as Stripe tells it at one moment; the amount in Stripe's units."""

    id: str
    #: "pending", "requires_action", "succeeded", "failed" or "canceled".
    status: str
    amount: int
    currency: str
    payment_intent_id: str
    metadata: dict[str, str] = field(default_factory=dict)
    failure_code: str = ""


@dataclass(frozen=True)
class BalanceEntry:
    """One line of the account's balance; amounts in Stripe's units, money to the shop positive."""

    id: str
    #: "charge", "payment", "refund", "refund_failure", "adjustment", "payout", "stripe_fee" ...
    type: str
    amount: int
    fee: int
    currency: str
    at: datetime
    #: Of what moved the money: of a charge, or of a refund.
    payment_intent_id: str = ""
    refund_id: str = ""


@dataclass(frozen=True)
class AccountFacts:
    """Whose account a key opens."""

    id: str
    name: str
    country: str
    #: Whether Stripe lets it take money.
    is_charging: bool
    is_live: bool


@dataclass(frozen=True)
class StripeEventFacts:
    id: str
    type: str
    object_id: str
    object: dict[str, Any] = field(repr=False)
    is_live: bool
    api_version: str
    created_at: datetime
    payload: dict[str, Any] = field(repr=False)
    #: Stripe did not deliver it: the shop asked for it.
    is_fetched: bool = False
    #: Staff have it taken in again, though it is finished.
    is_replay: bool = False


def readable_event(event: Any) -> StripeEventFacts | None:
    try:
        return event_of(event)
    except ValueError:
        return None


def event_of(event: Any) -> StripeEventFacts:
    """Raises ValueError on what is signed but no snapshot event."""
    if not isinstance(event, dict) or event.get("object") != "event":
        raise ValueError("not an event")
    data = event.get("data")
    found = data.get("object") if isinstance(data, dict) else None
    created = event.get("created")
    if not isinstance(event.get("id"), str) or not isinstance(event.get("type"), str):
        raise ValueError("not an event")
    if isinstance(created, int) and not 0 <= created <= LAST_SECOND:
        raise ValueError("not a time")
    json.dumps(event, ensure_ascii=False).encode()  # a lone surrogate fits no column
    thing = found if isinstance(found, dict) else {}
    return StripeEventFacts(
        id=event["id"],
        type=event["type"],
        object_id=str(thing.get("id") or ""),
        object=thing,
        is_live=event.get("livemode") is True,
        api_version=str(event.get("api_version") or ""),
        created_at=datetime.fromtimestamp(created, UTC) if isinstance(created, int) else now(),
        payload=event,
    )


def session_of(session: dict[str, Any]) -> SessionSnapshot:
    intent = session.get("payment_intent") or {}
    if isinstance(intent, str):
        intent = {"id": intent}
    charge = intent.get("latest_charge") or {}
    details = charge.get("payment_method_details") if isinstance(charge, dict) else None
    failure = intent.get("last_payment_error") or {}
    return SessionSnapshot(
        id=session["id"],
        status=session.get("status") or "",
        payment_status=session.get("payment_status") or "",
        amount_total=session.get("amount_total") or 0,
        currency=session.get("currency") or "",
        is_live=session.get("livemode") is True,
        client_reference_id=session.get("client_reference_id") or "",
        metadata=session.get("metadata") or {},
        url=session.get("url") or "",
        client_secret=session.get("client_secret") or "",
        payment_intent_id=intent.get("id") or "",
        payment_intent_status=intent.get("status") or "",
        method=(details or {}).get("type") or "",
        method_label=_label(details or {}),
        failure_code=failure.get("decline_code") or failure.get("code") or "",
        capture_before=_instant((details or {}).get("card", {}).get("capture_before")),
    )


def refund_of(refund: dict[str, Any]) -> RefundSnapshot:
    return RefundSnapshot(
        id=refund["id"],
        status=refund.get("status") or "pending",
        amount=refund.get("amount") or 0,
        currency=refund.get("currency") or "",
        payment_intent_id=str(refund.get("payment_intent") or ""),
        metadata=refund.get("metadata") or {},
        failure_code=refund.get("failure_reason") or "",
    )


def balance_entry_of(entry: dict[str, Any]) -> BalanceEntry:
    source = entry.get("source")
    facts = source if isinstance(source, dict) else {}
    intent = facts.get("payment_intent") or ""
    return BalanceEntry(
        id=entry["id"],
        type=entry.get("type") or "",
        amount=entry.get("amount") or 0,
        fee=entry.get("fee") or 0,
        currency=entry.get("currency") or "",
        at=_instant(entry.get("created")) or now(),
        payment_intent_id=str(intent.get("id") or "") if isinstance(intent, dict) else str(intent),
        refund_id=str(facts.get("id") or "") if facts.get("object") == "refund" else "",
    )


def _instant(seconds: Any) -> datetime | None:
    is_known = isinstance(seconds, int) and 0 < seconds <= LAST_SECOND
    return datetime.fromtimestamp(seconds, UTC) if is_known else None


def _label(details: dict[str, Any]) -> str:
    """ "Visa 4242": what a shopper recognizes, and no more of a card than that."""
    kind = details.get("type") or ""
    facts = details.get(kind) or {}
    name = str(facts.get("brand") or kind).replace("_", " ").capitalize()
    return f"{name} {facts.get('last4') or ''}".strip()[:80]
