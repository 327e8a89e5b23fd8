"""What a search names is shown: the variant, its picture and its price, and where it leads."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from shop.catalog import searchable
from shop.catalog.models import Product, Variant
from shop.search import service
from shop.search.service import SynonymDetails
from tests.factories import make_image, make_product, make_store, variants_of

PRICES = {"Milk": 3400, "Cobalt": 3600, "Celadon": 3800}


def make_pot(title: str = "Tuesday mug", **values: Any) -> dict[str, Variant]:
    """In three glazes, each with its picture and its price; by glaze."""
    pot = make_product(title, options={"Glaze": list(PRICES)}, **values)
    variants = {variant.option1: variant for variant in variants_of(pot)}
    for glaze, variant in variants.items():
        variant.image_id = make_image(pot, file=f"pot-{glaze.lower()}").id
        variant.unit_amount = PRICES[glaze]
    publish(pot)
    return variants


def publish(*products: Product) -> None:
    searchable.refresh_search(products)


def found(client: FlaskClient, query: str, path: str = "/search") -> str:
    return client.get(path, query_string={"q": query}).text


def cards(client: FlaskClient, query: str, path: str = "/search") -> list[tuple[str, ...]]:
    """Of each: its address without the handle, the picture and the price."""
    text = found(client, query, path)
    parts = re.split(r'<article class="product-card|<a class="suggest__product', text)[1:]
    return [
        tuple(
            told[1] if (told := re.search(pattern, part)) else ""
            for pattern in (r'href="/products/[^"?]+([^"]*)"', r"/media/(pot-\w+)-", r"(£[\d.]+)")
        )
        for part in parts
    ]


USUAL = ("", "pot-milk", "£34.00")
CELADON = ("?glaze=celadon", "pot-celadon", "£38.00")


@pytest.mark.parametrize(
    "query", ["celadon", "mugs in celadon", "celadn mug", "mug celad", "celadon zebra"]
)
def test_a_named_glaze_is_shown_and_led_to(client: FlaskClient, query: str) -> None:
    make_store()
    make_pot()

    assert cards(client, query) == [CELADON]
    assert shown_at(client, re.findall(r'href="(/products/[^"]+)"', found(client, query))[0]) == (
        "pot-celadon", "£38.00",
    )  # fmt: skip


def shown_at(client: FlaskClient, address: str) -> tuple[str, ...]:
    """The first picture, and the price."""
    page = client.get(address).text
    main = page[page.index('id="main"') :]
    return tuple(re.findall(pattern, main)[0] for pattern in (r"/media/(pot-\w+)-", r"£[\d.]+"))


@pytest.mark.parametrize("query", ["mug", "tuesday", "m"])
def test_a_search_that_names_no_value_shows_the_usual(client: FlaskClient, query: str) -> None:
    make_store()
    make_pot()

    assert cards(client, query) == [USUAL]


def test_a_synonym_of_a_glaze_names_it(client: FlaskClient) -> None:
    make_store()
    make_pot()
    service.add_synonym(SynonymDetails("green, sage", "celadon", is_two_way=False))

    assert cards(client, "green mug") == [CELADON]
    assert cards(client, "gree", "/search/suggestions") == [CELADON]


def test_who_looks_for_a_milk_jug_means_no_glaze(client: FlaskClient) -> None:
    make_store()
    make_pot("Milk jug", on_hand=0)
    publish(make_product("Celadon mug", options={"Glaze": ["Celadon"]}))

    assert cards(client, "milk jug") == [USUAL]
    assert cards(client, "celadon mug")[0][0] == ""


def test_suggestions_show_what_is_named_too(client: FlaskClient) -> None:
    make_store()
    make_pot()

    assert cards(client, "cel", "/search/suggestions") == [CELADON]
    assert cards(client, "celadn", "/search/suggestions") == [CELADON]
    assert cards(client, "ce", "/search/suggestions") == [USUAL]


def test_filters_of_a_search_go_before_its_words(client: FlaskClient) -> None:
    make_store()
    make_pot()
    make_pot()

    text = client.get("/search?q=celadon+mug&glaze=cobalt").text

    assert text.count('?glaze=cobalt" dir') == 2
    assert '?glaze=celadon" dir' not in text


def test_the_heart_says_and_wishes_for_what_the_card_shows(client: FlaskClient) -> None:
    make_store()
    celadon = make_pot()["Celadon"]

    text = client.get("/search?q=celadon").text

    assert (
        f'name="variant_id" value="{celadon.id}"'
        ' aria-label="Put Tuesday mug, Celadon on the wishlist"'
    ) in text


def test_naming_a_glaze_costs_one_query_more_for_its_pictures(
    client: FlaskClient, count_queries: Any
) -> None:
    make_store()
    for _ in range(3):
        make_pot()

    def statements(path: str) -> int:
        for _ in range(2):  # PostgreSQL's journal reads a transaction that still runs once more
            client.get(path)
        with count_queries() as found:
            client.get(path)
        return len([one for one in found if not one.startswith("SET LOCAL")])

    pages = ["/search?q=tuesday", "/search?q=celadon", "/search/suggestions?q=celadon"]
    assert [statements(page) for page in pages] == [10, 11, 16]
