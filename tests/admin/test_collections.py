"""The merchant's pages of collections."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from PIL import Image

from shop.admin import collection_queries
from shop.catalog.models import Collection, CollectionProduct
from shop.extensions import db
from tests.catalog.test_queries import make_collection
from tests.factories import make_product
from tests.pages import read


@pytest.fixture
def client(staff: FlaskClient) -> FlaskClient:
    return staff


def the_collection() -> Collection:
    db.session.expire_all()
    return db.session.scalars(sa.select(Collection)).one()


def form(**values: str) -> dict[str, str]:
    return {"title": "Mugs", "handle": "", "summary": "", "parent": "", "kind": "hand"} | values


def condition(number: int, about: str, comparison: str, value: str) -> dict[str, str]:
    prefix = f"condition-{number}"
    return {
        f"{prefix}-about": about,
        f"{prefix}-comparison": comparison,
        f"{prefix}-value": value,
    }


def test_a_shop_without_collections_says_how_to_begin(client: FlaskClient) -> None:
    page = client.get("/admin/collections")

    assert page.status_code == 200
    assert "No collections yet" in page.text


def test_collections_are_listed_as_a_tree(client: FlaskClient) -> None:
    table = make_collection("table", [make_product()])
    make_collection("kitchen", [])
    make_collection("bowls", [], parent_id=table.id)

    page = read(client.get("/admin/collections").text)

    assert page.text.index("/collections/table") < page.text.index("/collections/bowls")
    assert page.text.index("/collections/bowls") < page.text.index("/collections/kitchen")


def test_a_long_list_is_leafed_through_and_a_moved_collection_stays_in_sight(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection_queries, "PAGE_SIZE", 2)
    table = make_collection("table", [make_product()])
    make_collection("bowls", [], parent_id=table.id)
    make_collection("kitchen", [])
    make_collection("vases", [])
    garden = make_collection("garden", [])

    pages = [client.get(f"/admin/collections?page={number}").text for number in (1, 2, 3)]
    address = f"/admin/collections/{garden.id}/position"
    moved = client.post(address, data={"direction": "up"}).headers["Location"]

    shown = [re.findall(r"<small>/collections/(\w+)", page) for page in pages]
    assert shown == [["table", "bowls"], ["kitchen", "vases"], ["garden"]]
    assert "1 to 2 of 5" in pages[0]
    assert "Move down" in pages[1]
    assert "Move down" not in pages[2]
    assert client.get("/admin/collections?page=4").status_code == 404
    assert moved == "/admin/collections?page=2"
    assert re.findall(r"<small>/collections/(\w+)", client.get(moved).text) == [
        "kitchen",
        "garden",
    ]
    moved = client.post(address, data={"direction": "down"}).headers["Location"]
    assert moved == "/admin/collections?page=3"


def test_what_lies_in_a_collection_of_the_page_before_tells_in_which(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection_queries, "PAGE_SIZE", 3)
    table = make_collection("table", [])
    bowls = make_collection("bowls", [], parent_id=table.id)
    make_collection("small", [], parent_id=bowls.id)
    make_collection("large", [], parent_id=bowls.id)
    plates = make_collection("plates", [], parent_id=table.id)
    make_collection("flat", [], parent_id=plates.id)

    pages = [client.get(f"/admin/collections?page={number}").text for number in (1, 2)]

    shown = [re.findall(r"<small>/collections/([^<]+)<", page) for page in pages]
    assert shown == [
        ["table", "bowls", "small"],
        [f"large, in {bowls.title}", f"plates, in {table.title}", "flat"],
    ]


def test_products_of_a_collection_are_counted_up_to_a_limit(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection_queries, "MOST_COUNTED", 2)
    make_collection("two", [make_product("Mug"), make_product("Jug")])
    make_collection("three", [make_product("Bowl"), make_product("Dish"), make_product("Vase")])
    make_collection("none", [])

    page = client.get("/admin/collections").text

    assert re.findall(r"Products</span>([0-9+]*)", page) == ["2", "2+", "0"]


def test_a_collection_is_made_and_picked_by_hand(client: FlaskClient) -> None:
    mug, jug = make_product("Mug"), make_product("Jug")

    answer = client.post("/admin/collections/new", data=form(summary="All of them", is_in_menu="y"))
    address = answer.headers["Location"]
    search = client.get(f"{address}?find=mu")
    for product in (mug, jug):
        client.post(f"{address}/products", data={"product_id": str(product.id)})
    client.post(f"{address}/products/{jug.id}/position", data={"direction": "up"})
    client.post(f"{address}/products/{mug.id}/delete")

    collection = the_collection()
    assert (collection.title, collection.handle, collection.is_in_menu) == ("Mugs", "mugs", True)
    assert f'value="{mug.id}">Add' in search.text
    assert list(db.session.scalars(sa.select(CollectionProduct.product_id))) == [jug.id]


def test_a_rule_is_counted_before_it_is_saved(client: FlaskClient) -> None:
    make_product("Cheap mug", unit_amount=2400)
    make_product("Dear mug", unit_amount=2600)
    sent = form(kind="rule", needs="all") | condition(0, "price", "less", "25")

    preview = client.post("/admin/collections/new", data=sent | {"do": "preview"})

    assert preview.status_code == 200
    assert "This rule holds 1 product." in read(preview.text).text
    assert "Cheap mug" in preview.text
    assert 'name="condition-2-value"' in preview.text
    assert 'name="condition-3-value"' not in preview.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Collection)) == 0

    client.post("/admin/collections/new", data=sent)

    assert the_collection().conditions == [["price", "less", 2500]]


def test_a_saved_rule_can_be_changed_and_left(client: FlaskClient) -> None:
    make_product("Cheap mug", unit_amount=2400, tags=["tea"])
    client.post(
        "/admin/collections/new",
        data=form(kind="rule", needs="all") | condition(0, "tag", "equals", "tea"),
    )
    address = f"/admin/collections/{the_collection().id}"
    page = read(client.get(address).text)
    assert page.value("condition-0-value") == "tea"

    client.post(
        address,
        data=form(kind="rule", needs="any")
        | condition(0, "tag", "equals", "")
        | condition(1, "stock", "greater", "3"),
    )
    assert (the_collection().conditions, the_collection().needs_all) == (
        [["stock", "greater", 3]],
        False,
    )

    client.post(address, data=form())
    assert the_collection().conditions == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CollectionProduct)) == 1


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        (form(title=""), "Give the collection a title."),
        (form(handle="No good!"), "Use lower case letters, digits and single hyphens."),
        (form(handle="taken"), "Another collection has this address."),
        (form(parent="99999"), "A collection cannot lie in itself or in its own parts."),
        (form(parent="x"), "Choose a collection from the list."),
        (form(kind="magic"), "Choose how its products are found."),
        (form(kind="rule"), "Give the rule at least one condition."),
        (form(kind="rule") | condition(0, "price", "less", "cheap"), "Type a number, like 25."),
        (
            form(kind="rule") | condition(0, "price", "contains", "5"),
            "Compare numbers by equal, more or less, and words by the others.",
        ),
        (form(kind="rule") | condition(0, "smell", "equals", "5"), "Choose from the lists."),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    client: FlaskClient, sent: dict[str, str], complaint: str
) -> None:
    make_collection("taken", [])

    page = client.post("/admin/collections/new", data=sent)

    assert page.status_code == 422
    assert complaint in read(page.text).text
    assert the_collection().handle == "taken"


def test_more_conditions_can_be_asked_for(client: FlaskClient) -> None:
    sent = form(kind="rule")
    for number in range(3):
        sent |= condition(number, "tag", "equals", f"tag {number}")

    page = client.post("/admin/collections/new", data=sent | {"do": "rows"})

    assert 'name="condition-2-value" value="tag 2"' in page.text
    assert 'name="condition-4-value" value=""' in page.text


def test_a_collection_is_deleted_and_its_products_stay(client: FlaskClient) -> None:
    collection = make_collection("table", [make_product("Platter")])

    answer = client.post(f"/admin/collections/{collection.id}/delete")

    assert answer.headers["Location"] == "/admin/collections"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Collection)) == 0
    assert "Platter" in client.get("/products").text


def test_a_picture_is_uploaded(client: FlaskClient) -> None:
    collection = make_collection("table", [])
    data = BytesIO()
    Image.new("RGB", (400, 500), "#aa5500").save(data, "PNG")
    data.seek(0)

    client.post(f"/admin/collections/{collection.id}/picture", data={"picture": (data, "x.png")})
    refused = client.post(
        f"/admin/collections/{collection.id}/picture",
        data={"picture": (BytesIO(b"no picture"), "x.png")},
    )

    assert (the_collection().file or "").startswith("p-")
    assert refused.status_code == 422


def test_nothing_is_added_by_hand_to_a_rule(client: FlaskClient) -> None:
    mug = make_product()
    client.post(
        "/admin/collections/new",
        data=form(kind="rule") | condition(0, "tag", "equals", "tea"),
    )
    address = f"/admin/collections/{the_collection().id}/products"

    answer = client.post(address, data={"product_id": str(mug.id)})

    assert answer.status_code == 409
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CollectionProduct)) == 0


def test_a_collections_page_costs_few_queries_however_many_products(
    client: FlaskClient, count_queries: Any
) -> None:
    few = make_collection("few", [make_product()])
    many = make_collection("many", [make_product() for _ in range(12)])
    client.get(f"/admin/collections/{few.id}")

    with count_queries() as for_few:
        client.get(f"/admin/collections/{few.id}")
    with count_queries() as for_many:
        client.get(f"/admin/collections/{many.id}")

    assert len(for_few) == len(for_many)
