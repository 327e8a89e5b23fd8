"""Parcels of an order, and what stands ready to be fetched, with the units in them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.clock import now
from shop.extensions import Model
from shop.orders.states import FulfillmentStatus

if TYPE_CHECKING:
    from shop.orders.models import Order

_STATUSES = ", ".join(f"'{status}'" for status in FulfillmentStatus)


class Fulfillment(Model):
    """One parcel, or what stands ready to be fetched; undone ones are kept."""

    __tablename__ = "fulfillments"
    __table_args__ = (sa.CheckConstraint(f"status IN ({_STATUSES})", name="status_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    status: Mapped[str] = mapped_column(sa.String(16))
    carrier: Mapped[str] = mapped_column(sa.String(60), default="")
    tracking_number: Mapped[str] = mapped_column(sa.String(80), default="")
    #: Where it can be followed; empty: nowhere.
    tracking_url: Mapped[str] = mapped_column(sa.String(500), default="")
    #: Which press of the button it comes from.
    press: Mapped[str] = mapped_column(sa.String(80), unique=True)
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = mapped_column(default=now)
    picked_up_at: Mapped[datetime | None]
    #: When staff heard that it arrived; none: nobody knows.
    delivered_at: Mapped[datetime | None]

    order: Mapped[Order] = relationship(back_populates="fulfillments", lazy="raise_on_sql")
    lines: Mapped[list[FulfillmentLine]] = relationship(
        order_by="FulfillmentLine.line_item_id", lazy="raise_on_sql"
    )

    @property
    def is_undone(self) -> bool:
        return self.status == FulfillmentStatus.UNDONE


class FulfillmentLine(Model):
    __tablename__ = "fulfillment_lines"
    __table_args__ = (sa.CheckConstraint("quantity > 0", name="quantity_positive"),)

    fulfillment_id: Mapped[int] = mapped_column(
        sa.ForeignKey("fulfillments.id"), primary_key=True, autoincrement=False
    )
    line_item_id: Mapped[int] = mapped_column(
        sa.ForeignKey("line_items.id"), primary_key=True, autoincrement=False, index=True
    )
    quantity: Mapped[int]
