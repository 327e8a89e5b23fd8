"""Which checkouts are due for their reminder, and what came of reminders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from shop.cart.cart import unpack
from shop.cart.service import CartView, view
from shop.extensions import db
from shop.money import Money
from shop.orders.models import Order
from shop.orders.states import OrderState
from shop.recovery.models import (
    AbandonedCheckout,
    RecoverySettings,
    RefusedAddress,
    ReminderFigures,
)
from shop.store import queries as store
from shop.store.currencies import Currency


@dataclass(frozen=True)
class Chosen:
    """The settings, or what stands in for them."""

    is_on: bool = False
    after_hours: int = 2
    pause_days: int = 30

    @property
    def after(self) -> timedelta:
        return timedelta(hours=self.after_hours)


#: Days that figures are told for; reminders are kept as long as the longest.
PERIODS = (30, 90)


@dataclass(frozen=True)
class Figures:
    sent: int = 0
    opened: int = 0
    orders: int = 0
    #: What those orders come to, one for each currency.
    values: tuple[Money, ...] = ()


def chosen() -> Chosen:
    row = db.session.execute(
        sa.select(RecoverySettings.is_on, RecoverySettings.after_hours, RecoverySettings.pause_days)
    ).first()
    return Chosen(*row) if row else Chosen()


def by_id(id_: int) -> AbandonedCheckout | None:
    return db.session.get(AbandonedCheckout, id_)


def of_checkout(checkout_id: int) -> AbandonedCheckout | None:
    return db.session.scalars(
        sa.select(AbandonedCheckout).where(AbandonedCheckout.checkout_id == checkout_id)
    ).first()


def due(before: datetime, limit: int) -> list[AbandonedCheckout]:
    """Longest ago first. Locked: two workers do not look at the same ones."""
    return list(
        db.session.scalars(
            sa.select(AbandonedCheckout)
            .where(AbandonedCheckout.sent_at.is_(None), AbandonedCheckout.updated_at <= before)
            .order_by(AbandonedCheckout.updated_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def has_bought_since(email: str, since: datetime) -> bool:
    """By any checkout: whoever found the way alone needs no reminder."""
    over = (OrderState.EXPIRED, OrderState.CANCELED)
    bought = sa.exists().where(
        sa.func.lower(Order.email) == email.lower(),
        Order.state.not_in((OrderState.PENDING_PAYMENT, *over)),
        Order.placed_at >= since,
    )
    return bool(db.session.scalar(sa.select(bought)))


def is_refused(digest: str) -> bool:
    return db.session.get(RefusedAddress, digest) is not None


def basket(row: AbandonedCheckout, currency: Currency | None = None) -> CartView:
    """At today's prices and stock; without a currency, in the one the shopper saw then."""
    return view(unpack(row.cart), currency or store.current().in_currency(row.currency).selling)


def figures() -> dict[int, Figures]:
    """By days of PERIODS, as the worker counted last. One query."""
    found = {row.days: row for row in db.session.scalars(sa.select(ReminderFigures))}
    return {days: _figures(found[days]) if days in found else Figures() for days in PERIODS}


def counted(since: datetime) -> Figures:
    """Of reminders sent since then, each of them read. An order counts that was paid in the
    checkout which the mail's link began.
    """
    is_sent = AbandonedCheckout.sent_at >= since
    sent, opened = db.session.execute(
        sa.select(sa.func.count(), sa.func.count(AbandonedCheckout.opened_at)).where(is_sent)
    ).one()
    bought = db.session.execute(
        sa.select(Order.currency, sa.func.count().label("orders"), sa.func.sum(Order.total_amount))
        .join(AbandonedCheckout, AbandonedCheckout.restored_id == Order.checkout_id)
        .where(is_sent, Order.paid_at >= AbandonedCheckout.opened_at)
        .group_by(Order.currency)
        .order_by(Order.currency)
    ).all()
    values = tuple(Money(int(total), currency) for currency, _orders, total in bought)
    return Figures(sent, opened, sum(row.orders for row in bought), values)


def _figures(row: ReminderFigures) -> Figures:
    values = tuple(Money(amount, currency) for amount, currency in row.totals)
    return Figures(row.sent, row.opened, row.orders, values)
