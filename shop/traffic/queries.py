"""Reading how many visitors took which step."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from shop.extensions import db
from shop.traffic.models import TrafficDay


def visitors(first: date, last: date) -> dict[tuple[date, str], int]:
    """By day and step, both days included. One query."""
    rows = db.session.execute(
        sa.select(TrafficDay.day, TrafficDay.step, TrafficDay.visitors).where(
            TrafficDay.day.between(first, last)
        )
    )
    return {(row.day, row.step): row.visitors for row in rows}
