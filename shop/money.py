"""Amounts of money in integer minor units. The only module that rounds or divides an amount."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

#: Digits after the point where it is not two. Source: ISO 4217, table A.1.
EXPONENTS = (
    dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0)
    | dict.fromkeys(("UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0)
    | dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)
)

#: Smallest payable amount where it is not one minor unit: cards settle three-decimal
#: currencies to the hundredth, and ariary without decimals. Source: docs.stripe.com/currencies.
STEPS = dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 10) | {"MGA": 100}

#: The card networks carry at most eight digits.
MAX_AMOUNT = 99_999_999

_AMOUNT = re.compile(r"([0-9]{1,8})(?:[.,]([0-9]{1,3}))?", re.ASCII)
#: Thousands or three decimals: "1.234" is an amount where a currency has three, "1,234" nowhere.
_AMBIGUOUS = re.compile(r"[0-9]+[.,][0-9]{3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rounding:
    """How a converted amount ends, in the currency's main unit: multiples of `multiple`, or, with
    `less`, the next of them up and so much less: 1 and 0.05 make 12.95 of 12.13.
    """

    multiple: Fraction = Fraction(0)
    less: Fraction = Fraction(0)

    def fits(self, currency: str) -> bool:
        """Whether the currency has amounts that end so: 12.95 yen there are none."""
        units = 10 ** exponent(currency)
        return all((part * units) % step(currency) == 0 for part in (self.multiple, self.less))


EXACT = Rounding()


class CurrencyMismatch(ValueError):
    """Two currencies met in one sum."""


class UnreadableAmount(ValueError):
    """A text that is not an amount of the currency."""


def exponent(currency: str) -> int:
    return EXPONENTS.get(currency, 2)


def step(currency: str) -> int:
    return STEPS.get(currency, 1)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in the currency's minor unit; sums across currencies raise CurrencyMismatch."""

    amount: int
    currency: str

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, quantity: int) -> Money:
        return Money(self.amount * quantity, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    def share(self, rate: Fraction) -> Money:
        """`rate` times the amount, half a step rounded away from zero."""
        return Money(_round(self.amount * rate, step(self.currency)), self.currency)

    def exchanged(self, rate: Fraction, currency: str, rounding: Rounding = EXACT) -> Money:
        """In another currency, of which `rate` units are worth one of this one's. Nothing stays
        nothing, and something never becomes nothing. A larger amount never becomes a smaller one.
        """
        units = 10 ** exponent(currency)
        unit = int(rounding.multiple * units) or step(currency)
        less = int(rounding.less * units)
        exact = self.amount * rate * units / 10 ** exponent(self.currency)
        if not exact:
            return Money.zero(currency)
        multiples = ceil((exact + less) / unit) if less else _round(exact, unit) // unit
        return Money(max(1, multiples) * unit - less, currency)

    def rounded_to(self, units: int) -> Money:
        """The nearest multiple of `units` minor units, half away from zero."""
        return Money(_round(Fraction(self.amount), units), self.currency)

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Divide in proportion to `weights`; the parts always add up to the whole.

        Leftover steps go to the largest remainders (Hamilton's method), earlier parts first.
        """
        unit, total = step(self.currency), sum(weights)
        if total <= 0 or any(weight < 0 for weight in weights):
            raise ValueError("weights must be non-negative and add up to more than nothing")
        exact = [Fraction(self.amount * weight, total * unit) for weight in weights]
        parts = [share.__floor__() for share in exact]
        # A whole that is no multiple of the step keeps its odd units in the last part.
        leftover = self.amount // unit - sum(parts)
        by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
        for i in by_remainder[:leftover]:
            parts[i] += 1
        amounts = [part * unit for part in parts]
        amounts[-1] += self.amount - sum(amounts)
        return [Money(amount, self.currency) for amount in amounts]

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.amount


def total_of(amounts: Sequence[Money], currency: str) -> Money:
    return sum(amounts, start=Money.zero(currency))


def read_amount(text: str, currency: str) -> Money:
    """Read "34", "34.5" or "34,50"; both decimal marks, no grouping, no sign.

    Raises UnreadableAmount on anything else, on too many decimals, beyond eight digits and on what
    could mean two things: "12,000" is no 12 yen.
    """
    match, digits = _AMOUNT.fullmatch(text.strip(" ")), exponent(currency)
    if match is None or (_AMBIGUOUS.fullmatch(match[0]) and (digits != 3 or "," in match[0])):
        raise UnreadableAmount(text)
    whole, decimals = match[1], match[2] or ""
    if decimals[digits:].strip("0"):
        raise UnreadableAmount(text)
    amount = int(whole) * 10**digits + int(decimals[:digits].ljust(digits, "0") or "0")
    if amount > MAX_AMOUNT or amount % step(currency):
        raise UnreadableAmount(text)
    return Money(amount, currency)


def plain_amount(money: Money) -> str:
    """The amount as form fields and CSV files write it: "34.00", "1200", "1.230"."""
    digits = exponent(money.currency)
    if not digits:
        return str(money.amount)
    sign, amount = ("-" if money.amount < 0 else ""), abs(money.amount)
    return f"{sign}{amount // 10**digits}.{amount % 10**digits:0{digits}d}"


def _round(value: Fraction, unit: int) -> int:
    scaled = abs(value) / unit
    rounded = (scaled + Fraction(1, 2)).__floor__() * unit
    return rounded if value >= 0 else -rounded
