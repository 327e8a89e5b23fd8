"""Amounts as Stripe writes them. Pure. Source: docs.stripe.com/currencies."""

from __future__ import annotations

from shop.money import Money

#: No decimals in ISO 4217, yet sent with two zeros: Stripe keeps them two-decimal.
SENT_TIMES_100 = {"ISK", "UGX"}
#: Two decimals in ISO 4217, yet sent without.
SENT_WITHOUT_DECIMALS = {"MGA"}

#: The least a card can be charged, in the shop's minor units.
MINIMUM = {
    **dict.fromkeys(("USD", "EUR", "CAD", "AUD", "CHF", "NZD", "SGD", "BRL", "INR"), 50),
    **dict.fromkeys(("SEK", "NOK"), 300),
    **dict.fromkeys(("PLN", "RON", "MYR", "AED"), 200),
    **dict.fromkeys(("MXN", "THB"), 1000),
    "BGN": 100,
    "CZK": 1500,
    "DKK": 250,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17500,
    "JPY": 50,
}


class AmountNotExpressible(ValueError):
    """The currency's smallest unit at Stripe is larger than this amount's."""


def to_stripe(money: Money) -> int:
    """Raises AmountNotExpressible."""
    if money.currency in SENT_TIMES_100:
        return money.amount * 100
    if money.currency in SENT_WITHOUT_DECIMALS:
        whole, rest = divmod(money.amount, 100)
        if rest:
            raise AmountNotExpressible(money)
        return whole
    return money.amount


def from_stripe(amount: int, currency: str) -> Money:
    """Raises AmountNotExpressible where Stripe's amount has decimals the currency lacks."""
    code = currency.upper()
    if code in SENT_TIMES_100:
        whole, rest = divmod(amount, 100)
        if rest:
            raise AmountNotExpressible(amount, currency)
        return Money(whole, code)
    if code in SENT_WITHOUT_DECIMALS:
        return Money(amount * 100, code)
    return Money(amount, code)


def least(currency: str) -> Money:
    """The smallest order a card can pay; zero where none is known."""
    return Money(MINIMUM.get(currency, 0), currency)
