"""Delivery and tax rates per country; the country "*" stands for everywhere else."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.extensions import Model

EVERYWHERE_ELSE = "*"


class ShippingRate(Model):
    __tablename__ = "shipping_rates"
    __table_args__ = (
        sa.UniqueConstraint("country", "name"),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
        sa.CheckConstraint("min_days >= 0 AND max_days >= min_days", name="days_in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: ISO 3166-1 alpha-2, or "*".
    country: Mapped[str] = mapped_column(sa.String(2))
    name: Mapped[str] = mapped_column(sa.String(80))
    amount: Mapped[int]
    #: Subtotal from which delivery is free; none: never.
    free_from_amount: Mapped[int | None]
    #: Working days until it arrives.
    min_days: Mapped[int]
    max_days: Mapped[int]
    position: Mapped[int] = mapped_column(default=1)


class TaxRate(Model):
    __tablename__ = "tax_rates"
    __table_args__ = (sa.CheckConstraint("rate_ppm BETWEEN 0 AND 1000000", name="rate_in_range"),)

    #: ISO 3166-1 alpha-2, or "*".
    country: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    #: What it is called on the bill: "VAT", "Sales tax".
    name: Mapped[str] = mapped_column(sa.String(40))
    #: Parts per million: 20 % is 200,000.
    rate_ppm: Mapped[int]
    #: Whether prices contain it, or it is added to them.
    is_included: Mapped[bool] = mapped_column(default=True)
