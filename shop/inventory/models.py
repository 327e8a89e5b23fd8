"""Stock: counters that can never be false, and the dated movements they add up from."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model, partial_index


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

    # What staff say became of units, see STAFF_REASONS.
    RECEIVED = "received"
    FOUND = "found"
    RETURNED = "returned"
    CORRECTION = "correction"
    DAMAGED = "damaged"
    LOST = "lost"
    GIFT = "gift"

    #: Counted and found different.
    STOCK_TAKE = "stock_take"


#: The reasons that staff choose from for a change of their own.
STAFF_REASONS = (
    MovementReason.CORRECTION,
    MovementReason.RECEIVED,
    MovementReason.FOUND,
    MovementReason.RETURNED,
    MovementReason.DAMAGED,
    MovementReason.LOST,
    MovementReason.GIFT,
)


class Backorders(StrEnum):
    """Whether a variant is sold beyond what is on hand, and what shoppers are told it is."""

    NONE = "none"
    #: It has been sold before and comes again.
    BACKORDER = "backorder"
    #: It is sold before it appears.
    PREORDER = "preorder"


class StockItem(Model):
    """Available = on hand - reserved. An untracked variant is always available.

    On hand falls below zero where paid orders wait for units that are still to come.
    """

    __tablename__ = "stock_items"
    __table_args__ = (
        sa.CheckConstraint("reserved >= 0", name="reserved_not_negative"),
        # The limit holds although back-orders end: those that were taken keep their place in it.
        sa.CheckConstraint(
            "NOT is_tracked OR reserved <= on_hand + backorder_limit", name="reserved_within_limit"
        ),
        sa.CheckConstraint("backorder_limit >= 0", name="backorder_limit_not_negative"),
        sa.CheckConstraint(
            "backorders IN ('none', 'backorder', 'preorder')", name="backorders_known"
        ),
        sa.CheckConstraint("low_stock_at >= 0", name="low_stock_at_not_negative"),
        sa.Index("ix_stock_items_on_hand", "on_hand", "variant_id"),
        partial_index("ix_stock_items_promised", ("variant_id",), "reserved > 0"),
        partial_index("ix_stock_items_own_threshold", ("variant_id",), "low_stock_at IS NOT NULL"),
        partial_index(
            "ix_stock_items_uncounted",
            ("variant_id",),
            "is_tracked = 0",
            on_postgres="NOT is_tracked",
        ),
    )

    variant_id: Mapped[int] = mapped_column(
        sa.ForeignKey("variants.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    on_hand: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)
    is_tracked: Mapped[bool] = mapped_column(default=True)
    #: So many available units or fewer are low stock; none: the shop's own number.
    low_stock_at: Mapped[int | None]
    backorders: Mapped[str] = mapped_column(
        sa.String(16), default=Backorders.NONE, server_default=sa.text("'none'")
    )
    #: Units that may be promised beyond what is on hand.
    backorder_limit: Mapped[int] = mapped_column(default=0, server_default="0")
    #: When units sold beyond what is on hand are sent; none: nobody knows yet.
    promised_on: Mapped[date | None]


class Reservation(Model):
    """Stock held for one line of one order."""

    __tablename__ = "reservations"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "variant_id"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("waiting BETWEEN 0 AND quantity", name="waiting_in_range"),
        sa.CheckConstraint("state IN ('held', 'sold', 'released')", name="state_known"),
        sa.Index(
            "ix_reservations_waiting",
            "variant_id",
            "id",
            sqlite_where=sa.text("waiting > 0"),
            postgresql_where=sa.text("waiting > 0"),
        ),
        partial_index("ix_reservations_waiting_longest", ("id",), "waiting > 0"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"))
    variant_id: Mapped[int] = mapped_column(
        sa.ForeignKey("variants.id", ondelete="CASCADE"), index=True
    )
    quantity: Mapped[int]
    #: Units of it that wait for stock; what comes in goes to the oldest reservation first.
    waiting: Mapped[int] = mapped_column(default=0, server_default="0")
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
    #: What staff wrote about it.
    note: Mapped[str] = mapped_column(sa.String(500), default="", server_default=sa.text("''"))
    #: Which press of the button it comes from; none: not from a form.
    press: Mapped[str | None] = mapped_column(sa.String(80), unique=True)
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    purchase_order_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("purchase_orders.id", ondelete="SET NULL"), index=True
    )
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL"), index=True
    )
    at: Mapped[datetime] = mapped_column(default=now)
