from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from shop.pricing.delivery import DeliveryCalendar

LONDON, BERLIN = ZoneInfo("Europe/London"), ZoneInfo("Europe/Berlin")
CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 28)})
usual = DeliveryCalendar(LONDON, time(14))


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "first", "last", "order_by"),
    [
        # Monday 23 November: before the cut-off, at it, after it.
        (at(23, 13, 59), date(2026, 11, 25), date(2026, 11, 26), (23, 14)),
        (at(23, 14), date(2026, 11, 26), date(2026, 11, 27), (24, 14)),
        (at(23, 20), date(2026, 11, 26), date(2026, 11, 27), (24, 14)),
        # Friday: the last one that leaves this week, and the first that leaves on Monday.
        (at(27, 9), date(2026, 12, 1), date(2026, 12, 2), (27, 14)),
        (at(27, 15), date(2026, 12, 2), date(2026, 12, 3), (30, 14)),
        # Saturday and Sunday are Monday's.
        (at(28, 9), date(2026, 12, 2), date(2026, 12, 3), (30, 14)),
        (at(29, 23), date(2026, 12, 2), date(2026, 12, 3), (30, 14)),
    ],
)
def test_the_cut_off_decides_from_which_day_it_is_packed(
    moment: datetime, first: date, last: date, order_by: tuple[int, int]
) -> None:
    promise = usual.promise(moment, 2, 3)

    assert promise.days == (first, last)
    assert (promise.order_by.day, promise.order_by.hour) == order_by


def test_on_holidays_nothing_is_packed_and_no_post_comes() -> None:
    calendar = DeliveryCalendar(LONDON, time(14), closed_days=CHRISTMAS)

    # Thursday 24 December, noon: Friday, the weekend and Monday are off.
    assert calendar.promise(at(24, 12, month=12), 1, 2).days == (
        date(2026, 12, 29), date(2026, 12, 30),
    )  # fmt: skip
    # After the cut-off it waits for Tuesday.
    late = calendar.promise(at(24, 15, month=12), 1, 2)
    assert late.days == (date(2026, 12, 30), date(2026, 12, 31))
    assert late.order_by == datetime(2026, 12, 29, 14, tzinfo=LONDON)


def test_packing_takes_open_days_and_the_post_its_own() -> None:
    """A shop that packs on Tuesdays and Thursdays alone."""
    calendar = DeliveryCalendar(
        LONDON, time(14), handling_days=1, closed_weekdays=frozenset({0, 2, 4, 5, 6})
    )

    # Ordered on Monday, packed from Tuesday, sent on Thursday, there on Friday or Monday.
    assert calendar.promise(at(23, 9), 1, 2).days == (date(2026, 11, 27), date(2026, 11, 30))


def test_a_shop_that_is_open_on_saturday_sends_on_it() -> None:
    calendar = DeliveryCalendar(LONDON, time(14), closed_weekdays=frozenset({6}))

    assert calendar.promise(at(28, 9), 1, 1).first == date(2026, 11, 30)


def test_no_days_at_all_mean_the_day_of_packing() -> None:
    assert usual.promise(at(23, 9), 0, 0).days == (date(2026, 11, 23), date(2026, 11, 23))


def test_the_cut_off_is_by_the_shops_clock_not_the_servers() -> None:
    berlin = DeliveryCalendar(BERLIN, time(14))

    # 13:30 in London is 14:30 in Berlin.
    assert usual.promise(at(23, 13, 30), 1, 1).first == date(2026, 11, 24)
    assert berlin.promise(at(23, 13, 30), 1, 1).first == date(2026, 11, 25)


def test_the_cut_off_stays_at_two_when_the_clocks_change() -> None:
    """London: 25 October 2026 ends summer time, 29 March 2026 begins it."""
    friday, monday = at(23, 13, month=10), at(26, 13, month=10)

    assert usual.promise(at(23, 12, 59, month=10), 1, 1).order_by.astimezone(UTC) == friday
    assert usual.promise(friday, 1, 1).order_by.astimezone(UTC) == at(26, 14, month=10)
    assert usual.promise(monday, 1, 1).first == date(2026, 10, 27)
    spring = usual.promise(at(27, 20, month=3), 1, 1)
    assert spring.order_by.astimezone(UTC) == at(30, 13, month=3)


def test_a_cut_off_in_the_hour_that_comes_twice_passes_once() -> None:
    sunday = DeliveryCalendar(LONDON, time(1, 30), closed_weekdays=frozenset())

    # 00:30 UTC is the first 01:30; the second comes an hour later and finds the day closed.
    before, after, again = (at(25, 0, 29, 10), at(25, 0, 30, 10), at(25, 1, 29, 10))
    assert sunday.promise(before, 0, 0).order_by.date() == date(2026, 10, 25)
    assert sunday.promise(after, 0, 0).order_by.date() == date(2026, 10, 26)
    assert sunday.promise(again, 0, 0).order_by.date() == date(2026, 10, 26)


def test_a_cut_off_in_the_hour_that_is_left_out_still_passes() -> None:
    sunday = DeliveryCalendar(LONDON, time(1, 30), closed_weekdays=frozenset())

    assert sunday.promise(at(29, 0, 0, 3), 0, 0).order_by.date() == date(2026, 3, 29)
    assert sunday.promise(at(29, 2, 0, 3), 0, 0).order_by.date() == date(2026, 3, 30)


@pytest.mark.parametrize(
    ("moment", "change"),
    [
        (at(23, 9), at(23, 14)),  # the cut-off
        (at(23, 14), at(24, 0)),  # midnight: "tomorrow" becomes "today"
        (at(28, 9), at(29, 0)),  # Saturday: "on Monday" becomes "tomorrow" at midnight
    ],
)
def test_what_is_said_holds_until_the_cut_off_or_midnight(
    moment: datetime, change: datetime
) -> None:
    assert usual.next_change_at(moment) == change


def test_midnight_is_the_shops() -> None:
    tokyo = DeliveryCalendar(ZoneInfo("Asia/Tokyo"), time(14))

    assert tokyo.next_change_at(at(23, 10)) == at(23, 15)


def test_a_shop_that_never_opens_is_no_calendar() -> None:
    with pytest.raises(ValueError, match="never opens"):
        DeliveryCalendar(LONDON, closed_weekdays=frozenset(range(7)))
