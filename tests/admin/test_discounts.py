"""Discounts as staff make, read, pause and delete them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.catalog.models import Collection
from shop.clock import now
from shop.extensions import db
from shop.pricing.discount_models import StoredDiscount
from shop.pricing.discounts import Kind
from tests.factories import make_discount, make_product
from tests.pages import read

FORM = {"title": "Ten off", "code": "mug10", "kind": "percentage", "percent": "10", "combines": "y"}
GIFT = {"kind": "buy_x_get_y", "buy_quantity": "2", "get_quantity": "1", "get_percent": "100"}


def created(staff: FlaskClient, **changes: Any) -> StoredDiscount:
    answer = staff.post("/admin/discounts/new", data=FORM | changes)
    assert answer.status_code == 303, read(answer.text).text
    return db.session.scalars(sa.select(StoredDiscount)).one()


def refused(staff: FlaskClient, **changes: Any) -> str:
    answer = staff.post("/admin/discounts/new", data=FORM | changes)
    assert answer.status_code == 422
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StoredDiscount)) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 0
    return read(answer.text).text


def test_a_shop_without_discounts_says_what_they_are_for(staff: FlaskClient) -> None:
    assert "No discounts yet" in staff.get("/admin/discounts").text


def test_a_new_code_is_kept_in_capitals_and_audited(staff: FlaskClient) -> None:
    discount = created(staff)

    assert (discount.code, discount.kind, discount.value) == ("MUG10", "percentage", 100_000)
    assert discount.is_active
    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert (entry.action, entry.subject_id) == ("discount.created", discount.id)
    page = read(staff.get("/admin/discounts").text).text
    assert "Ten off Code MUG10 Status Active Orders 0" in page


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ({}, "Discount created. It is active."),
        ({"starts_at": "2300-01-01T00:00"}, "Discount created. It begins by itself"),
        ({"ends_at": "2020-01-01T00:00"}, "Discount created, but its last day is over"),
    ],
)
def test_a_new_one_is_said_to_be_active_only_where_it_is(
    staff: FlaskClient, days: dict[str, str], told: str
) -> None:
    discount = created(staff, **days)

    assert told in staff.get(f"/admin/discounts/{discount.id}").text


def test_a_complaint_of_two_fields_names_them(staff: FlaskClient) -> None:
    page = refused(staff, **(GIFT | {"buy_quantity": "", "get_quantity": ""}))

    assert "Buy: Type a whole number from 1 on. Get: Type a whole number from 1 on." in page


def test_the_rule_stands_in_sentences_before_it_is_saved(staff: FlaskClient) -> None:
    make_product("Tuesday mug", handle="tuesday-mug")
    changes = {
        "products": "tuesday-mug",
        "minimum_amount": "40",
        "limit_total": "100",
        "limit_per_customer": "1",
        "ends_at": "2027-01-01T00:00",
        "do": "preview",
    }

    page = read(staff.post("/admin/discounts/new", data=FORM | changes).text).text

    assert (
        "10% off. It is about Tuesday mug only. What it is about must cost £40.00 or more. "
        "Shoppers type MUG10. It ends on 1 January 2027, 00:00. 100 orders can have it. "
        "Each customer can have it once. It may be taken together with other discounts. "
        "Nothing is saved yet."
    ) in page
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StoredDiscount)) == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"code": ""}, "It applies by itself, to every basket that fits."),
        ({"kind": "amount", "amount": "5"}, "£5.00 off."),
        ({"kind": "free_shipping"}, "Delivery costs nothing."),
        (GIFT, "Who buys 2 gets 1 more, the cheapest, at 100% off."),
        ({"tiers": "50: 10\n100: 15"}, "From £50.00 on, 10% off. From £100.00 on, 15% off."),
        ({"kind": "amount", "tiers": "50: 5"}, "From £50.00 on, £5.00 off."),
        ({"combines": ""}, "It stands alone"),
        ({"first_order_only": "y"}, "It is for a customer's first order only."),
        ({"minimum_quantity": "3"}, "It needs 3 pieces."),
        ({"emails": "Ines@Example.com\nnoor@example.com"}, "It is for 2 customers only."),
    ],
)
def test_each_rule_has_its_sentence(
    staff: FlaskClient, changes: dict[str, str], sentence: str
) -> None:
    discount = created(staff, **changes)

    page = staff.get(f"/admin/discounts/{discount.id}")

    assert sentence in read(page.text).text


def test_what_they_get_may_be_other_goods(staff: FlaskClient) -> None:
    mug, saucer = make_product("Mug", handle="mug"), make_product("Saucer", handle="saucer")
    db.session.commit()
    discount = created(staff, **(GIFT | {"products": "mug", "get_products": "saucer"}))

    page = staff.get(f"/admin/discounts/{discount.id}").text

    assert discount.product_ids == [mug.id]
    assert discount.get_product_ids == [saucer.id]
    assert "What they get is one of Saucer. It is about Mug only." in read(page).text
    again = FORM | GIFT | {"products": "mug", "get_products": ""}
    assert staff.post(f"/admin/discounts/{discount.id}", data=again).status_code == 303
    db.session.refresh(discount)
    assert discount.get_product_ids == [mug.id]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "Give the discount a title."),
        ({"code": "MUG%"}, "Use letters, digits, - and _ only"),
        ({"kind": "magic"}, "Choose what the discount gives."),
        ({"percent": "0"}, "Type a percentage above 0, at most 100."),
        ({"percent": "101"}, "Type a percentage above 0, at most 100."),
        ({"percent": "٣"}, "Type a percentage above 0, at most 100."),
        ({"kind": "amount", "amount": "-5"}, "Type an amount like 34.00"),
        ({"kind": "amount", "amount": "0"}, "Type an amount above zero."),
        (GIFT | {"buy_quantity": "0"}, "Type a whole number from 1 on."),
        (GIFT | {"get_quantity": ""}, "Type a whole number from 1 on."),
        ({"tiers": "50"}, "with a colon between: 50.00: 10"),
        ({"tiers": "50: 10\n40: 15"}, "Let each step begin at a higher amount"),
        ({"limit_total": "0"}, "Type a whole number from 1 on."),
        ({"starts_at": "soon"}, "Choose a day and a time, or leave it empty."),
        ({"starts_at": "2027-01-02T00:00", "ends_at": "2027-01-01T00:00"}, "Let it end after"),
        ({"products": "no-such-mug"}, "There is no product at no-such-mug."),
        (GIFT | {"get_products": "no-such-mug"}, "There is no product at no-such-mug."),
        ({"emails": "ines@example.com, somebody"}, "somebody is no email address."),
        ({"products": "<script>"}, "Type the last parts of their addresses"),
        ({"title": "x" * 81}, "Use at most 80 characters."),
    ],
)
def test_what_makes_no_sense_is_refused_and_moves_nothing(
    staff: FlaskClient, changes: dict[str, str], sentence: str
) -> None:
    assert sentence in refused(staff, **changes)


def test_a_code_is_given_once_in_any_spelling(staff: FlaskClient) -> None:
    make_discount("MUG10", title="The first")

    answer = staff.post("/admin/discounts/new", data=FORM | {"code": "Mug 10"})

    assert answer.status_code == 422
    assert "Another discount has this code." in answer.text


def test_what_was_typed_comes_back_as_it_was(staff: FlaskClient) -> None:
    mugs = Collection(handle="mugs", title="Mugs")
    db.session.add(mugs)
    db.session.flush()
    make_product(handle="tuesday-mug")
    typed = {"percent": "12,5", "collections": str(mugs.id), "products": "tuesday-mug",
             "starts_at": "2026-12-01T10:00", "limit_total": "5"}  # fmt: skip

    discount = created(staff, **typed)
    page = read(staff.get(f"/admin/discounts/{discount.id}").text)

    assert discount.value == 125_000
    assert discount.starts_at == datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert [page.value(name) for name in ("percent", "starts_at", "limit_total")] == [
        "12.5", "2026-12-01T10:00", "5",
    ]  # fmt: skip
    assert page.having("input", name="collections", value=str(mugs.id), checked="") != []
    assert "http://localhost/discount/MUG10" in page.text


def test_a_change_is_saved_and_audited(staff: FlaskClient) -> None:
    discount = make_discount()

    answer = staff.post(f"/admin/discounts/{discount.id}", data=FORM | {"percent": "15"})

    assert answer.status_code == 303
    db.session.refresh(discount)
    assert discount.value == 150_000
    actions = db.session.scalars(sa.select(AuditEntry.action)).all()
    assert actions == ["discount.changed"]


def test_pausing_and_activating(staff: FlaskClient) -> None:
    discount = make_discount()

    staff.post(f"/admin/discounts/{discount.id}/activation", data={"active": "0"})
    db.session.refresh(discount)
    paused = discount.is_active
    staff.post(f"/admin/discounts/{discount.id}/activation", data={"active": "1"})
    db.session.refresh(discount)

    assert (paused, discount.is_active) == (False, True)
    actions = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["discount.paused", "discount.activated"]


def test_only_what_no_order_carries_is_deleted(staff: FlaskClient) -> None:
    used, unused = make_discount("USED", used_count=1), make_discount("UNUSED")
    used_id, unused_id = used.id, unused.id

    for id_ in (used_id, unused_id):
        assert staff.post(f"/admin/discounts/{id_}/delete").status_code == 303

    assert db.session.scalars(sa.select(StoredDiscount.id)).all() == [used_id]
    actions = db.session.scalars(sa.select(AuditEntry.action)).all()
    assert actions == ["discount.deleted"]


@pytest.mark.parametrize(
    ("show", "codes"),
    [
        ("", ["USED", "LATE", "SOON", "OFF", "NOW"]),
        ("active", ["NOW"]),
        ("scheduled", ["SOON"]),
        ("paused", ["OFF"]),
        ("over", ["USED", "LATE"]),
    ],
)
def test_the_list_shows_one_status(staff: FlaskClient, show: str, codes: list[str]) -> None:
    make_discount("NOW", kind=Kind.FREE_SHIPPING, value=0)
    make_discount("OFF", is_active=False)
    make_discount("SOON", starts_at=now() + timedelta(days=1))
    make_discount("LATE", ends_at=now() - timedelta(days=1))
    make_discount("USED", limit_total=1, used_count=1)

    page = read(staff.get("/admin/discounts", query_string={"show": show}).text).text

    listed = [word for word in page.split() if word in {"NOW", "OFF", "SOON", "LATE", "USED"}]
    assert listed == codes


def test_the_list_is_searched_by_title_and_code(staff: FlaskClient) -> None:
    make_discount("MUG10", title="Ten off mugs")
    make_discount("BOWL5", title="Five off bowls")

    def found(text: str) -> list[bool]:
        page = staff.get("/admin/discounts", query_string={"q": text}).text
        return [code in page for code in ("MUG10", "BOWL5")]

    assert found("bowl5") == [False, True]
    assert found("ten off") == [True, False]
    assert "No discount matches" in staff.get("/admin/discounts?q=zebra").text
