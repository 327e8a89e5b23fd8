"""Moments and days as forms and addresses tell them: by the shop's clock, as browsers send them."""

from __future__ import annotations

from collections.abc import Mapping
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


def days_asked_for(given: Mapping[str, str]) -> tuple[date | None, date | None, bool]:
    """From and until, and whether they were given the wrong way round."""
    since, until = _day(given.get("since")), _day(given.get("until"))
    if since and until and since > until:
        return until, since, True
    return since, until, False


def _day(text: str | None) -> date | None:
    """Of a filter in an address; none where it names no day."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2200 else None
