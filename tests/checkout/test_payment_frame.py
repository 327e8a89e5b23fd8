"""The payment page inside the shop's own page, and on Stripe's where that cannot be shown."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.catalog.models import Variant
from shop.clock import now
from shop.extensions import db
from shop.orders.models import Order
from shop.orders.urls import order_link
from shop.payments.models import PaymentAttempt, PaymentSettings
from shop.web.headers import payment_frame_headers
from tests.accounts.people import be_signed_in, make_admin
from tests.conftest import make_settings
from tests.factories import DETAILS, make_rates, make_store, make_variant
from tests.fakes import FakeGateway
from tests.pages import Page, read


@pytest.fixture
def mug(client: FlaskClient, gateway: FakeGateway) -> Variant:
    make_store()
    make_rates(shipping=450, free_from=None)
    db.session.add(PaymentSettings(is_embedded=True, hold_days=7))
    mug = make_variant(unit_amount=3400)
    client.post("/cart/lines", data={"variant_id": mug.id})
    client.post("/checkout", data=DETAILS)
    return mug


def press_pay(client: FlaskClient) -> str:
    total = read(client.get("/checkout/payment").text).value("total")
    answer = client.post("/checkout/payment", data={"total": total})
    assert answer.status_code == 303
    return str(answer.location).removeprefix("http://localhost")


def look(client: FlaskClient, address: str) -> Page:
    answer = client.get(address)
    assert answer.status_code == 200
    return read(answer.text)


def the_order() -> Order:
    return db.session.scalars(sa.select(Order).execution_options(populate_existing=True)).one()


def attempts() -> list[tuple[str, bool]]:
    found = db.session.scalars(sa.select(PaymentAttempt).order_by(PaymentAttempt.id))
    return [(attempt.status, bool(attempt.client_secret)) for attempt in found]


def test_paying_leads_to_the_shops_own_page_which_holds_the_form(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    address = press_pay(client)

    assert address == f"/checkout/pay/{order_link(the_order().token)}"
    page = look(client, address)
    (frame,) = page.having("div", class_="payment-frame")
    assert frame["data-secret"] == "cs_test_1_secret_1"
    assert frame["data-key"].startswith("pk_test_")
    assert frame["data-source"].endswith("/static/stripe.js")
    assert "hidden" in frame
    assert "Pay £38.50" in page.text
    # Without JavaScript this is what there is.
    assert "You have not been charged." in page.text
    assert "Pay on Stripe's page" in page.text


def test_only_this_page_lets_the_payment_provider_in(client: FlaskClient, mug: Variant) -> None:
    answer = client.get(press_pay(client))

    policy = answer.headers["Content-Security-Policy"]
    origin = "http://127.0.0.1:"
    assert f"script-src 'self' {origin}" in policy
    assert f"frame-src {origin}" in policy
    assert "no-store" in answer.headers["Cache-Control"]
    assert "frame-src" not in client.get("/checkout/payment").headers["Content-Security-Policy"]


def test_stripes_own_script_and_frames_are_let_in_with_its_key(tmp_path: Path) -> None:
    settings = make_settings(
        "sqlite://", tmp_path, stripe_secret_key="sk_test_1", stripe_publishable_key="pk_test_1"
    )

    headers = payment_frame_headers(settings)

    policy = headers["Content-Security-Policy"]
    assert "script-src 'self' https://js.stripe.com;" in policy
    assert "frame-src https://js.stripe.com https://checkout.stripe.com" in policy
    assert "connect-src 'self' https://checkout.stripe.com https://api.stripe.com" in policy
    assert 'payment=(self "https://js.stripe.com"' in headers["Permissions-Policy"]


def test_pressing_again_shows_the_same_form(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    assert press_pay(client) == press_pay(client)

    assert len(gateway.created) == 1


def test_who_sees_no_form_pays_on_stripes_page_and_the_form_is_closed_first(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    address = press_pay(client)
    link = order_link(the_order().token)

    answer = client.post(f"/orders/{link}/pay", data={"hosted": "1"})

    assert answer.location == "https://pay.example/cs_test_2"
    assert gateway.sessions["cs_test_1"].status == "expired"
    assert attempts() == [("expired", True), ("open", False)]
    assert the_order().state == "pending_payment"
    assert client.get(address).location == f"/orders/{link}"
    # The page that is open is the one that is shown from then on.
    assert client.post(f"/orders/{link}/pay").location == "https://pay.example/cs_test_2"
    assert len(gateway.created) == 2


def test_what_was_paid_in_the_form_meanwhile_is_not_paid_again(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    press_pay(client)
    link = order_link(the_order().token)
    gateway.pay("cs_test_1")

    answer = client.post(f"/orders/{link}/pay", data={"hosted": "1"}, follow_redirects=True)

    assert the_order().state == "paid"
    assert "you have not been charged again" in read(answer.text).text
    assert len(gateway.created) == 1


def test_going_back_keeps_everything(client: FlaskClient, mug: Variant) -> None:
    page = look(client, press_pay(client))
    (back,) = [a for a in page.having("a") if "/checkout/back/" in a.get("href", "")]

    answer = client.get(back["href"], follow_redirects=True)

    assert "You have not been charged. Everything is as you left it." in read(answer.text).text


def test_paying_in_another_tab_leads_on_to_the_order(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    address = press_pay(client)
    link = order_link(the_order().token)
    gateway.pay("cs_test_1")
    client.get(f"/checkout/return/{link}", query_string={"session_id": "cs_test_1"})

    assert client.get(address).location == f"/orders/{link}"
    assert "Thank you, Ines." in client.get(f"/orders/{link}").text


def test_a_form_whose_time_is_over_leads_to_a_new_one(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    address = press_pay(client)
    link = order_link(the_order().token)
    with time_machine.travel(now() + timedelta(minutes=36)):
        assert client.get(address).location == f"/orders/{link}"

        answer = client.post(f"/orders/{link}/pay")

        assert str(answer.location).endswith(address)
        (frame,) = look(client, address).having("div", class_="payment-frame")
    assert frame["data-secret"] == "cs_test_2_secret_1"


def test_a_changed_cart_closes_the_form(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    old = press_pay(client)
    client.post(f"/cart/lines/{mug.id}", data={"quantity": "2"})
    client.get("/cart")

    new = press_pay(client)

    assert new != old
    assert gateway.sessions["cs_test_1"].status == "expired"
    assert "/orders/" in str(client.get(old).location)


def test_the_setting_switched_off_shows_stripes_page_again(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    press_pay(client)
    db.session.get_one(PaymentSettings, 1).is_embedded = False

    assert press_pay(client) == "https://pay.example/cs_test_2"
    assert attempts() == [("expired", True), ("open", False)]


def test_a_strangers_link_opens_nothing(client: FlaskClient, mug: Variant) -> None:
    assert client.get(press_pay(client) + "x").status_code == 404


def test_staff_switch_it_on_where_there_is_a_key(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_store()
    be_signed_in(client, make_admin())
    address, data = "/admin/settings/payments", {"hold_days": "7", "is_embedded": "1"}
    with monkeypatch.context() as patched:
        without = make_settings("sqlite://", Path(), stripe_secret_key="sk_test_1")
        patched.setattr("shop.admin.payment_settings_views.settings", lambda: without)
        refused = client.post(address, data=data)
        assert refused.status_code == 422
        assert "STRIPE_PUBLISHABLE_KEY is missing" in refused.text
        assert db.session.get(PaymentSettings, 1) is None

    assert client.post(address, data=data).status_code == 303

    db.session.expire_all()
    assert db.session.get_one(PaymentSettings, 1).is_embedded
    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert (entry.action, entry.data["is_embedded"]) == ("payments.changed", [False, True])
