"""Reading refunds, and what of an order they have given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from shop.extensions import db
from shop.gift_cards import queries as gift_cards
from shop.money import Money, total_of
from shop.orders.models import Order
from shop.payments.models import Payment
from shop.payments.queries import payments_of
from shop.payments.refund_models import Refund, RefundMethod, RefundStatus
from shop.payments.shares import Given, Portion, SoldLine, portions


def refunds_of(order_id: int) -> list[Refund]:
    """Oldest first, with their lines."""
    return list(
        db.session.scalars(
            sa.select(Refund)
            .where(Refund.order_id == order_id)
            .order_by(Refund.id)
            .options(selectinload(Refund.lines))
            .execution_options(populate_existing=True)
        )
    )


def is_pressed(press: str) -> bool:
    """Whether this press of the button has made its refunds already."""
    found = sa.select(Refund.id).where(Refund.press.startswith(f"{press}:", autoescape=True))
    return bool(db.session.scalar(sa.select(found.exists())))


def refund_with_lines(refund_id: int) -> Refund | None:
    return db.session.scalar(
        sa.select(Refund)
        .where(Refund.id == refund_id)
        .options(selectinload(Refund.lines))
        .execution_options(populate_existing=True)
    )


def requested_ids(*, before: datetime | None = None, payment_id: int | None = None) -> list[int]:
    """Of refunds that Stripe was to be asked for, and has not answered."""
    query = sa.select(Refund.id).where(
        Refund.status == RefundStatus.REQUESTED, Refund.method == RefundMethod.STRIPE
    )
    if before is not None:
        query = query.where(Refund.created_at <= before)
    if payment_id is not None:
        query = query.where(Refund.payment_id == payment_id)
    return list(db.session.scalars(query.order_by(Refund.id)))


def payment_of_intent(payment_intent_id: str) -> Payment | None:
    return db.session.scalar(
        sa.select(Payment).where(Payment.provider_payment_id == payment_intent_id)
    )


def version_of(refunds: Sequence[Refund]) -> str:
    """Changes whenever one is added or moves on: what a form was made from."""
    return "-".join([str(len(refunds)), *(refund.status[:3] for refund in refunds)])


def portions_of(order: Order, refunds: Sequence[Refund]) -> list[Portion]:
    """Of an order with its lines, with what these refunds have given back of them."""
    lines = [
        SoldLine(line.id, line.quantity, line.total, order.money(line.tax_amount))
        for line in order.lines
    ]
    return portions(order.bill, order.quote_steps, lines, given_by(order, refunds))


def given_by(order: Order, refunds: Sequence[Refund]) -> dict[int | None, Given]:
    given: dict[int | None, Given] = {}
    for refund in refunds:
        for line in refund.lines if refund.is_counted else ():
            before = given.get(line.line_item_id, Given(0, Money.zero(order.currency)))
            taxes = dict(before.taxes)
            for tax in line.taxes:
                key, nothing = (tax["name"], tax["rate_ppm"]), Money.zero(order.currency)
                taxes[key] = taxes.get(key, nothing) + order.money(tax["amount"])
            given[line.line_item_id] = Given(
                before.quantity + line.quantity, before.amount + order.money(line.amount), taxes
            )
    return given


def left_of(order: Order, payments: Sequence[Payment]) -> Money:
    """What can still be given back, to gift cards too, in the order's currency."""
    paid = [one.left for one in payments if one.currency == order.currency]
    return total_of([*paid, gift_cards.refundable(order.id, order.currency)], order.currency)


def surplus_of(order: Order, payments: Sequence[Payment], parts: Sequence[Portion]) -> Money:
    """Money here beyond what is left of the order's total: a second payment, say."""
    nothing = Money.zero(order.currency)
    beyond = left_of(order, payments) - total_of([part.left for part in parts], order.currency)
    return max(beyond, nothing, key=lambda money: money.amount)


def refunded_of(order: Order) -> int:
    """What of the order's total was given back, from the rows, in minor units."""
    payments = [one for one in payments_of(order.id) if one.currency == order.currency]
    received = sum(one.amount for one in payments) + order.gift_card_amount
    of_cards = order.gift_card_amount - gift_cards.refundable(order.id, order.currency).amount
    returned = sum(one.refunded_amount for one in payments) + of_cards
    missing = order.total_amount - (received - returned)
    return max(0, min(returned, missing, order.total_amount))
