"""A shopper who pays in another currency than the shop's own."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from shop.catalog.models import Variant
from shop.extensions import db
from shop.orders.models import LineItem, Order
from shop.orders.urls import order_link
from shop.payments.settlement import settle
from shop.pricing.discounts import Kind
from shop.pricing.models import ShippingRate
from shop.store.currencies import Ending
from tests.factories import (
    make_currency,
    make_discount,
    make_gift_card,
    make_price,
    make_product,
    make_rates,
    make_store,
    make_variant,
    variants_of,
)
from tests.fakes import FakeGateway
from tests.flows.test_purchase import DETAILS, at_the_last_step


@pytest.fixture
def mug(app: Flask) -> Variant:
    """34.00 pounds, 40.95 euros; 4.50 and 5.95 to send, free from 60.00 and 72.95."""
    make_store()
    make_currency("EUR", "1.2", Ending.UP_TO_95)
    make_rates()
    return variants_of(make_product("Tuesday mug", handle="mug", unit_amount=3400))[0]


def switch(client: FlaskClient, code: str) -> None:
    assert client.post("/currency", data={"currency": code}).status_code == 303


def pay(client: FlaskClient, total: int) -> Any:
    return client.post("/checkout/payment", data={"total": total})


def order() -> Order:
    return db.session.scalars(sa.select(Order).order_by(Order.id.desc())).first()


def test_switching_with_a_full_basket_changes_everything_and_is_what_is_paid(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    jug = variants_of(make_product("Jug", unit_amount=1000))[0]
    make_price(jug, "EUR", 1100)
    make_discount("TAKE5", kind=Kind.AMOUNT, value=500)
    client.post("/cart/lines", data={"variant_id": mug.id, "quantity": 1})
    client.post("/cart/lines", data={"variant_id": jug.id, "quantity": 2})
    client.post("/cart/discount", data={"code": "TAKE5"})
    assert "£53.50" in client.get("/cart").text  # 34 + 20 - 5 + 4.50

    switch(client, "EUR")
    cart = client.get("/cart").text

    # 40.95 + 2 x 11.00 = 62.95, less 6.95 (5.00 x 1.2 = 6.00), and 5.95 to send.
    assert all(words in cart for words in ("€40.95", "€11.00", "€62.95", "€6.95", "€5.95"))
    assert "€61.95" in cart
    assert "£" not in cart
    assert "changed" not in cart
    client.post("/checkout", data=DETAILS)
    page = client.get("/checkout/payment").text
    assert "Pay €61.95" in page
    assert "£" not in page
    assert pay(client, 6195).status_code == 303
    assert (order().currency, order().total_amount) == ("EUR", 6195)
    assert gateway.sessions["cs_test_1"].currency == "eur"
    assert gateway.sessions["cs_test_1"].amount_total == 6195


def test_an_order_keeps_its_currency_and_amounts_after_the_rate_changed(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    switch(client, "EUR")
    at_the_last_step(client, (mug, 1))
    pay(client, 4690)
    make_currency("EUR", "2")

    gateway.pay("cs_test_1")
    settle("cs_test_1", gateway)
    switch(client, "GBP")
    page = client.get(f"/orders/{order_link(order().token)}").text

    assert (order().state, order().currency, order().total_amount) == ("paid", "EUR", 4690)
    assert db.session.scalars(sa.select(LineItem.unit_amount)).all() == [4095]
    assert "€46.90" in page
    assert "£" not in page


def test_a_rate_that_changed_before_paying_is_told_and_nothing_is_charged(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    switch(client, "EUR")
    at_the_last_step(client, (mug, 1))
    client.get("/checkout/payment")
    make_currency("EUR", "1.3", Ending.UP_TO_95)

    answer = pay(client, 4690)

    assert answer.status_code == 409
    assert gateway.created == []
    assert db.session.scalars(sa.select(Order)).all() == []


def test_the_same_number_of_another_currency_is_not_what_was_agreed(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    """38.50 pounds on the page, 38.50 dollars to pay."""
    make_currency("USD", "1")
    at_the_last_step(client, (mug, 1))
    page = client.get("/checkout/payment").text
    shown = page.partition('name="shown" value="')[2].partition('"')[0]
    switch(client, "USD")

    answer = client.post("/checkout/payment", data={"total": 3850, "shown": shown})

    assert answer.status_code == 409
    assert all(words in answer.text for words in ("£38.50", "US$38.50", "£34.00", "£4.50"))
    assert gateway.created == []


def test_switching_replaces_the_order_that_waits_for_payment(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    at_the_last_step(client, (mug, 1))
    pay(client, 3850)
    switch(client, "EUR")

    pay(client, 4690)

    states = [(one.currency, one.state) for one in db.session.scalars(sa.select(Order))]
    assert states == [("GBP", "canceled"), ("EUR", "pending_payment")]
    assert gateway.sessions["cs_test_1"].status == "expired"


def test_a_gift_card_pays_in_its_own_currency_only(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    card = make_gift_card(10_000, "GBP")
    switch(client, "EUR")
    at_the_last_step(client, (mug, 1))
    with client.session_transaction() as session:
        session["gift_cards"] = [card.id]

    pay(client, 4690)

    assert (order().currency, order().gift_card_amount) == ("EUR", 0)


@pytest.mark.parametrize(
    ("code", "rate", "ending", "units", "total", "sent"),
    [
        # 34.00 and 4.50 pounds
        ("JPY", "198.4", Ending.NEAREST_10, 1, 6750 + 890, 6750 + 890),
        ("KWD", "0.4123", Ending.EXACT, 1, 14_020 + 1860, 14_020 + 1860),
        # 36.467 and 4.827 to 0.01; the total to five rappen.
        ("CHF", "1.07256", Ending.EXACT, 5, 4130, 4130),
        ("ISK", "174.2", Ending.WHOLE, 1, 5923 + 784, (5923 + 784) * 100),
        ("INR", "112.5", Ending.UP_TO_99, 1, 382_599 + 50_699, 382_599 + 50_699),
    ],
)
def test_what_stripe_is_asked_for_is_the_orders_sum(
    client: FlaskClient, gateway: FakeGateway, mug: Variant, code: str, rate: str,
    ending: Ending, units: int, total: int, sent: int,
) -> None:  # fmt: skip
    make_currency(code, rate, ending, total_units=units)
    switch(client, code)
    at_the_last_step(client, (mug, 1))

    answer = pay(client, total)

    assert answer.status_code == 303
    assert (order().currency, order().total_amount) == (code, total)
    session = gateway.sessions["cs_test_1"]
    assert (session.currency, session.amount_total) == (code.lower(), sent)


def test_the_smallest_order_is_the_one_of_its_currency(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    make_currency("JPY", "198.4")
    db.session.execute(sa.update(ShippingRate).values(amount=0))
    pin = variants_of(make_product("Pin", unit_amount=20))[0]
    switch(client, "JPY")
    at_the_last_step(client, (pin, 1))

    answer = pay(client, 40)

    assert answer.status_code == 409
    assert "JP¥50" in answer.text


def test_a_currency_that_is_switched_off_leads_back_to_the_shops_own(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    switch(client, "EUR")
    client.post("/cart/lines", data={"variant_id": mug.id, "quantity": 1})
    make_currency("EUR", "1.2", is_active=False)

    assert "£38.50" in client.get("/cart").text
    assert client.post("/currency", data={"currency": "EUR"}).status_code == 404
    assert 'action="/currency"' not in client.get("/cart").text


@pytest.mark.parametrize(
    ("languages", "offered"),
    [("de-AT,de;q=0.9", "EUR"), ("en-GB,en;q=0.8", ""), ("en,fr", ""), ("en-US", ""), ("x-y!", "")],
)
def test_the_basket_offers_the_currency_of_the_visitors_region(
    client: FlaskClient, languages: str, offered: str
) -> None:
    make_store()
    make_rates()
    make_currency("EUR", "1.17")
    client.post("/cart/lines", data={"variant_id": make_variant(unit_amount=1000).id})

    page = client.get("/cart", headers={"Accept-Language": languages})

    assert ("Show prices in EUR" in page.text) == bool(offered)
    assert "£10.00" in page.text


@pytest.mark.parametrize("choice", ["EUR", "GBP"])
def test_either_answer_to_the_offer_is_kept(client: FlaskClient, choice: str) -> None:
    make_store()
    make_rates()
    make_currency("EUR", "1.17")
    client.post("/cart/lines", data={"variant_id": make_variant(unit_amount=1000).id})

    client.post(
        "/currency", data={"currency": choice}, headers={"Referer": "http://localhost/cart"}
    )

    page = client.get("/cart", headers={"Accept-Language": "de-AT"}).text
    assert "Show prices in" not in page
    assert ("€11.70" in page) == (choice == "EUR")
