"""The two screens of the checkout: what a shopper sees, and that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from shop.catalog.models import Variant
from shop.extensions import db
from shop.orders.models import Order
from shop.payments.gateway import PaymentRefused, PaymentsUnreachable
from shop.pricing.models import ShippingRate, ShippingZone
from tests.factories import make_product, make_rates, make_store, make_variant, variants_of
from tests.fakes import FakeGateway
from tests.pages import Page, read

DETAILS = {
    "email": "ines@example.com",
    "country": "GB",
    "name": "Ines Rowan",
    "line1": "14 Alder Row",
    "line2": "",
    "postal_code": "LS6 2AB",
    "city": "Leeds",
    "phone": "",
}


@pytest.fixture
def monday() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 23, 12, 0, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def mug(client: FlaskClient) -> Variant:
    """In the basket of a shop that sends to the United Kingdom and the United States."""
    make_store()
    make_rates("GB", shipping=450, free_from=None)
    make_rates("US", shipping=2600, free_from=None, tax_ppm=0)
    mug = make_variant(unit_amount=3400)
    assert client.post("/cart/lines", data={"variant_id": mug.id}).status_code == 303
    return mug


def details(client: FlaskClient, **changes: str) -> Page:
    """The first screen as it comes back from what was sent."""
    answer = client.post("/checkout", data=DETAILS | changes)
    assert answer.status_code == 422
    return read(answer.text)


def payment(client: FlaskClient, **changes: str) -> Page:
    """The second screen."""
    assert client.post("/checkout", data=DETAILS | changes).status_code == 303
    answer = client.get("/checkout/payment")
    assert answer.status_code == 200
    return read(answer.text)


def add_express() -> ShippingRate:
    home = db.session.scalars(sa.select(ShippingZone).where(ShippingZone.name == "GB")).one()
    rate = ShippingRate(
        zone_id=home.id, name="Next working day", amount=795, min_days=1, max_days=1, position=2
    )
    db.session.add(rate)
    db.session.flush()
    return rate


def orders() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Order)) or 0


# Screen 1 ----------------------------------------------------------------------------------------


def test_a_guest_in_the_shops_country_sees_seven_fields(client: FlaskClient, mug: Variant) -> None:
    page = read(client.get("/checkout").text)

    assert page.shown_fields == [
        "email", "country", "name", "line1", "city", "postal_code", "phone",
    ]  # fmt: skip
    assert len(page.having("option", value="GB", selected="")) == 1
    assert page.title == "Your details | Fettle"


def test_browsers_can_fill_in_every_field(client: FlaskClient, mug: Variant) -> None:
    page = read(client.get("/checkout").text)

    tokens = [
        a["autocomplete"]
        for tag, a in page.elements
        if tag in ("input", "select") and a.get("autocomplete", "off") != "off"
    ]
    assert tokens == [
        "email",
        "shipping country",
        "shipping name",
        "shipping address-line1",
        "shipping address-line2",
        "shipping address-level2",
        "shipping postal-code",
        "shipping tel",
    ]


def test_the_first_button_of_the_form_is_the_one_that_goes_on(
    client: FlaskClient, mug: Variant
) -> None:
    page = read(client.get("/checkout").text)

    first = next(attributes for tag, attributes in page.elements if tag == "button")
    assert first.get("name") is None


def test_what_is_being_bought_stands_beside_the_form(client: FlaskClient, mug: Variant) -> None:
    page = read(client.get("/checkout").text)

    assert "Your order, 1 piece £38.50" in page.text
    assert "Subtotal £34.00 Delivery Standard £4.50 Total £38.50 Including VAT £6.42" in page.text


def test_faults_are_told_beside_their_fields_and_at_the_top(
    client: FlaskClient, mug: Variant
) -> None:
    page = details(client, email="ines@", name="", postal_code="12345")

    assert "3 things need your attention" in page.text
    for name in ("email", "name", "postal_code"):
        (field,) = page.having("input", name=name)
        assert field["aria-invalid"] == "true"
        assert f"field-{name}-error" in field["aria-describedby"].split()
        assert len(page.having("p", id=f"field-{name}-error")) == 1
        assert len(page.having("a", href=f"#field-{name}")) == 1
    (city,) = page.having("input", name="city")
    assert "aria-invalid" not in city
    assert orders() == 0


def test_a_page_that_was_not_sent_yet_complains_of_nothing(
    client: FlaskClient, mug: Variant
) -> None:
    page = read(client.get("/checkout").text)

    assert page.having("input", aria_invalid="true") == []
    assert "attention" not in page.text


def test_everything_is_kept_as_typed_after_a_fault(client: FlaskClient, mug: Variant) -> None:
    typed = {
        "email": "INES@", "name": "  Ines O'Rowan", "line1": "14 Älder <Row>", "line2": "Flat 2",
        "postal_code": "ls6 2ab", "city": "Leeds & Bradford", "phone": "+44 (0)113",
    }  # fmt: skip

    page = details(client, **typed)

    assert {name: page.value(name) for name in typed} == typed
    assert "line2" in page.shown_fields


def test_another_country_asks_for_its_fields_and_keeps_what_was_typed(
    client: FlaskClient, mug: Variant
) -> None:
    typed = {"email": "not finis", "country": "US", "name": "Ines Rowan", "update_country": "1"}

    answer = client.post("/checkout", data=typed)

    assert answer.status_code == 200
    page = read(answer.text)
    assert "region" in page.shown_fields
    assert page.value("email") == "not finis"
    assert page.value("name") == "Ines Rowan"
    assert len(page.having("option", value="US", selected="")) == 1
    assert "Total £60.00" in page.text
    assert page.having("input", aria_invalid="true") == []


def test_a_country_that_is_not_served_gets_the_list_again(
    client: FlaskClient, mug: Variant
) -> None:
    page = details(client, country="FR")

    assert "We do not send to that country yet. Please choose one from the list." in page.text
    codes = {a["value"] for a in page.having("option")}
    assert codes == {"GB", "US"}


def test_a_shop_that_sends_nowhere_says_so(client: FlaskClient) -> None:
    make_store()
    client.post("/cart/lines", data={"variant_id": make_variant().id})

    page = read(client.get("/checkout").text)

    assert "We cannot send parcels at the moment. Please write to us." in page.text


def test_who_comes_back_finds_the_details_filled_in(client: FlaskClient, mug: Variant) -> None:
    payment(client, phone="0113 496 0000")

    page = read(client.get("/checkout").text)

    kept = {name: page.value(name) for name in DETAILS if name != "country"}
    assert kept == {name: DETAILS[name] for name in kept} | {"phone": "0113 496 0000"}


# Screen 2 ----------------------------------------------------------------------------------------


def test_the_second_screen_is_the_review(client: FlaskClient, mug: Variant) -> None:
    page = payment(client, line2="Flat 2", phone="0113 496 0000")

    assert "ines@example.com 0113 496 0000" in page.text
    assert "Ines Rowan 14 Alder Row Flat 2 Leeds LS6 2AB United Kingdom" in page.text
    assert "Tuesday mug" in page.text
    assert "Total £38.50 Including VAT £6.42" in page.text
    assert "By paying you order what is listed here, for £38.50 in all." in page.text
    assert "Pay £38.50" in page.text
    assert page.value("total") == "3850"
    assert len(page.having("a", href="/checkout", aria_label="Change the contact details")) == 1
    assert page.title == "Delivery and payment | Fettle"


def test_ways_of_delivery_have_dates_and_prices_and_the_cheapest_is_chosen(
    client: FlaskClient, monday: None, mug: Variant
) -> None:
    express = add_express()

    page = payment(client)

    assert "Standard Arrives Wed 25 to Thu 26 Nov £4.50" in page.text
    assert "Next working day Arrives Tue 24 Nov £7.95" in page.text
    assert page.chosen("shipping_rate_id") != str(express.id)
    assert len(page.having("button", formaction="/checkout/delivery")) == 1


def test_sums_follow_another_way_of_delivery(client: FlaskClient, mug: Variant) -> None:
    express = add_express()
    payment(client)

    client.post("/checkout/delivery", data={"shipping_rate_id": express.id})
    page = read(client.get("/checkout/payment").text)

    assert page.chosen("shipping_rate_id") == str(express.id)
    assert page.value("total") == "4195"
    assert "Pay £41.95" in page.text


def test_one_way_of_delivery_needs_no_update_button(client: FlaskClient, mug: Variant) -> None:
    page = payment(client)

    assert page.having("button", formaction="/checkout/delivery") == []


def test_a_total_that_changed_is_told_before_anything_is_paid(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    express = add_express()
    page = payment(client)

    answer = client.post(
        "/checkout/payment",
        data={"shipping_rate_id": express.id, "total": page.value("total")},
    )

    assert answer.status_code == 409
    again = read(answer.text)
    assert "the total is £41.95 now" in again.text
    assert "You have not been charged." in again.text
    assert len(again.having("div", role="alert")) == 1
    assert again.value("total") == "4195"
    assert again.chosen("shipping_rate_id") == str(express.id)
    assert orders() == 0
    assert gateway.created == []


@pytest.mark.parametrize(
    ("failure", "status", "words"),
    [
        (PaymentsUnreachable("no answer"), 503, "We could not reach our payment provider."),
        (PaymentRefused("no", code="x"), 502, "The payment could not be started."),
    ],
)
def test_a_payment_page_that_does_not_open_is_explained(
    client: FlaskClient,
    mug: Variant,
    gateway: FakeGateway,
    failure: Exception,
    status: int,
    words: str,
) -> None:
    page = payment(client)
    gateway.failure = failure

    answer = client.post("/checkout/payment", data={"total": page.value("total")})

    assert answer.status_code == status
    again = read(answer.text)
    assert words in again.text
    assert "You have not been charged" in again.text
    assert "Pay £38.50" in again.text


def test_a_test_shop_says_that_no_money_moves(client: FlaskClient, mug: Variant) -> None:
    page = payment(client)

    assert "Test shop: no real money moves." in page.text


def test_placing_an_order_reads_nothing_twice(
    client: FlaskClient,
    monday: None,
    mug: Variant,
    gateway: FakeGateway,
    count_queries: Callable[[], Any],
) -> None:
    other = make_variant(unit_amount=2100)
    assert client.post("/cart/lines", data={"variant_id": other.id}).status_code == 303
    form = {"total": payment(client).value("total")}
    with count_queries() as statements:
        answer = client.post("/checkout/payment", data=form)

    assert answer.location == "https://pay.example/cs_test_1"
    assert len(statements) == 37
    assert len([one for one in statements if "FROM checkouts" in one]) == 2  # read, then locked
    assert len([one for one in statements if "store_settings" in one]) == 1
    assert len([one for one in statements if one.startswith("UPDATE stock_items")]) == 2


def test_the_ways_of_delivery_are_read_once_to_pay(
    client: FlaskClient, mug: Variant, gateway: FakeGateway, count_queries: Callable[[], Any]
) -> None:
    rate_id = db.session.scalars(sa.select(ShippingRate.id)).first()
    form = {"total": payment(client).value("total"), "shipping_rate_id": rate_id}
    with count_queries() as statements:
        answer = client.post("/checkout/payment", data=form)

    assert answer.location == "https://pay.example/cs_test_1"
    assert len([one for one in statements if "FROM shipping_zones" in one]) == 1


@pytest.mark.parametrize(
    ("address", "count"), [("/cart", 13), ("/checkout", 14), ("/checkout/payment", 13)]
)
def test_a_page_on_the_way_reads_the_checkout_and_the_settings_once(
    client: FlaskClient, mug: Variant, count_queries: Callable[[], Any], address: str, count: int
) -> None:
    payment(client)
    with count_queries() as statements:
        assert client.get(address).status_code == 200

    assert len(statements) == count
    assert len([one for one in statements if "FROM checkouts" in one]) == 1
    assert len([one for one in statements if "store_settings" in one]) == 1


def test_what_costs_nothing_is_ordered_without_paying(client: FlaskClient) -> None:
    make_store()
    make_rates(shipping=0, free_from=None)
    client.post("/cart/lines", data={"variant_id": make_variant(unit_amount=0).id})

    page = payment(client)

    assert "Place the order" in page.text
    assert "Delivery Standard Free" in page.text
    assert "payment provider" not in page.text


def test_hostile_words_are_text_on_both_screens(client: FlaskClient) -> None:
    make_store()
    make_rates()
    attack = '"><script>alert(1)</script>'
    (mug,) = variants_of(make_product(attack))
    client.post("/cart/lines", data={"variant_id": mug.id})

    first = client.post("/checkout", data=DETAILS | {"name": attack, "email": attack})
    payment(client, name=attack, line1=attack, city=attack)
    second = client.get("/checkout/payment")

    for answer in (first, second):
        assert "<script>alert" not in answer.text
        assert attack in read(answer.text).text
    assert read(first.text).value("name") == attack


def test_the_checkout_is_kept_out_of_caches_and_search_engines(
    client: FlaskClient, mug: Variant
) -> None:
    answer = client.get("/checkout")

    assert "no-store" in answer.headers["Cache-Control"]
    assert len(read(answer.text).having("meta", name="robots", content="noindex")) == 1
