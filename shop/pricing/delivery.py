"""When a parcel arrives, and until when that is true. Pure.

What is ordered before the cut-off is packed from that day on, by the clock of the shop's time zone.
Packing takes open days of the shop. The post then takes Monday to Friday, whatever days the shop
opens; on the shop's holidays neither happens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

ONE_DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class DeliveryPromise:
    """Dates by the shop's calendar; they hold for what is ordered before `order_by`."""

    first: date
    last: date
    #: In the shop's time zone.
    order_by: datetime

    @property
    def days(self) -> tuple[date, date]:
        return self.first, self.last


@dataclass(frozen=True)
class DeliveryCalendar:
    zone: tzinfo
    cutoff: time = time(14)
    handling_days: int = 0
    #: Monday is 0; at least one day of the week must be open.
    closed_weekdays: frozenset[int] = frozenset({5, 6})
    closed_days: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.closed_weekdays >= set(range(7)):
            raise ValueError("a shop that never opens promises nothing")

    def promise(self, at: datetime, min_days: int, max_days: int) -> DeliveryPromise:
        """For an order at this instant; the days are those of the way of delivery."""
        packing_from = self._packing_from(at)
        sent = _after(packing_from, self.handling_days, self._is_open)
        return DeliveryPromise(
            first=_after(sent, min_days, self._has_post),
            last=_after(sent, max_days, self._has_post),
            order_by=self._cutoff_on(packing_from),
        )

    def next_change_at(self, at: datetime) -> datetime:
        """Until then everything said at `at` stays true, "today" and "tomorrow" too. In UTC."""
        tomorrow = at.astimezone(self.zone).date() + ONE_DAY
        midnight = datetime.combine(tomorrow, time(), self.zone).astimezone(UTC)
        return min(self._cutoff_on(self._packing_from(at)).astimezone(UTC), midnight)

    def today(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _packing_from(self, at: datetime) -> date:
        day = self.today(at)
        # In UTC: two instants of one zone compare by their clocks, wrongly in the hour that
        # comes twice in autumn.
        if self._is_open(day) and at.astimezone(UTC) < self._cutoff_on(day).astimezone(UTC):
            return day
        return _after(day, 1, self._is_open)

    def _cutoff_on(self, day: date) -> datetime:
        return datetime.combine(day, self.cutoff, self.zone)

    def _is_open(self, day: date) -> bool:
        return day.weekday() not in self.closed_weekdays and day not in self.closed_days

    def _has_post(self, day: date) -> bool:
        return day.weekday() < SATURDAY and day not in self.closed_days


def _after(start: date, days: int, counts: Callable[[date], bool]) -> date:
    """The date `days` such days after `start`."""
    day = start
    while days > 0:
        day += ONE_DAY
        days -= counts(day)
    return day
