"""Where the shop sends and what that costs, and how places tax.

A zone is a list of places; the zone that names an address most exactly counts.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.extensions import GIVEN_ONCE, Model
from shop.pricing.shipping import Basis
from shop.pricing.tax import STANDARD, ShippingTax

_BASES = ", ".join(f"'{basis}'" for basis in Basis)
_SHIPPING_TAXES = ", ".join(f"'{way}'" for way in ShippingTax)


class ShippingZone(Model):
    __tablename__ = "shipping_zones"
    __table_args__ = (GIVEN_ONCE,)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    #: Entries as pricing.places.Place: country or "*", region, postcode_from, postcode_to.
    places: Mapped[list[Any]] = mapped_column(default=list)
    position: Mapped[int] = mapped_column(default=1)


class ShippingRate(Model):
    """One way of delivery in one zone."""

    __tablename__ = "shipping_rates"
    __table_args__ = (
        sa.UniqueConstraint("zone_id", "name"),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
        sa.CheckConstraint("min_days >= 0 AND max_days >= min_days", name="days_in_order"),
        sa.CheckConstraint(f"basis IN ({_BASES})", name="basis_known"),
        GIVEN_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    zone_id: Mapped[int] = mapped_column(sa.ForeignKey("shipping_zones.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(80))
    #: The price from nothing on.
    amount: Mapped[int]
    basis: Mapped[str] = mapped_column(sa.String(10), default=Basis.FLAT)
    #: Pairs [from, amount] in rising order, from in grams, minor units or pieces; where the amount
    #: is null, nothing is sent from there on.
    steps: Mapped[list[Any]] = mapped_column(default=list)
    #: Subtotal from which delivery is free; none: never.
    free_from_amount: Mapped[int | None]
    #: Working days until it arrives.
    min_days: Mapped[int]
    max_days: Mapped[int]
    #: Fetched by the shopper at the shop.
    is_pickup: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=1)


class TaxZone(Model):
    __tablename__ = "tax_zones"
    __table_args__ = (
        sa.CheckConstraint(f"shipping_tax IN ({_SHIPPING_TAXES})", name="shipping_tax_known"),
        GIVEN_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    #: As a shipping zone's.
    places: Mapped[list[Any]] = mapped_column(default=list)
    #: Whether prices contain the tax, or it is added to them.
    is_included: Mapped[bool] = mapped_column(default=True)
    shipping_tax: Mapped[str] = mapped_column(sa.String(12), default=ShippingTax.LIKE_GOODS)
    #: Where the rates come from, and on which day they were looked up.
    source: Mapped[str] = mapped_column(sa.String(200), default="")
    checked_on: Mapped[date | None]
    position: Mapped[int] = mapped_column(default=1)


class TaxAnswer(Model):
    """What a tax service said of one destination, kept for a day and longer where it is silent."""

    __tablename__ = "tax_answers"
    __table_args__ = (sa.UniqueConstraint("country", "region", "postal_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    country: Mapped[str] = mapped_column(sa.String(2))
    region: Mapped[str] = mapped_column(sa.String(120), default="")
    postal_code: Mapped[str] = mapped_column(sa.String(20), default="")
    is_included: Mapped[bool]
    shipping_tax: Mapped[str] = mapped_column(sa.String(12))
    #: Category -> pairs [name, parts per million].
    rates: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class TaxRate(Model):
    """One component of what a zone takes of one category of goods."""

    __tablename__ = "tax_rates"
    __table_args__ = (
        sa.UniqueConstraint("zone_id", "category", "name"),
        sa.CheckConstraint("rate_ppm BETWEEN 0 AND 1000000", name="rate_in_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    zone_id: Mapped[int] = mapped_column(sa.ForeignKey("tax_zones.id", ondelete="CASCADE"))
    category: Mapped[str] = mapped_column(sa.String(40), default=STANDARD)
    #: What it is called on the bill: "VAT", "Sales tax", "CGST".
    name: Mapped[str] = mapped_column(sa.String(40))
    #: Parts per million: 20 % is 200,000.
    rate_ppm: Mapped[int]
    position: Mapped[int] = mapped_column(default=1)
