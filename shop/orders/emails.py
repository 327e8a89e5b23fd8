"""The mails of an order: promised in the order's transaction, rendered when they are sent."""

from __future__ import annotations

from shop.orders.models import Order
from shop.outbox import service as outbox

CONFIRMATION = "order_confirmation"
AWAITING_BANK = "order_awaiting_bank"
PAYMENT_FAILED = "order_payment_failed"


def enqueue_confirmation(order: Order) -> None:
    _enqueue(order, CONFIRMATION)


def enqueue_awaiting_bank(order: Order) -> None:
    _enqueue(order, AWAITING_BANK)


def enqueue_payment_failed(order: Order) -> None:
    _enqueue(order, PAYMENT_FAILED)


def _enqueue(order: Order, kind: str) -> None:
    """One mail per order and kind, ever."""
    outbox.enqueue(
        channel=outbox.EMAIL,
        name=kind,
        payload={"order_id": order.id},
        dedupe_key=f"{kind}:{order.id}",
    )
