"""Currencies beside the shop's own."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.clock import now
from shop.extensions import db
from shop.store import queries as store
from shop.store.currencies import Currency, Ending
from tests.accounts.people import be_signed_in, make_admin
from tests.factories import make_currency, make_order, make_product, make_store, make_variant
from tests.pages import read

EUR = {"code": "eur", "rate": "1,1734", "margin": "2.5", "ending": "up_to_95",
       "total_units": "1", "is_active": "y"}  # fmt: skip


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    make_store()
    make_product("Tuesday mug", unit_amount=3400)
    be_signed_in(client, make_admin())
    return client


def test_a_shop_with_one_currency_is_told_so(admin: FlaskClient) -> None:
    page = read(admin.get("/admin/settings/currencies").text)

    assert "One currency so far" in page.text
    assert "Currencies GBP" in read(admin.get("/admin/settings").text).text


def test_a_currency_is_added_and_offered(admin: FlaskClient) -> None:
    answer = admin.post("/admin/settings/currencies/new", data=EUR)

    assert answer.location == "/admin/settings/currencies"
    assert store.current().currencies == (
        Currency("EUR", "GBP", "1.1734", now().date(), 25_000, Ending.UP_TO_95),
    )
    page = read(admin.get("/admin/settings/currencies").text)
    assert "1 GBP = 1.1734 EUR, typed on" in page.text
    assert 'name="currency" value="EUR"' in admin.get("/").text
    entry = db.session.query(AuditEntry).filter_by(action="store.changed").one()
    assert entry.data["currencies"][1][0]["rate"] == "1.1734"


def test_the_preview_shows_products_and_keeps_nothing(admin: FlaskClient) -> None:
    answer = admin.post("/admin/settings/currencies/new", data=EUR | {"preview": "1"})

    # 34.00 x 1.1734 x 1.025 = 40.893
    assert answer.status_code == 200
    assert "Tuesday mug GBP £34.00 EUR €40.95" in read(answer.text).text
    assert store.current().currencies == ()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"rate": "0"}, "more than nothing"),
        ({"rate": "0.000000"}, "more than nothing"),
        ({"rate": "-1.2"}, "more than nothing"),
        ({"rate": ""}, "more than nothing"),
        ({"rate": "1.2 dollars"}, "more than nothing"),
        ({"rate": "NaN"}, "more than nothing"),
        ({"rate": "1e9"}, "more than nothing"),
        ({"rate": "9999999"}, "No currency is worth so little"),
        ({"rate": "40000"}, "€1,394,000.95, more than a card can pay"),
        ({"margin": "-5"}, "Type a number from 0 to 99.99"),
        ({"ending": "up_to_42"}, "Choose how amounts end"),
        ({"code": "JPY"}, "JPY has no such amounts"),
        ({"code": "XX"}, "Type the three letters"),
        ({"code": "GBP"}, "the shop's own currency already"),
        ({"total_units": "0"}, "Type a whole number from 1 to 9999"),
    ],
)
def test_what_makes_no_sense_is_refused(
    admin: FlaskClient, typed: dict[str, str], sentence: str
) -> None:
    answer = admin.post("/admin/settings/currencies/new", data=EUR | typed)

    assert answer.status_code == 422
    assert sentence in read(answer.text).text
    assert store.current().currencies == ()


def test_a_currency_is_there_once(admin: FlaskClient) -> None:
    make_currency("EUR", "1.1")

    answer = admin.post("/admin/settings/currencies/new", data=EUR)

    assert answer.status_code == 422
    assert [each.rate for each in store.current().currencies] == ["1.1"]


def test_a_rate_that_stays_keeps_its_date_and_a_new_one_has_todays(admin: FlaskClient) -> None:
    before = make_currency("EUR", "1.1734")

    admin.post("/admin/settings/currencies/EUR", data=EUR | {"margin": ""})
    (same,) = store.current().currencies
    admin.post("/admin/settings/currencies/EUR", data=EUR | {"rate": "1.2"})
    (other,) = store.current().currencies

    assert (same.rate_on, same.ending) == (before.rate_on, Ending.UP_TO_95)
    assert (other.rate, other.rate_on) == ("1.2", now().date())


def test_a_currency_is_switched_off(admin: FlaskClient) -> None:
    make_currency("EUR", "1.1734")
    off = {name: value for name, value in EUR.items() if name != "is_active"}

    admin.post("/admin/settings/currencies/EUR", data=off)

    assert list(store.current().offered) == ["GBP"]
    assert "Euro (EUR)" in read(admin.get("/admin/settings/currencies").text).text
    assert 'action="/currency"' not in admin.get("/").text


def test_what_was_taken_today_is_told_in_each_currency(admin: FlaskClient) -> None:
    for currency in ("GBP", "EUR", "EUR"):
        make_order(make_variant(unit_amount=1000), currency=currency, paid=True)

    page = read(admin.get("/admin").text)

    assert "Net sales £14.50 Nothing before to compare with. and €29.00" in page.text
    assert "Paid orders 3" in page.text
