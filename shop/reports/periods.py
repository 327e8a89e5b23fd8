"""Stretches of days that a report is about, cut into the columns of its chart. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import cached_property

DAY = timedelta(days=1)
#: No report reaches further back.
MAX_DAYS = 3_660
#: Up to so many days each has a column of its own; up to so many, each week.
DAILY, WEEKLY = 62, 186


class Preset(StrEnum):
    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "7"
    MONTH = "30"
    QUARTER = "90"
    THIS_MONTH = "month"
    LAST_MONTH = "last-month"
    THIS_YEAR = "year"
    TWELVE_MONTHS = "365"
    CUSTOM = "custom"


class Grain(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Bucket:
    """From a moment up to another one, which is not in it any more."""

    since: datetime
    until: datetime
    #: Its first day, in the shop's time zone.
    day: date


@dataclass(frozen=True)
class Period:
    """From midnight to midnight in `zone`; both days are in it."""

    first: date
    last: date
    zone: tzinfo
    preset: Preset = Preset.CUSTOM
    #: Its days were given the wrong way round.
    is_swapped: bool = field(default=False, compare=False)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def since(self) -> datetime:
        return midnight(self.first, self.zone)

    @property
    def until(self) -> datetime:
        return midnight(self.last + DAY, self.zone)

    @property
    def before(self) -> Period:
        """As many days before it."""
        last = self.first - DAY
        return Period(last - timedelta(days=self.days - 1), last, self.zone)

    @property
    def grain(self) -> Grain:
        if self.days == 1:
            return Grain.HOUR
        if self.days <= DAILY:
            return Grain.DAY
        return Grain.WEEK if self.days <= WEEKLY else Grain.MONTH

    @cached_property
    def buckets(self) -> tuple[Bucket, ...]:
        """Without a gap; the first and the last may be cut short by the period's own ends."""
        if self.grain is Grain.HOUR:
            return tuple(self._hours())
        firsts = [self.first]
        while (following := _next(firsts[-1], self.grain)) <= self.last:
            firsts.append(following)
        ends = [*firsts[1:], self.last + DAY]
        return tuple(
            Bucket(midnight(day, self.zone), midnight(end, self.zone), day)
            for day, end in zip(firsts, ends, strict=True)
        )

    def _hours(self) -> Iterator[Bucket]:
        """23 or 25 of them where the clocks change."""
        at = self.since
        while at < self.until:
            yield Bucket(at, min(at + timedelta(hours=1), self.until), self.first)
            at += timedelta(hours=1)


def midnight(day: date, zone: tzinfo) -> datetime:
    """Its beginning as an instant, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def preset_period(preset: Preset, today: date, zone: tzinfo) -> Period:
    first, last = today, today
    if preset is Preset.YESTERDAY:
        first = last = today - DAY
    elif preset is Preset.THIS_MONTH:
        first = today.replace(day=1)
    elif preset is Preset.LAST_MONTH:
        last = today.replace(day=1) - DAY
        first = last.replace(day=1)
    elif preset is Preset.THIS_YEAR:
        first = today.replace(month=1, day=1)
    elif preset not in (Preset.TODAY, Preset.CUSTOM):
        first = today - timedelta(days=int(preset) - 1)
    return Period(first, last, zone, preset)


def read_period(
    preset: str, since: str, until: str, *, today: date, zone: tzinfo, usual: Preset = Preset.MONTH
) -> Period:
    """What an address asks for. Days that make no sense together are put in order, and what cannot
    be read is as if it were not there.
    """
    first, last = _day(since), _day(until)
    if first or last:
        is_swapped = bool(first and last and first > last)
        first, last = sorted((first or last or today, last or today))
        first = max(first, last - timedelta(days=MAX_DAYS - 1))
        return Period(first, last, zone, is_swapped=is_swapped)
    found = Preset(preset) if preset in set(Preset) else usual
    return preset_period(usual if found is Preset.CUSTOM else found, today, zone)


def _next(day: date, grain: Grain) -> date:
    if grain is Grain.DAY:
        return day + DAY
    if grain is Grain.WEEK:
        return day + timedelta(days=7 - day.weekday())
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2200 else None
