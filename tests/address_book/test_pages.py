"""A customer's addresses, and a checkout that uses them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from shop.accounts.models import Account
from shop.address_book import queries, service
from shop.addresses import Address
from shop.checkout.models import Checkout
from shop.extensions import db
from shop.orders import service as orders
from shop.orders.models import Order
from tests.accounts.mailed import newest_path, promised
from tests.accounts.people import be_signed_in, make_account, make_admin
from tests.factories import BUYER, make_order, make_rates, make_store, make_variant
from tests.fakes import FakeGateway
from tests.pages import read

HOME = BUYER.address
WORK = replace(HOME, line1="2 Mill Lane")
TYPED = {
    "country": "GB", "name": "Ann Lee", "line1": "1 High Street", "city": "Leeds",
    "postal_code": "ls6 2ab",
}  # fmt: skip


def book(account: Account) -> list[tuple[str, bool]]:
    db.session.expire_all()
    return [(one.line1, one.is_default) for one in queries.addresses_of(account.id)]


def with_cart(client: FlaskClient) -> None:
    variant = make_variant(unit_amount=3400)
    client.post("/cart/lines", data={"variant_id": variant.id, "quantity": "1"})


def test_the_first_address_is_the_default_and_the_same_is_kept_once(app: Flask) -> None:
    account = make_account()

    for address in (HOME, WORK, HOME):
        service.add(account.id, address)

    assert book(account) == [("14 Alder Row", True), ("2 Mill Lane", False)]


def test_another_default_takes_the_place_of_the_first(app: Flask) -> None:
    account = make_account()
    service.add(account.id, HOME)
    work = service.add(account.id, WORK)

    service.make_default(work)

    assert book(account) == [("2 Mill Lane", True), ("14 Alder Row", False)]
    service.remove(work)
    assert book(account) == [("14 Alder Row", True)]


def test_a_book_has_twenty_addresses(client: FlaskClient) -> None:
    make_store()
    make_rates()
    account = make_account()
    for number in range(20):
        service.add(account.id, replace(HOME, line1=f"{number} Alder Row"))
    be_signed_in(client, account)

    answer = client.post("/account/addresses/new", data=TYPED)

    assert answer.status_code == 409
    assert "20 addresses already" in answer.text
    assert len(book(account)) == 20
    assert "Add an address" not in client.get("/account/addresses").text


def test_an_address_is_added_changed_and_removed(client: FlaskClient) -> None:
    make_store()
    make_rates()
    account = make_account()
    be_signed_in(client, account)
    assert "No addresses yet" in client.get("/account/addresses").text

    assert client.post("/account/addresses/new", data=TYPED).location == "/account/addresses"
    (saved,) = queries.addresses_of(account.id)
    assert saved.address == Address(
        name="Ann Lee", line1="1 High Street", city="Leeds", postal_code="LS6 2AB", country="GB"
    )
    path = f"/account/addresses/{saved.id}"
    assert 'value="1 High Street"' in client.get(path).text
    client.post(path, data=TYPED | {"line1": "3 High Street", "phone": "+44 20 1234"})
    assert book(account) == [("3 High Street", True)]

    client.post(f"{path}/delete")
    assert book(account) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "name on the parcel"),
        ({"postal_code": "nonsense"}, "postcode does not look right"),
        ({"country": "FR"}, "do not send to that country"),
        ({"phone": "call me"}, "digits only"),
        ({"line1": "x" * 121}, "under 120"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_kept(
    client: FlaskClient, change: dict[str, str], sentence: str
) -> None:
    make_store()
    make_rates()
    account = make_account()
    be_signed_in(client, account)

    answer = client.post("/account/addresses/new", data=TYPED | change)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert book(account) == []


# At the checkout ------------------------------------------------------------------------------


def test_a_returning_customer_comes_to_the_last_screen_at_once(client: FlaskClient) -> None:
    make_store()
    make_rates()
    account = make_account(email="ann@example.com")
    service.add(account.id, HOME, "+44 20 1234")
    be_signed_in(client, account)
    with_cart(client)

    answer = client.get("/checkout")

    assert (answer.status_code, answer.location) == (303, "/checkout/payment")
    page = client.get("/checkout/payment").text
    assert "14 Alder Row" in page
    assert "ann@example.com" in read(page).text
    checkout = db.session.scalars(sa.select(Checkout)).one()
    assert (checkout.account_id, checkout.phone) == (account.id, "+44 20 1234")
    # Who wants to change it finds it filled in.
    assert 'value="14 Alder Row"' in client.get("/checkout").text


def test_another_saved_address_is_one_press_away(client: FlaskClient) -> None:
    make_store()
    make_rates()
    account = make_account()
    service.add(account.id, HOME)
    work = service.add(account.id, WORK)
    be_signed_in(client, account)
    with_cart(client)
    client.get("/checkout")
    assert "2 Mill Lane" in client.get("/checkout").text

    answer = client.post("/checkout/address", data={"address_id": work.id})

    assert answer.location == "/checkout/payment"
    assert "2 Mill Lane" in client.get("/checkout/payment").text


@pytest.mark.parametrize("who", ["guest", "other customer", "staff"])
def test_an_address_is_its_owners_alone(client: FlaskClient, who: str) -> None:
    make_store()
    make_rates()
    saved = service.add(make_account().id, HOME)
    if who != "guest":
        be_signed_in(client, make_account() if who == "other customer" else make_admin())
    with_cart(client)

    answer = client.post("/checkout/address", data={"address_id": saved.id})

    assert answer.status_code == 404
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Checkout)) == 0
    page = client.get("/checkout").text
    assert "14 Alder Row" not in page
    assert ("Sign in for a faster checkout" in page) == (who != "other customer")


def test_a_guest_is_asked_nothing_and_offered_to_sign_in(client: FlaskClient) -> None:
    make_store()
    make_rates()
    with_cart(client)

    page = client.get("/checkout").text

    assert 'href="/sign-in?next=/checkout"' in page


def test_an_order_belongs_to_whoever_was_signed_in(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_store()
    make_rates()
    account = make_account(email="ann@example.com")
    be_signed_in(client, account)
    with_cart(client)
    fake = FakeGateway()
    monkeypatch.setattr("shop.checkout.views.gateway", lambda: fake)
    client.post("/checkout", data=TYPED | {"email": "work@example.com"})
    client.post("/checkout/payment", data={"total": "3850"})

    order = db.session.scalars(sa.select(Order)).one()
    assert (order.email, order.account_id) == ("work@example.com", account.id)


# After an order -------------------------------------------------------------------------------


def order_path(order: Order) -> str:
    from shop.orders.urls import order_link

    return f"/orders/{order_link(order.token)}"


def test_a_buyer_keeps_the_details_by_a_link_to_the_orders_mailbox(
    app: Flask, client: FlaskClient
) -> None:
    make_store()
    order = make_order(paid=True)
    path = order_path(order)
    assert "Save these details for next time" in client.get(path).text

    assert client.post(f"{path}/account").location == "/link-sent"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Account)) == 0
    client.post(newest_path("ines@example.com"))

    account = db.session.scalars(sa.select(Account)).one()
    assert (account.email, account.name) == ("ines@example.com", "Ines Rowan")
    assert book(account) == [("14 Alder Row", True)]
    assert f"Order {order.number}" in client.get("/account").text
    assert "See it among your orders" in client.get(path).text
    assert "Save these details" in app.test_client().get(path).text


def test_an_address_that_nobody_has_paid_to_is_not_kept(client: FlaskClient) -> None:
    """Anybody can type somebody's email address and their own street."""
    make_store()
    order = make_order()
    client.post(f"{order_path(order)}/account")

    client.post(newest_path("ines@example.com"))

    account = db.session.scalars(sa.select(Account)).one()
    assert (account.name, book(account)) == ("", [])


def test_whether_the_buyer_has_an_account_shows_nowhere(app: Flask) -> None:
    make_store()
    order = make_order(paid=True)
    before = app.test_client().get(order_path(order)).text
    make_account(email="ines@example.com")

    assert app.test_client().get(order_path(order)).text == before
    assert app.test_client().post(f"{order_path(order)}/account").location == "/link-sent"
    assert promised()[-1] == "account_link"


def test_a_customer_keeps_an_orders_address(client: FlaskClient) -> None:
    make_store()
    account = make_account(email="ines@example.com")
    order = make_order(paid=True)
    be_signed_in(client, account)
    orders.claim(account.id, account.email)
    page = f"/account/orders/{order.id}"
    assert "Keep this address" in client.get(page).text

    assert client.post(f"{page}/address").location == "/account/addresses"

    assert book(account) == [("14 Alder Row", True)]
    assert "Keep this address" not in client.get(page).text
