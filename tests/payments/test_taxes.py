"""Stripe Tax: what it says of a destination, kept and used, against the sandbox over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from shop.clock import now
from shop.extensions import db
from shop.payments import taxes
from shop.payments.gateway import PaymentRefused, PaymentsError, PaymentsUnreachable
from shop.payments.tax_params import TaxFacts, calculation, facts_of
from shop.pricing import queries, service
from shop.pricing.models import TaxAnswer
from shop.pricing.places import Destination
from shop.pricing.tax import Rate, ShippingTax
from shop.store.queries import Store
from tests.fakes import FakeGateway

HAMBURG = Destination("DE", "", "20095")
ALBANY = Destination("US", "NY", "12207")
BY_STRIPE = Store(is_taxed_by_stripe=True)


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


def know(destination: Destination, shop: Store, gateway: FakeGateway) -> None:
    taxes.know(destination, shop, gateway, "192.0.2.7")


def test_a_shop_with_its_own_zones_asks_nobody(app: Flask, gateway: FakeGateway) -> None:
    know(HAMBURG, Store(), gateway)
    know(Destination(""), BY_STRIPE, gateway)

    assert gateway.tax_questions == []
    assert queries.tax_answered(HAMBURG) is None


def test_a_destination_is_asked_for_once_a_day(app: Flask, gateway: FakeGateway) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        know(HAMBURG, BY_STRIPE, gateway)
        clock.shift(timedelta(hours=23))
        know(HAMBURG, BY_STRIPE, gateway)
        assert len(gateway.tax_questions) == 1
        clock.shift(timedelta(hours=2))
        know(HAMBURG, BY_STRIPE, gateway)

    assert len(gateway.tax_questions) == 2
    assert db.session.scalar(sa.select(sa.func.count()).select_from(TaxAnswer)) == 1
    rules = queries.tax_answered(HAMBURG)
    assert rules is not None
    assert rules.is_included
    assert rules.rates["reduced"] == (Rate("VAT", 70_000),)
    assert queries.tax_answered(Destination("DE", "", "20096")) is None


@pytest.mark.parametrize("failure", [PaymentsUnreachable("no answer"), PaymentRefused("no")])
def test_without_an_answer_nothing_is_kept(app: Flask, failure: PaymentsError) -> None:
    with pytest.raises(type(failure)):
        know(HAMBURG, BY_STRIPE, FakeGateway(failure=failure))

    assert queries.tax_answered(HAMBURG) is None


def test_a_network_cannot_ask_for_the_whole_world(app: Flask, gateway: FakeGateway) -> None:
    for number in range(taxes.ALLOWED):
        know(Destination("DE", "", f"2{number:04}"), BY_STRIPE, gateway)

    with pytest.raises(taxes.TooManyPlaces) as refusal:
        know(HAMBURG, BY_STRIPE, gateway)
    know(Destination("DE", "", "20000"), BY_STRIPE, gateway)  # known already

    assert 0 < refusal.value.seconds <= 900
    assert len(gateway.tax_questions) == taxes.ALLOWED


def test_no_transaction_is_open_while_stripe_thinks(app: Flask, gateway: FakeGateway) -> None:
    states: list[bool] = []
    gateway.meanwhile = lambda: states.append(db.session().in_transaction())
    queries.tax_answered(HAMBURG)

    know(HAMBURG, BY_STRIPE, gateway)

    assert states == [False]


def test_in_the_united_states_prices_never_contain_the_tax(
    app: Flask, gateway: FakeGateway
) -> None:
    know(ALBANY, BY_STRIPE, gateway)

    rules = queries.tax_answered(ALBANY)
    assert rules is not None
    assert not rules.is_included


def test_a_buyer_with_a_vat_number_in_another_country_pays_none(
    app: Flask, gateway: FakeGateway
) -> None:
    know(HAMBURG, BY_STRIPE, gateway)

    rules = queries.tax_answered(HAMBURG, vat_number="DE136695976", home="FR")

    assert rules is not None
    assert rules.relief == "Reverse charge"


def test_other_codes_make_old_answers_void(app: Flask, gateway: FakeGateway) -> None:
    know(HAMBURG, BY_STRIPE, gateway)
    service.forget_tax_answers(now() - timedelta(days=1))
    assert queries.tax_answered(HAMBURG) is not None

    service.forget_tax_answers()

    assert queries.tax_answered(HAMBURG) is None


def test_the_question_names_every_category_and_its_code() -> None:
    params = calculation(HAMBURG, "EUR", {"reduced": "txcd_35010000", "zero": ""})

    codes = {line["reference"]: line["tax_code"] for line in params["line_items"]}
    assert codes == {
        "standard": "txcd_99999999",
        "reduced": "txcd_35010000",
        "reduced_low": "txcd_99999999",
        "super_reduced": "txcd_99999999",
        "zero": "txcd_00000000",
    }
    assert params["customer_details"]["address"] == {"country": "DE", "postal_code": "20095"}


def test_a_tax_that_takes_nothing_is_no_tax() -> None:
    nothing = {"tax_rate_details": None, "taxable_amount": 0, "jurisdiction": {}}

    told = facts_of(
        {
            "line_items": {"data": [{"reference": "standard", "tax_breakdown": [nothing]}]},
            "shipping_cost": {"tax_breakdown": [nothing]},
        }
    )

    assert told == TaxFacts({"standard": []}, ShippingTax.NONE)
