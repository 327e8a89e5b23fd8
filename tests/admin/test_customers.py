"""The pages of customers and of the newsletter."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from shop.accounts.models import Account
from shop.address_book import service as address_book
from shop.audit import AuditEntry
from shop.clock import now
from shop.extensions import db
from shop.newsletter import service as newsletter
from shop.newsletter.models import Subscriber
from shop.orders.models import Order
from tests.accounts.people import be_signed_in, make_account, make_admin
from tests.factories import BUYER, make_order, make_store, make_variant


@pytest.fixture(autouse=True)
def admin(app: Flask, client: FlaskClient) -> None:
    make_store()
    be_signed_in(client, make_admin(email="boss@example.com"))


def test_a_new_shop_has_no_customers_and_no_subscribers(client: FlaskClient) -> None:
    assert "No customers yet" in client.get("/admin/customers").text
    assert "No subscribers yet" in client.get("/admin/newsletter").text


@pytest.mark.parametrize(
    "text", ["ines", "ROWAN", "example.org", "good glazes", "{number}", "#{number}"]
)
def test_customers_are_found_by_name_mail_tag_and_order(client: FlaskClient, text: str) -> None:
    ines = make_account(email="ines@example.org", name="Ines Rowan", tags="good glazes, press")
    make_account(email="bob@example.com", name="Bob")
    order = make_order(paid=True)
    order.account_id = ines.id

    page = client.get("/admin/customers", query_string={"q": text.format(number=order.number)}).text

    assert "Ines Rowan" in page
    assert "bob@example.com" not in page
    assert "boss@example.com</a>" not in client.get("/admin/customers").text
    assert "No customer matches" in client.get("/admin/customers?q=nobody").text


def test_a_thousand_customers_come_in_pages_of_one_query(
    client: FlaskClient, count_queries
) -> None:
    db.session.execute(
        sa.insert(Account),
        [
            {"email": f"p{n}@example.com", "fs_uniquifier": f"u{n}", "name": f"Person {n}"}
            for n in range(1000)
        ],
    )
    client.get("/admin/customers")

    with count_queries() as statements:
        page = client.get("/admin/customers").text

    assert page.count('scope="row"') == 25
    assert len([one for one in statements if "FROM accounts" in one and "subscribers" in one]) == 1
    assert client.get("/admin/customers?page=40").status_code == 200
    assert client.get("/admin/customers?page=41").status_code == 404


def test_the_page_of_one_tells_orders_addresses_and_consent(client: FlaskClient) -> None:
    ines = make_account(email="ines@example.com", name="Ines Rowan")
    order = make_order(make_variant(), paid=True)
    order.account_id = ines.id
    address_book.add(ines.id, BUYER.address)
    newsletter.subscribe_proved(ines.email, source="account", language="en")

    page = client.get(f"/admin/customers/{ines.id}").text

    for words in (f"/admin/orders/{order.id}", "14 Alder Row", "Gets it", "1 order"):
        assert words in page


def test_tags_and_note_are_kept(client: FlaskClient) -> None:
    ines = make_account()

    client.post(
        f"/admin/customers/{ines.id}", data={"tags": " press,  VIP ,press,,", "note": "Kind.\n"}
    )

    db.session.refresh(ines)
    assert (ines.tags, ines.note) == ("press, VIP", "Kind.")
    refused = client.post(f"/admin/customers/{ines.id}", data={"tags": "x" * 301, "note": ""})
    assert refused.status_code == 422
    db.session.refresh(ines)
    assert ines.tags == "press, VIP"


def test_staff_are_no_customers(client: FlaskClient) -> None:
    other = make_admin()

    for path in ("", "/export", "/erasure"):
        assert client.post(f"/admin/customers/{other.id}{path}").status_code == 404
    assert db.session.get(Account, other.id) is not None


def test_a_customer_is_exported_and_erased_by_name_of_who_did_it(client: FlaskClient) -> None:
    ines = make_account(email="ines@example.com")
    make_order(make_variant(), paid=True)
    path = f"/admin/customers/{ines.id}"

    export = client.post(f"{path}/export")
    with zipfile.ZipFile(io.BytesIO(export.data)) as archive:
        assert len(json.loads(archive.read("data.json"))["orders"]) == 1
    answer = client.post(f"{path}/erasure")

    assert answer.location == "/admin/customers"
    db.session.expire_all()
    assert db.session.scalars(sa.select(Account.email)).all() == ["boss@example.com"]
    order = db.session.scalars(sa.select(Order)).one()
    assert (order.account_id, order.name) == (None, "Ines Rowan")
    actions = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["account.exported", "account.erased"]
    assert client.get(path).status_code == 404


def test_subscribers_are_listed_by_state_and_given_as_a_file(client: FlaskClient) -> None:
    for email in ("yes@example.com", "gone@example.com", "=cmd@example.com"):
        newsletter.subscribe_proved(email, source="account", language="de")
    newsletter.ask("asked@example.com", source="footer", language="en")
    gone = db.session.scalars(sa.select(Subscriber).where(Subscriber.email == "gone@example.com"))
    newsletter.unsubscribe(gone.one())

    for show, there in (
        ("subscribed", "yes@example.com"), ("asked", "asked@example.com"),
        ("ended", "gone@example.com"),
    ):  # fmt: skip
        page = client.get(f"/admin/newsletter?show={show}").text
        assert there in page
        assert ("yes@example.com" in page) == (show == "subscribed")
    file = client.get("/admin/newsletter.csv")
    lines = file.data.decode("utf-8-sig").splitlines()
    assert lines[0] == "email,language,source,asked_at,confirmed_at,unsubscribe_url"
    assert [line.split(",")[0] for line in lines[1:]] == ["yes@example.com", "'=cmd@example.com"]
    assert "/newsletter/" in lines[1]
    assert lines[1].endswith("/unsubscribe")
    name = f'attachment; filename="newsletter-{now():%Y-%m-%d}.csv"'
    assert file.headers["Content-Disposition"] == name
