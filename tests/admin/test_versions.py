"""Two people edit the same: the second is told, and nothing is lost."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from shop.extensions import db
from shop.pricing.discount_models import StoredDiscount
from shop.pricing.models import ShippingZone, TaxZone
from shop.store import queries as store
from tests.factories import make_discount, make_rates
from tests.pages import read

MEANWHILE = "Somebody changed this meanwhile"
STOCK = {"stock_display": "few", "few_units": "5"}


def made_from(staff: FlaskClient, path: str) -> str:
    return read(staff.get(path).text).value("made_from")


def test_settings_that_somebody_else_changed_are_told_before_they_are_replaced(
    staff: FlaskClient,
) -> None:
    path = "/admin/settings/stock"
    mine = made_from(staff, path)
    staff.post(path, data={"stock_display": "always", "few_units": "2", "made_from": mine})

    refused = staff.post(path, data=STOCK | {"made_from": mine})

    assert refused.status_code == 409
    assert MEANWHILE in refused.text
    assert read(refused.text).value("few_units") == "5"  # what was typed is kept
    assert store.current().stock_display == "always"

    told = read(refused.text).value("made_from")
    assert staff.post(path, data=STOCK | {"made_from": told}).status_code == 303
    assert store.current().stock_display == "few"


def test_a_complaint_in_between_does_not_hide_the_conflict(staff: FlaskClient) -> None:
    path = "/admin/settings/stock"
    mine = made_from(staff, path)
    staff.post(path, data={"stock_display": "always", "few_units": "2"})

    wrong = staff.post(path, data=STOCK | {"few_units": "many", "made_from": mine})
    again = staff.post(path, data=STOCK | {"made_from": read(wrong.text).value("made_from")})

    assert (wrong.status_code, again.status_code) == (422, 409)
    assert store.current().stock_display == "always"


def test_a_discount_is_not_overwritten_unseen(staff: FlaskClient) -> None:
    discount = make_discount(code="MUG10")
    path = f"/admin/discounts/{discount.id}"
    page = read(staff.get(path).text)
    discount.title = "Somebody else's words"
    db.session.flush()

    answer = staff.post(path, data={
        "title": "Mine", "kind": "percentage", "percent": "10", "code": "MUG10",
        "method": "code", "made_from": page.value("made_from"),
    })  # fmt: skip

    assert answer.status_code == 422
    assert db.session.get_one(StoredDiscount, discount.id).title == "Somebody else's words"


@pytest.mark.parametrize(
    ("table", "path"),
    [(ShippingZone, "/admin/settings/zones/{}"), (TaxZone, "/admin/settings/taxes/{}")],
)
def test_a_zone_is_not_overwritten_unseen(
    staff: FlaskClient, table: type[ShippingZone | TaxZone], path: str
) -> None:
    make_rates()
    zone = db.session.query(table).first()
    assert zone is not None
    address = path.format(zone.id)
    seen = made_from(staff, address)
    zone.name = "Another name"
    db.session.flush()

    answer = staff.post(address, data={
        "name": "Mine", "countries": ["GB"], "is_included": "1", "shipping_tax": "none",
        "made_from": seen,
    })  # fmt: skip

    assert answer.status_code == 422
    assert MEANWHILE in answer.text
    assert db.session.get_one(table, zone.id).name == "Another name"
