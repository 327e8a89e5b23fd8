"""What the mails of an order say, read when they are sent."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from shop.orders import emails, queries
from shop.orders.models import Order
from shop.orders.states import FulfillmentStatus
from shop.orders.urls import order_url
from shop.outbox.mailer import Facts, Letter
from shop.pricing.queries import delivery_calendar
from shop.store import queries as store


def confirmation(payload: dict[str, Any]) -> Letter:
    order = _order(payload)
    subject = _("Order %(number)s is confirmed", number=order.number)
    return _letter(order, subject, "orders/confirmation")


def awaiting_bank(payload: dict[str, Any]) -> Letter:
    order = _order(payload)
    subject = _("Order %(reference)s: we are waiting for your bank", reference=order.reference)
    return _letter(order, subject, "orders/awaiting_bank")


def payment_failed(payload: dict[str, Any]) -> Letter:
    order = _order(payload)
    subject = _("Order %(reference)s: your payment did not go through", reference=order.reference)
    return _letter(order, subject, "orders/payment_failed")


def awaiting_money(payload: dict[str, Any]) -> Letter:
    order = _order(payload)
    subject = _("Order %(reference)s: how to pay it", reference=order.reference)
    return _letter(order, subject, "orders/awaiting_money")


def authorized(payload: dict[str, Any]) -> Letter:
    order = _order(payload)
    subject = _("We have your order %(reference)s", reference=order.reference)
    return _letter(order, subject, "orders/authorized")


def ended(payload: dict[str, Any]) -> Letter:
    order = _order(payload)
    subject = _("Order %(reference)s has ended without a payment", reference=order.reference)
    return _letter(order, subject, "orders/ended")


def fulfilled(payload: dict[str, Any]) -> Letter | None:
    """Sent, or ready to be fetched; none where it was undone before the mail was sent."""
    fulfillment = queries.fulfillment(payload["fulfillment_id"])
    if fulfillment is None:
        raise LookupError(f"fulfillment {payload['fulfillment_id']} does not exist")
    if fulfillment.is_undone:
        return None
    order = _order({"order_id": fulfillment.order_id})
    is_ready = fulfillment.status != FulfillmentStatus.SENT
    subject = (
        _("Order %(number)s is ready for you", number=order.number)
        if is_ready
        else _("Order %(number)s is on its way", number=order.number)
    )
    quantities = {line.line_item_id: line.quantity for line in fulfillment.lines}
    return _letter(
        order,
        subject,
        "orders/ready" if is_ready else "orders/sent",
        fulfillment=fulfillment,
        sent=[(line, quantities[line.id]) for line in order.lines if line.id in quantities],
        rest=sum(line.unsent_quantity for line in order.lines),
    )


def canceled(payload: dict[str, Any]) -> Letter:
    order = _order(payload)
    subject = _("Order %(number)s is canceled", number=order.number)
    refunded = order.money(payload["refunded_amount"])
    return _letter(order, subject, "orders/canceled", refunded=refunded)


LETTERS: dict[str, Facts] = {
    emails.CONFIRMATION: confirmation,
    emails.AWAITING_BANK: awaiting_bank,
    emails.PAYMENT_FAILED: payment_failed,
    emails.AWAITING_MONEY: awaiting_money,
    emails.AUTHORIZED: authorized,
    emails.ENDED: ended,
    emails.FULFILLED: fulfilled,
    emails.CANCELED: canceled,
}


def _order(payload: dict[str, Any]) -> Order:
    order = queries.order_with_lines(payload["order_id"])
    if order is None:
        raise LookupError(f"order {payload['order_id']} does not exist")
    return order


def _letter(order: Order, subject: LazyString, template: str, **facts: Any) -> Letter:
    promised = delivery_calendar(store.current()).promise(
        order.paid_at or order.placed_at, order.shipping_min_days, order.shipping_max_days
    )
    return Letter(
        to=order.email,
        language=order.language,
        subject=subject,
        template=template,
        order=order,
        order_url=order_url(order.token),
        arrives=promised.days,
        **facts,
    )
