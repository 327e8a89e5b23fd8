from __future__ import annotations

from flask import Flask

from shop.money import Money
from shop.pricing import queries
from shop.pricing.places import Destination
from shop.pricing.shipping import Basis, Parcel, ShippingOption, Step
from shop.store.currencies import Currency
from tests.factories import make_rates

GBP = Currency("GBP")


def test_delivery_is_free_from_its_threshold_on() -> None:
    option = ShippingOption(1, "Standard", Money(450, "GBP"), Money(6000, "GBP"), 2, 3)

    assert option.cost(Parcel(Money(5999, "GBP"))) == Money(450, "GBP")
    assert option.cost(Parcel(Money(6000, "GBP"))) == Money(0, "GBP")
    assert option.missing_to_free(Money(3400, "GBP")) == Money(2600, "GBP")
    assert option.missing_to_free(Money(6000, "GBP")) is None


def test_a_country_has_its_own_rates_or_those_of_everywhere_else(app: Flask) -> None:
    make_rates("GB", shipping=450)
    make_rates("*", shipping=1900, free_from=None, tax_ppm=0)

    assert [option.price.amount for option in queries.shipping_options(Destination("GB"), GBP)] == [
        450
    ]
    assert [option.price.amount for option in queries.shipping_options(Destination("NZ"), GBP)] == [
        1900
    ]
    assert queries.tax_for(Destination("GB")).rates["standard"][0].rate_ppm == 200_000
    assert queries.tax_for(Destination("NZ")).rates["standard"][0].rate_ppm == 0


def test_only_countries_with_a_rate_are_served(app: Flask) -> None:
    make_rates("GB")

    assert queries.served_countries({"GB", "FR"}) == {"GB"}
    assert queries.shipping_options(Destination("FR"), GBP) == []


def test_a_price_rises_with_the_weight_and_ends_where_nothing_is_sent() -> None:
    option = ShippingOption(
        1,
        "Parcel",
        Money(300, "GBP"),
        None,
        2,
        3,
        Basis.WEIGHT,
        (Step(1000, 500), Step(5000, None)),
    )

    def to_pay(grams: int) -> int:
        return option.cost(Parcel(Money(100, "GBP"), weight_grams=grams)).amount

    assert [to_pay(grams) for grams in (0, 999, 1000, 4999)] == [300, 300, 500, 500]
    assert not option.carries(Parcel(Money(100, "GBP"), weight_grams=5000))
