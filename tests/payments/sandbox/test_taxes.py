from __future__ import annotations

import pytest

from shop.payments.gateway import PaymentRefused, StripeGateway
from shop.payments.tax_params import calculation
from shop.pricing.places import Destination
from shop.pricing.tax import ShippingTax
from tests.payments.sandbox.harness import KEY, World
from tests.payments.sandbox.openapi import answer_schema, faults, request_schema

CODES = {"reduced": "txcd_35010000"}


@pytest.fixture
def gateway(world: World) -> StripeGateway:
    return StripeGateway(
        KEY, api_base=world.url, webhook_secrets=["whsec_x"], is_live=False, store_id="till"
    )


@pytest.mark.parametrize(
    ("destination", "standard", "reduced", "shipping"),
    [
        (Destination("GB", "", "LS6 2AB"), [("VAT", 200_000)], [], ShippingTax.STANDARD),
        (Destination("DE"), [("VAT", 190_000)], [("VAT", 70_000)], ShippingTax.STANDARD),
        (
            Destination("US", "CA", "94110"),
            [("Sales tax, California", 72_500)],
            [("Sales tax, California", 72_500)],
            ShippingTax.NONE,
        ),
        (Destination("NZ"), [], [], ShippingTax.NONE),
    ],
)
def test_the_sdk_asks_and_the_rates_come_back(
    gateway: StripeGateway,
    destination: Destination,
    standard: list[tuple[str, int]],
    reduced: list[tuple[str, int]],
    shipping: ShippingTax,
) -> None:
    told = gateway.taxes(calculation(destination, "GBP", CODES))

    assert told.rates["standard"] == standard
    assert told.rates["reduced"] == reduced
    assert told.rates["zero"] == []
    assert told.shipping is shipping


def test_a_city_adds_its_part(gateway: StripeGateway) -> None:
    told = gateway.taxes(calculation(Destination("US", "NY", "10001"), "USD", {}))

    assert [rate for _name, rate in told.rates["standard"]] == [40_000, 45_000, 3_750]


def test_an_address_that_says_too_little_is_refused(gateway: StripeGateway) -> None:
    with pytest.raises(PaymentRefused) as refusal:
        gateway.taxes(calculation(Destination("US", "NY"), "USD", {}))

    assert refusal.value.code == "customer_tax_location_invalid"


def test_question_and_answer_fit_stripes_description(world: World) -> None:
    params = calculation(Destination("DE", "", "20095"), "EUR", CODES)

    answer = world.client.v1.tax.calculations.create(params).to_dict()

    assert list(faults(params, request_schema("post", "/v1/tax/calculations"))) == []
    assert list(faults(answer, answer_schema("tax.calculation"))) == []
    line = answer["line_items"]["data"][0]
    assert list(faults(line, answer_schema("tax.calculation_line_item"))) == []
    assert (answer["amount_total"], answer["tax_amount_exclusive"]) == (68_300, 8_300)


def test_parts_are_told_only_where_asked_for(world: World) -> None:
    params = calculation(Destination("DE"), "EUR", CODES) | {"expand": ["line_items"]}

    answer = world.client.v1.tax.calculations.create(params).to_dict()

    assert answer["line_items"]["data"][0]["tax_breakdown"] is None
