"""Refusals in the admin: in its own frame, in words, with a way back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.extensions import db
from tests.accounts.people import be_signed_in, make_account
from tests.pages import read


def test_what_is_gone_is_told_inside_the_admin(staff: FlaskClient) -> None:
    answer = staff.get("/admin/orders/999999")

    assert answer.status_code == 404
    page = read(answer.text)
    assert "Nothing is here" in page.text
    assert page.having("a", href="/admin/orders")
    assert not page.having("a", href="/cart")


def test_a_refusal_leads_back_to_where_one_was(staff: FlaskClient) -> None:
    answer = staff.post(
        "/admin/orders/views",
        data={"name": ""},
        headers={"Referer": "http://localhost/admin/orders?show=send"},
    )

    assert answer.status_code == 422
    page = read(answer.text)
    assert "Give the view a name. Nothing was saved." in page.text
    assert page.having("a", href="/admin/orders?show=send")
    assert db.session.scalars(sa.select(AuditEntry)).all() == []


@pytest.mark.parametrize(
    "referer", ["http://elsewhere.example/admin/orders", "http://localhost/products", "", "::"]
)
def test_a_refusal_leads_to_no_page_outside_the_admin(staff: FlaskClient, referer: str) -> None:
    answer = staff.post("/admin/orders/views", data={"name": ""}, headers={"Referer": referer})

    assert answer.status_code == 422
    assert "Back to where you were" not in answer.text


def test_a_program_gets_the_refusal_as_json(staff: FlaskClient) -> None:
    answer = staff.get("/admin/orders/999999", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json["error"]["code"]) == (404, 404)


def test_who_is_no_staff_sees_nothing_of_the_admin(client: FlaskClient, store: None) -> None:
    be_signed_in(client, make_account())

    answer = client.get("/admin/orders/999999")

    assert answer.status_code == 403
    assert not read(answer.text).having("a", href="/admin/orders")


def test_who_was_signed_out_meanwhile_is_led_to_sign_in(client: FlaskClient, store: None) -> None:
    answer = client.post("/admin/orders/1/notes", data={"text": "Fragile"})

    assert answer.status_code == 401
    page = read(answer.text)
    assert "what you typed is still there" in page.text
    assert page.having("a", href="/sign-in", target="_blank")
