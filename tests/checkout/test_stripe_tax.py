"""The payment screen of a shop that takes its rates from Stripe Tax."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.catalog.models import Variant
from shop.extensions import db
from shop.payments.gateway import PaymentRefused, PaymentsUnreachable
from shop.store.models import StoreSettings
from tests.checkout.test_pages import DETAILS, mug, orders, payment
from tests.fakes import FakeGateway
from tests.pages import read

__all__ = ["mug"]


@pytest.fixture
def by_stripe(app: Flask, mug: Variant) -> StoreSettings:
    settings = db.session.get_one(StoreSettings, 1)
    settings.is_taxed_by_stripe = True
    db.session.commit()
    return settings


def test_stripes_rate_is_in_the_sum_and_agreed_to(
    client: FlaskClient, by_stripe: StoreSettings, gateway: FakeGateway
) -> None:
    page = payment(client)

    assert "VAT 19%" in page.text
    answer = client.post("/checkout/payment", data={"total": page.value("total")})
    assert answer.status_code == 303
    assert len(gateway.tax_questions) == 1
    assert gateway.tax_questions[0]["customer_details"]["address"]["postal_code"] == "LS6 2AB"
    (params,) = gateway.created
    assert params["line_items"][0]["price_data"]["unit_amount"] == 3400


def test_in_the_united_states_it_is_added(
    client: FlaskClient, by_stripe: StoreSettings, gateway: FakeGateway
) -> None:
    page = payment(client, country="US", region="NY", city="Albany", postal_code="12207")

    # 19% of 34.00 and of 26.00 for the delivery.
    assert page.value("total") == "7140"


@pytest.mark.parametrize("failure", [PaymentsUnreachable("no answer"), PaymentRefused("no")])
def test_without_stripes_answer_nobody_pays_a_wrong_tax(
    client: FlaskClient, by_stripe: StoreSettings, gateway: FakeGateway, failure: Exception
) -> None:
    gateway.failure = failure

    assert client.post("/checkout", data=DETAILS).status_code == 303
    for answer in (
        client.get("/checkout/payment"),
        client.post("/checkout/payment", data={"total": "3850"}),
    ):
        assert (answer.status_code, answer.location) == (303, "/checkout")
    page = read(client.get("/checkout").text)
    assert (
        "We could not work out the taxes for your address. You have not been charged" in page.text
    )
    assert (orders(), gateway.created) == (0, [])
