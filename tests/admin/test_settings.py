"""The shop's own settings."""

from __future__ import annotations

from datetime import date, time

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.extensions import db
from shop.store import queries as store
from tests.accounts.people import be_signed_in, make_admin
from tests.factories import make_store
from tests.pages import read

DELIVERY = {
    "cutoff": "15:30",
    "time_zone": "Europe/Berlin",
    "handling_days": "1",
    "closed_weekdays": ["6"],
    "closed_days": "2026-12-26\n2026-12-25",
}


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    make_store()
    be_signed_in(client, make_admin())
    return client


def test_the_index_names_the_sections_and_what_holds_now(admin: FlaskClient) -> None:
    page = read(admin.get("/admin/settings").text)

    assert "Shop Fettle, hello@fettle.example" in page.text
    assert "Stock wording In words only" in page.text
    assert "Packing days and cut-off Order by 14:00, Europe/London" in page.text


def test_the_shops_name_and_announcement_are_changed_and_noted(admin: FlaskClient) -> None:
    answer = admin.post(
        "/admin/settings/shop",
        data={
            "name": "Fettle & Co",
            "contact_email": "post@fettle.example",
            "announcement": "Firing 149 is open.",
            "announcement_url": "/collections/latest-firing",
        },
    )

    assert (answer.status_code, answer.location) == (303, "/admin/settings/shop")
    shop = store.current()
    assert (shop.name, shop.contact_email) == ("Fettle & Co", "post@fettle.example")
    assert shop.announcement_url == "/collections/latest-firing"
    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert (entry.action, entry.data["name"]) == ("store.changed", ["Fettle", "Fettle & Co"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("contact_email", "nobody"),
        ("announcement_url", "javascript:alert(1)"),
        ("announcement_url", "//elsewhere.example"),
    ],
)
def test_what_makes_no_sense_for_the_shop_is_refused(
    admin: FlaskClient, field: str, value: str
) -> None:
    good = {"name": "Other", "contact_email": "post@fettle.example"}

    answer = admin.post("/admin/settings/shop", data=good | {field: value})

    assert answer.status_code == 422
    assert store.current().name == "Fettle"
    assert read(answer.text).having("div", class_="error-summary") != []


def test_when_the_number_left_is_said_is_a_choice(admin: FlaskClient) -> None:
    admin.post("/admin/settings/stock", data={"stock_display": "few", "few_units": "5"})

    words = store.current().stock_words
    assert (words.count(5), words.count(6)) == (5, 0)


@pytest.mark.parametrize(
    "sent", [{}, {"stock_display": "sometimes"}, {"few_units": "0"}, {"few_units": "many"}]
)
def test_another_stock_wording_is_refused(admin: FlaskClient, sent: dict[str, str]) -> None:
    usual = {"stock_display": "few", "few_units": "5"} if sent else {}

    answer = admin.post("/admin/settings/stock", data=usual | sent)

    assert answer.status_code == 422
    assert store.current().stock_display == "never"


def test_packing_days_are_kept_in_order(admin: FlaskClient) -> None:
    admin.post("/admin/settings/delivery", data=DELIVERY)

    shop = store.current()
    assert (shop.cutoff, shop.time_zone, shop.handling_days) == (time(15, 30), "Europe/Berlin", 1)
    assert shop.closed_weekdays == (6,)
    assert shop.closed_days == (date(2026, 12, 25), date(2026, 12, 26))
    again = read(admin.get("/admin/settings/delivery").text)
    assert again.value("cutoff") == "15:30"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cutoff", "25:00"),
        ("cutoff", ""),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("handling_days", "31"),
        ("closed_weekdays", list("0123456")),
        ("closed_weekdays", ["7"]),
        ("closed_days", "25 December"),
        ("closed_days", "2026-02-30"),
    ],
)
def test_days_that_do_not_exist_are_refused(
    admin: FlaskClient, field: str, value: str | list[str]
) -> None:
    answer = admin.post("/admin/settings/delivery", data=DELIVERY | {field: value})

    assert answer.status_code == 422
    assert store.current().time_zone == "Europe/London"


def test_settings_of_a_shop_without_a_row_make_one(client: FlaskClient) -> None:
    be_signed_in(client, make_admin())

    client.post("/admin/settings/stock", data={"stock_display": "always", "few_units": "2"})

    assert (store.current().name, store.current().stock_display) == ("Till", "always")
