"""Stock: counters that can never be false, and the dated movements they add up from."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model


class ReservationState(StrEnum):
    HELD = "held"
    SOLD = "sold"
    RELEASED = "released"


class MovementReason(StrEnum):
    INITIAL = "initial"
    ADJUSTMENT = "adjustment"
    IMPORT = "import"
    IMPORT_UNDONE = "import_undone"
    SALE = "sale"
    #: Sold units that came back, or never left.
    RESTOCK = "restock"


class StockItem(Model):
    """Available = on hand - reserved. An untracked variant is always available."""

    __tablename__ = "stock_items"
    __table_args__ = (
        sa.CheckConstraint("reserved >= 0", name="reserved_not_negative"),
        sa.CheckConstraint("NOT is_tracked OR reserved <= on_hand", name="reserved_within_on_hand"),
    )

    variant_id: Mapped[int] = mapped_column(
        sa.ForeignKey("variants.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    on_hand: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)
    is_tracked: Mapped[bool] = mapped_column(default=True)


class Reservation(Model):
    """Stock held for one line of one order."""

    __tablename__ = "reservations"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "variant_id"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("state IN ('held', 'sold', 'released')", name="state_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"))
    variant_id: Mapped[int] = mapped_column(
        sa.ForeignKey("variants.id", ondelete="CASCADE"), index=True
    )
    quantity: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(16), default=ReservationState.HELD)


class StockMovement(Model):
    """A dated change of what is on hand; on hand is the sum of a variant's movements."""

    __tablename__ = "stock_movements"

    id: Mapped[int] = mapped_column(primary_key=True)
    variant_id: Mapped[int] = mapped_column(
        sa.ForeignKey("variants.id", ondelete="CASCADE"), index=True
    )
    #: Units in (+) or out (-).
    quantity: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.String(16))
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL"), index=True
    )
    at: Mapped[datetime] = mapped_column(default=now)
