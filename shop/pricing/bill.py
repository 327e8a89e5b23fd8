"""What a bill says: the sums that pages and mails print and that an order keeps. Pure.

total = subtotal - discount + shipping + tax that prices do not contain - relief + rounding
"""

from __future__ import annotations

from dataclasses import dataclass

from shop.money import Money


@dataclass(frozen=True)
class DiscountLine:
    discount_id: int
    title: str
    #: What the shopper typed; empty: it applied by itself.
    code: str
    amount: Money


@dataclass(frozen=True)
class TaxLine:
    """One rate of the bill: "VAT" at 200,000 ppm on a base without tax."""

    name: str
    rate_ppm: int
    base: Money
    amount: Money

    @property
    def percent(self) -> str:
        """ "20", "8.875"."""
        return f"{self.rate_ppm / 10_000:g}"


@dataclass(frozen=True)
class GiftCardLine:
    """What one gift card pays."""

    #: Of its code; empty: it is store credit.
    last_four: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class Bill:
    subtotal: Money
    discounts: tuple[DiscountLine, ...] = ()
    #: Sum of the discounts, the delivery's part included.
    discount: Money
    #: Before any discount.
    shipping: Money
    shipping_discount: Money
    taxes: tuple[TaxLine, ...] = ()
    tax: Money
    is_tax_included: bool
    #: Tax that prices contain and the buyer need not pay, and why.
    relief: Money
    relief_name: str = ""
    rounding: Money
    total: Money
    #: What gift cards pay of the total.
    gift_card: Money
    gift_cards: tuple[GiftCardLine, ...] = ()

    @property
    def due(self) -> Money:
        return self.total - self.gift_card
