"""The wishlist as a guest keeps it, shows it and buys from it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.catalog.models import ProductStatus, Variant
from shop.clock import now
from shop.extensions import db
from shop.inventory.models import StockItem
from shop.wishlist import service
from shop.wishlist.models import Wish, Wishlist
from tests.factories import make_product, make_rates, make_store, make_variant, variants_of
from tests.pages import Page, read

JSON = {"Accept": "application/json"}


def wish(client: FlaskClient, variant: Variant) -> None:
    answer = client.post("/wishlist/lines", data={"variant_id": variant.id})
    assert (answer.status_code, answer.location) == (303, "/wishlist")


def page_of(client: FlaskClient, path: str = "/wishlist") -> Page:
    answer = client.get(path)
    assert answer.status_code == 200
    return read(answer.text)


def wishes() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Wish)) or 0


def lists() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Wishlist)) or 0


def shared_path(client: FlaskClient) -> str:
    client.post("/wishlist/share")
    found = re.search(r'value="http://localhost(/wishlist/[^"]+)"', client.get("/wishlist").text)
    assert found is not None
    return found[1]


def test_looking_makes_no_list(client: FlaskClient) -> None:
    make_store()

    page = page_of(client)
    state = client.get("/wishlist/state", headers=JSON)

    assert "Nothing on your wishlist yet" in page.text
    assert state.json == {"count": 0, "products": [], "variants": [], "notice": ""}
    assert lists() == 0
    assert "Set-Cookie" not in state.headers


def test_a_variant_is_put_on_the_list_once_with_price_and_stock_of_now(client: FlaskClient) -> None:
    make_store()
    mug, milk = variants_of(make_product(options={"Glaze": ["Cobalt", "Milk"]}))
    wish(client, mug)
    wish(client, mug)
    wish(client, milk)
    db.session.get_one(StockItem, mug.id).on_hand = 0

    page = page_of(client)

    assert "Tuesday mug is on your wishlist." in page.text
    assert "Tuesday mug Cobalt Sold out £34.00" in page.text
    assert "Tuesday mug Milk In stock £34.00" in page.text
    assert page.text.index("Milk In stock") < page.text.index("Cobalt Sold out")
    assert "2 wishes" in page.text


def test_a_card_names_the_product_and_its_first_variant_in_stock_is_taken(
    client: FlaskClient,
) -> None:
    make_store()
    product = make_product(options={"Glaze": ["Cobalt", "Milk"]})
    cobalt, milk = variants_of(product)
    db.session.get_one(StockItem, cobalt.id).on_hand = 0

    client.post("/wishlist/lines", data={"product_id": product.id})

    assert db.session.scalars(sa.select(Wish.variant_id)).all() == [milk.id]


def test_a_card_of_a_filtered_list_names_the_variant_it_shows(client: FlaskClient) -> None:
    make_store()
    _cobalt, milk = variants_of(make_product(options={"Glaze": ["Cobalt", "Milk"]}))

    page = client.get("/products?glaze=milk").text
    hearts = re.findall(r'form="wish" name="(\w+)" value="(\d+)"', page)
    client.post("/wishlist/lines", data=dict(hearts))

    assert hearts == [("variant_id", str(milk.id))]
    assert db.session.scalars(sa.select(Wish.variant_id)).all() == [milk.id]


def test_a_price_that_fell_is_told_and_one_that_rose_is_not(client: FlaskClient) -> None:
    make_store()
    mug, jug = make_variant(unit_amount=3400), make_variant(unit_amount=7200)
    wish(client, mug)
    wish(client, jug)
    db.session.get_one(Variant, mug.id).unit_amount = 2900
    db.session.get_one(Variant, jug.id).unit_amount = 7500

    page = page_of(client)

    assert "Was £34.00 when you added it £29.00" in page.text
    assert "£72.00" not in page.text


def test_what_is_taken_off_can_be_put_back(client: FlaskClient) -> None:
    make_store()
    mug = make_variant()
    wish(client, mug)

    client.post("/wishlist/lines/delete", data={"variant_id": mug.id})
    page = page_of(client)

    assert wishes() == 0
    assert "Taken off your wishlist. Undo" in page.text
    assert page.having("form", action="/wishlist/lines") != []
    assert page.value("variant_id") == str(mug.id)


@pytest.mark.parametrize(
    "sent", [{}, {"variant_id": "999"}, {"product_id": "x"}, {"variant_id": "-1"}]
)
def test_what_is_not_for_sale_makes_no_list(client: FlaskClient, sent: dict[str, str]) -> None:
    make_store()

    answer = client.post("/wishlist/lines", data=sent)

    assert answer.status_code == 404
    assert "That product is not for sale any more." in answer.text
    assert (lists(), wishes()) == (0, 0)


def test_a_draft_cannot_be_wished_for_and_one_that_became_one_says_so(client: FlaskClient) -> None:
    make_store()
    product = make_product(published=False)
    (mug,) = variants_of(product)
    assert client.post("/wishlist/lines", data={"variant_id": mug.id}).status_code == 404
    product.status = ProductStatus.PUBLISHED
    wish(client, mug)
    product.status = ProductStatus.DRAFT

    page = page_of(client)

    assert "Not for sale any more" in page.text
    assert page.having("form", action="/wishlist/basket") == []


def test_a_full_list_says_so_and_keeps_what_it_has(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_store()
    monkeypatch.setattr(service, "MAX_WISHES", 1)
    wish(client, make_variant())

    answer = client.post("/wishlist/lines", data={"variant_id": make_variant().id}, headers=JSON)

    assert answer.status_code == 409
    assert "Your wishlist is full" in answer.json["error"]["message"]
    assert wishes() == 1


def test_one_or_all_move_to_the_basket_but_what_is_sold_out_stays(client: FlaskClient) -> None:
    make_store()
    make_rates()
    mug, jug, vase = make_variant(), make_variant(), make_variant(on_hand=0)
    for variant in (mug, jug, vase):
        wish(client, variant)

    first = client.post("/wishlist/basket", data={"variant_id": mug.id})
    second = client.post("/wishlist/basket")
    third = client.post("/wishlist/basket")

    assert (first.location, second.location, third.status_code) == ("/cart", "/cart", 409)
    assert db.session.scalars(sa.select(Wish.variant_id)).all() == [vase.id]
    assert page_of(client, "/cart").text.count("Line total:") == 2


def test_moving_what_the_basket_has_already_adds_none(client: FlaskClient) -> None:
    make_store()
    make_rates()
    mug = make_variant()
    client.post("/cart/lines", data={"variant_id": mug.id, "quantity": 3})
    wish(client, mug)

    client.post("/wishlist/basket", data={"variant_id": mug.id})

    assert page_of(client, "/cart").value("quantity") == "3"


def test_a_line_of_the_basket_is_saved_for_later(client: FlaskClient) -> None:
    make_store()
    make_rates()
    mug = make_variant()
    client.post("/cart/lines", data={"variant_id": mug.id})

    answer = client.post("/wishlist/from-basket", data={"variant_id": mug.id})

    assert answer.location == "/cart"
    assert "Your basket is empty" in page_of(client, "/cart").text
    assert wishes() == 1


def test_the_shared_link_shows_the_list_and_changes_nothing(
    client: FlaskClient, app: Flask
) -> None:
    make_store()
    mug = make_variant()
    wish(client, mug)
    path = shared_path(client)

    friend = app.test_client()
    page = page_of(friend, path)

    assert "Tuesday mug In stock £34.00" in page.text
    assert page.having("form", action="/cart/lines") != []
    (of_hearts,) = [form for form in page.having("form") if "wishlist" in str(form)]
    assert page.having("button", form=of_hearts["id"]) == []
    friend.post("/wishlist/lines/delete", data={"variant_id": mug.id})
    assert wishes() == 1


def test_the_links_token_is_not_the_owners(client: FlaskClient) -> None:
    make_store()
    wish(client, make_variant())
    path = shared_path(client)
    (wishlist,) = db.session.scalars(sa.select(Wishlist))

    assert wishlist.token not in path
    assert client.get(f"/wishlist/{wishlist.token}").status_code == 404
    assert wishlist.token not in client.get("/wishlist").text


def test_a_link_can_be_made_anew_and_taken_back(client: FlaskClient) -> None:
    make_store()
    wish(client, make_variant())

    first = shared_path(client)
    second = shared_path(client)
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)

    client.post("/wishlist/share", data={"stop": "1"})
    assert client.get(second).status_code == 404


def test_scripts_get_the_state_and_a_hint_when_it_changed(client: FlaskClient) -> None:
    make_store()
    product = make_product()
    (mug,) = variants_of(product)

    added = client.post("/wishlist/lines", data={"product_id": product.id}, headers=JSON)
    hint = client.get_cookie("wishlist")
    removed = client.post("/wishlist/lines/delete", data={"product_id": product.id}, headers=JSON)

    assert added.json == {
        "count": 1,
        "products": [product.id],
        "variants": [mug.id],
        "notice": "Tuesday mug is on your wishlist.",
    }
    assert hint is not None
    assert (hint.value[:2], hint.http_only) == ("1.", False)
    assert (removed.json["count"], removed.json["notice"]) == (0, "Taken off your wishlist.")
    assert client.get("/wishlist/state").headers["Cache-Control"] == "private, no-store"


def test_hearts_are_forms_that_work_without_a_script(client: FlaskClient) -> None:
    make_store()
    product = make_product(handle="mug", options={"Glaze": ["Cobalt", "Milk"]})

    card, page = read(client.get("/products").text), read(client.get("/products/mug").text)

    (of_card,) = card.having("button", aria_label="Put Tuesday mug on the wishlist")
    (of_page,) = page.having("button", aria_label="Put Tuesday mug, Cobalt on the wishlist")
    assert (of_card["name"], of_card["value"]) == ("product_id", str(product.id))
    assert (of_page["name"], of_page["form"]) == ("variant_id", of_card["form"])
    (form,) = card.having("form", id=of_card["form"])
    assert (form["action"], form["method"]) == ("/wishlist/lines", "post")


def test_pages_of_the_catalog_are_the_same_with_a_list_and_without(
    client: FlaskClient, app: Flask
) -> None:
    make_store()
    mug = make_variant()
    path = "/products"
    client.post("/wishlist/lines", data={"variant_id": mug.id}, headers=JSON)

    assert client.get(path).text == app.test_client().get(path).text


def test_a_long_list_costs_few_queries(client: FlaskClient, count_queries) -> None:
    make_store()
    for _ in range(30):
        wish(client, make_variant())

    with count_queries() as statements:
        assert "30 wishes" in page_of(client).text

    assert len(statements) <= 8


def test_lists_nobody_touched_for_long_are_forgotten(client: FlaskClient) -> None:
    make_store()
    wish(client, make_variant())

    with time_machine.travel(now() + timedelta(days=399)):
        service.forget_old()
    assert lists() == 1
    with time_machine.travel(now() + timedelta(days=401)):
        service.forget_old()
    assert (lists(), wishes()) == (0, 0)
