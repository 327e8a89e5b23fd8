"""A gateway without a network: it records what was asked and can be told how to answer."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from shop.clock import now
from shop.payments.gateway import PaymentRefused, PaymentsError
from shop.payments.snapshots import BalanceEntry, RefundSnapshot, SessionSnapshot, StripeEventFacts
from shop.payments.tax_params import TaxFacts
from shop.pricing.tax import ShippingTax


@dataclass
class FakeGateway:
    is_live: bool = False
    is_set_up: bool = True
    is_test: bool = True
    store_id: str = "till"
    sessions: dict[str, SessionSnapshot] = field(default_factory=dict)
    created: list[dict[str, Any]] = field(default_factory=list)
    refunds: dict[str, RefundSnapshot] = field(default_factory=dict)
    #: How the next refunds begin.
    refund_status: str = "succeeded"
    events: list[StripeEventFacts] = field(default_factory=list)
    tax_questions: list[dict[str, Any]] = field(default_factory=list)
    entries: list[BalanceEntry] = field(default_factory=list)
    #: Raised by every call while it is set.
    failure: PaymentsError | None = None
    #: Called inside what changes something, before it answers: what happens in between.
    meanwhile: Callable[[], None] | None = None
    _by_key: dict[str, str] = field(default_factory=dict)
    _count: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def create_session(self, params: dict[str, Any], *, idempotency_key: str) -> SessionSnapshot:
        self._answer()
        if self.meanwhile is not None:
            self.meanwhile()
        if idempotency_key not in self._by_key:
            session_id = f"cs_test_{next(self._count)}"
            self._by_key[idempotency_key] = session_id
            self.created.append(params)
            self.sessions[session_id] = SessionSnapshot(
                id=session_id,
                status="open",
                payment_status="unpaid",
                amount_total=_total(params),
                currency=params["line_items"][0]["price_data"]["currency"],
                is_live=False,
                client_reference_id=params["client_reference_id"],
                metadata=params["metadata"],
                url="" if "ui_mode" in params else f"https://pay.example/{session_id}",
                client_secret=f"{session_id}_secret_1" if "ui_mode" in params else "",
            )
        return self.sessions[self._by_key[idempotency_key]]

    def session(self, session_id: str) -> SessionSnapshot:
        self._answer()
        if session_id not in self.sessions:
            raise PaymentRefused("no such session", code="resource_missing")
        return self.sessions[session_id]

    def expire_session(self, session_id: str) -> SessionSnapshot:
        session = self.session(session_id)
        if session.status == "open":
            self.change(session_id, status="expired")
        return self.sessions[session_id]

    def balance(self, since: datetime, until: datetime, *, most: int) -> list[BalanceEntry]:
        self._answer()
        return [entry for entry in self.entries if since <= entry.at < until][:most]

    def capture(self, payment_intent_id: str, *, idempotency_key: str) -> None:
        self._end(payment_intent_id, idempotency_key, status="succeeded", payment_status="paid")

    def cancel_payment(self, payment_intent_id: str, *, idempotency_key: str) -> None:
        self._end(payment_intent_id, idempotency_key, status="canceled", payment_status="unpaid")

    def _end(self, intent_id: str, key: str, *, status: str, payment_status: str) -> None:
        self._answer()
        if key in self._by_key:
            return
        found = next(s for s in self.sessions.values() if s.payment_intent_id == intent_id)
        if found.payment_intent_status != "requires_capture":
            raise PaymentRefused("over", code="payment_intent_unexpected_state")
        self._by_key[key] = intent_id
        self.change(found.id, payment_intent_status=status, payment_status=payment_status)

    def session_of_payment(self, payment_intent_id: str) -> str | None:
        self._answer()
        return next(
            (s.id for s in self.sessions.values() if s.payment_intent_id == payment_intent_id), None
        )

    def sessions_since(self, since: datetime) -> Iterator[SessionSnapshot]:
        self._answer()
        yield from self.sessions.values()

    def create_refund(self, params: dict[str, Any], *, idempotency_key: str) -> RefundSnapshot:
        self._answer()
        if self.meanwhile is not None:
            self.meanwhile()
        if idempotency_key not in self._by_key:
            payment, amount = params["payment_intent"], params["amount"]
            if amount > self.left(payment):
                raise PaymentRefused("too much", code="charge_already_refunded")
            self._by_key[idempotency_key] = self.refund_in_dashboard(
                payment, amount, metadata=params["metadata"], status=self.refund_status
            )
        return self.refunds[self._by_key[idempotency_key]]

    def refunds_of_payment(self, payment_intent_id: str) -> list[RefundSnapshot]:
        self._answer()
        return [r for r in self.refunds.values() if r.payment_intent_id == payment_intent_id]

    def taxes(self, params: dict[str, Any]) -> TaxFacts:
        self._answer()
        self.tax_questions.append(params)
        if self.meanwhile is not None:
            self.meanwhile()
        rates = {line["reference"]: [("VAT", 190_000)] for line in params["line_items"]}
        return TaxFacts(rates | {"reduced": [("VAT", 70_000)]}, ShippingTax.STANDARD)

    def events_since(self, since: datetime, types: Sequence[str]) -> list[StripeEventFacts]:
        self._answer()
        return list(self.events)

    # What the shopper or the bank does -----------------------------------------------------

    def change(self, session_id: str, **changes: Any) -> None:
        self.sessions[session_id] = replace(self.sessions[session_id], **changes)

    def pay(self, session_id: str, **changes: Any) -> None:
        self.change(
            session_id,
            **{
                "status": "complete",
                "payment_status": "paid",
                "payment_intent_id": f"pi_{session_id}",
                "payment_intent_status": "succeeded",
                "method": "card",
                "method_label": "Visa 4242",
            }
            | changes,
        )

    def pay_by_bank(self, session_id: str) -> None:
        self.pay(session_id, payment_status="unpaid", payment_intent_status="processing")

    def authorize(self, session_id: str, **changes: Any) -> None:
        held = {"payment_status": "unpaid", "payment_intent_status": "requires_capture"}
        self.pay(session_id, **(held | changes))

    def refuse_by_bank(self, session_id: str) -> None:
        self.pay(
            session_id, payment_status="unpaid", payment_intent_status="requires_payment_method"
        )

    def left(self, payment_intent_id: str) -> int:
        paid = next(
            s.amount_total for s in self.sessions.values()
            if s.payment_intent_id == payment_intent_id
        )  # fmt: skip
        gone = ("failed", "canceled")
        mine = [r for r in self.refunds.values() if r.payment_intent_id == payment_intent_id]
        return paid - sum(refund.amount for refund in mine if refund.status not in gone)

    def refund_in_dashboard(
        self, payment_intent_id: str, amount: int, *, status: str = "succeeded", **values: Any
    ) -> str:
        refund_id = f"re_{next(self._count)}"
        currency = next(
            s.currency for s in self.sessions.values() if s.payment_intent_id == payment_intent_id
        )
        self.refunds[refund_id] = RefundSnapshot(
            refund_id, status, amount, currency, payment_intent_id, **values
        )
        return refund_id

    def end_refund(self, refund_id: str, status: str, failure_code: str = "") -> None:
        self.refunds[refund_id] = replace(
            self.refunds[refund_id], status=status, failure_code=failure_code
        )

    def _answer(self) -> None:
        if self.failure is not None:
            raise self.failure


def event(
    event_type: str,
    session: SessionSnapshot | None = None,
    *,
    event_id: str = "evt_1",
    **thing: Any,
) -> StripeEventFacts:
    facts = {"id": session.id, "metadata": session.metadata} if session else {}
    return StripeEventFacts(
        id=event_id,
        type=event_type,
        object_id=str((facts | thing).get("id", "")),
        object=facts | thing,
        is_live=False,
        api_version="2026-10-28.endive",
        created_at=now(),
        payload={"id": event_id, "type": event_type},
    )


def _total(params: dict[str, Any]) -> int:
    lines = sum(
        line["quantity"] * line["price_data"]["unit_amount"] for line in params["line_items"]
    )
    shipping = sum(
        int(option["shipping_rate_data"]["fixed_amount"]["amount"])
        for option in params["shipping_options"][:1]
    )
    return lines + shipping
