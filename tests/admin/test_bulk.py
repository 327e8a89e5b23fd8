"""Many products at once, from the list."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from shop.admin import bulk_views
from shop.audit import AuditEntry
from shop.bulk import worker
from shop.bulk.models import BulkJob
from shop.catalog import collections
from shop.catalog.collections import CollectionDetails
from shop.catalog.models import Product, Variant
from shop.extensions import db
from tests.factories import make_product
from tests.pages import read


def hidden(page: str) -> MultiDict[str, str]:
    """The hidden fields of the page's form for the action."""
    form = page.split('action="/admin/products/actions"')[1].split("</form>")[0]
    return MultiDict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form))


def asked(staff: FlaskClient, action: str, **args: Any) -> MultiDict[str, str]:
    response = staff.get(f"/admin/products/actions?{urlencode({'action': action} | args, True)}")
    assert response.status_code == 200
    return hidden(response.text)


def count(model: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def statuses() -> list[str]:
    return list(db.session.scalars(sa.select(Product.status).order_by(Product.id)))


def test_marked_products_are_archived_at_once_and_brought_back(staff: FlaskClient) -> None:
    ids = [make_product(f"Pot {number}").id for number in range(3)]
    db.session.commit()

    values = asked(staff, "archive", id=ids[:2])
    response = staff.post("/admin/products/actions", data=values)

    assert response.status_code == 303
    assert statuses() == ["archived", "archived", "published"]
    page = staff.get(response.location).text
    assert "2 changed." in page
    assert 'http-equiv="refresh"' not in page
    back = staff.post(f"{response.location}/undo")
    assert back.status_code == 303
    assert statuses() == ["published"] * 3
    assert staff.post(f"{response.location}/undo").status_code == 409


def test_all_that_match_are_the_workers_work(
    staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_views, "AT_ONCE", 1)
    for number in range(3):
        make_product(f"Pot {number}", tags=["old"])
    make_product("Jug")
    db.session.commit()

    values = asked(staff, "add_tag", all=1, **{"list-tag": "old"})
    assert values["count"] == "3"
    response = staff.post("/admin/products/actions", data=values | {"tag": "new"})
    page = staff.get(response.location).text

    assert "0 of 3 are done" in page
    assert 'http-equiv="refresh"' in page
    worker.carry_jobs_on()
    assert "3 changed." in staff.get(response.location).text
    tags = db.session.scalars(sa.select(Product.tags).order_by(Product.id)).all()
    assert tags == [["old", "new"]] * 3 + [[]]
    assert "Add tag" in staff.get("/admin/products/jobs").text


def test_another_number_of_products_is_looked_at_again(staff: FlaskClient) -> None:
    make_product()
    db.session.commit()
    values = asked(staff, "archive", all=1)
    make_product()
    db.session.commit()

    response = staff.post("/admin/products/actions", data=values)

    assert response.status_code == 409
    assert (statuses(), count(BulkJob)) == (["published"] * 2, 0)
    assert hidden(response.text)["count"] == "2"


def test_a_button_pressed_twice_does_it_once(staff: FlaskClient) -> None:
    product = make_product()
    db.session.commit()
    values = asked(staff, "price", id=product.id) | {
        "way": "more_percent", "by": "10", "ending": "exact",
    }  # fmt: skip

    first, second = (staff.post("/admin/products/actions", data=values) for _ in range(2))

    assert first.location == second.location
    assert db.session.scalars(sa.select(Variant.unit_amount)).all() == [3740]


def test_prices_are_shown_before_they_are_changed(staff: FlaskClient) -> None:
    product = make_product("Mug", unit_amount=3400)
    db.session.commit()
    values = asked(staff, "price", id=product.id) | {
        "way": "less_percent", "by": "7,5", "ending": "up_to_95", "do": "preview",
    }  # fmt: skip

    response = staff.post("/admin/products/actions", data=values)

    assert response.status_code == 200
    assert "£34.00" in response.text
    assert "£31.95" in response.text
    assert 'value="7,5"' in response.text
    assert (count(BulkJob), count(AuditEntry)) == (0, 0)


@pytest.mark.parametrize(
    ("action", "typed", "sentence"),
    [
        ("add_tag", {"tag": ""}, "Type one tag, without a comma."),
        ("add_tag", {"tag": "a, b"}, "Type one tag, without a comma."),
        ("add_tag", {"tag": "x" * 61}, "Use at most 60 characters."),
        ("collect", {"collection": "999"}, "Choose a collection that is picked by hand."),
        ("price", {"by": ""}, "Type a percentage like 10 or 7.5."),
        ("price", {"by": "-5"}, "Type a percentage like 10 or 7.5."),
        ("price", {"by": "1001"}, "Type a percentage like 10 or 7.5."),
        ("price", {"by": "0"}, "Type something above zero."),
        ("price", {"by": "x", "way": "less_amount"}, "Type an amount like 34.00"),
        ("price", {"by": "0", "way": "less_amount"}, "Type something above zero."),
        ("price", {"by": "1", "way": "sideways"}, "Choose how the prices change."),
        ("price", {"by": "1", "ending": "nearest_1000"}, "Choose how prices end."),
    ],
)
def test_what_an_action_needs_is_asked_for(
    staff: FlaskClient, action: str, typed: dict[str, str], sentence: str
) -> None:
    product = make_product()
    collections.create_collection(CollectionDetails(title="Mugs"))
    db.session.commit()
    entries = count(AuditEntry)
    usual = {"way": "less_percent", "ending": "exact"}

    values = asked(staff, action, id=product.id) | (usual | typed)
    response = staff.post("/admin/products/actions", data=values)

    assert response.status_code == 422
    assert sentence in response.text
    assert (count(BulkJob), count(AuditEntry)) == (0, entries)


@pytest.mark.parametrize("path", ["actions", "export.csv"])
def test_nothing_marked_is_told_on_the_list_with_its_filters_and_page(
    staff: FlaskClient, path: str
) -> None:
    mugs = [make_product("Mug") for _ in range(26)]
    jug = make_product("Jug")
    db.session.commit()

    query = "list-q=mug&list-page=2&action=archive"
    answer = staff.get(f"/admin/products/{path}?{query}")

    page = read(answer.text)
    assert answer.status_code == 422
    assert "Mark at least one product first." in page.text
    assert page.having("input", name="q", value="mug")
    assert page.having("input", name="list-page", value="2")
    assert page.having("option", value="archive", selected="")
    assert page.having("a", href=f"/admin/products/{mugs[0].id}")
    assert not page.having("a", href=f"/admin/products/{mugs[-1].id}")
    assert not page.having("a", href=f"/admin/products/{jug.id}")
    assert (set(statuses()), count(BulkJob)) == ({"published"}, 0)


@pytest.mark.parametrize("gone", ["7", "x"])
def test_a_refusal_on_a_page_that_is_gone_is_told_on_the_first(
    staff: FlaskClient, gone: str
) -> None:
    mug, jug = make_product("Mug"), make_product("Jug")
    db.session.commit()

    query = f"list-q=mug&list-page={gone}&id={mug.id}&action="
    answer = staff.get(f"/admin/products/actions?{query}")

    page = read(answer.text)
    assert answer.status_code == 422
    assert "Please choose what to do." in page.text
    assert page.having("input", name="q", value="mug")
    assert page.having("input", name="id", value=str(mug.id), checked="")
    assert not page.having("a", href=f"/admin/products/{jug.id}")
    assert (statuses(), count(BulkJob)) == (["published", "published"], 0)


def test_marks_stay_where_nothing_was_chosen_to_do(staff: FlaskClient) -> None:
    products = [make_product() for _ in range(26)]
    db.session.commit()
    marked = [str(product.id) for product in products[-2:]]

    some = staff.get(f"/admin/products/actions?{urlencode({'action': '', 'id': marked}, True)}")
    every = staff.get("/admin/products/actions?action=explode&all=1")

    assert (some.status_code, every.status_code) == (422, 422)
    assert "Please choose what to do." in some.text
    boxes = read(some.text).having("input", name="id", checked="")
    assert sorted(box["value"] for box in boxes) == sorted(marked)
    assert not read(some.text).having("input", name="all", checked="")
    assert read(every.text).having("input", name="all", checked="")


@pytest.mark.parametrize("values", [{}, {"action": "archive"}, {"action": "undo", "all": "1"},
                                    {"action": "archive", "id": "x"}])  # fmt: skip
def test_nothing_marked_is_never_everything(staff: FlaskClient, values: dict[str, str]) -> None:
    make_product()
    db.session.commit()

    for response in (
        staff.get(f"/admin/products/actions?{urlencode(values)}"),
        staff.post("/admin/products/actions", data=values),
    ):
        assert response.status_code == 422
    assert (statuses(), count(BulkJob)) == (["published"], 0)
