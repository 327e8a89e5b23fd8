"""What a person gets of what is kept, and what is left when they are erased."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.accounts.models import Account, AccountSession
from shop.address_book import service as address_book
from shop.address_book.models import SavedAddress
from shop.alerts.models import StockAlert
from shop.cart.models import SavedCart
from shop.checkout.models import Checkout
from shop.contact.models import ContactMessage
from shop.extensions import db
from shop.newsletter import service as newsletter
from shop.newsletter.models import Subscriber
from shop.orders import queries as orders
from shop.orders.models import LineItem, Order
from shop.payments.models import PaymentAttempt, StripeEvent
from shop.privacy import service as privacy
from shop.recovery.models import AbandonedCheckout
from shop.reviews import service as reviews
from shop.wishlist.models import Wishlist
from tests.accounts.people import PASSWORD, be_signed_in, make_account
from tests.factories import BUYER, make_checkout, make_order, make_store, make_variant

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def ines(app: Flask) -> Account:
    """Somebody who has left something everywhere."""
    make_store()
    account = make_account(email="ines@example.com", name="Ines Rowan")
    variant = make_variant()
    order = make_order(variant, paid=True, checkout=make_checkout())
    order.phone, order.note = "+44 20 1234", "Ring twice"
    address_book.add(account.id, BUYER.address)
    newsletter.subscribe_proved(account.email, source="account", language="en")
    reviews.stop_invitations(account.email)
    db.session.add_all([
        StockAlert(variant_id=variant.id, email="ines@example.com", token="t"),
        ContactMessage(name="Ines", email="Ines@example.com", text="Hello there"),
        SavedCart(account_id=account.id, lines=f"{variant.id:x}.2"),
        Wishlist(token="w", account_id=account.id),
    ])  # fmt: skip
    db.session.flush()
    return account


def data_of(client: FlaskClient) -> dict[str, Any]:
    answer = client.post("/account/privacy/export")
    assert answer.mimetype == "application/zip"
    assert answer.headers["Cache-Control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        return dict(json.loads(archive.read("data.json")))


def count(model: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_the_file_holds_all_that_is_kept_and_nothing_that_opens_doors(
    client: FlaskClient, ines: Account
) -> None:
    be_signed_in(client, ines)

    data = data_of(client)

    assert data["account"]["email"] == "ines@example.com"
    assert data["orders"][0]["note"] == "Ring twice"
    assert data["orders"][0]["lines"][0]["title"] == "Tuesday mug"
    assert data["addresses"][0]["line1"] == "14 Alder Row"
    assert data["newsletter"][0]["source"] == "account"
    assert data["no_more_invitations_to_review"][0]["email"] == "ines@example.com"
    assert data["messages_to_the_shop"][0]["text"] == "Hello there"
    assert data["basket"] == [{"product": "Tuesday mug", "quantity": 2}]
    assert data["stock_alerts"][0]["email"] == "ines@example.com"
    text = json.dumps(data)
    for secret in (ines.fs_uniquifier, str(ines.password), "token", "fingerprint"):
        assert secret not in text


def test_nobody_elses_things_are_in_it(client: FlaskClient, ines: Account) -> None:
    be_signed_in(client, make_account(email="bob@example.com"))

    text = json.dumps(data_of(client))

    assert "ines" not in text.lower()
    assert "14 Alder Row" not in text


def test_the_file_is_given_five_times_in_a_quarter_of_an_hour(client: FlaskClient) -> None:
    make_store()
    be_signed_in(client, make_account())

    answers = [client.post("/account/privacy/export").status_code for _ in range(6)]

    assert answers == [200] * 5 + [429]


def test_erasing_says_beforehand_what_goes_and_what_stays(
    client: FlaskClient, ines: Account
) -> None:
    be_signed_in(client, ines)

    page = client.get("/account/privacy").text

    assert "Tax law makes us keep what was sold" in page
    assert "60 days" in page


@pytest.mark.parametrize("password", ["", "wrong wrong wrong"])
def test_nothing_is_erased_without_the_password(
    client: FlaskClient, ines: Account, password: str
) -> None:
    be_signed_in(client, ines)

    answer = client.post("/account/privacy/erasure", data={"current": password})

    assert answer.status_code == 422
    assert count(Account) == 1
    assert count(SavedAddress) == 1
    assert count(Subscriber) == 1


def test_erasing_takes_the_person_away_and_leaves_the_books(
    client: FlaskClient, ines: Account
) -> None:
    order = db.session.scalars(sa.select(Order)).one()
    kept = (order.number, order.total_amount, order.name, order.line1, order.tax_lines)
    with time_machine.travel(NOON, tick=False) as clock:
        order.placed_at = NOON - timedelta(days=10)
        order_id = order.id
        be_signed_in(client, ines)

        answer = client.post("/account/privacy/erasure", data={"current": PASSWORD})

        assert (answer.status_code, answer.location) == (303, "/")
        assert client.get("/account").status_code == 303
        for model in (Account, AccountSession, SavedAddress, Subscriber, StockAlert, SavedCart,
                      ContactMessage, Wishlist):  # fmt: skip
            assert count(model) == 0, model
        db.session.expire_all()
        checkout = db.session.scalars(sa.select(Checkout)).one()
        assert (checkout.email, checkout.name, checkout.line1) == ("", "", "")
        order = db.session.get_one(Order, order_id)
        assert (order.number, order.total_amount, order.name, order.line1, order.tax_lines) == kept
        assert (order.account_id, order.email) == (None, "ines@example.com")
        assert count(LineItem) == 1
        attempt = PaymentAttempt(
            order_id=order_id,
            ordinal=1,
            amount=100,
            currency="GBP",
            params={"customer_email": "ines@example.com"},
            idempotency_key="k",
            session_id="cs_1",
            payment_intent_id="pi_1",
            expires_at=NOON,
        )
        event = StripeEvent(
            id="evt_1",
            type="checkout.session.completed",
            object_id="cs_1",
            is_live=False,
            payload={"email": "ines@example.com"},
            status="done",
            created_at=NOON,
        )
        charge = StripeEvent(
            id="evt_2",
            type="charge.succeeded",
            object_id="ch_1",
            is_live=False,
            payload={"data": {"object": {"payment_intent": "pi_1", "receipt_email": "i@x.y"}}},
            status="ignored",
            created_at=NOON,
        )
        others = StripeEvent(
            id="evt_3",
            type="charge.succeeded",
            object_id="ch_2",
            is_live=False,
            payload={"data": {"object": {"payment_intent": "pi_2"}}},
            status="ignored",
            created_at=NOON,
        )
        db.session.add_all([attempt, event, charge, others])
        db.session.flush()
        clock.shift(timedelta(days=49))
        privacy.forget_contacts()
        assert db.session.get_one(Order, order_id).email == "ines@example.com"
        clock.shift(timedelta(days=2))

        privacy.forget_contacts()

    order = db.session.get_one(Order, order_id)
    assert (order.email, order.phone, order.note) == ("", "", "")
    db.session.refresh(attempt)
    db.session.refresh(event)
    db.session.refresh(charge)
    db.session.refresh(others)
    assert (attempt.params, event.payload, charge.payload) == ({}, {}, {})
    assert others.payload != {}
    assert (order.number, order.total_amount, order.name, order.line1, order.tax_lines) == kept
    assert orders.order_by_number(order.number or 0, "") is not None  # and asks for an address


def test_an_old_orders_contact_goes_at_once(client: FlaskClient, ines: Account) -> None:
    order = db.session.scalars(sa.select(Order)).one()
    order.placed_at = NOON - timedelta(days=400)
    order_id = order.id

    privacy.erase(ines, by=None)

    assert db.session.get_one(Order, order_id).email == ""


def test_a_checkout_left_under_another_address_is_theirs_too(
    client: FlaskClient, ines: Account
) -> None:
    checkout = make_checkout(account_id=ines.id, email="work@example.com")
    db.session.add(
        AbandonedCheckout(
            checkout_id=checkout.id,
            email="work@example.com",
            language="en",
            currency="GBP",
            cart="",
        )
    )
    be_signed_in(client, ines)
    (told,) = data_of(client)["reminders_of_checkouts"]
    assert told["email"] == "work@example.com"

    privacy.erase(ines, by=None)

    assert count(AbandonedCheckout) == 0


def test_another_customers_order_to_that_address_is_left_alone(ines: Account) -> None:
    bob = make_account(email="bob@example.com")
    order = make_order(paid=True)
    order.account_id = bob.id
    db.session.flush()

    privacy.erase(ines, by=None)

    assert order.forget_contact_at is None
    assert order.account_id == bob.id
