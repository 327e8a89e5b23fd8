"""Following an order without its link."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.clock import now
from shop.orders.models import Order
from tests.factories import make_order, make_store, make_variant
from tests.pages import read


@pytest.fixture
def order(app: Flask) -> Order:
    make_store()
    return make_order(make_variant(unit_amount=3400), quantity=2, paid=True)


def ask(client: FlaskClient, number: object, email: str = "ines@example.com"):
    return client.post("/track", data={"number": str(number), "email": email})


@pytest.mark.parametrize("form", ["{}", "#{}", " No. {} "])
@pytest.mark.parametrize("email", ["ines@example.com", "INES@Example.com "])
def test_number_and_address_open_the_way(
    client: FlaskClient, order: Order, form: str, email: str
) -> None:
    answer = ask(client, form.format(order.number), email)

    assert answer.status_code == 303
    page = client.get(answer.location)
    text = read(page.text).text
    assert f"Order {order.number}" in text
    assert "Being packed" in text
    assert "2 × Tuesday mug" in text
    assert page.headers["Cache-Control"] == "private, no-store"
    assert '<meta name="robots" content="noindex">' in page.text


def test_the_tracking_page_tells_nothing_of_the_person(client: FlaskClient, order: Order) -> None:
    page = client.get(ask(client, order.number).location).text

    for secret in ("Ines", "ines@example.com", "Alder", "LS6", "£", order.token):
        assert secret not in page


def test_an_unknown_number_and_a_wrong_address_are_answered_alike(
    client: FlaskClient, order: Order
) -> None:
    assert order.number is not None
    wrong_address = ask(client, order.number, "other@example.com")
    unknown_number = ask(client, order.number + 1, "other@example.com")

    assert wrong_address.status_code == unknown_number.status_code == 422
    assert wrong_address.text.replace(str(order.number), "N") == unknown_number.text.replace(
        str(order.number + 1), "N"
    )


def test_who_guesses_is_slowed_down(client: FlaskClient, order: Order) -> None:
    for _ in range(10):
        assert ask(client, order.number, "other@example.com").status_code == 422

    turned_away = ask(client, order.number)

    assert turned_away.status_code == 429
    assert int(turned_away.headers["Retry-After"]) > 0
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert ask(client, order.number).status_code == 303


def test_right_answers_do_not_count(client: FlaskClient, order: Order) -> None:
    assert [ask(client, order.number).status_code for _ in range(12)] == [303] * 12


@pytest.mark.parametrize("number", ["", "x", "12x", "9" * 12, "1042; --"])
def test_what_is_no_number_is_told(client: FlaskClient, order: Order, number: str) -> None:
    answer = ask(client, number)

    assert answer.status_code == 422
    assert read(answer.text).having("a", href="#field-number")


def test_an_order_without_a_number_cannot_be_tracked(client: FlaskClient, app: Flask) -> None:
    make_store()
    make_order(make_variant())

    assert ask(client, 0).status_code == 422


@pytest.mark.parametrize("link", ["x", "1.2.3", "eyJ.x.y"])
def test_a_link_of_ones_own_making_leads_nowhere(client: FlaskClient, link: str) -> None:
    assert client.get(f"/track/{link}").status_code == 404


def test_a_tracking_page_closes_after_a_day_and_asks_again(
    client: FlaskClient, order: Order
) -> None:
    address = ask(client, order.number).location

    with time_machine.travel(now() + timedelta(hours=25)):
        closed = client.get(address)
        page = client.get(closed.location).text

    assert (closed.status_code, closed.location) == (303, "/track")
    assert "Please type number and address once more." in read(page).text
    assert str(order.number) not in page


def test_the_orders_own_link_is_no_tracking_link_nor_the_other_way(
    client: FlaskClient, order: Order
) -> None:
    link = ask(client, order.number).location.rpartition("/")[2]

    assert client.get(f"/orders/{link}").status_code == 404
