from __future__ import annotations

from flask import Flask

from shop.money import Money
from shop.pricing import queries
from shop.pricing.shipping import ShippingOption
from tests.factories import make_rates


def test_delivery_is_free_from_its_threshold_on() -> None:
    option = ShippingOption(1, "Standard", Money(450, "GBP"), Money(6000, "GBP"), 2, 3)

    assert option.cost(Money(5999, "GBP")) == Money(450, "GBP")
    assert option.cost(Money(6000, "GBP")) == Money(0, "GBP")
    assert option.missing_to_free(Money(3400, "GBP")) == Money(2600, "GBP")
    assert option.missing_to_free(Money(6000, "GBP")) is None


def test_a_country_has_its_own_rates_or_those_of_everywhere_else(app: Flask) -> None:
    make_rates("GB", shipping=450)
    make_rates("*", shipping=1900, free_from=None, tax_ppm=0)

    assert [option.price.amount for option in queries.shipping_options("GB", "GBP")] == [450]
    assert [option.price.amount for option in queries.shipping_options("NZ", "GBP")] == [1900]
    assert queries.tax_for("GB").rates["standard"][0].rate_ppm == 200_000
    assert queries.tax_for("NZ").rates == {}


def test_only_countries_with_a_rate_are_served(app: Flask) -> None:
    make_rates("GB")

    assert queries.served_countries({"GB", "FR"}) == {"GB"}
    assert queries.shipping_options("FR", "GBP") == []
