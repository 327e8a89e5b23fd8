"""How many visitors took which step, by day. Nobody is named, and no two days can be joined."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.extensions import Model


class TrafficDay(Model):
    """One step on one day, in the shop's time zone."""

    __tablename__ = "traffic_days"
    __table_args__ = (sa.CheckConstraint("visitors >= 0", name="visitors_not_negative"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    #: A `steps.Step`.
    step: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    #: Different ones, as the sketch tells.
    visitors: Mapped[int] = mapped_column(default=0)
    #: Of the visitors so far; thrown away once the day is over.
    sketch: Mapped[bytes | None] = mapped_column(sa.LargeBinary)


class TrafficSalt(Model):
    """Random; makes the day's digests. Thrown away with them: none can be made again."""

    __tablename__ = "traffic_salts"

    day: Mapped[date] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(sa.LargeBinary)
