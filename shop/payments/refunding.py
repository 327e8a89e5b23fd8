"""The edge between refunds and Stripe: write the wish down, ask, write the answer down.

A crash between the three is taken up by the reconciler with the same key: the money is given back
once. Why: docs/adr/0025.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from shop.clock import now
from shop.database import in_transaction
from shop.extensions import db
from shop.money import Money
from shop.orders.models import Order
from shop.payments import refund_queries, refunds
from shop.payments.amounts import to_stripe
from shop.payments.gateway import PaymentRefused, StripeGateway
from shop.payments.models import Payment
from shop.payments.refund_models import Refund, RefundMethod, RefundStatus
from shop.payments.refund_plan import CancelWish, RefundWish
from shop.payments.shares import MoreThanLeft
from shop.payments.snapshots import RefundSnapshot

T = TypeVar("T")

#: Stripe may forget a key after a day; an older request is looked for before it is repeated.
KEYS_KEPT = timedelta(hours=23)


def refund(order_id: int, wish: RefundWish, gateway: StripeGateway, *, by: int) -> list[Refund]:
    """Give money back, once for each press. Returns the refunds as they stand then.

    Raises what `refunds.request` raises, and PaymentsUnreachable: the worker then asks again.
    """
    return _sent(in_transaction(lambda: refunds.request(order_id, wish, by=by)), gateway)


def refund_misfit(
    order_id: int, payment_id: int, gateway: StripeGateway, *, press: str, by: int
) -> list[Refund]:
    """Give money back that is in another currency than its order, once for each press.

    Raises what `refunds.request_misfit` raises, and PaymentsUnreachable.
    """
    made = in_transaction(lambda: refunds.request_misfit(order_id, payment_id, press=press, by=by))
    return _sent(made, gateway)


def cancel(order_id: int, wish: CancelWish, gateway: StripeGateway, *, by: int) -> list[Refund]:
    """Call a paid order off and give its money back, once for each press.

    Raises what `refunds.cancel` raises, and PaymentsUnreachable: the worker then asks again.
    """
    return _sent(in_transaction(lambda: refunds.cancel(order_id, wish, by=by)), gateway)


def send(refund_id: int, gateway: StripeGateway) -> None:
    """Ask Stripe for a refund that is written down, however often: it is given once.

    Raises PaymentsUnreachable.
    """
    asked = _request_of(refund_id, gateway.store_id)
    db.session.rollback()  # nothing stays open while Stripe thinks
    if asked is None:
        return
    found = _made_before(asked, gateway) if asked.is_old else None
    try:
        found = found or gateway.create_refund(asked.params, idempotency_key=asked.key)
    except PaymentRefused as refusal:
        code, found = refusal.code or "refused", _made_before(asked, gateway)
        if found is None:
            in_transaction(lambda: refunds.reject(refund_id, code))
            return
    snapshot = found
    in_transaction(lambda: refunds.apply(snapshot, gateway.store_id))


def take_in(payment_intent_id: str, gateway: StripeGateway, then: Callable[[], T]) -> T:
    """Bring all refunds of a payment up to Stripe's, and do `then` in the same transaction."""
    db.session.rollback()
    found = gateway.refunds_of_payment(payment_intent_id)

    def work() -> T:
        for snapshot in found:
            refunds.apply(snapshot, gateway.store_id)
        return then()

    try:
        return in_transaction(work)
    except MoreThanLeft:
        # A refund that Stripe has refused, or will, still holds the amount.
        _send_waiting(payment_intent_id, gateway)
        return in_transaction(work)


# Inside -----------------------------------------------------------------------------------------


def _sent(made: Sequence[Refund], gateway: StripeGateway) -> list[Refund]:
    ids = [one.id for one in made]
    for refund_id in ids:
        send(refund_id, gateway)
    return [found for one in ids if (found := refund_queries.refund_with_lines(one))]


@dataclass(frozen=True)
class _Request:
    params: dict[str, Any]
    key: str
    is_old: bool


def _request_of(refund_id: int, store_id: str) -> _Request | None:
    """What Stripe is to be asked; none where there is nothing to ask any more."""
    refund = db.session.get_one(Refund, refund_id, populate_existing=True)
    if refund.status != RefundStatus.REQUESTED or refund.method != RefundMethod.STRIPE:
        return None
    payment = db.session.get_one(Payment, refund.payment_id)
    order = db.session.get_one(Order, refund.order_id)
    return _Request(
        params={
            "payment_intent": payment.provider_payment_id,
            "amount": to_stripe(Money(refund.amount, refund.currency)),
            "reason": refund.reason,
            "metadata": {
                "order_id": str(order.id),
                "refund_id": str(refund.id),
                "store": store_id,
            },
        },
        key=f"re:{store_id}:{order.token[:12]}:{refund.id}",
        is_old=now() - refund.created_at > KEYS_KEPT,
    )


def _made_before(asked: _Request, gateway: StripeGateway) -> RefundSnapshot | None:
    """Whether Stripe has this refund already, by the id that we gave it."""
    wanted = asked.params["metadata"]
    for found in gateway.refunds_of_payment(asked.params["payment_intent"]):
        if {name: found.metadata.get(name) for name in wanted} == wanted:
            return found
    return None


def _send_waiting(payment_intent_id: str, gateway: StripeGateway) -> None:
    payment = refund_queries.payment_of_intent(payment_intent_id)
    ids = refund_queries.requested_ids(payment_id=payment.id) if payment else []
    for refund_id in ids:
        send(refund_id, gateway)
