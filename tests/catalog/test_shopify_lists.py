"""Addresses of lists as a shop at Shopify spread them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.catalog.test_queries import make_collection
from tests.factories import make_currency, make_product, make_store


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("sort_by=price-ascending", "?sort=price-low"),
        ("sort_by=price-descending", "?sort=price-high"),
        ("sort_by=title-ascending", "?sort=title"),
        ("sort_by=created-descending", "?sort=newest"),
        ("sort_by=manual", "?sort=featured"),
        ("sort_by=title-descending", ""),
        ("sort_by=created-ascending", ""),
        ("sort_by=best-selling", ""),
        ("sort_by=", ""),
        ("sort_by=price-ascending&sort=title", "?sort=title"),
        ("sort_by=manual&x=a%20b", "?x=a+b&sort=featured"),
        ("utm_source=news&sort_by=manual&x=%C3%A9", "?utm_source=news&x=%C3%A9&sort=featured"),
        ("filter.v.option.glaze=Cobalt&filter.v.option.glaze=Milk", "?glaze=cobalt&glaze=milk"),
        ("filter.v.option.type=Raw", "?option-type=raw"),
        ("filter.v.option.=Raw", ""),
        ("filter.v.option.=Raw&filter.v.option.glaze=Milk", "?glaze=milk"),
        ("filter.p.product_type=Cups+and+Mugs&filter.p.tag=Blue", "?type=cups-and-mugs&tag=blue"),
        ("filter.p.vendor=Hay&filter.p.m.custom.care=soft", "?vendor=hay"),
        ("filter.v.availability=1", "?available=1"),
        ("filter.v.availability=0", ""),
        ("filter.v.price.gte=10&filter.v.price.lte=39.50", "?price=10-39.50"),
        ("filter.v.price.gte=&filter.v.price.lte=", ""),
        ("filter.v.price.lte=about+ten", "?price=-about+ten"),
    ],
)
def test_orders_and_filters_of_a_moved_shop_are_told_in_ours(
    client: FlaskClient, asked: str, told: str
) -> None:
    make_store()

    answer = client.get(f"/products?{asked}")

    assert (answer.status_code, answer.location) == (301, f"/products{told}")
    assert client.get(f"/products{told}").status_code == 200


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("filter.v.price.gte=10&currency=EUR", "?price=10-&currency=EUR"),
        ("currency=EUR&filter.v.price.lte=20&glaze=milk", "?glaze=milk&price=-20&currency=EUR"),
        ("filter.v.price.gte=&currency=EUR", "?currency=EUR"),
        ("filter.v.price.gte=10&currency=GBP", "?price=10-&currency=GBP"),
        ("filter.v.price.gte=10&currency=JPY", "?price=10-"),
        ("filter.v.price.gte=10", "?price=10-"),
    ],
)
def test_amounts_stay_in_the_currency_that_stands_beside_them(
    client: FlaskClient, asked: str, told: str
) -> None:
    make_store()
    make_currency("EUR", "1.2")

    answer = client.get(f"/products?{asked}")

    assert (answer.status_code, answer.location) == (301, f"/products{told}")


@pytest.mark.parametrize("path", ["/collections/mugs?", "/search?q=mug&"])
def test_every_list_knows_them(client: FlaskClient, path: str) -> None:
    make_store()
    make_collection("mugs", [make_product("Mug")])

    answer = client.get(f"{path}sort_by=price-ascending")

    assert (answer.status_code, answer.location) == (301, f"{path}sort=price-low")
    assert "Mug" in client.get(answer.location).text


def test_a_search_for_products_alone_is_a_search(client: FlaskClient) -> None:
    make_store()
    make_product("Tuesday mug", product_type="Mugs")
    make_product("Milk mug", product_type="Jugs")

    page = client.get("/search?type=product&q=mug&options%5Bprefix%5D=last")

    assert page.status_code == 200
    assert "Tuesday mug" in page.text
    assert "Milk mug" in page.text


@pytest.mark.parametrize("query", ["", "?q=mug", "?glaze=cobalt&sort=title", "?utm_source=x"])
def test_an_address_of_ours_leads_nowhere_else(client: FlaskClient, query: str) -> None:
    make_store()

    assert client.get(f"/products{query}").status_code == 200
