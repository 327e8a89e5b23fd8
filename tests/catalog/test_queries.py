from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask

from shop.catalog import product_page, queries
from shop.catalog.facets import Sort
from shop.catalog.models import Collection, CollectionProduct, Product
from shop.clock import now
from shop.extensions import db
from shop.store.currencies import Currency
from tests.factories import make_image, make_product, make_swatch, make_variant

GBP = Currency("GBP")


def make_collection(handle: str, products: list[Product], **values: Any) -> Collection:
    collection = Collection(handle=handle, title=handle.title(), **values)
    db.session.add(collection)
    db.session.flush()
    for position, product in enumerate(products, start=1):
        db.session.add(
            CollectionProduct(collection_id=collection.id, product_id=product.id, position=position)
        )
    db.session.flush()
    return collection


def aged(product: Product, days: int) -> Product:
    product.published_at = now() - timedelta(days=days)
    db.session.flush()
    return product


# Lists


def test_a_list_holds_published_products_newest_first(app: Flask) -> None:
    old, new = aged(make_product(), 9), aged(make_product(), 1)
    make_product(published=False)

    assert queries.list_products(limit=10) == [new.id, old.id]


def test_products_of_one_instant_are_listed_by_id(app: Flask) -> None:
    at = now()
    pots = [make_product() for _ in range(3)]
    for pot in pots:
        pot.published_at = at
    db.session.flush()

    assert queries.list_products(limit=2) == [pots[2].id, pots[1].id]
    assert queries.list_products(limit=2, offset=2) == [pots[0].id]


def test_a_product_stands_where_its_cheapest_variant_stands(app: Flask) -> None:
    wide = make_product(unit_amount=5000)
    make_variant(wide, unit_amount=100, option1="Small", position=2)
    cheap, dear = make_product(unit_amount=900), make_product(unit_amount=6000)

    low = queries.list_products(sort=Sort.PRICE_LOW, limit=10)
    high = queries.list_products(sort=Sort.PRICE_HIGH, limit=10)

    assert low == [wide.id, cheap.id, dear.id]
    assert high == [dear.id, cheap.id, wide.id]


def test_a_product_with_equal_prices_is_listed_once(app: Flask) -> None:
    pot = make_product(options={"Size": ["S", "M", "L"]})

    assert queries.list_products(sort=Sort.PRICE_LOW, limit=10) == [pot.id]


def test_products_are_sorted_by_name(app: Flask) -> None:
    vase, bowl = make_product("Vase"), make_product("Bowl")

    assert queries.list_products(sort=Sort.TITLE, limit=10) == [bowl.id, vase.id]


def test_a_collection_lists_its_own_products(app: Flask) -> None:
    mug, vase = make_product(), make_product()
    draft = make_product(published=False)
    table = make_collection("table", [mug, draft])

    assert queries.list_products(collection_id=table.id, limit=10) == [mug.id]
    assert vase.id not in queries.list_products(collection_id=table.id, limit=10)


# One product


def test_a_product_page_holds_everything_it_prints(
    app: Flask, count_queries: Callable[[], Any]
) -> None:
    make_swatch("Cobalt", 1, "#1E36B8")
    mug = make_product(
        handle="tuesday-mug", options={"Glaze": ["Cobalt", "Milk"]}, facts=[["Height", "95 mm"]]
    )
    make_image(mug, file="mug-cobalt")
    tea = make_collection("tea", [mug], is_in_menu=True, position=2)
    make_collection("cobalt", [mug], position=1)

    with count_queries() as statements:
        page = product_page.published_product("tuesday-mug", GBP)

    assert page is not None
    assert page.options == ("Glaze",)
    assert [variant.values for variant in page.variants] == [("Cobalt",), ("Milk",)]
    assert [picture.file for picture in page.images.values()] == ["mug-cobalt"]
    assert page.swatches["Glaze", "Cobalt"].file == "tile-cobalt"
    assert page.collection is not None
    assert page.collection.handle == tea.handle
    assert page.facts == (("Height", "95 mm"),)
    assert len(statements) == 6


def test_a_draft_has_no_page(app: Flask) -> None:
    make_product(handle="secret", published=False)

    assert product_page.published_product("secret", GBP) is None


def test_related_products_follow_on_the_same_shelf(app: Flask) -> None:
    first, mug, cup = make_product(), make_product(handle="mug"), make_product()
    draft = make_product(published=False)
    newest = make_product()
    make_collection("tea", [first, mug, draft, cup])
    page = product_page.published_product("mug", GBP)
    assert page is not None

    assert product_page.related_ids(page) == [cup.id, first.id, newest.id]


def test_without_a_collection_the_newest_are_related(app: Flask) -> None:
    mug, old = make_product(handle="mug"), aged(make_product(), 9)
    newest = make_product()
    page = product_page.published_product("mug", GBP)
    assert page is not None

    assert product_page.related_ids(page) == [newest.id, old.id]
    assert mug.id not in product_page.related_ids(page)


def test_a_swatch_leads_to_its_collection_or_to_a_search(app: Flask) -> None:
    make_swatch("Cobalt", 1, "#1E36B8")
    make_swatch("Milk", 2, "#F3F0E6")
    make_collection("cobalt", [])

    assert [tile.url for tile in queries.swatches()] == ["/collections/cobalt", "/search?q=Milk"]
