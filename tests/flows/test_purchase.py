"""From the product to the paid order through the client, with a gateway that keeps notes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.catalog.models import Variant
from shop.clock import now
from shop.extensions import db
from shop.orders.models import LineItem, Order
from shop.payments.gateway import PaymentRefused, PaymentsUnreachable
from shop.payments.settlement import settle
from shop.worker import release_overdue
from tests.factories import make_product, make_rates, make_store, stock_of, variants_of
from tests.fakes import FakeGateway

DETAILS = {
    "email": "ines@example.com",
    "country": "GB",
    "name": "Ines Rowan",
    "line1": "14 Alder Row",
    "postal_code": "ls6 2ab",
    "city": "Leeds",
}


@pytest.fixture
def mug(app: Flask) -> Variant:
    make_store()
    make_rates()
    return variants_of(make_product("Tuesday mug", unit_amount=3400, on_hand=10))[0]


def at_the_last_step(client: FlaskClient, *wanted: tuple[Variant, int]) -> None:
    for variant, quantity in wanted:
        client.post("/cart/lines", data={"variant_id": variant.id, "quantity": quantity})
    assert client.post("/checkout", data=DETAILS).status_code == 303


def pay(client: FlaskClient, total: int, **extra: Any) -> Any:
    return client.post("/checkout/payment", data={"total": total, **extra})


def orders() -> list[Order]:
    return list(db.session.scalars(sa.select(Order).order_by(Order.id)))


def states() -> list[str]:
    return [order.state for order in orders()]


def test_pressing_pay_places_the_order_and_leads_to_the_payment_page(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    at_the_last_step(client, (mug, 2))

    answer = pay(client, 6800)  # free delivery from 60.00

    assert (answer.status_code, answer.location) == (303, "https://pay.example/cs_test_1")
    (order,) = orders()
    assert (order.total_amount, order.postal_code) == (6800, "LS6 2AB")
    assert stock_of(mug) == (10, 2)


def test_pressing_again_or_in_another_tab_is_the_same_order(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    at_the_last_step(client, (mug, 1))

    answers = [pay(client, 3850) for _ in range(3)]

    assert len({answer.location for answer in answers}) == 1
    assert len(orders()) == len(gateway.created) == 1
    assert stock_of(mug) == (10, 1)


def test_a_changed_basket_replaces_the_unpaid_order(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    at_the_last_step(client, (mug, 1))
    pay(client, 3850)
    client.post(f"/cart/lines/{mug.id}", data={"quantity": 3})

    answer = pay(client, 10200)

    assert answer.location == "https://pay.example/cs_test_2"
    assert states() == ["canceled", "pending_payment"]
    assert gateway.sessions["cs_test_1"].status == "expired"
    assert stock_of(mug) == (10, 3)


def test_an_order_paid_in_the_other_tab_is_not_paid_again(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    at_the_last_step(client, (mug, 1))
    pay(client, 3850)
    gateway.pay("cs_test_1")

    answer = pay(client, 3850)
    after = client.get(answer.location) if answer.location.startswith("/orders/") else None

    # Stripe's own page tells that it is paid; once the shop knows, its order page does.
    assert after is None or after.status_code == 200
    assert len(orders()) == len(gateway.created) == 1


def test_changing_the_basket_after_paying_elsewhere_charges_nothing_twice(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    at_the_last_step(client, (mug, 1))
    pay(client, 3850)
    gateway.pay("cs_test_1")
    client.post(f"/cart/lines/{mug.id}", data={"quantity": 2})

    answer = pay(client, 6800)

    assert answer.location.startswith("/orders/")
    assert states() == ["paid"]
    assert stock_of(mug) == (9, 0)


def test_coming_back_paid_empties_the_basket_and_thanks(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    at_the_last_step(client, (mug, 1))
    pay(client, 3850)
    gateway.pay("cs_test_1")

    back = gateway.created[0]["success_url"].removeprefix("http://localhost")
    answer = client.get(back.format(CHECKOUT_SESSION_ID="cs_test_1"), follow_redirects=True)

    assert "Thank you, Ines" in answer.text
    assert states() == ["paid"]
    with client.session_transaction() as session:
        assert "cart" not in session


def test_what_was_put_in_meanwhile_stays_in_the_basket(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    dish = variants_of(make_product("Olive dish", unit_amount=2200))[0]
    at_the_last_step(client, (mug, 1))
    pay(client, 3850)
    client.post("/cart/lines", data={"variant_id": dish.id, "quantity": 2})
    gateway.pay("cs_test_1")

    back = gateway.created[0]["success_url"].removeprefix("http://localhost")
    client.get(back.format(CHECKOUT_SESSION_ID="cs_test_1"))

    with client.session_transaction() as session:
        assert session["cart"] == f"{dish.id:x}.2"
        assert "checkout" not in session


def test_going_back_from_a_page_paid_elsewhere_claims_nothing_false(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    at_the_last_step(client, (mug, 1))
    pay(client, 3850)
    gateway.pay("cs_test_1")
    with client.application.app_context():
        settle("cs_test_1", gateway)

    back = gateway.created[0]["cancel_url"].removeprefix("http://localhost")
    page = client.get(back, follow_redirects=True)

    assert "Thank you, Ines" in page.text
    assert "not been charged" not in page.text


def test_somebody_elses_session_proves_nothing(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    at_the_last_step(client, (mug, 1))
    pay(client, 3850)
    other = client.application.test_client()
    at_the_last_step(other, (mug, 1))
    pay(other, 3850)
    gateway.pay("cs_test_2")

    back = gateway.created[0]["success_url"].removeprefix("http://localhost")
    answer = client.get(back.format(CHECKOUT_SESSION_ID="cs_test_2"))
    made_up = client.get(back.format(CHECKOUT_SESSION_ID="cs_test_x"))

    assert (answer.status_code, made_up.status_code) == (404, 404)
    assert states() == ["pending_payment", "pending_payment"]


def test_leaving_the_payment_page_keeps_basket_and_address(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    at_the_last_step(client, (mug, 1))
    pay(client, 3850)

    back = gateway.created[0]["cancel_url"].removeprefix("http://localhost")
    page = client.get(back, follow_redirects=True)

    assert "You have not been charged" in page.text
    assert "14 Alder Row" in page.text
    assert states() == ["pending_payment"]


def test_a_total_that_changed_is_shown_before_anything_is_paid(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    at_the_last_step(client, (mug, 1))
    mug.unit_amount = 3600

    answer = pay(client, 3850)

    assert answer.status_code == 409
    assert "£40.50" in answer.text
    assert orders() == []
    assert gateway.created == []
    assert stock_of(mug) == (10, 0)


def test_what_sold_out_meanwhile_is_told_in_the_basket(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    at_the_last_step(client, (mug, 1))
    db.session.execute(sa.text("UPDATE stock_items SET on_hand = 0"))

    answer = client.post("/checkout/payment", data={"total": 3850}, follow_redirects=True)

    assert answer.status_code < 500
    assert "sold out" in answer.text.lower()
    assert orders() == []


def test_an_unpublished_product_cannot_be_paid(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    at_the_last_step(client, (mug, 1))
    db.session.execute(sa.text("UPDATE products SET status = 'draft'"))

    answer = client.post("/checkout/payment", data={"total": 3850}, follow_redirects=True)

    assert answer.status_code < 500
    assert orders() == []


@pytest.mark.parametrize(
    ("failure", "status"),
    [(PaymentsUnreachable("no answer"), 503), (PaymentRefused("no", code="x"), 502)],
)
def test_stripe_being_away_costs_nothing_and_the_same_press_works_later(
    client: FlaskClient,
    gateway: FakeGateway,
    mug: Variant,
    failure: PaymentsUnreachable | PaymentRefused,
    status: int,
) -> None:
    at_the_last_step(client, (mug, 1))
    gateway.failure = failure
    answer = pay(client, 3850)
    assert answer.status_code == status
    assert "You have not been charged" in answer.text

    gateway.failure = None
    again = pay(client, 3850)

    assert again.location == "https://pay.example/cs_test_1"
    assert len(orders()) == 1
    assert stock_of(mug) == (10, 1)


def test_a_process_that_dies_before_stripe_is_asked_holds_no_stock_for_ever(
    client: FlaskClient, gateway: FakeGateway, mug: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_the_last_step(client, (mug, 1))
    with monkeypatch.context() as patch:
        patch.setattr("shop.payments.settlement.start", die)
        with pytest.raises(KeyboardInterrupt):
            pay(client, 3850)
    assert states() == ["pending_payment"]
    assert stock_of(mug) == (10, 1)
    db.session.commit()

    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        release_overdue()

    db.session.expire_all()
    assert states() == ["expired"]
    assert stock_of(mug) == (10, 0)


def die(*_: object) -> None:
    raise KeyboardInterrupt


def test_the_last_unit_stays_buyable_for_whoever_holds_it(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    db.session.execute(sa.text("UPDATE stock_items SET on_hand = 1"))
    at_the_last_step(client, (mug, 1))
    first = pay(client, 3850)
    stranger = client.application.test_client()

    back = gateway.created[0]["cancel_url"].removeprefix("http://localhost")
    page = client.get(back, follow_redirects=True)
    refused = stranger.post("/cart/lines", data={"variant_id": mug.id}, follow_redirects=True)

    assert "Pay £38.50" in page.text
    assert pay(client, 3850).location == first.location
    assert "Tuesday mug is sold out." in refused.text
    assert "Your basket is empty" in stranger.get("/cart").text
    assert stock_of(mug) == (1, 1)


def test_a_basket_is_not_cut_by_its_own_reservation(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    db.session.execute(sa.text("UPDATE stock_items SET on_hand = 3"))
    at_the_last_step(client, (mug, 2))
    gateway.failure = PaymentsUnreachable("no answer")
    pay(client, 6800)
    gateway.failure = None

    client.get("/cart")
    answer = pay(client, 6800)

    assert answer.location == "https://pay.example/cs_test_1"
    assert stock_of(mug) == (3, 2)


def test_more_of_what_was_bought_is_a_new_order(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    """Paid in another tab; then the basket, still in the cookie, is changed."""
    at_the_last_step(client, (mug, 1))
    pay(client, 3850)
    gateway.pay("cs_test_1")
    with client.application.app_context():
        settle("cs_test_1", gateway)
    client.post(f"/cart/lines/{mug.id}", data={"quantity": 3})

    page = client.get("/checkout")

    assert page.status_code == 200
    with client.session_transaction() as session:
        assert "cart" in session


def test_no_field_of_the_form_can_make_a_price(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    forged = {"price": 1, "unit_amount": 1, "total_amount": 1, "currency": "jpy", "discount": 3000,
              "tax_amount": 0, "state": "paid", "is_admin": 1, "quantity": 1}  # fmt: skip
    client.post("/cart/lines", data={"variant_id": mug.id, **forged})
    client.post("/checkout", data={**DETAILS, **forged})

    refused = pay(client, 1, **forged)
    accepted = pay(client, 3850, **forged)

    assert (refused.status_code, accepted.status_code) == (409, 303)
    (line,) = db.session.scalars(sa.select(LineItem)).all()
    assert (line.unit_amount, line.total_amount) == (3400, 3400)
    assert gateway.sessions["cs_test_1"].amount_total == 3850


@pytest.mark.parametrize(
    "total", ["", "x", "3849", "38.50", "-3850", "٣٨٥٠", "3850\n", "1e9", "9" * 50]
)
def test_only_the_total_that_was_shown_is_agreed_to(
    client: FlaskClient, gateway: FakeGateway, mug: Variant, total: str
) -> None:
    at_the_last_step(client, (mug, 1))

    assert client.post("/checkout/payment", data={"total": total}).status_code == 409

    assert orders() == []


@pytest.mark.parametrize("rate", ["0", "-1", "999999", "x", "", "٣", "1" * 30])
def test_only_an_offered_delivery_can_be_chosen(
    client: FlaskClient, gateway: FakeGateway, mug: Variant, rate: str
) -> None:
    at_the_last_step(client, (mug, 1))

    assert pay(client, 3850, shipping_rate_id=rate).status_code == 422

    assert orders() == []


def test_a_small_order_is_told_the_least_amount(
    client: FlaskClient, gateway: FakeGateway, app: Flask
) -> None:
    make_store()
    make_rates(shipping=0)
    pin = variants_of(make_product(unit_amount=20))[0]
    at_the_last_step(client, (pin, 1))

    answer = pay(client, 20)

    assert answer.status_code == 409
    assert "£0.30" in answer.text
    assert orders() == []


def test_a_gift_costs_nothing_and_needs_no_payment_page(
    client: FlaskClient, gateway: FakeGateway, app: Flask
) -> None:
    make_store()
    make_rates(shipping=0)
    sample = variants_of(make_product(unit_amount=0))[0]
    at_the_last_step(client, (sample, 1))

    answer = pay(client, 0)

    assert answer.location.startswith("/orders/")
    assert states() == ["paid"]
    assert gateway.created == []


def test_a_later_purchase_is_a_new_order(
    client: FlaskClient, gateway: FakeGateway, mug: Variant
) -> None:
    at_the_last_step(client, (mug, 1))
    pay(client, 3850)
    gateway.pay("cs_test_1")
    back = gateway.created[0]["success_url"].removeprefix("http://localhost")
    client.get(back.format(CHECKOUT_SESSION_ID="cs_test_1"))

    at_the_last_step(client, (mug, 2))
    pay(client, 6800)

    assert states() == ["paid", "pending_payment"]
    assert stock_of(mug) == (9, 2)


def test_japanese_and_kuwaiti_prices_reach_stripe_as_they_are(
    client: FlaskClient, gateway: FakeGateway, app: Flask
) -> None:
    make_store(currency="KWD", country="KW")
    make_rates("KW", shipping=500, free_from=None, tax_ppm=0)
    cup = variants_of(make_product(unit_amount=12_340))[0]
    client.post("/cart/lines", data={"variant_id": cup.id})
    client.post("/checkout", data=DETAILS | {"country": "KW", "postal_code": "13001"})

    pay(client, 12_840)

    assert gateway.created[0]["line_items"][0]["price_data"] == {
        "currency": "kwd",
        "unit_amount": 12_340,
        "product_data": gateway.created[0]["line_items"][0]["price_data"]["product_data"],
    }
    assert gateway.sessions["cs_test_1"].amount_total == 12_840
