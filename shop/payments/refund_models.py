"""Money given back: one row for each payment that gives, and one for the order's gift cards, with
its shares of the order's lines.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.clock import now
from shop.extensions import Model
from shop.money import Money


class RefundMethod(StrEnum):
    STRIPE = "stripe"
    #: Staff gave it back themselves, by bank transfer or in cash; the shop only keeps the record.
    BY_HAND = "by_hand"
    #: What gift cards paid goes back to them.
    GIFT_CARD = "gift_card"
    #: Money stays in the shop, as credit of the buyer's address.
    STORE_CREDIT = "store_credit"


class RefundStatus(StrEnum):
    #: Written before Stripe is asked; it may or may not know of it.
    REQUESTED = "requested"
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    #: The money came back: a person gives it another way.
    FAILED = "failed"
    CANCELED = "canceled"
    #: Stripe said no at once: nothing moved.
    REJECTED = "rejected"


#: Their amounts count as given back.
COUNTED = (
    RefundStatus.REQUESTED,
    RefundStatus.PENDING,
    RefundStatus.REQUIRES_ACTION,
    RefundStatus.SUCCEEDED,
)


class RefundReason(StrEnum):
    """In Stripe's words. "fraudulent" puts card and address on Stripe's block lists."""

    REQUESTED_BY_CUSTOMER = "requested_by_customer"
    DUPLICATE = "duplicate"
    FRAUDULENT = "fraudulent"


class Refund(Model):
    __tablename__ = "refunds"
    __table_args__ = (
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint(
            f"status IN ({', '.join(repr(str(status)) for status in RefundStatus)})",
            name="status_known",
        ),
        sa.CheckConstraint(
            f"method IN ({', '.join(repr(str(method)) for method in RefundMethod)})",
            name="method_known",
        ),
        sa.CheckConstraint(
            "(payment_id IS NULL) = (method = 'gift_card')", name="payment_unless_gift_card"
        ),
        sa.Index("ix_refunds_status_created_at", "status", "created_at"),
        sa.Index("ix_refunds_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    #: None: gift cards.
    payment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payments.id"), index=True)
    method: Mapped[str] = mapped_column(sa.String(16))
    status: Mapped[str] = mapped_column(sa.String(16), default=RefundStatus.REQUESTED)
    #: Frozen: a repeated request to Stripe carries the same.
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(sa.String(3))
    reason: Mapped[str] = mapped_column(sa.String(32), default=RefundReason.REQUESTED_BY_CUSTOMER)
    #: For staff.
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    #: Whether the shopper gets a mail.
    is_told: Mapped[bool] = mapped_column(default=False)
    #: Which press of the button it comes from, so that a second press makes no second refund.
    press: Mapped[str | None] = mapped_column(sa.String(80), unique=True)
    #: Stripe's refund.
    provider_refund_id: Mapped[str | None] = mapped_column(sa.String(255), unique=True)
    failure_code: Mapped[str] = mapped_column(sa.String(80), default="")
    #: None: made in Stripe's dashboard.
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = mapped_column(default=now)

    lines: Mapped[list[RefundLine]] = relationship(
        back_populates="refund", order_by="RefundLine.id", lazy="raise_on_sql"
    )

    @property
    def total(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def taxes(self) -> list[tuple[str, str, Money]]:
        """What the total contains: name, percent and amount, one entry a rate."""
        sums: dict[tuple[str, int], int] = {}
        for tax in (tax for line in self.lines for tax in line.taxes):
            key = (tax["name"], tax["rate_ppm"])
            sums[key] = sums.get(key, 0) + tax["amount"]
        return [
            (name, f"{rate_ppm / 10_000:g}", Money(amount, self.currency))
            for (name, rate_ppm), amount in sums.items()
        ]

    def share_of(self, line: RefundLine) -> Money:
        return Money(line.amount, self.currency)

    @property
    def is_counted(self) -> bool:
        return self.status in COUNTED


class RefundLine(Model):
    """What of a refund belongs to one line of the order, or to the delivery."""

    __tablename__ = "refund_lines"
    __table_args__ = (
        sa.UniqueConstraint("refund_id", "line_item_id"),
        sa.CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
        sa.CheckConstraint("restocked_quantity >= 0", name="restocked_quantity_not_negative"),
        sa.CheckConstraint(
            "unsent_quantity BETWEEN 0 AND quantity", name="unsent_quantity_in_range"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    refund_id: Mapped[int] = mapped_column(sa.ForeignKey("refunds.id"))
    #: None: the delivery.
    line_item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("line_items.id"), index=True)
    quantity: Mapped[int] = mapped_column(default=0)
    #: Units that go back on the shelf.
    restocked_quantity: Mapped[int] = mapped_column(default=0)
    #: Units that had not been sent, and now never are.
    unsent_quantity: Mapped[int] = mapped_column(default=0)
    amount: Mapped[int]
    #: One entry a rate: name, rate_ppm, amount; inside the amount.
    taxes: Mapped[list[Any]] = mapped_column(default=list)

    refund: Mapped[Refund] = relationship(back_populates="lines", lazy="raise_on_sql")
