"""Addresses by country in the checkout, bills that go elsewhere, notes and gift messages."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.addresses import Address
from shop.checkout.models import Checkout
from shop.extensions import db
from shop.orders import emails
from shop.orders.letters import LETTERS
from shop.orders.models import Order
from shop.orders.urls import order_link
from shop.outbox import mailer
from tests.accounts.people import be_signed_in, make_admin
from tests.factories import make_rates, make_store, make_variant
from tests.fakes import FakeGateway
from tests.pages import Page, read

UK = {
    "email": "ines@example.com", "country": "GB", "name": "Ines Rowan", "line1": "14 Alder Row",
    "postal_code": "LS6 2AB", "city": "Leeds",
}  # fmt: skip
US = {
    "country": "US", "name": "Rowan Ltd", "line1": "1 Elm", "city": "Springfield", "region": "IL",
    "postal_code": "62704",
}  # fmt: skip


@pytest.fixture(autouse=True)
def basket(client: FlaskClient) -> None:
    make_store()
    for country in ("GB", "US", "SG", "IE", "HU", "JP"):
        make_rates(country, shipping=450, free_from=None)
    assert client.post("/cart/lines", data={"variant_id": make_variant().id}).status_code == 303


def form_for(client: FlaskClient, country: str) -> Page:
    answer = client.post("/checkout", data={"country": country, "update_country": "1"})
    assert answer.status_code == 200
    return read(answer.text)


def refused(client: FlaskClient, **changes: str) -> Page:
    answer = client.post("/checkout", data=UK | changes)
    assert answer.status_code == 422
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Checkout)) == 0
    return read(answer.text)


def details(client: FlaskClient, **changes: str) -> Checkout:
    assert client.post("/checkout", data=UK | changes).status_code == 303
    return db.session.scalars(sa.select(Checkout)).one()


def review(client: FlaskClient) -> Page:
    return read(client.get("/checkout/payment").text)


def order(client: FlaskClient, **wishes: str) -> Order:
    total = review(client).value("total")
    assert client.post("/checkout/payment", data={"total": total, **wishes}).status_code == 303
    return db.session.scalars(sa.select(Order)).one()


# By country --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "fields"),
    [
        ("GB", ["name", "line1", "city", "postal_code"]),
        ("US", ["name", "line1", "city", "region", "postal_code"]),
        ("SG", ["name", "line1", "postal_code"]),
        ("HU", ["name", "city", "line1", "postal_code"]),
        ("IE", ["name", "line1", "district", "city", "region", "postal_code"]),
    ],
)
def test_the_form_has_the_countrys_fields_in_its_order(
    client: FlaskClient, country: str, fields: list[str]
) -> None:
    page = form_for(client, country)

    assert page.shown_fields == ["email", "country", *fields, "phone"]


def test_parts_are_called_as_the_country_calls_them(client: FlaskClient) -> None:
    assert "ZIP code" in form_for(client, "US").text
    assert "State" in form_for(client, "US").text
    irish = form_for(client, "IE").text
    assert "Eircode (optional)" in irish
    assert "County (optional)" in irish
    assert "Prefecture" in form_for(client, "JP").text


def test_regions_are_chosen_from_a_list_and_what_was_typed_before_is_found_in_it(
    client: FlaskClient,
) -> None:
    typed = {"country": "US", "region": "california", "update_country": "1"}

    page = read(client.post("/checkout", data=typed).text)

    (chosen,) = [a["value"] for a in page.having("option", selected="") if a["value"] != "US"]
    assert chosen == "CA"


def test_a_region_that_is_not_the_countrys_is_refused(client: FlaskClient) -> None:
    page = refused(client, **US | {"region": "Atlantis"})

    assert "Please choose one from the list." in page.text


def test_what_the_country_lacks_need_not_be_given_and_is_not_kept(client: FlaskClient) -> None:
    kept = details(
        client, country="SG", postal_code="238801", line1="1 Orchard Road", region="Leeds"
    )

    assert (kept.city, kept.region, kept.postal_code) == ("", "", "238801")
    assert "Ines Rowan 1 Orchard Road SINGAPORE 238801 Singapore" in review(client).text


@pytest.mark.parametrize(
    ("country", "postal_code", "words"),
    [
        ("GB", "12345", "It should look like EC1Y 8SY."),
        ("GB", "", "Please give the postcode."),
        ("US", "LS6 2AB", "It should look like 95014."),
        ("SG", "1", "It should look like 546080."),
    ],
)
def test_a_postcode_is_checked_by_its_country(
    client: FlaskClient, country: str, postal_code: str, words: str
) -> None:
    page = refused(client, country=country, postal_code=postal_code, region="IL")

    assert words in page.text


def test_faults_stand_in_the_order_of_the_fields(client: FlaskClient) -> None:
    page = refused(client, email="", country="HU", name="", line1="", city="", postal_code="")

    links = [a["href"] for tag, a in page.elements if tag == "a" and "#field-" in a.get("href", "")]
    assert links == [f"#field-{n}" for n in ("email", "name", "city", "line1", "postal_code")]


# Bills that go elsewhere -------------------------------------------------------------------------


def test_the_bill_goes_where_the_goods_go_unless_told_otherwise(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    details(client)

    assert "Bill to Change The same address" in review(client).text
    assert order(client).billing_address is None


def test_another_billing_address_is_kept_and_shown_everywhere(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    details(client)
    assert client.post("/checkout/billing", data=US).status_code == 303
    written = "Rowan Ltd 1 Elm Springfield, IL 62704 United States"
    assert written in review(client).text

    placed = order(client)

    assert placed.billing_address == Address(
        "Rowan Ltd", "1 Elm", city="Springfield", region="IL", postal_code="62704", country="US"
    )
    assert placed.address.country == "GB"
    assert written in read(client.get(f"/orders/{order_link(placed.token)}").text).text
    text, html = mailer.render(LETTERS[emails.AWAITING_BANK]({"order_id": placed.id}))
    assert written in read(html).text
    assert written in " ".join(text.split())
    # The card's own address is asked for on Stripe's page; the parcel's is told.
    (params,) = gateway.created
    assert params["payment_intent_data"]["shipping"]["address"]["country"] == "GB"
    be_signed_in(client, make_admin())
    assert written in read(client.get(f"/admin/orders/{placed.id}").text).text


def test_a_billing_form_follows_its_country_and_refuses_what_is_missing(
    client: FlaskClient,
) -> None:
    details(client)

    again = client.post("/checkout/billing", data={"country": "US", "update_country": "1"})
    assert again.status_code == 200
    assert "region" in read(again.text).shown_fields
    wrong = client.post("/checkout/billing", data=US | {"postal_code": "X", "name": ""})

    assert wrong.status_code == 422
    assert "2 things need your attention" in read(wrong.text).text
    assert read(wrong.text).value("city") == "Springfield"
    assert details(client).billing == {}


def test_a_bill_may_go_to_a_country_the_shop_does_not_send_to(client: FlaskClient) -> None:
    checkout = details(client)
    there = {"country": "FR", "name": "Ines", "line1": "1 rue", "postal_code": "75001"}

    assert client.post("/checkout/billing", data=there | {"city": "Paris"}).status_code == 303

    db.session.expire_all()
    assert checkout.billing["country"] == "FR"


def test_the_same_address_again(client: FlaskClient) -> None:
    checkout = details(client)
    client.post("/checkout/billing", data=US)

    assert client.post("/checkout/billing", data={"same": "1"}).status_code == 303

    db.session.expire_all()
    assert checkout.billing_address is None


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_has_given_no_details_begins_with_them(client: FlaskClient, method: str) -> None:
    answer = client.open("/checkout/billing", method=method, data=US)

    assert (answer.status_code, answer.location) == (303, "/checkout")


# Notes and gift messages -------------------------------------------------------------------------


def test_a_note_and_a_gift_message_reach_the_shop(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    details(client)

    placed = order(client, note="  Ring twice\r\n", gift_message="Happy birthday,\nInes <3")

    assert (placed.note, placed.gift_message) == ("Ring twice", "Happy birthday,\nInes <3")
    shown = read(client.get(f"/orders/{order_link(placed.token)}").text).text
    assert "Your note to us Ring twice" in shown
    assert "Gift message Happy birthday, Ines <3" in shown
    be_signed_in(client, make_admin())
    admin = read(client.get(f"/admin/orders/{placed.id}").text).text
    assert "Ring twice" in admin
    assert "A gift, with this message: Happy birthday, Ines <3" in admin


def test_what_was_written_is_kept_when_the_delivery_is_changed(client: FlaskClient) -> None:
    details(client)
    rate = review(client).chosen("shipping_rate_id")

    client.post("/checkout/delivery", data={"shipping_rate_id": rate, "note": "Ring twice"})

    assert "Ring twice" in client.get("/checkout/payment").text


def test_a_note_that_is_too_long_is_refused_and_kept_to_be_shortened(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    details(client)
    data = {"total": review(client).value("total"), "note": "x" * 501}

    answer = client.post("/checkout/payment", data=data)

    assert answer.status_code == 422
    assert "under 500 characters" in read(answer.text).text
    assert "x" * 501 in answer.text
    assert gateway.created == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0
