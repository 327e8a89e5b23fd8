"""The one place where a bill is added up. Pure: facts in, a Quote out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from shop.money import Money, total_of


@dataclass(frozen=True)
class Tax:
    """How one country taxes: the rate, and whether prices contain it."""

    name: str
    rate_ppm: int
    is_included: bool

    @property
    def rate(self) -> Fraction:
        return Fraction(self.rate_ppm, 1_000_000)

    def of(self, amount: Money) -> Money:
        """The tax contained in, or to be added to, one amount; rounded once, here."""
        return amount.share_within(self.rate) if self.is_included else amount.share(self.rate)


NO_TAX = Tax(name="", rate_ppm=0, is_included=True)


@dataclass(frozen=True)
class Item:
    """A line to be priced."""

    variant_id: int
    unit: Money
    quantity: int
    is_taxable: bool = True


@dataclass(frozen=True)
class QuoteLine:
    variant_id: int
    unit: Money
    quantity: int
    total: Money
    tax: Money


@dataclass(frozen=True)
class Quote:
    """A cart added up for a destination.

    total = subtotal + shipping, plus the tax where it is not already contained in them.
    """

    lines: tuple[QuoteLine, ...]
    subtotal: Money
    shipping: Money
    shipping_tax: Money
    tax: Money
    total: Money
    tax_rule: Tax

    @property
    def currency(self) -> str:
        return self.total.currency


def quote(items: Sequence[Item], *, shipping: Money, tax: Tax = NO_TAX) -> Quote:
    """Add up the bill. Tax is rounded per line and for shipping, and the sum is their sum."""
    currency = shipping.currency
    lines = tuple(_line(item, tax) for item in items)
    subtotal = total_of([line.total for line in lines], currency)
    shipping_tax = tax.of(shipping)
    tax_sum = total_of([line.tax for line in lines], currency) + shipping_tax
    total = subtotal + shipping
    return Quote(
        lines=lines,
        subtotal=subtotal,
        shipping=shipping,
        shipping_tax=shipping_tax,
        tax=tax_sum,
        total=total if tax.is_included else total + tax_sum,
        tax_rule=tax,
    )


def _line(item: Item, tax: Tax) -> QuoteLine:
    total = item.unit * item.quantity
    return QuoteLine(
        variant_id=item.variant_id,
        unit=item.unit,
        quantity=item.quantity,
        total=total,
        tax=tax.of(total) if item.is_taxable else Money.zero(total.currency),
    )
