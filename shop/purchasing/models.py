"""What was ordered from suppliers and is still to come in."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.clock import now
from shop.extensions import Model


class PurchaseOrder(Model):
    """Open while units of it are to come."""

    __tablename__ = "purchase_orders"
    __table_args__ = (sa.Index("ix_purchase_orders_is_open", "is_open", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    supplier: Mapped[str] = mapped_column(sa.String(120))
    #: What the supplier calls it.
    reference: Mapped[str] = mapped_column(sa.String(80), default="")
    expected_on: Mapped[date | None]
    #: Whether product pages of what is sold out tell when it is expected.
    is_told: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    is_open: Mapped[bool] = mapped_column(default=True)
    #: Which press of the button made it.
    press: Mapped[str] = mapped_column(sa.String(80), unique=True)
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = mapped_column(default=now)

    lines: Mapped[list[PurchaseLine]] = relationship(
        order_by="PurchaseLine.id", lazy="raise_on_sql"
    )


class PurchaseLine(Model):
    __tablename__ = "purchase_lines"
    __table_args__ = (
        sa.UniqueConstraint("purchase_order_id", "variant_id"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("received >= 0", name="received_not_negative"),
        sa.CheckConstraint("canceled BETWEEN 0 AND quantity", name="canceled_in_range"),
        sa.CheckConstraint("cost_amount >= 0", name="cost_amount_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    purchase_order_id: Mapped[int] = mapped_column(
        sa.ForeignKey("purchase_orders.id", ondelete="CASCADE")
    )
    variant_id: Mapped[int] = mapped_column(
        sa.ForeignKey("variants.id", ondelete="CASCADE"), index=True
    )
    quantity: Mapped[int]
    #: Units that came; more than were ordered where somebody agreed to it.
    received: Mapped[int] = mapped_column(default=0)
    #: Units that will not come any more.
    canceled: Mapped[int] = mapped_column(default=0)
    #: What one costs, in the minor unit of the shop's currency; none: not told.
    cost_amount: Mapped[int | None]

    @property
    def incoming(self) -> int:
        return max(0, self.quantity - self.canceled - self.received)
