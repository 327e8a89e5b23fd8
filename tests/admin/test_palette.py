"""The box that leads anywhere, and the keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from shop.accounts.models import Account
from shop.admin.links import ACTIONS, PLACES
from shop.admin.palette import marked
from shop.content.models import Page
from shop.extensions import db
from tests.accounts.people import be_signed_in, make_account
from tests.factories import make_discount, make_order, make_product, variants_of


def found(staff: FlaskClient, text: str) -> dict[str, list[str]]:
    answer = staff.get("/admin/search", query_string={"q": text},
                       headers={"Accept": "application/json"})  # fmt: skip
    return {
        group["title"]: ["".join(part for part, _ in hit["title"]) for hit in group["hits"]]
        for group in answer.json["groups"]
    }


def test_each_kind_is_found_by_what_one_knows_of_it(staff: FlaskClient) -> None:
    mug = make_product("Tuesday mug")
    variants_of(mug)[0].sku = "FT-MUG-COB"
    make_account(email="ines@example.com", name="Ines Rowan")
    db.session.add(Page(handle="delivery", title="Delivery and returns", body="x"))
    make_discount(code="FIRING148")
    db.session.flush()

    assert found(staff, "tuesday")["Products"] == ["Tuesday mug"]
    assert found(staff, "ft-mug")["Products"] == ["Tuesday mug"]
    assert found(staff, "ines")["Customers"] == ["Ines Rowan"]
    assert found(staff, "rowan")["Customers"] == ["Ines Rowan"]
    assert found(staff, "returns")["Pages"] == ["Delivery and returns"]
    assert len(found(staff, "firing148")["Discounts"]) == 1
    assert "Create discount" in found(staff, "create dis")["Do"]
    assert "Delivery zones" in found(staff, "shipping")["Go to"]


def test_a_product_is_found_by_a_scanned_barcode(staff: FlaskClient) -> None:
    mug, jug = make_product("Tuesday mug"), make_product("Milk jug")
    cobalt, plain = variants_of(mug)[0], variants_of(jug)[0]
    cobalt.barcode, cobalt.sku = "4006381333931", "FT-MUG-COB"
    plain.barcode, plain.sku = "4006381333948", None
    db.session.flush()

    assert found(staff, "4006381333931")["Products"] == ["Tuesday mug"]
    assert found(staff, " 4006381333948 ")["Products"] == ["Milk jug"]
    assert "Products" not in found(staff, "400638133393")  # a part of it would be everybody's
    listed = staff.get("/admin/products?q=4006381333948").text
    assert "Milk jug" in listed
    assert "Tuesday mug" not in listed


def test_an_order_is_found_by_its_number_alone(staff: FlaskClient) -> None:
    order = make_order(paid=True)

    assert found(staff, str(order.number))["Orders"] == [f"Order {order.number}"]
    assert found(staff, f"#{order.number}")["Orders"] == [f"Order {order.number}"]
    assert found(staff, order.email[:6])["Orders"] == [f"Order {order.number}"]
    assert "Orders" not in found(staff, "999999")


def test_at_most_ten_and_no_kind_crowds_out_the_others(staff: FlaskClient) -> None:
    for number in range(12):
        make_product(f"Mug {number}")
        make_account(email=f"mug{number}@example.com")

    both = found(staff, "mug")

    assert {len(hits) for hits in both.values()} == {4}
    make = found(staff, "mug 1")
    assert sum(map(len, make.values())) <= 10


def test_the_page_says_the_same_without_a_script(staff: FlaskClient) -> None:
    make_product("Tuesday mug")

    page = staff.get("/admin/search?q=tues")
    nothing = staff.get("/admin/search?q=zzz")

    assert "<mark>Tues</mark>day mug" in page.text
    assert "Nothing is called that" in nothing.text


def test_signs_are_no_pattern_and_no_markup(staff: FlaskClient) -> None:
    make_product("50% wool & <b>linen</b>")

    assert found(staff, "50%")["Products"] == ["50% wool & <b>linen</b>"]
    assert "Products" not in found(staff, "5_")
    assert "<b>linen" not in staff.get("/admin/search?q=linen").text


def test_nothing_typed_offers_what_one_changed_last(staff: FlaskClient, admin: Account) -> None:
    from shop import audit

    mug = make_product("Tuesday mug")
    audit.record(admin.id, "product.changed", subject_kind="product", subject_id=mug.id)

    groups = found(staff, "")

    assert groups["What you changed last"] == ["Tuesday mug"]
    assert "New product" in groups["Do"]


def test_a_role_finds_only_what_it_may_open(client: FlaskClient, store: None) -> None:
    make_order(paid=True)
    make_product("Tuesday mug")
    be_signed_in(client, make_account(roles=("editor",)))

    groups = found(client, "e")

    assert "Orders" not in groups
    assert "Customers" not in groups
    assert "Payments" not in found(client, "payments").get("Go to", [])


def test_it_takes_few_queries(staff: FlaskClient, count_queries: Callable[[], Any]) -> None:
    make_product("Tuesday mug")
    staff.get("/admin/search?q=mug")
    with count_queries() as statements:
        staff.get("/admin/search?q=mug", headers={"Accept": "application/json"})

    # Six of its own: what few match, and each kind. Who asks, and the shop, are known with three.
    assert len(statements) <= 9


@pytest.mark.parametrize(
    ("title", "text", "parts"),
    [
        ("Tuesday mug", "MUG", [("Tuesday ", False), ("mug", True)]),
        ("Tuesday mug", "", [("Tuesday mug", False)]),
        ("a+b", "+", [("a", False), ("+", True), ("b", False)]),
    ],
)
def test_what_was_typed_is_marked(title: str, text: str, parts: list[tuple[str, bool]]) -> None:
    assert marked(title, text) == parts


def test_single_keys_are_switched_off_for_oneself(staff: FlaskClient) -> None:
    assert "data-go=" in staff.get("/admin").text

    staff.post("/admin/keys", data={"is_on": "0"})

    assert "data-go=" not in staff.get("/admin").text
    assert "Switch single keys on" in staff.get("/admin/keys").text
    refused = staff.post("/admin/keys", data={"is_on": "maybe"})
    assert refused.status_code == 422
    assert "data-go=" not in staff.get("/admin").text


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("woocommerce", "Imports"),
        ("inventory", "Inventory"),
        ("count", "Stock takes"),
        ("purchase", "Orders from suppliers"),
        ("figures", "Reports"),
        ("forecasts", "What to order"),
        ("team", "Staff"),
        ("subscribers", "Newsletter"),
    ],
)
def test_each_place_is_found_by_what_one_looks_for(
    staff: FlaskClient, typed: str, page: str
) -> None:
    assert page in found(staff, typed)["Go to"]


def test_each_place_and_each_thing_to_do_is_there(staff: FlaskClient) -> None:
    for link in (*PLACES, *ACTIONS):
        (hit,) = [
            hit
            for group in staff.get(
                "/admin/search",
                query_string={"q": str(link.words)},
                headers={"Accept": "application/json"},
            ).json["groups"]
            if group["title"] in {"Do", "Go to"}
            for hit in group["hits"]
            if "".join(part for part, _ in hit["title"]) == str(link.words)
        ]
        assert staff.get(hit["url"]).status_code == 200, link.words
