"""The mails of an order: promised in the order's transaction, rendered when they are sent."""

from __future__ import annotations

from shop.orders.fulfillment_models import Fulfillment
from shop.orders.models import Order
from shop.outbox import service as outbox
from shop.outbox.models import OutboxMessage

CONFIRMATION = "order_confirmation"
AWAITING_BANK = "order_awaiting_bank"
PAYMENT_FAILED = "order_payment_failed"
AWAITING_MONEY = "order_awaiting_money"
AUTHORIZED = "order_authorized"
ENDED = "order_ended"
FULFILLED = "order_fulfilled"
CANCELED = "order_canceled"


def enqueue_confirmation(order: Order) -> None:
    _enqueue(order, CONFIRMATION)


def is_confirmation_on_its_way(order: Order) -> bool:
    """Promised, and not handed to the mail server yet."""
    return outbox.is_waiting(f"{CONFIRMATION}:{order.id}")


def fates(order: Order) -> list[OutboxMessage]:
    """Its mails that were sent or given up; of an order with its parcels. Those that somebody asked
    for again have other keys: its events tell of them. One query.
    """
    once = (CONFIRMATION, AWAITING_MONEY, AUTHORIZED, ENDED, CANCELED)
    parcels = [f"{FULFILLED}:{parcel.id}" for parcel in order.fulfillments]
    return outbox.fates([*(f"{kind}:{order.id}" for kind in once), *parcels])


def enqueue_confirmation_again(order: Order, press: str) -> bool:
    """Whether this press of the button is the first to ask for it. The order is locked."""
    key = f"{CONFIRMATION}:{order.id}:again:{press}"
    if outbox.is_promised(key):
        return False
    outbox.enqueue(
        channel=outbox.EMAIL, name=CONFIRMATION, payload={"order_id": order.id}, dedupe_key=key
    )
    return True


def enqueue_awaiting_bank(order: Order, attempt: int) -> None:
    _enqueue(order, AWAITING_BANK, attempt)


def enqueue_payment_failed(order: Order, attempt: int) -> None:
    _enqueue(order, PAYMENT_FAILED, attempt)


def enqueue_awaiting_money(order: Order) -> None:
    _enqueue(order, AWAITING_MONEY)


def enqueue_authorized(order: Order) -> None:
    _enqueue(order, AUTHORIZED)


def enqueue_ended(order: Order) -> None:
    _enqueue(order, ENDED)


def enqueue_fulfilled(fulfillment: Fulfillment) -> None:
    """Sent, or ready to be fetched: one mail a parcel."""
    outbox.enqueue(
        channel=outbox.EMAIL,
        name=FULFILLED,
        payload={"fulfillment_id": fulfillment.id},
        dedupe_key=f"{FULFILLED}:{fulfillment.id}",
    )


def enqueue_canceled(order: Order, refunded_amount: int) -> None:
    """Of a paid order; the amount is on its way back."""
    outbox.enqueue(
        channel=outbox.EMAIL,
        name=CANCELED,
        payload={"order_id": order.id, "refunded_amount": refunded_amount},
        dedupe_key=f"{CANCELED}:{order.id}",
    )


def _enqueue(order: Order, kind: str, attempt: int | None = None) -> None:
    """One mail per order and kind, ever; what tells of one try to pay, once per try."""
    outbox.enqueue(
        channel=outbox.EMAIL,
        name=kind,
        payload={"order_id": order.id},
        dedupe_key=f"{kind}:{order.id}" + (f":{attempt}" if attempt else ""),
    )
