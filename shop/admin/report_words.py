"""What the figures of the home page and the reports are called, and how they compare."""

from __future__ import annotations

from collections.abc import Sequence

from babel.dates import format_date
from flask_babel import gettext as _

from shop.money import Money
from shop.reports.dashboard import Stat
from shop.reports.periods import Bucket, Grain, Period, Preset
from shop.web.counts import ngettext
from shop.web.filters import day, money, number, time_of_day
from shop.web.locale import locale_now


def preset_names() -> dict[str, str]:
    return {
        Preset.TODAY: _("Today"),
        Preset.YESTERDAY: _("Yesterday"),
        Preset.WEEK: _("7 days"),
        Preset.MONTH: _("30 days"),
        Preset.QUARTER: _("90 days"),
        Preset.THIS_MONTH: _("This month"),
        Preset.LAST_MONTH: _("Last month"),
        Preset.THIS_YEAR: _("This year"),
        Preset.TWELVE_MONTHS: _("12 months"),
    }


def change(stat: Stat, period: Period) -> str:
    return change_by(stat.change, period)


def change_by(percent: int | None, period: Period) -> str:
    """A sentence; the period before has as many days."""
    if percent is None:
        return _("Nothing before to compare with.")
    if percent > 0:
        return ngettext(
            "Up %(percent)s%% on the day before.",
            "Up %(percent)s%% on the %(num)s days before.",
            period.days,
            percent=percent,
        )
    if percent < 0:
        return ngettext(
            "Down %(percent)s%% on the day before.",
            "Down %(percent)s%% on the %(num)s days before.",
            period.days,
            percent=-percent,
        )
    return ngettext(
        "The same as the day before.", "The same as the %(num)s days before.", period.days
    )


def method_name(method: str) -> str:
    """How money came, as Stripe or the shop calls it."""
    names = {
        "card": _("Card"),
        "bank_transfer": _("Bank transfer"),
        "cash": _("Cash"),
        "paypal": "PayPal",
        "klarna": "Klarna",
        "sepa_debit": _("SEPA debit"),
        "": _("Other"),
    }
    return names.get(method) or method.replace("_", " ").capitalize()


def days_of(period: Period) -> str:
    """ "1 to 26 November 2026", or the one day."""
    if period.days == 1:
        return day(period.first)
    return _("%(first)s to %(last)s", first=day(period.first), last=day(period.last))


def rows_of(period: Period, series: Sequence[int], currency: str) -> list[tuple[str, str]]:
    """Each column of the period with its value, in words. `currency`: empty for counts."""
    return [
        (bucket_name(bucket, period), money(Money(value, currency)) if currency else number(value))
        for bucket, value in zip(period.buckets, series, strict=True)
    ]


def bucket_name(bucket: Bucket, period: Period) -> str:
    """In full, for a table's row."""
    locale = locale_now()
    if period.grain is Grain.HOUR:
        return time_of_day(bucket.since.astimezone(period.zone))
    if period.grain is Grain.MONTH:
        return day(bucket.day, "yMMMM")
    if period.grain is Grain.WEEK:
        return _("Week from %(day)s", day=format_date(bucket.day, "medium", locale=locale))
    return day(bucket.day, "MMMEd")


def bucket_code(bucket: Bucket, period: Period) -> str:
    """For a file: 2026-11-27, 2026-11 or 2026-11-27 10:00."""
    if period.grain is Grain.HOUR:
        return f"{bucket.since.astimezone(period.zone):%Y-%m-%d %H:%M}"
    return f"{bucket.day:%Y-%m}" if period.grain is Grain.MONTH else bucket.day.isoformat()


def bucket_label(bucket: Bucket, period: Period) -> str:
    """Short, for below a column."""
    if period.grain is Grain.HOUR:
        return time_of_day(bucket.since.astimezone(period.zone))
    if period.grain is Grain.MONTH:
        return day(bucket.day, "MMM")
    return day(bucket.day, "MMMd")
