"""What was sold: frozen lines and sums, and an append-only list of what happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.clock import now
from shop.extensions import Model
from shop.money import Money
from shop.orders.states import OrderState

_STATES = ", ".join(f"'{state}'" for state in OrderState)


class Order(Model):
    __tablename__ = "orders"
    __table_args__ = (
        sa.UniqueConstraint("checkout_id", "revision"),
        sa.CheckConstraint(f"state IN ({_STATES})", name="state_known"),
        sa.CheckConstraint(
            "total_amount = subtotal_amount + shipping_amount"
            " + CASE WHEN is_tax_included THEN 0 ELSE tax_amount END",
            name="total_adds_up",
        ),
        sa.CheckConstraint("subtotal_amount >= 0", name="subtotal_amount_not_negative"),
        sa.CheckConstraint("shipping_amount >= 0", name="shipping_amount_not_negative"),
        sa.CheckConstraint("tax_amount >= 0", name="tax_amount_not_negative"),
        sa.Index("ix_orders_state_expires_at", "state", "expires_at"),
        sa.Index("ix_orders_placed_at", "placed_at", "id"),
        sa.Index("ix_orders_paid_at", "paid_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: What people call it; counted up when it is paid, so that paid orders have no gaps.
    number: Mapped[int | None] = mapped_column(unique=True)
    #: Random, part of the shopper's signed link.
    token: Mapped[str] = mapped_column(sa.String(43), unique=True)
    checkout_id: Mapped[int | None] = mapped_column(sa.ForeignKey("checkouts.id"))
    #: Counts the orders of one checkout; a changed cart replaces the order before.
    revision: Mapped[int] = mapped_column(default=1)
    #: Digest of all that was agreed; the same cart and address give the same order.
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    state: Mapped[str] = mapped_column(sa.String(20), default=OrderState.PENDING_PAYMENT)
    #: Why a person should look at it; empty: nothing to do.
    review_reason: Mapped[str] = mapped_column(sa.String(80), default="")

    currency: Mapped[str] = mapped_column(sa.String(3))
    subtotal_amount: Mapped[int]
    shipping_amount: Mapped[int]
    tax_amount: Mapped[int]
    total_amount: Mapped[int]
    is_tax_included: Mapped[bool]
    tax_name: Mapped[str] = mapped_column(sa.String(40))
    tax_rate_ppm: Mapped[int]

    #: Code of the language the shopper read, for the mails.
    language: Mapped[str] = mapped_column(sa.String(8), default="en")
    email: Mapped[str] = mapped_column(sa.String(254), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    line1: Mapped[str] = mapped_column(sa.String(120))
    line2: Mapped[str] = mapped_column(sa.String(120), default="")
    city: Mapped[str] = mapped_column(sa.String(80))
    region: Mapped[str] = mapped_column(sa.String(80), default="")
    postal_code: Mapped[str] = mapped_column(sa.String(20), default="")
    country: Mapped[str] = mapped_column(sa.String(2))
    phone: Mapped[str] = mapped_column(sa.String(32), default="")
    shipping_name: Mapped[str] = mapped_column(sa.String(80))
    shipping_min_days: Mapped[int]
    shipping_max_days: Mapped[int]

    placed_at: Mapped[datetime] = mapped_column(default=now)
    #: When an unpaid order gives its stock back; none once that is settled.
    expires_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]

    lines: Mapped[list[LineItem]] = relationship(
        back_populates="order", order_by="LineItem.position", lazy="raise_on_sql"
    )
    events: Mapped[list[OrderEvent]] = relationship(order_by="OrderEvent.id", lazy="raise_on_sql")

    @property
    def is_paid(self) -> bool:
        return self.state == OrderState.PAID

    @property
    def is_awaiting_payment(self) -> bool:
        return self.state == OrderState.PENDING_PAYMENT

    def money(self, amount: int) -> Money:
        return Money(amount, self.currency)

    @property
    def subtotal(self) -> Money:
        return self.money(self.subtotal_amount)

    @property
    def shipping(self) -> Money:
        return self.money(self.shipping_amount)

    @property
    def tax(self) -> Money:
        return self.money(self.tax_amount)

    @property
    def total(self) -> Money:
        return self.money(self.total_amount)


class LineItem(Model):
    """A snapshot: later edits of the catalog do not reach it."""

    __tablename__ = "line_items"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("unit_amount >= 0", name="unit_amount_not_negative"),
        sa.CheckConstraint("total_amount = unit_amount * quantity", name="total_adds_up"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    position: Mapped[int]
    variant_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("variants.id", ondelete="SET NULL"), index=True
    )
    title: Mapped[str] = mapped_column(sa.String(255))
    #: "Cobalt / Medium"; empty where the product has one variant.
    options: Mapped[str] = mapped_column(sa.String(800), default="")
    sku: Mapped[str] = mapped_column(sa.String(255), default="")
    #: Base name of the picture in the media folder.
    file: Mapped[str | None] = mapped_column(sa.String(120))
    unit_amount: Mapped[int]
    quantity: Mapped[int]
    #: unit amount x quantity.
    total_amount: Mapped[int]
    #: Tax contained in or added to the total, as the order says.
    tax_amount: Mapped[int]

    order: Mapped[Order] = relationship(back_populates="lines", lazy="raise_on_sql")

    @property
    def unit(self) -> Money:
        return self.order.money(self.unit_amount)

    @property
    def total(self) -> Money:
        return self.order.money(self.total_amount)


class OrderEvent(Model):
    """One thing that happened to an order; rows are added, never changed."""

    __tablename__ = "order_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    #: "placed", "paid", "payment_failed" ...: orders/service.py names them all.
    kind: Mapped[str] = mapped_column(sa.String(40))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL"), index=True
    )
    at: Mapped[datetime] = mapped_column(default=now)


class OrderCounter(Model):
    """The last order number given; one row, so that numbers have no gaps."""

    __tablename__ = "order_counters"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    last_number: Mapped[int]
