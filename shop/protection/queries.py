"""The rules of this moment, what a network holds unpaid, and what was refused lately."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from shop.accounts.models import Account
from shop.clock import now
from shop.extensions import db
from shop.inventory.models import Reservation, ReservationState
from shop.orders.models import Order
from shop.orders.states import OrderState
from shop.protection.models import OrderSource, ProtectionCount, ProtectionSettings
from shop.protection.rules import USUAL, Rules, stricter

DAY = timedelta(days=1)
#: States in which stock is held for money that nobody has sent yet.
UNPAID = (OrderState.PENDING_PAYMENT, OrderState.AWAITING_MONEY)


@dataclass(frozen=True)
class Protection:
    """What is set, with what stands in for it where nothing was."""

    #: While there is no attack.
    usual: Rules
    alarm_declines: int
    strict_since: datetime | None = None
    strict_until: datetime | None = None
    #: Empty: the shop itself.
    strict_by: str = ""

    @property
    def is_strict(self) -> bool:
        if self.strict_since is None:
            return False
        return self.strict_until is None or now() < self.strict_until

    @property
    def rules(self) -> Rules:
        return stricter(self.usual) if self.is_strict else self.usual


@dataclass(frozen=True)
class Unpaid:
    """A network's orders that hold stock and are not paid, and those that ran out lately."""

    count: int
    #: When the first of them ends.
    ends_at: datetime | None
    ran_out: int


def current() -> Protection:
    row = db.session.execute(_CURRENT).first()
    if row is None:
        return Protection(USUAL, alarm_declines=ProtectionSettings.alarm_declines.default.arg)
    kept, name, email = row
    return Protection(
        replace(
            USUAL,
            orders_of_network=kept.orders_of_network,
            unpaid_of_network=kept.unpaid_of_network,
            stock_percent=kept.stock_percent,
            declines_of_shopper=kept.declines_of_shopper,
            declines_of_network=kept.declines_of_network,
        ),
        kept.alarm_declines,
        kept.strict_since,
        kept.strict_until,
        name or email or "",
    )


def unpaid(network: str) -> Unpaid:
    row = db.session.execute(_UNPAID, {"network": network, "since": now() - DAY}).one()
    return Unpaid(row.open, row.ends_at, row.ran_out)


def held_by(network: str, variant_ids: Collection[int]) -> dict[int, int]:
    """Units by variant that the network's unpaid orders hold."""
    rows = db.session.execute(_HELD_BY, {"network": network, "ids": list(variant_ids)})
    return {row.variant_id: int(row.units) for row in rows}


def source_of(order_id: int) -> OrderSource | None:
    """None for an order that is too old, or was not placed in the checkout."""
    return db.session.get(OrderSource, order_id)


def counts_since(since: datetime) -> dict[str, int]:
    """Numbers by kind, from the beginning of the hour in which `since` lies."""
    first = since.replace(minute=0, second=0, microsecond=0)
    rows = db.session.execute(
        sa.select(ProtectionCount.kind, sa.func.sum(ProtectionCount.number).label("number"))
        .where(ProtectionCount.hour >= first)
        .group_by(ProtectionCount.kind)
    )
    return {row.kind: int(row.number) for row in rows}


# The statements, built once: each order asks them.

_CURRENT = (
    sa.select(ProtectionSettings, Account.name, Account.email)
    .outerjoin(Account, Account.id == ProtectionSettings.strict_by)
    .execution_options(populate_existing=True)
)
_IS_UNPAID = Order.state.in_(UNPAID)
_OF_NETWORK = OrderSource.network == sa.bindparam("network")
_UNPAID = (
    sa.select(
        sa.func.count().filter(_IS_UNPAID).label("open"),
        sa.func.min(Order.expires_at).filter(_IS_UNPAID).label("ends_at"),
        sa.func.count()
        .filter(Order.state == OrderState.EXPIRED, OrderSource.placed_at > sa.bindparam("since"))
        .label("ran_out"),
    )
    .join(OrderSource, OrderSource.order_id == Order.id)
    .where(_OF_NETWORK)
)
_HELD_BY = (
    sa.select(Reservation.variant_id, sa.func.sum(Reservation.quantity).label("units"))
    .join(OrderSource, OrderSource.order_id == Reservation.order_id)
    .join(Order, Order.id == Reservation.order_id)
    .where(
        _OF_NETWORK,
        Reservation.state == ReservationState.HELD,
        Reservation.variant_id.in_(sa.bindparam("ids", expanding=True)),
        _IS_UNPAID,
    )
    .group_by(Reservation.variant_id)
)
