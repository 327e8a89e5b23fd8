"""The currencies a shop sells in, and what a price typed in its own is in another. Pure.

A price in a currency is the one that the merchant typed for it; where there is none, the shop's own
at the merchant's rate, rounded as the merchant wants it. All other amounts, of deliveries, limits
and discounts, are converted by the same rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from shop.money import EXACT, Money, Rounding

PPM = 1_000_000


class Ending(StrEnum):
    """How converted amounts end."""

    EXACT = "exact"
    UP_TO_99 = "up_to_99"
    UP_TO_95 = "up_to_95"
    UP_TO_90 = "up_to_90"
    NEAREST_0_05 = "nearest_0_05"
    WHOLE = "whole"
    NEAREST_5 = "nearest_5"
    NEAREST_10 = "nearest_10"
    NEAREST_100 = "nearest_100"
    NEAREST_1000 = "nearest_1000"

    @property
    def rounding(self) -> Rounding:
        return _ROUNDINGS[self]


_ROUNDINGS = {
    Ending.EXACT: EXACT,
    Ending.UP_TO_99: Rounding(Fraction(1), Fraction(1, 100)),
    Ending.UP_TO_95: Rounding(Fraction(1), Fraction(5, 100)),
    Ending.UP_TO_90: Rounding(Fraction(1), Fraction(10, 100)),
    Ending.NEAREST_0_05: Rounding(Fraction(5, 100)),
    Ending.WHOLE: Rounding(Fraction(1)),
    Ending.NEAREST_5: Rounding(Fraction(5)),
    Ending.NEAREST_10: Rounding(Fraction(10)),
    Ending.NEAREST_100: Rounding(Fraction(100)),
    Ending.NEAREST_1000: Rounding(Fraction(1000)),
}


@dataclass(frozen=True)
class Currency:
    """One that shoppers can pay in; without a base it is the shop's own."""

    code: str
    #: The shop's own, that rates are about.
    base: str = ""
    #: Units of this for one of the base, as it was typed, and on which day that was.
    rate: str = "1"
    rate_on: date | None = None
    #: Added to the rate, in parts per million.
    margin_ppm: int = 0
    ending: Ending = Ending.EXACT
    #: Totals are multiples of so many minor units.
    total_units: int = 1
    is_active: bool = True

    @property
    def is_base(self) -> bool:
        return not self.base

    @cached_property
    def whole_rate(self) -> Fraction:
        """With the margin."""
        return Fraction(self.rate) * (PPM + self.margin_ppm) / PPM

    def of(self, amount: int) -> Money:
        """What an amount in minor units of the base is in this currency."""
        return Money(amount, self.code) if self.is_base else _converted(self, amount)


@lru_cache(maxsize=65_536)
def _converted(currency: Currency, amount: int) -> Money:
    """Kept, since lists compare many prices, of which few differ."""
    base, rate = Money(amount, currency.base), currency.whole_rate
    return base.exchanged(rate, currency.code, currency.ending.rounding)


@dataclass(frozen=True, slots=True)
class Price:
    unit: Money
    #: Before a reduction, where it is one.
    was: Money | None = None


def price_in(
    currency: Currency,
    unit_amount: int,
    compare_at_amount: int | None = None,
    own_amount: int | None = None,
    own_compare_at_amount: int | None = None,
) -> Price:
    """`own…`: typed for this very currency, in its minor units; the others in the base's."""
    unit, was = amounts_in(
        currency, unit_amount, compare_at_amount, own_amount, own_compare_at_amount
    )
    return Price(Money(unit, currency.code), None if was is None else Money(was, currency.code))


def amounts_in(
    currency: Currency,
    unit_amount: int,
    compare_at_amount: int | None = None,
    own_amount: int | None = None,
    own_compare_at_amount: int | None = None,
) -> tuple[int, int | None]:
    """The same as bare amounts of the currency: what it costs, and what it did before."""
    if own_amount is not None:
        unit, before = own_amount, own_compare_at_amount
    elif currency.is_base:
        unit, before = unit_amount, compare_at_amount
    else:
        unit = currency.of(unit_amount).amount
        before = None if compare_at_amount is None else currency.of(compare_at_amount).amount
    return unit, None if before is None or before <= unit else before


def read(stored: Mapping[str, Any], base: str) -> Currency:
    """As store_settings keeps it."""
    day = stored["rate_on"]
    return Currency(
        code=stored["code"],
        base=base,
        rate=stored["rate"],
        rate_on=date.fromisoformat(day) if day else None,
        margin_ppm=stored["margin_ppm"],
        ending=Ending(stored["ending"]),
        total_units=stored["total_units"],
        is_active=stored["is_active"],
    )


def written(currency: Currency) -> dict[str, Any]:
    """As store_settings keeps it."""
    return {
        "code": currency.code,
        "rate": currency.rate,
        "rate_on": currency.rate_on.isoformat() if currency.rate_on else "",
        "margin_ppm": currency.margin_ppm,
        "ending": str(currency.ending),
        "total_units": currency.total_units,
        "is_active": currency.is_active,
    }
