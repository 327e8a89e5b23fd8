"""What shoppers are told who must wait, and what staff see and set."""

from __future__ import annotations

import hashlib

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shop.catalog.models import Variant
from shop.clock import now
from shop.extensions import db
from shop.inventory.models import StockItem
from shop.orders.models import Order
from shop.orders.urls import order_link
from shop.payments.models import PaymentSettings
from shop.protection import queries
from shop.protection import service as protection
from shop.protection.models import OrderSource
from tests.accounts.people import be_signed_in, make_admin
from tests.checkout.test_pages import DETAILS
from tests.factories import make_order, make_rates, make_store, make_variant
from tests.fakes import FakeGateway
from tests.pages import read

NUMBERS = {
    "orders_of_network": "30",
    "unpaid_of_network": "4",
    "stock_percent": "25",
    "declines_of_shopper": "3",
    "declines_of_network": "9",
    "alarm_declines": "0",
}


@pytest.fixture
def mug(app: Flask) -> Variant:
    make_store()
    make_rates("GB")
    return make_variant(unit_amount=3400, on_hand=100)


def press_pay(app: Flask, mug: Variant, address: str = "192.0.2.1", **headers: str) -> TestResponse:
    """A new browser at this address fills its basket, gives its details and pays."""
    browser = app.test_client()
    browser.environ_base["REMOTE_ADDR"] = address
    browser.post("/cart/lines", data={"variant_id": mug.id})
    assert browser.post("/checkout", data=DETAILS).status_code == 303
    page = read(browser.get("/checkout/payment").text)
    (total,) = page.having("input", name="total")
    return browser.post("/checkout/payment", data={"total": total["value"]}, headers=headers)


def orders() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Order)) or 0


@pytest.mark.usefixtures("noon")  # what is counted is counted by the hour
def test_who_must_wait_is_told_what_happened_and_when_to_try_again(
    app: Flask, mug: Variant, gateway: FakeGateway
) -> None:
    protection.change({"unpaid_of_network": 1}, by=None)
    assert press_pay(app, mug).status_code == 303

    answer = press_pay(app, mug)

    assert answer.status_code == 429
    assert 60 < int(answer.headers["Retry-After"]) <= 3000
    page = read(answer.text)
    assert "Other orders from your network are not paid yet" in page.text
    assert "You have not been charged, and your basket is kept." in page.text
    assert "try again in 50 minutes" in page.text
    assert len(page.having("input", name="total")) == 1
    assert orders() == len(gateway.created) == 1
    assert db.session.scalar(sa.select(StockItem.reserved)) == 1
    assert queries.counts_since(now()) == {"unpaid": 1}


def test_another_address_is_another_network_and_a_household_is_one(
    app: Flask, mug: Variant, gateway: FakeGateway
) -> None:
    protection.change({"unpaid_of_network": 1}, by=None)

    assert press_pay(app, mug, "2001:db8:1:2::1").status_code == 303
    assert press_pay(app, mug, "2001:db8:1:2:ffff::9").status_code == 429
    assert press_pay(app, mug, "2001:db8:1:3::1").status_code == 303
    assert press_pay(app, mug, "198.51.100.7").status_code == 303


def test_behind_a_proxy_that_is_not_counted_visitors_are_not_one_network(
    app: Flask, mug: Variant, gateway: FakeGateway
) -> None:
    protection.change({"unpaid_of_network": 1}, by=None)

    for shopper in ("192.0.2.1", "192.0.2.2"):
        answer = press_pay(app, mug, "127.0.0.1", **{"X-Forwarded-For": shopper})
        assert answer.status_code == 303


def test_a_stranger_does_not_escape_by_saying_to_be_a_proxy(
    app: Flask, mug: Variant, gateway: FakeGateway
) -> None:
    protection.change({"unpaid_of_network": 1}, by=None)
    lie = {"X-Forwarded-For": "192.0.2.9"}

    assert press_pay(app, mug, "8.8.8.8", **lie).status_code == 303
    assert press_pay(app, mug, "8.8.8.8", **lie).status_code == 429


def test_under_attack_nobody_pays_later(app: Flask, mug: Variant, gateway: FakeGateway) -> None:
    db.session.add(
        PaymentSettings(takes_bank_transfer=True, bank_transfer_text="IBAN", hold_days=7)
    )
    browser = app.test_client()
    browser.post("/cart/lines", data={"variant_id": mug.id})
    browser.post("/checkout", data=DETAILS)
    page = read(browser.get("/checkout/payment").text)
    assert len(page.having("input", value="bank_transfer")) == 1

    protection.switch_on(1, by=None)

    page = read(browser.get("/checkout/payment").text)
    assert page.having("input", value="bank_transfer") == []
    data = {"total": page.value("total"), "pay_by": "bank_transfer"}
    assert browser.post("/checkout/payment", data=data).status_code in (409, 422)
    assert orders() == 0


def test_addresses_are_kept_as_keys_that_name_nobody(
    app: Flask, mug: Variant, gateway: FakeGateway
) -> None:
    press_pay(app, mug)

    source = db.session.scalars(sa.select(OrderSource)).one()
    assert len(source.network) == 64
    assert source.network != hashlib.sha256(b"192.0.2.1").hexdigest()


def test_pressing_pay_again_and_again_on_an_orders_page_ends(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    make_store()
    order = make_order(make_variant())
    address = f"/orders/{order_link(order.token)}/pay"

    answers = [client.post(address) for _ in range(protection.PAY_AGAIN + 1)]

    assert {answer.status_code for answer in answers[:-1]} == {303}
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "You have not been charged" in read(answers[-1].text).text
    assert len(gateway.created) == 1


# Staff -------------------------------------------------------------------------------------------


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    make_store()
    be_signed_in(client, make_admin(email="ann@example.com"))
    return client


def test_a_quiet_shop_says_so(admin: FlaskClient) -> None:
    page = read(admin.get("/admin/settings/protection").text)

    assert "No card was declined and no order refused." in page.text
    assert "proxy" not in page.text


def test_staff_see_what_was_refused(admin: FlaskClient) -> None:
    for kind in ("stock", "stock", "declined", "card", "closed"):
        protection.count(kind)

    page = read(admin.get("/admin/settings/protection").text)
    home = read(admin.get("/admin").text)

    assert "Refused: too much of a stock held from one network 2" in page.text
    assert "Refused: too many declined cards 1" in page.text
    assert "Declined cards 1" in page.text
    assert "3 orders refused in 24 hours" in home.text


def test_staff_switch_stricter_rules_on_and_off(admin: FlaskClient) -> None:
    answer = admin.post("/admin/settings/protection/strict", data={"hours": "4"})
    assert (answer.status_code, answer.location) == (303, "/admin/settings/protection")

    page = read(admin.get("/admin/settings/protection").text)
    assert "switched on by ann@example.com" in page.text
    assert "They end by themselves" in page.text
    assert "Stricter rules hold in the checkout." in read(admin.get("/admin").text).text

    assert admin.post("/admin/settings/protection/usual").status_code == 303
    assert not queries.current().is_strict
    assert "Stricter rules hold" not in read(admin.get("/admin").text).text


@pytest.mark.parametrize("hours", ["", "3", "-1", "1e9", "٤"])
def test_other_times_are_refused(admin: FlaskClient, hours: str) -> None:
    answer = admin.post("/admin/settings/protection/strict", data={"hours": hours})

    assert answer.status_code == 422
    assert not queries.current().is_strict


def test_the_numbers_are_changed(admin: FlaskClient) -> None:
    answer = admin.post("/admin/settings/protection", data=NUMBERS)

    assert answer.status_code == 303
    current = queries.current()
    assert current.usual.stock_percent == 25
    assert current.alarm_declines == 0
    page = read(admin.get("/admin/settings/protection").text)
    assert page.having("input", name="orders_of_network")[0]["value"] == "30"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("orders_of_network", "0"),
        ("stock_percent", "101"),
        ("declines_of_shopper", "x"),
        ("alarm_declines", "10000"),
        ("unpaid_of_network", ""),
    ],
)
def test_numbers_out_of_range_change_nothing(admin: FlaskClient, name: str, value: str) -> None:
    before = queries.current()

    answer = admin.post("/admin/settings/protection", data=NUMBERS | {name: value})

    assert answer.status_code == 422
    assert read(answer.text).having("input", name=name)[0]["aria-invalid"] == "true"
    assert queries.current() == before


def test_a_proxy_that_is_not_counted_is_told(admin: FlaskClient) -> None:
    answer = admin.get("/admin/settings/protection", headers={"X-Forwarded-For": "192.0.2.1"})

    assert "TRUSTED_PROXIES is not set" in answer.text
