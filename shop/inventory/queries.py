"""How much can be sold now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from shop.extensions import db
from shop.inventory.models import Reservation, ReservationState, StockItem


@dataclass(frozen=True)
class Availability:
    on_hand: int
    reserved: int
    is_tracked: bool

    @property
    def available(self) -> int | None:
        """Units that can be sold; none: no limit."""
        return self.on_hand - self.reserved if self.is_tracked else None

    def allows(self, quantity: int) -> bool:
        return self.available is None or self.available >= quantity


#: A variant without a stock row has nothing to sell.
NOTHING = Availability(on_hand=0, reserved=0, is_tracked=True)

#: Whether a variant joined with its stock has any to sell.
CAN_BE_BOUGHT = sa.and_(
    StockItem.variant_id.is_not(None),
    sa.or_(sa.not_(StockItem.is_tracked), StockItem.on_hand > StockItem.reserved),
)


_AVAILABILITY = sa.select(
    StockItem.variant_id, StockItem.on_hand, StockItem.reserved, StockItem.is_tracked
).where(StockItem.variant_id.in_(sa.bindparam("ids", expanding=True)))


def held_for(order_id: int) -> dict[int, int]:
    """Units by variant that the order's reservation holds."""
    rows = db.session.execute(
        sa.select(Reservation.variant_id, Reservation.quantity).where(
            Reservation.order_id == order_id, Reservation.state == ReservationState.HELD
        )
    )
    return {row.variant_id: row.quantity for row in rows}


def availability(variant_ids: Collection[int]) -> dict[int, Availability]:
    """Every asked id is in the answer."""
    rows = db.session.execute(_AVAILABILITY, {"ids": list(variant_ids)})
    found = {
        row.variant_id: Availability(row.on_hand, row.reserved, row.is_tracked) for row in rows
    }
    return {variant_id: found.get(variant_id, NOTHING) for variant_id in variant_ids}
