"""A shop without staff: only the link that its server printed makes an owner, and once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.accounts.models import Account
from shop.clock import now
from shop.extensions import db
from shop.setup.link import setup_url
from tests.accounts.people import PASSWORD, make_account, make_admin

OWNER = {"email": "Maya@Example.com", "name": "Maya Kerr", "password": PASSWORD}


def link(app: Flask) -> str:
    with app.test_request_context():
        return setup_url().removeprefix("http://localhost")


def accounts() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Account)) or 0


def test_the_printed_link_makes_an_owner_who_is_signed_in(app: Flask, client: FlaskClient) -> None:
    path = link(app)
    assert client.get(path).status_code == 200

    answer = client.post(path, data=OWNER)

    assert (answer.status_code, answer.location) == (303, "/admin/setup")
    page = client.get("/admin/setup")
    assert page.status_code == 200
    owner = db.session.scalars(sa.select(Account)).one()
    assert (owner.email, owner.is_owner) == ("maya@example.com", True)


def test_the_link_is_worth_nothing_once_there_is_an_owner(app: Flask, client: FlaskClient) -> None:
    path = link(app)
    make_admin()

    shown, sent = client.get(path), client.post(path, data=OWNER)

    assert shown.status_code == sent.status_code == 303
    assert accounts() == 1


@pytest.mark.parametrize("path", ["/setup/x", "/setup/Im93bmVyIg.abc.def"])
def test_a_stranger_is_told_where_the_link_is_and_makes_nothing(
    client: FlaskClient, path: str
) -> None:
    shown, sent = client.get(path), client.post(path, data=OWNER)

    assert shown.status_code == 404
    assert "printed" in shown.text
    assert sent.status_code == 303
    assert accounts() == 0


def test_the_link_ends_after_a_day(app: Flask, client: FlaskClient) -> None:
    path = link(app)

    with time_machine.travel(now() + timedelta(hours=25)):
        sent = client.post(path, data=OWNER)
        shown = client.get(path)

    assert (sent.status_code, shown.status_code) == (303, 404)
    assert accounts() == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "short"}, "12 to 256 characters"),
        ({"password": ""}, "Type the password"),
        ({"email": "nobody"}, "not an email address"),
        ({"email": ""}, "Type your email address"),
    ],
)
def test_what_cannot_be_an_account_is_told_and_what_was_typed_stays(
    app: Flask, client: FlaskClient, change: dict[str, str], said: str
) -> None:
    answer = client.post(link(app), data=OWNER | change)

    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Maya Kerr"' in answer.text
    assert accounts() == 0


def test_a_customers_address_is_not_taken_over(app: Flask, client: FlaskClient) -> None:
    make_account(email="maya@example.com")

    answer = client.post(link(app), data=OWNER)

    assert answer.status_code == 422
    assert accounts() == 1
    assert not db.session.scalars(sa.select(Account)).one().is_owner


def test_the_admin_of_a_shop_without_staff_leads_to_the_setup(client: FlaskClient) -> None:
    signing_in = client.get("/admin", follow_redirects=True)

    assert signing_in.request.path == "/setup"
    assert "flask --app shop setup link" in signing_in.text


def test_the_command_prints_the_link_until_there_is_an_owner(app: Flask) -> None:
    before = app.test_cli_runner().invoke(args=["setup", "link"])
    make_admin()
    db.session.commit()
    after = app.test_cli_runner().invoke(args=["setup", "link"])

    assert before.output.startswith("http://localhost/setup/")
    assert after.exit_code == 1


def test_of_two_at_once_one_becomes_the_owner(own_database: Flask) -> None:
    path = link(own_database)

    def press(name: str) -> int:
        client = own_database.test_client()
        return client.post(path, data=OWNER | {"email": f"{name}@example.com"}).status_code

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(press, ["maya", "ines"]))

    assert answers == [303, 303]
    with own_database.app_context():
        assert accounts() == 1
