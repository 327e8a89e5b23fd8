"""Taking back what one has just done."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.accounts.models import Account
from shop.audit import AuditEntry
from shop.content.models import Page
from shop.extensions import db
from shop.pricing.discount_models import StoredDiscount
from shop.store import queries as store
from tests.accounts.people import be_signed_in, make_admin
from tests.factories import make_discount

STOCK = {"stock_display": "always", "few_units": "9"}


def undo_in(html: str) -> str:
    """Where the message's button leads."""
    found = re.search(r'class="flash__action" action="(/admin/undo/\d+)"', html)
    assert found is not None
    return found[1]


def entries() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0


def test_settings_go_back_to_what_they_were(staff: FlaskClient) -> None:
    page = staff.post("/admin/settings/stock", data=STOCK, follow_redirects=True)
    assert store.current().stock_display == "always"

    answer = staff.post(undo_in(page.text))

    assert answer.status_code == 303
    assert (store.current().stock_display, store.current().few_units) == ("never", 3)


def test_a_time_of_day_goes_back_too(staff: FlaskClient) -> None:
    before = store.current().cutoff
    sent = {"cutoff": "09:15", "time_zone": "Europe/London", "handling_days": "0",
            "closed_weekdays": ["5", "6"], "closed_days": ""}  # fmt: skip
    page = staff.post("/admin/settings/delivery", data=sent, follow_redirects=True)

    staff.post(undo_in(page.text))

    assert store.current().cutoff == before


def test_what_was_deleted_comes_back(staff: FlaskClient) -> None:
    page = Page(handle="delivery", title="Delivery", body="By post.")
    db.session.add(page)
    db.session.flush()
    deleted = staff.post(f"/admin/pages/{page.id}/delete", follow_redirects=True)
    assert db.session.scalar(sa.select(Page.id)) is None

    staff.post(undo_in(deleted.text))

    assert db.session.scalars(sa.select(Page)).one().body == "By post."


def test_a_paused_discount_is_active_again(staff: FlaskClient) -> None:
    discount = make_discount()
    page = staff.post(
        f"/admin/discounts/{discount.id}/activation", data={"active": "0"}, follow_redirects=True
    )

    staff.post(undo_in(page.text))

    assert db.session.scalars(sa.select(StoredDiscount)).one().is_active


def test_what_somebody_changed_since_is_left_alone(staff: FlaskClient) -> None:
    page = staff.post("/admin/settings/stock", data=STOCK, follow_redirects=True)
    staff.post("/admin/settings/stock", data={"stock_display": "few", "few_units": "4"})
    before = entries()

    answer = staff.post(undo_in(page.text))

    assert answer.status_code == 409
    assert store.current().stock_display == "few"
    assert entries() == before


def test_twice_is_once(staff: FlaskClient) -> None:
    page = staff.post("/admin/settings/stock", data=STOCK, follow_redirects=True)
    address = undo_in(page.text)

    first, second = staff.post(address), staff.post(address)

    assert (first.status_code, second.status_code) == (303, 409)
    assert store.current().stock_display == "never"


def test_nobody_takes_back_what_somebody_else_did(client: FlaskClient, staff: FlaskClient) -> None:
    page = staff.post("/admin/settings/stock", data=STOCK, follow_redirects=True)
    address = undo_in(page.text)
    be_signed_in(client, make_admin(email="other@example.com"))

    assert client.post(address).status_code == 409
    assert store.current().stock_display == "always"


def test_an_hour_later_it_stays(staff: FlaskClient) -> None:
    page = staff.post("/admin/settings/stock", data=STOCK, follow_redirects=True)

    for entry in db.session.scalars(sa.select(AuditEntry)):
        entry.at -= timedelta(minutes=61)
    db.session.flush()
    answer = staff.post(undo_in(page.text))

    assert answer.status_code == 409
    assert store.current().stock_display == "always"


@pytest.mark.usefixtures("admin")
def test_saving_what_is_there_offers_nothing_to_take_back(
    staff: FlaskClient, admin: Account
) -> None:
    staff.post("/admin/settings/stock", data=STOCK)
    page = staff.post("/admin/settings/stock", data=STOCK, follow_redirects=True)

    assert "Saved." in page.text
    assert page.text.count("/admin/undo/") <= 1  # the first message's own
