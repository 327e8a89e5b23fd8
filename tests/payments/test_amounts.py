from __future__ import annotations

import pytest

from shop.money import Money
from shop.payments.amounts import AmountNotExpressible, from_stripe, least, to_stripe


@pytest.mark.parametrize(
    ("amount", "currency", "sent"),
    [
        (1999, "USD", 1999),
        (1200, "JPY", 1200),
        (1230, "KWD", 1230),
        # No decimals in ISO 4217, but Stripe keeps two of them.
        (500, "ISK", 50_000),
        (500, "UGX", 50_000),
        # Two in ISO 4217, none at Stripe.
        (500_00, "MGA", 500),
        (17_500, "HUF", 17_500),
    ],
)
def test_an_amount_reaches_stripe_in_its_own_scale(amount: int, currency: str, sent: int) -> None:
    assert to_stripe(Money(amount, currency)) == sent
    assert from_stripe(sent, currency.lower()) == Money(amount, currency)


def test_what_stripe_cannot_say_is_refused() -> None:
    with pytest.raises(AmountNotExpressible):
        to_stripe(Money(501, "MGA"))
    with pytest.raises(AmountNotExpressible):
        from_stripe(50_001, "isk")


def test_the_least_amount_is_in_the_shops_units() -> None:
    assert least("GBP") == Money(30, "GBP")
    assert least("XYZ") == Money(0, "XYZ")
