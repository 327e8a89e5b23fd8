"""The shop closed for a while, and the numbers of its orders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.extensions import db
from shop.orders import numbers
from shop.orders.models import Order
from shop.web import maintenance
from tests.factories import make_order

CLOSED = "/admin/settings/maintenance"
NUMBERS = "/admin/settings/order-numbers"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In a place of its own: the shop of the other tests stays open."""
    place = tmp_path / "maintenance"
    monkeypatch.setattr(maintenance, "_file", lambda _settings: place)
    return place


def recorded() -> list[tuple[str, dict[str, Any]]]:
    rows = db.session.execute(sa.select(AuditEntry.action, AuditEntry.data))
    return [(action, data) for action, data in rows]


def test_the_shop_is_closed_and_opened(staff: FlaskClient, file: Path) -> None:
    assert staff.post(CLOSED, data={"minutes": "45"}).status_code == 303
    assert file.exists()
    assert "are told to come back at" in staff.get(CLOSED).text

    assert staff.post(f"{CLOSED}/end").status_code == 303
    assert not file.exists()
    assert recorded() == [("store.closed", {"minutes": 45}), ("store.opened", {})]


def test_every_page_of_the_admin_tells_that_the_shop_is_closed(
    staff: FlaskClient, file: Path
) -> None:
    told = "The shop is closed to visitors."
    assert told not in staff.get("/admin").text

    staff.post(CLOSED, data={"minutes": "45"})
    staff.get(CLOSED)  # takes the sentence about what was just done

    assert told in staff.get("/admin").text
    assert told in staff.get("/admin/orders").text
    assert told not in staff.get(CLOSED).text


@pytest.mark.parametrize("minutes", ["", "0", "soon", "-5", "1000", "٣"])
def test_a_time_that_makes_no_sense_closes_nothing(
    staff: FlaskClient, file: Path, minutes: str
) -> None:
    assert staff.post(CLOSED, data={"minutes": minutes}).status_code == 422
    assert not file.exists()
    assert recorded() == []


def test_an_open_shop_is_not_opened_again(staff: FlaskClient, file: Path) -> None:
    assert staff.post(f"{CLOSED}/end").status_code == 409
    assert recorded() == []


def test_the_next_order_goes_on_with_the_number_that_was_set(staff: FlaskClient) -> None:
    before = numbers.next_number()

    assert staff.post(NUMBERS, data={"number": "50000"}).status_code == 303

    orders = [make_order(paid=True) for _ in range(2)]
    assert [order.number for order in orders] == [50000, 50001]
    assert ("store.numbers_changed", {"number": [before, 50000]}) in recorded()


def test_numbers_never_go_back(staff: FlaskClient) -> None:
    last = make_order(paid=True).number
    assert last is not None

    response = staff.post(NUMBERS, data={"number": str(last)})

    assert response.status_code == 422
    assert f"the next one is {last + 1} or more" in response.text
    assert make_order(paid=True).number == last + 1
    assert len(db.session.scalars(sa.select(Order.id)).all()) == 2


@pytest.mark.parametrize("number", ["", "0", "-1", "x", "9999999999", "1.5"])
def test_what_is_no_number_is_refused(staff: FlaskClient, number: str) -> None:
    before = numbers.next_number()

    assert staff.post(NUMBERS, data={"number": number}).status_code == 422
    assert numbers.next_number() == before
