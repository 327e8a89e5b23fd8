from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from shop.money import Money
from shop.pricing import queries
from shop.pricing.shipping import ShippingOption, add_working_days
from tests.factories import make_rates


@pytest.mark.parametrize(
    ("start", "days", "arrival"),
    [
        (date(2026, 11, 23), 2, date(2026, 11, 25)),  # Monday to Wednesday
        (date(2026, 11, 26), 2, date(2026, 11, 30)),  # Thursday over the weekend to Monday
        (date(2026, 11, 28), 1, date(2026, 11, 30)),  # Saturday to Monday
        (date(2026, 11, 28), 0, date(2026, 11, 28)),
    ],
)
def test_working_days_leave_out_weekends(start: date, days: int, arrival: date) -> None:
    assert add_working_days(start, days) == arrival


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
    assert queries.tax_for("GB").rate_ppm == 200_000
    assert queries.tax_for("NZ").rate_ppm == 0


def test_only_countries_with_a_rate_are_served(app: Flask) -> None:
    make_rates("GB")

    assert queries.served_countries({"GB", "FR"}) == {"GB"}
    assert queries.shipping_options("FR", "GBP") == []
