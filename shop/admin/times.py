"""Moments and days as forms and addresses tell them: by the shop's clock, as browsers send them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shop.admin.access import store


def shop_zone() -> ZoneInfo:
    try:
        return ZoneInfo(store().time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def read_instant(text: str | None, zone: ZoneInfo) -> datetime | None:
    """2026-11-27T10:00; none where nothing is typed. Raises ValueError."""
    if not text:
        return None
    at = datetime.fromisoformat(text)
    if not 1970 <= at.year <= 9000:
        raise ValueError(text)
    return at.replace(tzinfo=zone)


def written_instant(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}" if at else ""


def day_asked_for(text: str | None) -> date | None:
    """Of a filter in an address; none where it names no day."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2200 else None
