from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.reports.periods import MAX_DAYS, Grain, Period, Preset, preset_period, read_period

LONDON = ZoneInfo("Europe/London")
TODAY = date(2026, 11, 26)
DAYS = st.dates(date(2015, 1, 1), date(2035, 1, 1))


@given(DAYS, st.integers(0, 800), st.sampled_from([LONDON, ZoneInfo("Asia/Kathmandu"), UTC]))
def test_columns_follow_each_other_without_a_gap(first: date, more: int, zone: ZoneInfo) -> None:
    period = Period(first, first + timedelta(days=more), zone)

    buckets = period.buckets

    assert buckets[0].since == period.since
    assert buckets[-1].until == period.until
    assert all(one.until == two.since for one, two in pairwise(buckets))
    assert len(buckets) <= 62


def test_a_day_begins_at_midnight_in_the_shop() -> None:
    period = Period(date(2026, 6, 1), date(2026, 6, 1), ZoneInfo("America/New_York"))

    assert period.since == datetime(2026, 6, 1, 4, tzinfo=UTC)
    assert len(period.buckets) == 24


def test_the_day_when_the_clocks_change_has_an_hour_less() -> None:
    assert len(Period(date(2026, 3, 29), date(2026, 3, 29), LONDON).buckets) == 23


@pytest.mark.parametrize(
    ("preset", "first", "last", "grain"),
    [
        (Preset.TODAY, TODAY, TODAY, Grain.HOUR),
        (Preset.YESTERDAY, date(2026, 11, 25), date(2026, 11, 25), Grain.HOUR),
        (Preset.WEEK, date(2026, 11, 20), TODAY, Grain.DAY),
        (Preset.QUARTER, date(2026, 8, 29), TODAY, Grain.WEEK),
        (Preset.LAST_MONTH, date(2026, 10, 1), date(2026, 10, 31), Grain.DAY),
        (Preset.THIS_YEAR, date(2026, 1, 1), TODAY, Grain.MONTH),
    ],
)
def test_each_preset_is_a_stretch_of_days(
    preset: Preset, first: date, last: date, grain: Grain
) -> None:
    period = preset_period(preset, TODAY, LONDON)

    assert (period.first, period.last, period.grain) == (first, last, grain)


def test_the_period_before_has_as_many_days() -> None:
    before = preset_period(Preset.MONTH, TODAY, LONDON).before

    assert (before.days, before.last) == (30, date(2026, 10, 27))


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        (("", "2026-11-01", "2026-11-05"), date(2026, 11, 1), date(2026, 11, 5)),
        (("", "2026-11-05", "2026-11-01"), date(2026, 11, 1), date(2026, 11, 5)),
        (("", "2026-11-01", "nonsense"), date(2026, 11, 1), TODAY),
        (("nonsense", "x", "y"), date(2026, 10, 28), TODAY),
        (("custom", "", ""), date(2026, 10, 28), TODAY),
        (("7", "", ""), date(2026, 11, 20), TODAY),
    ],
)
def test_what_makes_no_sense_is_put_in_order(
    asked: tuple[str, str, str], first: date, last: date
) -> None:
    period = read_period(*asked, today=TODAY, zone=LONDON)

    assert (period.first, period.last) == (first, last)


def test_no_report_reaches_back_for_ever() -> None:
    assert read_period("", "2000-01-01", "2200-12-31", today=TODAY, zone=LONDON).days == MAX_DAYS
