"""How much can be sold now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from shop.extensions import db
from shop.inventory.models import Backorders, Reservation, ReservationState, StockItem
from shop.store.models import LOW_STOCK_AT, StoreSettings


@dataclass(frozen=True)
class Availability:
    on_hand: int
    reserved: int
    is_tracked: bool
    backorders: str = Backorders.NONE
    backorder_limit: int = 0
    promised_on: date | None = None

    @property
    def available(self) -> int | None:
        """Units that can be sold, those that would wait included; none: no limit."""
        if not self.is_tracked:
            return None
        return self.on_hand - self.reserved + (self.backorder_limit if self.takes_backorders else 0)

    @property
    def ready(self) -> int:
        """Units that are here and promised to nobody; 0 where nobody counts them."""
        return max(0, self.on_hand - self.reserved) if self.is_tracked else 0

    @property
    def waiting(self) -> int:
        """Units that are promised and not here yet."""
        return max(0, self.reserved - self.on_hand) if self.is_tracked else 0

    @property
    def takes_backorders(self) -> bool:
        return self.backorders != Backorders.NONE

    @property
    def told(self) -> int | None:
        """Units for the words of the shop: none where an order need not stop at what is here."""
        if self.available is None or (self.takes_backorders and self.available > 0):
            return None
        return max(0, self.available)

    @property
    def comes_later(self) -> bool:
        """Whether whoever orders one now waits for it."""
        return self.takes_backorders and not self.ready and self.allows(1) and self.is_tracked

    def allows(self, quantity: int) -> bool:
        return self.available is None or self.available >= quantity


#: A variant without a stock row has nothing to sell.
NOTHING = Availability(on_hand=0, reserved=0, is_tracked=True)

#: Units that are here and not promised; below zero by those that wait.
FREE: sa.ColumnElement[int] = StockItem.on_hand - StockItem.reserved

#: In the words of its index: at any time of few variants.
PROMISED: sa.ColumnElement[bool] = StockItem.reserved > sa.literal(0, literal_execute=True)

#: Units that may be promised beyond what is on hand.
ALLOWANCE: sa.ColumnElement[int] = sa.case(
    (StockItem.backorders == Backorders.NONE, 0), else_=StockItem.backorder_limit
)

#: Whether a variant joined with its stock has any to sell.
CAN_BE_BOUGHT = sa.and_(
    StockItem.variant_id.is_not(None),
    sa.or_(sa.not_(StockItem.is_tracked), StockItem.on_hand + ALLOWANCE > StockItem.reserved),
)

#: Whether whoever orders one now waits for it, while the limit is not reached: as
#: Availability.comes_later.
COMES_LATER = sa.and_(
    StockItem.is_tracked,
    StockItem.backorders != Backorders.NONE,
    StockItem.on_hand <= StockItem.reserved,
)

#: Units of a variant joined with its stock for the words of the shop, none: no limit; as
#: Availability.told.
TOLD: sa.ColumnElement[int | None] = sa.case(
    (StockItem.variant_id.is_(None), 0),
    (sa.not_(StockItem.is_tracked), sa.null()),
    (
        sa.and_(StockItem.backorders != Backorders.NONE, FREE + StockItem.backorder_limit > 0),
        sa.null(),
    ),
    (FREE > 0, FREE),
    else_=0,
)

_AVAILABILITY = sa.select(
    StockItem.variant_id,
    StockItem.on_hand,
    StockItem.reserved,
    StockItem.is_tracked,
    StockItem.backorders,
    StockItem.backorder_limit,
    StockItem.promised_on,
).where(StockItem.variant_id.in_(sa.bindparam("ids", expanding=True)))


@dataclass(frozen=True)
class Held:
    """What an order's reservation keeps of one variant."""

    units: int
    #: Those of them that wait for stock.
    waiting: int = 0


def held_for(order_id: int) -> dict[int, int]:
    """Units by variant that the order's reservation holds."""
    return {variant_id: held.units for variant_id, held in held_by(order_id).items()}


def held_by(order_id: int) -> dict[int, Held]:
    """By variant, while the order is not paid."""
    rows = db.session.execute(
        sa.select(Reservation.variant_id, Reservation.quantity, Reservation.waiting).where(
            Reservation.order_id == order_id, Reservation.state == ReservationState.HELD
        )
    )
    return {row.variant_id: Held(row.quantity, row.waiting) for row in rows}


def ordered_among(variant_ids: Collection[int]) -> set[int]:
    """Those of the variants that an order holds, held or sold."""
    return set(
        db.session.scalars(
            sa.select(Reservation.variant_id).where(Reservation.variant_id.in_(variant_ids))
        )
    )


def waiting_of(order_id: int) -> dict[int, int]:
    """Units by variant of the order that wait for stock."""
    rows = db.session.execute(
        sa.select(Reservation.variant_id, Reservation.waiting).where(
            Reservation.order_id == order_id, Reservation.waiting > 0
        )
    )
    return {row.variant_id: row.waiting for row in rows}


def waiting_by_order(order_ids: Collection[int]) -> dict[int, dict[int, int]]:
    """Units by order and variant that wait for stock; orders without any are left out."""
    rows = db.session.execute(
        sa.select(Reservation.order_id, Reservation.variant_id, Reservation.waiting).where(
            Reservation.order_id.in_(order_ids), Reservation.waiting > 0
        )
    )
    found: dict[int, dict[int, int]] = {}
    for order_id, variant_id, units in rows:
        found.setdefault(order_id, {})[variant_id] = units
    return found


def availability(variant_ids: Collection[int]) -> dict[int, Availability]:
    """Every asked id is in the answer."""
    rows = db.session.execute(_AVAILABILITY, {"ids": list(variant_ids)})
    found = {row.variant_id: availability_in(row) for row in rows}
    return {variant_id: found.get(variant_id, NOTHING) for variant_id in variant_ids}


def availability_in(row: Any) -> Availability:
    """Of a row that has the columns of a variant's stock among others."""
    return Availability(
        row.on_hand,
        row.reserved,
        row.is_tracked,
        row.backorders,
        row.backorder_limit,
        row.promised_on,
    )


def is_low() -> sa.ColumnElement[bool]:
    """Whether so few units of a counted variant are available that somebody should see to it."""
    threshold = sa.func.coalesce(StockItem.low_stock_at, _shops_threshold())
    return sa.and_(StockItem.is_tracked, threshold >= FREE)


def low_by_index() -> list[sa.ColumnElement[bool]]:
    """The same, parted into those with and without a threshold of their own: an index has each."""
    has_own = StockItem.low_stock_at.is_not(None)
    return [
        *(sa.and_(sa.not_(has_own), few) for few in free_at_most(_shops_threshold())),
        sa.and_(StockItem.is_tracked, has_own, StockItem.low_stock_at >= FREE),
    ]


def free_at_most(units: Any) -> list[sa.ColumnElement[bool]]:
    """Whether so few of a counted variant are free, parted so that an index has each: few are on
    hand, or some of them are promised. No variant is in both.
    """
    return [
        sa.and_(StockItem.is_tracked, StockItem.on_hand <= units, sa.not_(PROMISED)),
        sa.and_(StockItem.is_tracked, PROMISED, units >= FREE),
    ]


def _shops_threshold() -> sa.ColumnElement[int]:
    shops_own = sa.select(StoreSettings.low_stock_at).scalar_subquery()
    return sa.func.coalesce(shops_own, LOW_STOCK_AT)
