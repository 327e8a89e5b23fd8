"""What the worker computed in the night, and how the merchant orders."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model


class ForecastSettings(Model):
    """How the merchant orders; one row."""

    __tablename__ = "forecast_settings"
    __table_args__ = (
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.CheckConstraint("lead_days BETWEEN 1 AND 365", name="lead_days_in_range"),
        sa.CheckConstraint("review_days BETWEEN 1 AND 365", name="review_days_in_range"),
        sa.CheckConstraint("service_percent BETWEEN 50 AND 99", name="service_percent_in_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    lead_days: Mapped[int] = mapped_column(default=14)
    review_days: Mapped[int] = mapped_column(default=14)
    service_percent: Mapped[int] = mapped_column(default=95)


class VariantForecast(Model):
    """What is expected of one variant; made anew every night."""

    __tablename__ = "variant_forecasts"

    variant_id: Mapped[int] = mapped_column(
        sa.ForeignKey("variants.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    #: A `demand.Method`.
    method: Mapped[str] = mapped_column(sa.String(16))
    #: Units a week, and the variance of one week.
    rate: Mapped[float]
    variance: Mapped[float]
    #: Of the last four weeks, as it would have been forecast before them: expected, and the range
    #: that should have held four cases in five; and what was sold. None: too little was known.
    last_expected: Mapped[float | None]
    last_low: Mapped[int | None]
    last_high: Mapped[int | None]
    last_sold: Mapped[int] = mapped_column(default=0)
    computed_at: Mapped[datetime] = mapped_column(default=now)


class GroupCount(Model):
    """How many customers are in a group, and whether those of a month ago came back."""

    __tablename__ = "customer_group_counts"

    #: A `groups.Group`.
    group: Mapped[str] = mapped_column("group_name", sa.String(16), primary_key=True)
    customers: Mapped[int] = mapped_column(default=0)
    orders: Mapped[int] = mapped_column(default=0)
    #: What they bought in all, in the shop's own currency alone, in minor units.
    amount: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    #: Of those who were in it 30 days ago, how many there were and how many have bought since.
    then: Mapped[int] = mapped_column(default=0)
    came_back: Mapped[int] = mapped_column(default=0)
    computed_at: Mapped[datetime] = mapped_column(default=now)
