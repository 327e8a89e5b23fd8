"""Where an order goes and who buys it: companies, collecting, email and small coins."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.extensions import db
from shop.orders.models import Order
from shop.orders.urls import order_link
from shop.pricing.models import ShippingRate
from tests.factories import make_rates, make_store, make_variant
from tests.fakes import FakeGateway
from tests.pages import Page, read

GERMAN = "DE136695976"
BERLIN = {
    "email": "ines@example.com",
    "country": "DE",
    "name": "Ines Rowan",
    "line1": "Erlenweg 14",
    "postal_code": "10115",
    "city": "Berlin",
}


def fill(client: FlaskClient, unit_amount: int = 11_900, **values: object) -> ShippingRate:
    """A basket in a French shop that sends to Germany at 19 %."""
    rate, _tax = make_rates("DE", shipping=1190, free_from=None, tax_ppm=190_000)
    variant = make_variant(unit_amount=unit_amount)
    for name, value in values.items():
        setattr(variant, name, value)
    db.session.flush()
    assert client.post("/cart/lines", data={"variant_id": variant.id}).status_code == 303
    return rate


def payment(client: FlaskClient, **changes: str) -> Page:
    assert client.post("/checkout", data=BERLIN | changes).status_code == 303
    answer = client.get("/checkout/payment")
    assert answer.status_code == 200
    return read(answer.text)


def pay(client: FlaskClient, page: Page) -> Order:
    data = {"total": page.value("total"), "shipping_rate_id": page.chosen("shipping_rate_id")}
    assert client.post("/checkout/payment", data=data).status_code == 303
    return db.session.scalars(sa.select(Order)).one()


# Companies --------------------------------------------------------------------------------------


def test_a_company_of_another_member_state_pays_without_vat(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    make_store("EUR", "FR")
    fill(client)

    page = payment(client, vat_number="de 136 695 976")
    order = pay(client, page)

    assert "VAT number DE136695976" in page.text
    # 119.00 + 11.90 = 130.90, of which 19 / 119 = 20.90.
    assert "VAT not charged Reverse charge -€20.90" in page.text.replace("\u2212", "-")
    assert (order.total_amount, order.relief_amount, order.tax_amount) == (11_000, 2090, 0)
    assert (order.vat_number, order.relief_name) == (GERMAN, "Reverse charge")
    seen = client.get(f"/orders/{order_link(order.token)}")
    assert "VAT number DE136695976" in seen.text


def test_a_number_that_is_not_valid_is_refused_and_nothing_moves(client: FlaskClient) -> None:
    make_store("EUR", "FR")
    fill(client)

    answer = client.post("/checkout", data=BERLIN | {"vat_number": "DE136695978"})

    assert answer.status_code == 422
    page = read(answer.text)
    assert "That is not a valid VAT number." in page.text
    assert page.value("vat_number") == "DE136695978"
    assert "vat_number" in page.shown_fields
    assert client.get("/checkout/payment").status_code == 303


@pytest.mark.parametrize(
    ("home", "number"), [("DE", GERMAN), ("FR", "GB980780684"), ("GB", GERMAN)]
)
def test_domestic_and_british_numbers_give_no_relief(
    client: FlaskClient, home: str, number: str
) -> None:
    make_store("EUR", home)
    fill(client)

    page = payment(client, vat_number=number)

    assert "VAT not charged" not in page.text
    assert page.value("total") == "13090"


def test_the_field_is_closed_and_only_where_numbers_matter(client: FlaskClient) -> None:
    store = make_store("EUR", "FR")
    fill(client)

    page = read(client.get("/checkout").text)
    assert "Buying for a company?" in page.text
    assert "vat_number" not in page.shown_fields
    store.country = "US"
    assert "Buying for a company?" not in client.get("/checkout").text


# Collecting, email, coins ----------------------------------------------------------------------


def test_an_order_is_collected_at_the_shop(client: FlaskClient, gateway: FakeGateway) -> None:
    make_store("EUR", "FR", address="3 quai des Potiers, Lyon")
    rate = fill(client)
    rate.is_pickup, rate.name, rate.amount = True, "Collection", 0

    page = payment(client)
    order = pay(client, page)

    assert "Collect from 3 quai des Potiers, Lyon" in page.text
    assert (order.collect_from, order.shipping_amount) == ("3 quai des Potiers, Lyon", 0)
    seen = read(client.get(f"/orders/{order_link(order.token)}").text).text
    assert "Where to collect it 3 quai des Potiers, Lyon" in seen


def test_what_needs_no_parcel_costs_no_delivery(client: FlaskClient, gateway: FakeGateway) -> None:
    make_store("EUR", "FR")
    fill(client, requires_shipping=False, is_taxable=False)

    page = payment(client)
    order = pay(client, page)

    assert "Sent by email" in page.text
    assert "Straight after payment" in page.text
    assert (order.shipping_name, order.shipping_amount) == ("Sent by email", 0)
    assert order.total_amount == 11_900


def test_totals_end_in_the_coins_that_there_are(client: FlaskClient, gateway: FakeGateway) -> None:
    make_store("EUR", "FR", rounding_units=5)
    fill(client, unit_amount=1298)

    order = pay(client, payment(client))

    # 12.98 + 11.90 = 24.88 -> 24.90.
    assert (order.total_amount, order.rounding_amount) == (2490, 2)
