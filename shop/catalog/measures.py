"""What is in one, and the price for a usual amount of it: "£3.40 / 100 g". Pure.

Source: Directive 98/6/EC on the indication of prices; the units are those of Shopify's columns
"Unit Price Total Measure Unit" and "Unit Price Base Measure Unit", and those sold by number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from shop.money import Money

#: Unit -> what it measures, and how many of the smallest unit of that it is.
UNITS: dict[str, tuple[str, Fraction]] = {
    "mg": ("weight", Fraction(1)),
    "g": ("weight", Fraction(1000)),
    "kg": ("weight", Fraction(1_000_000)),
    "oz": ("weight", Fraction("28349.523125")),
    "lb": ("weight", Fraction("453592.37")),
    "ml": ("volume", Fraction(1)),
    "cl": ("volume", Fraction(10)),
    "l": ("volume", Fraction(1000)),
    "m3": ("volume", Fraction(1_000_000)),
    "floz": ("volume", Fraction("29.5735295625")),
    "mm": ("length", Fraction(1)),
    "cm": ("length", Fraction(10)),
    "m": ("length", Fraction(1000)),
    "in": ("length", Fraction("25.4")),
    "ft": ("length", Fraction("304.8")),
    "yd": ("length", Fraction("914.4")),
    "m2": ("area", Fraction(1)),
    "item": ("number", Fraction(1)),
}

_AMOUNT = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]{1,3}))?", re.ASCII)
_MEASURE = re.compile(r"([0-9.,]+) ?([a-z]+[0-9]?)", re.ASCII)


class UnreadableMeasure(ValueError):
    """No positive amount, no unit of UNITS, or two units that measure different things."""


@dataclass(frozen=True)
class UnitPrice:
    price: Money
    #: For so many of the unit.
    base: int
    unit: str


@dataclass(frozen=True)
class Measures:
    #: How much is in one, in thousandths of its unit.
    amount: int
    unit: str
    #: The amount that the price is told for.
    base: int
    base_unit: str

    def __post_init__(self) -> None:
        kinds = {UNITS.get(unit, (unit,))[0] for unit in (self.unit, self.base_unit)}
        is_known = self.unit in UNITS and self.base_unit in UNITS
        if not is_known or len(kinds) > 1 or self.amount < 1 or self.base < 1:
            raise UnreadableMeasure(f"{self.amount} {self.unit}, {self.base} {self.base_unit}")

    def unit_price(self, price: Money) -> UnitPrice:
        in_one = Fraction(self.amount, 1000) * UNITS[self.unit][1]
        in_base = self.base * UNITS[self.base_unit][1]
        return UnitPrice(price.share(in_base / in_one), self.base, self.base_unit)


def read_measures(contains: str, per: str) -> Measures:
    """From "250 g" and "100 g". Raises UnreadableMeasure."""
    amount, unit = _read(contains)
    base, base_unit = _read(per)
    if base % 1000:
        raise UnreadableMeasure(per)
    return Measures(amount, unit, base // 1000, base_unit)


def plain_measures(measures: Measures) -> tuple[str, str]:
    """The texts that `read_measures` reads."""
    contains = f"{plain_thousandths(measures.amount)} {measures.unit}"
    return contains, f"{measures.base} {measures.base_unit}"


def plain_thousandths(amount: int) -> str:
    """750 is "0.75"."""
    whole, rest = divmod(amount, 1000)
    return f"{whole}.{rest:03d}".rstrip("0").rstrip(".")


def _read(text: str) -> tuple[int, str]:
    """Thousandths and unit."""
    match = _MEASURE.fullmatch(" ".join(text.casefold().split()))
    number = _AMOUNT.fullmatch(match[1]) if match else None
    if match is None or number is None:
        raise UnreadableMeasure(text)
    return int(number[1]) * 1000 + int((number[2] or "").ljust(3, "0")), match[2]
