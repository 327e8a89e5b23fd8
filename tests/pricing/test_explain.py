"""Every figure of a bill can be told in sentences, to the cent."""

from __future__ import annotations

import pytest
from flask import Flask

from shop.money import Money
from shop.pricing.discounts import Discount, Kind
from shop.pricing.explain import Explanation, explain
from shop.pricing.quote import GiftCardBalance, Item, Quote, quote
from shop.pricing.tax import STANDARD, Rate, ShippingTax, TaxRules
from tests.factories import make_discount, make_order

VAT = TaxRules(rates={STANDARD: (Rate("VAT", 200_000),)})
TEN_OFF = Discount(1, "Ten off", Kind.PERCENTAGE, value=100_000)


def pounds(amount: int) -> Money:
    return Money(amount, "GBP")


def told(quoted: Quote, *titles: str) -> Explanation:
    found = explain(quoted.steps, titles or ("Tuesday mug",), quoted.bill)
    assert found is not None
    return found


@pytest.fixture
def in_english(app: Flask) -> object:
    with app.test_request_context():
        yield


pytestmark = pytest.mark.usefixtures("in_english")


def test_goods_discount_delivery_and_contained_tax() -> None:
    quoted = quote([Item(1, pounds(3400), 2)], shipping=pounds(450), tax=VAT, discounts=[TEN_OFF])

    found = told(quoted)

    assert found.subtotal == ("Tuesday mug: 2 × £34.00 = £68.00",)
    assert found.discounts == {"Ten off": ("Tuesday mug: -£6.80",)}
    assert found.shipping == ("Delivery by the way you chose: £4.50",)
    assert found.taxes == {
        ("VAT", 200_000): (
            "Tuesday mug: VAT 20% within £61.20 = £10.20",
            "Delivery: VAT 20% within £4.50 = £0.75",
        )
    }
    assert found.total == ("£68.00 − £6.80 + £4.50 = £65.70",)
    assert (found.relief, found.rounding, found.gift_card) == ((), (), ())


def test_tax_that_is_added_has_its_part_in_the_total() -> None:
    rules = TaxRules(
        is_included=False,
        rates={STANDARD: (Rate("CGST", 90_000), Rate("SGST", 90_000))},
        shipping=ShippingTax.NONE,
    )

    found = told(quote([Item(1, pounds(1000), 1)], shipping=pounds(0), tax=rules))

    assert found.taxes[("CGST", 90_000)] == ("Tuesday mug: CGST 9% on £10.00 = £0.90",)
    assert found.taxes[("SGST", 90_000)] == ("Tuesday mug: SGST 9% on £10.00 = £0.90",)
    assert found.total == ("£10.00 + £0.90 + £0.90 = £11.80",)


def test_two_taxes_in_a_price_are_told_within_the_whole_price() -> None:
    rules = TaxRules(
        rates={STANDARD: (Rate("CGST", 90_000), Rate("SGST", 90_000))}, shipping=ShippingTax.NONE
    )

    found = told(quote([Item(1, pounds(1180), 1)], shipping=pounds(0), tax=rules))

    assert found.taxes[("CGST", 90_000)] == ("Tuesday mug: CGST 9% within £11.80 = £0.90",)


def test_tax_that_need_not_be_paid_rounding_and_gift_cards() -> None:
    rules = TaxRules(
        rates={STANDARD: (Rate("VAT", 200_000),)},
        shipping=ShippingTax.NONE,
        relief="Reverse charge",
    )
    quoted = quote(
        [Item(1, pounds(1201), 1)],
        shipping=pounds(0),
        tax=rules,
        gift_cards=[GiftCardBalance(1, pounds(400))],
        round_to=5,
    )

    found = told(quoted)

    assert found.relief == ("Tuesday mug: 20% on £10.01 is not charged: -£2.00",)
    assert found.rounding == ("£10.01 is rounded to £10.00, the nearest sum that can be paid.",)
    assert found.total == ("£12.01 − £2.00 − £0.01 = £10.00",)
    assert found.gift_card == ("£10.00, of which gift cards pay £4.00: £6.00 is left to pay.",)


def test_a_discount_of_the_delivery_is_told_as_such() -> None:
    free = Discount(1, "Carriage paid", Kind.FREE_SHIPPING)

    found = told(quote([Item(1, pounds(1000), 1)], shipping=pounds(450), discounts=[free]))

    assert found.discounts == {"Carriage paid": ("Delivery: -£4.50",)}


def test_an_order_tells_what_its_quote_told() -> None:
    make_discount()
    order = make_order()

    found = explain(order.quote_steps, ["Tuesday mug"], order.bill)

    assert found is not None
    assert found.total == ("£34.00 + £4.50 = £38.50",)
    assert found.taxes[("VAT", 200_000)][0] == "Tuesday mug: VAT 20% within £34.00 = £5.67"


def test_an_order_older_than_its_steps_tells_nothing() -> None:
    order = make_order()
    order.steps = []

    assert explain(order.quote_steps, [], order.bill) is None
