from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from shop.extensions import db
from shop.payments.gateway import PaymentRefused, PaymentsUnreachable
from shop.pricing import service
from shop.pricing.models import TaxAnswer
from shop.pricing.places import Destination
from shop.pricing.tax import ShippingTax
from shop.store import queries
from tests.admin.test_products import actions, complaints_in
from tests.fakes import FakeGateway

URL = "/admin/settings/stripe-tax"
ON = {"source": "stripe", "has_taxes_included": "y"}


@pytest.fixture
def stripe(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    fake = FakeGateway()
    monkeypatch.setattr("shop.admin.stripe_tax_views.gateway", lambda: fake)
    return fake


def test_it_is_switched_on_when_stripe_answers(staff: FlaskClient, stripe: FakeGateway) -> None:
    service.keep_tax_answer(
        Destination("DE"), rates={}, shipping=ShippingTax.NONE, is_included=True
    )

    answer = staff.post(URL, data=ON | {"reduced-code": "txcd_35010000"})

    assert answer.status_code == 303
    shop = queries.current()
    assert shop.is_taxed_by_stripe
    assert shop.tax_codes == {"reduced": "txcd_35010000"}
    assert stripe.tax_questions[0]["customer_details"]["address"] == {"country": "GB"}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(TaxAnswer)) == 0
    assert actions() == ["store.changed"]
    page = staff.get(URL).text
    assert 'value="txcd_35010000"' in page
    assert 'name="source" value="stripe" checked' in page


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (PaymentRefused("Tax is not active."), "Stripe says: Tax is not active. Nothing was"
         " changed."),
        (PaymentsUnreachable(""), "Stripe could not be asked. Nothing was changed; try again in a"
         " minute."),
    ],
)  # fmt: skip
def test_it_stays_off_where_stripe_does_not(
    staff: FlaskClient, stripe: FakeGateway, failure: PaymentRefused, sentence: str
) -> None:
    stripe.failure = failure

    answer = staff.post(URL, data=ON)

    assert answer.status_code == 422
    assert complaints_in(answer.text) == [sentence]
    assert not queries.current().is_taxed_by_stripe
    assert actions() == []


def test_a_code_that_is_none_is_refused(staff: FlaskClient, stripe: FakeGateway) -> None:
    answer = staff.post(URL, data=ON | {"zero-code": "books"})

    assert answer.status_code == 422
    assert complaints_in(answer.text) == ["Copy the code from Stripe: txcd_99999999."]
    assert stripe.tax_questions == []
    assert not queries.current().is_taxed_by_stripe


def test_switching_off_asks_nobody(staff: FlaskClient, stripe: FakeGateway) -> None:
    staff.post(URL, data=ON)
    stripe.failure = PaymentsUnreachable("away")

    assert staff.post(URL, data={"source": "zones"}).status_code == 303
    assert not queries.current().is_taxed_by_stripe
    assert not queries.current().has_taxes_included
