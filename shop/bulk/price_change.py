"""One price changed with many others: by a percentage or an amount, and how it ends. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from shop.money import MAX_AMOUNT, Money
from shop.store.currencies import Ending

PPM = 1_000_000


class PriceTooLow(Exception):
    """Nothing would be left of it."""


class PriceTooHigh(Exception):
    """More than any price may be."""


@dataclass(frozen=True)
class PriceRule:
    #: Parts per million of the price, below zero to make it cheaper; 0 where `amount` counts.
    ppm: int = 0
    #: Minor units on top, below zero to make it cheaper.
    amount: int = 0
    ending: Ending = Ending.EXACT
    #: The price of before becomes the compare-at price.
    is_sale: bool = False

    def applied(self, price: Money) -> Money:
        """Half a minor unit, or half a step of the ending, is rounded away from zero. A price of
        nothing stays nothing. Raises PriceTooLow, PriceTooHigh.
        """
        if not price:
            return price
        factor = 1 + Fraction(self.ppm, PPM)
        exact = Money(price.amount + self.amount, price.currency)
        if exact.amount <= 0 or factor <= 0:
            raise PriceTooLow
        new = exact.exchanged(factor, price.currency, self.ending.rounding)
        if new.amount > MAX_AMOUNT:
            raise PriceTooHigh
        return new
