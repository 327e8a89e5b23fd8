"""Choosing a variant by its address alone: every part of the page follows it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from html import unescape
from itertools import product as combinations
from typing import Any

import pytest
from flask.testing import FlaskClient

from shop.catalog.models import Product, Swatch
from shop.extensions import db
from shop.inventory import service as inventory
from tests.factories import make_image, make_product, make_store, make_variant, variants_of
from tests.pages import read

GLAZES, SIZES = ["Cobalt", "Milk"], ["Small", "Large"]


def make_mug() -> Product:
    """Cobalt small £29 sold out, cobalt large £34; milk small £30, milk large £35."""
    make_store()
    product = make_product(
        handle="mug", title="Mug", options={"Glaze": GLAZES, "Size": SIZES}, on_hand=99
    )
    pictures = {glaze: make_image(product, alt=f"A {glaze} mug", file=glaze) for glaze in GLAZES}
    make_image(product, alt="From above", file="above", position=3)
    for variant, amount in zip(variants_of(product), (2900, 3400, 3000, 3500), strict=True):
        variant.unit_amount = amount
        variant.image_id = pictures[variant.option1].id
    inventory.set_on_hand(variants_of(product)[0].id, 0, expected=99)
    db.session.flush()
    return product


def shown(client: FlaskClient, address: str) -> dict[str, Any]:
    html = client.get(address).text
    page = read(html)
    (canonical,) = page.having("link", rel="canonical")
    price = re.search(r'<p class="price">(.*?)</p>', html)
    return {
        "title": unescape(re.search(r"<title>(.*?)</title>", html)[1]),
        "canonical": canonical["href"],
        "price": price and price[1],
        "picture": re.search(r"/media/(\w+)-\d+\.webp", html)[1],
        "is_out": "stock--out" in html,
        "variant": page.value("variant_id"),
    }


def test_title_price_stock_picture_and_form_follow_the_address(client: FlaskClient) -> None:
    ids = [variant.id for variant in variants_of(make_mug())]

    large = shown(client, "/products/mug?glaze=milk&size=large")
    sold_out = shown(client, "/products/mug?glaze=cobalt&size=small")

    assert large == {
        "title": "Mug, Milk / Large | Fettle",
        "canonical": "http://localhost/products/mug",
        "price": "£35.00",
        "picture": "Milk",
        "is_out": False,
        "variant": str(ids[3]),
    }
    assert sold_out["title"] == "Mug, Cobalt / Small | Fettle"
    assert (sold_out["price"], sold_out["picture"], sold_out["is_out"]) == (
        "£29.00",
        "Cobalt",
        True,
    )


def test_the_plain_address_has_the_plain_title(client: FlaskClient) -> None:
    make_mug()

    page = shown(client, "/products/mug")

    assert (page["title"], page["price"]) == ("Mug | Fettle", "£34.00")


def test_a_fragment_brings_the_title_for_the_tab(client: FlaskClient) -> None:
    make_mug()

    fragment = client.get("/products/mug?glaze=milk&size=large&fragment=product").text

    assert 'data-title="Mug, Milk / Large | Fettle"' in fragment


def test_a_choice_that_changes_another_option_says_so(client: FlaskClient) -> None:
    product = make_mug()
    db.session.delete(variants_of(product)[3])

    page = read(client.get("/products/mug?glaze=cobalt&size=large").text)

    assert "Milk Only in Small" in page.text
    assert page.having("a", href="/products/mug?glaze=milk&size=small") != []


def test_a_variants_number_leads_to_the_address_of_its_values(client: FlaskClient) -> None:
    ids = [variant.id for variant in variants_of(make_mug())]

    answer = client.get(f"/products/mug?variant_id={ids[3]}")
    fragment = client.get(f"/products/mug?variant_id={ids[3]}&fragment=product")

    assert answer.location == "/products/mug?glaze=milk&size=large"
    assert fragment.location == "/products/mug?glaze=milk&size=large&fragment=product"


def test_links_made_for_shopify_name_a_variant_by_its_number(client: FlaskClient) -> None:
    ids = [variant.id for variant in variants_of(make_mug())]
    make_product(handle="lid", options={"Variant": ["17", "18"]})

    answer = client.get(f"/products/mug?variant={ids[3]}")
    elsewhere = client.get("/products/mug?variant=39823456712888")
    named = client.get("/products/lid?variant=18")

    assert answer.location == "/products/mug?glaze=milk&size=large"
    assert elsewhere.status_code == 200
    assert read(named.text).title.endswith(", 18 | Fettle")


@pytest.mark.parametrize("number", ["0", "-1", "x", "", "9" * 30, "1'--"])
def test_the_number_of_no_variant_leads_to_the_product(client: FlaskClient, number: str) -> None:
    make_mug()

    answer = client.get("/products/mug", query_string={"variant_id": number})

    assert (answer.status_code, answer.location) == (302, "/products/mug")


def test_more_than_twelve_values_are_a_list_with_a_button(client: FlaskClient) -> None:
    make_store()
    product = make_product(handle="mug", options={"Size": [str(size) for size in range(30, 43)]})
    ids = [variant.id for variant in variants_of(product)]

    page = read(client.get("/products/mug?size=42").text)

    assert len(page.having("option")) == 13
    assert [option["value"] for option in page.having("option", selected="")] == [str(ids[-1])]
    assert page.having("form", action="/products/mug") != []
    assert page.having("a", data_variant_link="size-30") == []


def test_twelve_values_are_links(client: FlaskClient) -> None:
    make_store()
    make_product(handle="mug", options={"Size": [str(size) for size in range(30, 42)]})

    page = read(client.get("/products/mug").text)

    assert page.having("option") == []
    assert len(page.having("a", rel="nofollow")) == 12


def test_a_page_of_a_hundred_variants_stays_light_and_asks_no_more(
    client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    make_store()
    options = {
        "Glaze": [f"Glaze {i}" for i in range(10)],
        "Size": [f"Size {i}" for i in range(5)],
        "Lid": ["Yes", "No"],
    }
    product = make_product(handle="jar", options={"Glaze": ["x"], "Size": ["y"], "Lid": ["z"]})
    for values in combinations(*options.values()):
        named = dict(zip(("option1", "option2", "option3"), values, strict=True))
        make_variant(product, unit_amount=3000, **named)

    with count_queries() as statements:
        page = client.get("/products/jar?glaze=glaze-9&size=size-4&lid=no")

    assert "Glaze 9 / Size 4 / No" in page.text
    assert len(gzip.compress(page.data)) <= 12_000
    assert len(statements) <= 16


def test_values_are_tiles_once_each_has_a_swatch(client: FlaskClient) -> None:
    make_mug()
    make_swatch("Cobalt")

    some = read(client.get("/products/mug").text)
    make_swatch("Milk")
    all_ = read(client.get("/products/mug").text)

    assert len(some.having("a", class_="tile")) == 0
    assert len(all_.having("a", class_="tile")) == 2


def make_swatch(value: str) -> None:
    db.session.add(
        Swatch(option_name="Glaze", value=value, handle=value.lower(), file=value, color="#1e36b8")
    )
    db.session.flush()
