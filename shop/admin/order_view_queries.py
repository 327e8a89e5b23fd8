"""One order as its page shows it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from shop.accounts.models import Account
from shop.admin.mail_words import mail_name
from shop.catalog.models import Variant
from shop.extensions import db
from shop.gift_cards import queries as gift_cards
from shop.inventory import queries as stock
from shop.money import Money
from shop.orders import emails
from shop.orders.fulfillment_models import Fulfillment
from shop.orders.models import Order, OrderEvent
from shop.outbox.models import OutboxMessage
from shop.payments.models import AttemptStatus, Payment, PaymentAttempt
from shop.payments.queries import attempts_of, payments_of
from shop.payments.refund_models import Refund
from shop.payments.refund_plan import may_be_refunded
from shop.payments.refund_queries import refunds_of
from shop.payments.service import CAPTURABLE


@dataclass(frozen=True)
class TimelineEntry:
    kind: str
    data: dict[str, Any]
    at: datetime
    #: Who of the staff did it; empty: the shopper or the shop itself.
    by: str


@dataclass(frozen=True)
class OrderView:
    order: Order
    payments: Sequence[Payment]
    attempts: Sequence[PaymentAttempt]
    refunds: Sequence[Refund]
    #: What of the gift cards' part can still go back to them.
    on_cards: Money
    #: Units by variant that wait for stock.
    waiting: dict[int, int]
    #: Names of the staff, by the id of their account.
    names: dict[int, str]
    #: Days with what happened on them, newest first.
    timeline: Sequence[tuple[datetime, Sequence[TimelineEntry]]]
    #: Products by variant, as far as they are still there.
    products: dict[int, int]

    @property
    def may_be_refunded(self) -> bool:
        if not may_be_refunded(self.order):
            return False
        ours = [one for one in self.payments if one.currency == self.order.currency]
        return any(payment.left for payment in ours) or bool(self.on_cards)

    @property
    def misfits(self) -> list[Payment]:
        """Money in another currency than the order's: it goes back whole, or not at all."""
        if not may_be_refunded(self.order):
            return []
        return [one for one in self.payments if one.left and one.currency != self.order.currency]

    @property
    def is_held(self) -> bool:
        """Whether a bank holds money for it that nobody took or let go of."""
        return any(attempt.status == AttemptStatus.AUTHORIZED for attempt in self.attempts)

    @property
    def may_be_captured(self) -> bool:
        return self.is_held and self.order.state in CAPTURABLE

    @property
    def may_be_canceled(self) -> bool:
        """As a paid order: nothing of it was sent."""
        return self.order.is_paid and not any(line.fulfilled_quantity for line in self.order.lines)

    @property
    def unsent_count(self) -> int:
        """Those that wait for stock are not to be packed yet."""
        return max(0, self.unsent_units - sum(self.waiting.values()))

    @property
    def unsent_units(self) -> int:
        return sum(line.unsent_quantity for line in self.order.lines)

    @property
    def parcels(self) -> list[Fulfillment]:
        return [one for one in self.order.fulfillments if not one.is_undone]

    @property
    def is_delivered(self) -> bool:
        """Whether all that was sent arrived."""
        return all(one.delivered_at for one in self.parcels)

    @property
    def item_count(self) -> int:
        return sum(line.quantity for line in self.order.lines)


def order(order_id: int) -> OrderView | None:
    """With lines, their products, events, mails, payments, attempts, refunds and the names of the
    staff who did something: ten queries, and one more where there are refunds.
    """
    found = db.session.scalar(
        sa.select(Order)
        .where(Order.id == order_id)
        .options(
            selectinload(Order.lines),
            selectinload(Order.events),
            selectinload(Order.fulfillments).selectinload(Fulfillment.lines),
        )
        .execution_options(populate_existing=True)
    )
    if found is None:
        return None
    refunds = refunds_of(order_id)
    names = _names_of(
        {id for event in found.events if (id := event.account_id)}
        | {id for refund in refunds if (id := refund.account_id)}
    )
    return OrderView(
        found,
        payments_of(order_id),
        attempts_of(order_id),
        refunds,
        _left_on_cards(found),
        stock.waiting_of(order_id),
        names,
        _timeline_of(found.events, emails.fates(found), names),
        _products_of(found),
    )


def _left_on_cards(order: Order) -> Money:
    """One query, for an order that gift cards paid a part of."""
    if not order.gift_card_amount:
        return order.money(0)
    return gift_cards.refundable(order.id, order.currency)


def _products_of(order: Order) -> dict[int, int]:
    variant_ids = [line.variant_id for line in order.lines if line.variant_id is not None]
    rows = db.session.execute(
        sa.select(Variant.id, Variant.product_id).where(Variant.id.in_(variant_ids))
    )
    return {row.id: row.product_id for row in rows}


def _timeline_of(
    events: Sequence[OrderEvent], mails: Sequence[OutboxMessage], names: dict[int, str]
) -> list[tuple[datetime, list[TimelineEntry]]]:
    happened = [
        TimelineEntry(event.kind, event.data, event.at, names.get(event.account_id or 0, ""))
        for event in reversed(events)
    ]
    entries = sorted(
        [*map(_mailed, mails), *happened], key=lambda entry: entry.at, reverse=True
    )  # stable: what was promised with an event comes after it
    days: dict[date, list[TimelineEntry]] = {}
    for entry in entries:
        days.setdefault(entry.at.date(), []).append(entry)
    return [(of_day[0].at, of_day) for of_day in days.values()]


def _mailed(mail: OutboxMessage) -> TimelineEntry:
    kind = "mailed" if mail.sent_at else "mail_failed"
    at = mail.sent_at or mail.parked_at or mail.created_at
    return TimelineEntry(kind, {"mail": mail_name(mail.name)}, at, "")


def _names_of(account_ids: Collection[int]) -> dict[int, str]:
    if not account_ids:
        return {}
    rows = db.session.execute(
        sa.select(Account.id, Account.name, Account.email).where(Account.id.in_(account_ids))
    )
    return {row.id: row.name or row.email for row in rows}
