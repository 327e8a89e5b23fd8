"""Putting right where an order goes, and whom the shop writes to, before it is sent."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.accounts.models import Account
from shop.audit import AuditEntry
from shop.clock import now
from shop.extensions import db
from shop.orders import contact, fulfillments
from shop.orders import service as orders
from shop.orders.fulfillments import Parcel
from shop.orders.models import LineItem, Order, OrderEvent
from shop.pricing import discount_service as discounts
from shop.pricing.discount_models import DiscountUse
from shop.pricing.models import ShippingRate, ShippingZone, TaxRate, TaxZone
from shop.privacy import service as privacy
from tests.admin.test_undo import undo_in
from tests.factories import make_discount, make_order, make_rates
from tests.pages import read

TYPED = {
    "name": "Ines Rowan", "line1": "16 Alder Row", "line2": "Flat 2", "city": "Leeds",
    "postal_code": "LS6 2AD", "email": "ines.rowan@example.com", "phone": "07700 900123",
}  # fmt: skip


@pytest.fixture
def order(store: None) -> Order:
    make_rates()
    return make_order(paid=True)


def path_of(order: Order) -> str:
    return f"/admin/orders/{order.id}/contact"


def contact_of(order: Order) -> dict[str, str]:
    db.session.refresh(order)
    return contact.Contact.of(order).values


def trail() -> tuple[list[str], list[str]]:
    """Kinds of all events and entries so far."""
    kinds = db.session.scalars(sa.select(OrderEvent.kind).order_by(OrderEvent.id))
    actions = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id))
    return list(kinds), list(actions)


def test_the_form_shows_what_stands_on_the_order(staff: FlaskClient, order: Order) -> None:
    page = read(staff.get(path_of(order)).text)

    assert page.value("line1") == "14 Alder Row"
    assert page.value("email") == "ines@example.com"
    assert "country" not in page.shown_fields
    assert "What was paid stays: the country, United Kingdom" in page.text
    assert path_of(order) in staff.get(f"/admin/orders/{order.id}").text


def test_what_is_typed_stands_on_the_order_and_is_told_with_what_it_was(
    staff: FlaskClient, order: Order, admin: Account
) -> None:
    made_from = read(staff.get(path_of(order)).text).value("made_from")

    answer = staff.post(path_of(order), data=TYPED | {"made_from": made_from})

    assert answer.status_code == 303
    assert contact_of(order).items() >= TYPED.items()
    (entry,) = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "order.contact_changed")
    )
    assert entry.account_id == admin.id
    assert entry.data["line1"] == ["14 Alder Row", "16 Alder Row"]
    assert entry.data["email"] == ["ines@example.com", "ines.rowan@example.com"]
    page = staff.get(answer.location).text
    assert "Maya Kerr changed the delivery address" in page
    assert "Before: ines@example.com, 14 Alder Row, LS6 2AB" in page


def test_the_same_once_more_leaves_no_trace(staff: FlaskClient, order: Order) -> None:
    staff.post(path_of(order), data=TYPED)
    before = trail()

    assert staff.post(path_of(order), data=TYPED).status_code == 303
    assert trail() == before


def test_it_can_be_taken_back(staff: FlaskClient, order: Order) -> None:
    before = contact_of(order)
    page = staff.post(path_of(order), data=TYPED, follow_redirects=True)

    assert staff.post(undo_in(page.text)).status_code == 303
    assert contact_of(order) == before


def test_a_use_of_a_discount_is_counted_for_the_corrected_address(
    staff: FlaskClient, order: Order
) -> None:
    discount = make_discount()
    discounts.take(order.id, order.email, [discount.id])

    def used_by() -> list[str]:
        db.session.expire_all()
        return list(db.session.scalars(sa.select(DiscountUse.email)))

    elsewhere = TYPED | {"email": order.email}
    staff.post(path_of(order), data=elsewhere, follow_redirects=True)
    assert used_by() == ["ines@example.com"]
    page = staff.post(
        path_of(order), data=TYPED | {"email": "Ines.Rowan@Example.com"}, follow_redirects=True
    ).text
    assert used_by() == ["ines.rowan@example.com"]

    staff.post(undo_in(page))
    assert used_by() == ["ines@example.com"]


def test_it_is_not_taken_back_once_a_parcel_left(
    staff: FlaskClient, order: Order, admin: Account
) -> None:
    page = staff.post(path_of(order), data=TYPED, follow_redirects=True)
    send(order, admin)

    assert staff.post(undo_in(page.text)).status_code == 409
    assert contact_of(order)["line1"] == "16 Alder Row"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"line1": ""}, "Please give the street and house number."),
        ({"postal_code": "LS"}, "That postcode does not look right"),
        ({"email": "ines"}, "That is not an email address."),
        ({"email": ""}, "Please give an email address"),
        ({"phone": "call me"}, "Please use digits only"),
        ({"name": "x" * 200}, "Please keep this under"),
    ],
)
def test_what_cannot_be_used_is_refused_and_kept_as_typed(
    staff: FlaskClient, order: Order, typed: dict[str, str], sentence: str
) -> None:
    before, traces = contact_of(order), trail()

    answer = staff.post(path_of(order), data=TYPED | typed)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "16 Alder Row" in answer.text or "line1" in typed
    assert (contact_of(order), trail()) == (before, traces)


def test_the_country_stays_whatever_is_sent(staff: FlaskClient, order: Order) -> None:
    staff.post(path_of(order), data=TYPED | {"country": "DE"})

    assert contact_of(order)["country"] == "GB"


def test_a_place_with_other_taxes_is_refused(staff: FlaskClient, order: Order) -> None:
    islands = TaxZone(name="Islands", places=[{"country": "GB", "postcode_from": "HS"}])
    db.session.add(islands)
    db.session.flush()
    db.session.add(TaxRate(zone_id=islands.id, name="VAT", rate_ppm=50_000))
    before, traces = contact_of(order), trail()

    answer = staff.post(path_of(order), data=TYPED | {"postal_code": "HS1 2AA"})

    assert answer.status_code == 422
    assert "That place is taxed otherwise than what was paid." in answer.text
    assert (contact_of(order), trail()) == (before, traces)


@pytest.mark.parametrize(("way", "status"), [("Boat", 422), ("Standard", 303)])
def test_a_place_is_refused_where_the_way_of_delivery_does_not_go(
    staff: FlaskClient, order: Order, way: str, status: int
) -> None:
    islands = ShippingZone(name="Islands", places=[{"country": "GB", "postcode_from": "HS"}])
    db.session.add(islands)
    db.session.flush()
    db.session.add(ShippingRate(zone_id=islands.id, name=way, amount=900, min_days=4, max_days=8))
    db.session.flush()

    answer = staff.post(path_of(order), data=TYPED | {"postal_code": "HS1 2AA"})

    assert answer.status_code == status
    assert ("“Standard”, which was paid, is not offered there." in answer.text) is (status == 422)
    assert contact_of(order)["postal_code"] == ("LS6 2AB" if status == 422 else "HS1 2AA")


def test_a_region_with_other_taxes_is_refused_beside_the_region(
    staff: FlaskClient, store: None
) -> None:
    make_rates("US")
    ohio = TaxZone(name="Ohio", places=[{"country": "US", "region": "OH"}], is_included=False)
    db.session.add(ohio)
    db.session.flush()
    db.session.add(TaxRate(zone_id=ohio.id, name="Sales tax", rate_ppm=57_500))
    order = make_order(
        paid=True, country="US", city="Albany", region="NY", postal_code="12207",
        line1="1 Main Street",
    )  # fmt: skip
    typed = TYPED | {"line2": "", "city": "Columbus", "region": "OH", "postal_code": "43004"}

    answer = staff.post(path_of(order), data=typed)

    assert answer.status_code == 422
    assert read(answer.text).having("a", href="#field-region")
    assert contact_of(order)["region"] == "NY"


def test_what_somebody_else_changed_is_told_first(staff: FlaskClient, order: Order) -> None:
    made_from = read(staff.get(path_of(order)).text).value("made_from")
    staff.post(path_of(order), data=TYPED | {"line1": "1 Other Street"})
    traces = trail()

    refused = staff.post(path_of(order), data=TYPED | {"made_from": made_from})

    assert refused.status_code == 409
    assert "Somebody else changed this meanwhile" in refused.text
    assert "1 Other Street" in refused.text
    assert read(refused.text).value("line1") == "16 Alder Row"
    assert contact_of(order)["line1"] == "1 Other Street"
    assert trail() == traces
    told = read(refused.text).value("made_from")
    assert staff.post(path_of(order), data=TYPED | {"made_from": told}).status_code == 303


def test_what_is_sent_unpaid_or_over_stays_as_it_is(
    staff: FlaskClient, order: Order, admin: Account
) -> None:
    send(order, admin)
    unpaid, over = make_order(), make_order()
    orders.cancel(over, reason="shopper")
    for each in (order, unpaid, over):
        before = contact_of(each)
        assert staff.get(path_of(each)).status_code == 409
        answer = staff.post(path_of(each), data=TYPED)
        assert answer.status_code == 409
        assert "Nothing was changed." in answer.text
        assert contact_of(each) == before
        assert path_of(each) not in staff.get(f"/admin/orders/{each.id}").text


def test_an_order_by_mail_alone_has_an_address_to_write_to(staff: FlaskClient, store: None) -> None:
    order = make_order(
        paid=True, sells_gift_cards=True, shipping=0, line1="", city="", postal_code=""
    )
    page = read(staff.get(path_of(order)).text)
    assert page.shown_fields == ["q", "email", "phone"]

    answer = staff.post(path_of(order), data={"email": "new@example.com", "line1": "1 Main Road"})

    assert answer.status_code == 303
    assert (contact_of(order)["email"], contact_of(order)["line1"]) == ("new@example.com", "")
    assert "Maya Kerr changed the contact" in staff.get(answer.location).text


def test_what_it_was_before_is_forgotten_with_the_contact(staff: FlaskClient, order: Order) -> None:
    staff.post(path_of(order), data=TYPED)
    order.forget_contact_at = now()
    db.session.flush()

    privacy.forget_contacts()

    (event,) = db.session.scalars(sa.select(OrderEvent).where(OrderEvent.kind == "contact_changed"))
    (entry,) = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "order.contact_changed")
    )
    assert (event.data, entry.data, entry.text) == ({}, {}, "")


def send(order: Order, admin: Account) -> None:
    lines = db.session.scalars(sa.select(LineItem).where(LineItem.order_id == order.id))
    units = {line.id: line.quantity for line in lines}
    fulfillments.fulfill(
        orders.locked(order.id), units, Parcel(), press="press", by=admin.id, is_told=False
    )
    db.session.flush()
