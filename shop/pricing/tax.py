"""How a place taxes. Pure.

Every component of a tax is rounded once for each line and once for the delivery, half away from
zero, and the tax of the bill is the sum of these. So every printed line is right by itself, and the
lines add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from shop.money import Money, total_of

STANDARD = "standard"
#: What a product may be, in the words of the European tables; another name is another category.
CATEGORIES = (STANDARD, "reduced", "reduced_low", "super_reduced", "zero")
PPM = 1_000_000


class ShippingTax(StrEnum):
    """How the delivery is taxed."""

    #: Like the goods, in proportion to what they cost: an ancillary supply shares their fate.
    LIKE_GOODS = "like_goods"
    #: At the standard rate, whatever is sent.
    STANDARD = "standard"
    NONE = "none"


@dataclass(frozen=True)
class Rate:
    """One component: "VAT", or "CGST" beside "SGST"."""

    name: str
    #: Parts per million: 20 % is 200,000.
    rate_ppm: int


@dataclass(frozen=True)
class TaxAmount:
    """What one component takes of some amount."""

    rate: Rate
    #: What it is computed on, without tax.
    base: Money
    amount: Money


@dataclass(frozen=True)
class TaxRules:
    """The taxes of one destination, by category of goods. A category that is not named is taxed
    like the standard; no category at all is not taxed.
    """

    is_included: bool = True
    rates: Mapping[str, tuple[Rate, ...]] = field(default_factory=dict)
    shipping: ShippingTax = ShippingTax.LIKE_GOODS
    #: Why nothing is charged although rates apply ("Reverse charge"). Where prices contain the tax,
    #: it is taken off them.
    relief: str = ""

    @property
    def name(self) -> str:
        """What stands beside a price: "VAT", "CGST + SGST"; empty where nothing is charged."""
        names = [rate.name for rate in self.rates.get(STANDARD, ()) if rate.rate_ppm]
        return " + ".join(dict.fromkeys(names))

    def of(self, category: str, amount: Money) -> tuple[TaxAmount, ...]:
        """The tax contained in `amount`, or to be added to it."""
        rates = self.rates.get(category, self.rates.get(STANDARD, ())) if category else ()
        whole = Fraction(sum(rate.rate_ppm for rate in rates), PPM)
        taxes = [self._one(rate, whole, amount) for rate in rates]
        contained = total_of(taxes, amount.currency) if self.is_included else amount * 0
        base = amount - contained
        return tuple(TaxAmount(rate, base, tax) for rate, tax in zip(rates, taxes, strict=True))

    def _one(self, rate: Rate, whole: Fraction, amount: Money) -> Money:
        share = Fraction(rate.rate_ppm, PPM)
        return amount.share(share / (1 + whole) if self.is_included else share)


NO_TAX = TaxRules()


def sum_of(taxes: Sequence[TaxAmount], currency: str) -> Money:
    return total_of([tax.amount for tax in taxes], currency)


def by_rate(taxes: Sequence[TaxAmount]) -> tuple[TaxAmount, ...]:
    """One entry a component, in the order they first appear: the lines of a tax summary."""
    sums: dict[Rate, TaxAmount] = {}
    for tax in taxes:
        before = sums.get(tax.rate)
        sums[tax.rate] = (
            TaxAmount(tax.rate, before.base + tax.base, before.amount + tax.amount)
            if before
            else tax
        )
    return tuple(sums.values())
