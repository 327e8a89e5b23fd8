"""The discounts a shop gives, and the orders that carry them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import GIVEN_ONCE, Model, partial_index
from shop.pricing.discounts import Kind

MAX_CODE = 40
_KINDS = ", ".join(f"'{kind}'" for kind in Kind)


class StoredDiscount(Model):
    __tablename__ = "discounts"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN ({_KINDS})", name="kind_known"),
        sa.CheckConstraint("value >= 0", name="value_not_negative"),
        sa.CheckConstraint("used_count >= 0", name="used_count_not_negative"),
        # Codes are kept in capitals, so that one code is unique in any case.
        sa.CheckConstraint("code = upper(code)", name="code_in_capitals"),
        sa.Index("ix_discounts_ends_at", "ends_at"),
        sa.Index("ix_discounts_starts_at", "starts_at"),
        partial_index("ix_discounts_paused", ("id",), "is_active = 0", on_postgres="NOT is_active"),
        GIVEN_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(80))
    #: What shoppers type; none: it applies by itself.
    code: Mapped[str | None] = mapped_column(sa.String(MAX_CODE), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    #: Parts per million, or minor units of the shop's currency, as the kind says.
    value: Mapped[int] = mapped_column(default=0)
    #: Ids; both empty: it is about everything.
    product_ids: Mapped[list[Any]] = mapped_column(default=list)
    collection_ids: Mapped[list[Any]] = mapped_column(default=list)
    minimum_amount: Mapped[int] = mapped_column(default=0)
    minimum_quantity: Mapped[int] = mapped_column(default=0)
    #: Pairs [from amount, value] in rising order, in place of `value`.
    tiers: Mapped[list[Any]] = mapped_column(default=list)
    buy_quantity: Mapped[int] = mapped_column(default=0)
    get_quantity: Mapped[int] = mapped_column(default=0)
    get_product_ids: Mapped[list[Any]] = mapped_column(default=list)
    get_collection_ids: Mapped[list[Any]] = mapped_column(default=list)
    #: How often in one cart; 0: any number of times.
    most_times: Mapped[int] = mapped_column(default=0)
    combines: Mapped[bool] = mapped_column(default=True)
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    #: Orders that may carry it, in all and of one email address; none: any number.
    limit_total: Mapped[int | None]
    limit_per_customer: Mapped[int | None]
    first_order_only: Mapped[bool] = mapped_column(default=False)
    #: Email addresses in small letters; none: it is for everybody.
    emails: Mapped[list[Any]] = mapped_column(default=list)
    is_active: Mapped[bool] = mapped_column(default=True)
    #: Orders that carry it, unpaid ones included; counted by discount_service alone.
    used_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)

    def is_for(self, email: str) -> bool:
        return not self.emails or email.lower() in self.emails

    @property
    def customer_limit(self) -> int | None:
        """Who orders first can have ordered with it only once."""
        return 1 if self.first_order_only else self.limit_per_customer


class DiscountUse(Model):
    """An order that carries a discount; gone when the order dies unpaid."""

    __tablename__ = "discount_uses"
    __table_args__ = (sa.Index("ix_discount_uses_email", "discount_id", "email"),)

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), primary_key=True)
    discount_id: Mapped[int] = mapped_column(sa.ForeignKey("discounts.id"), primary_key=True)
    #: In small letters.
    email: Mapped[str] = mapped_column(sa.String(254))
