"""Visitors with different currencies, and the page cache between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from shop.catalog.models import Variant, VariantPrice
from shop.database import transaction
from shop.extensions import db
from shop.store.currencies import Ending
from tests.conftest import Apps
from tests.factories import (
    make_currency,
    make_price,
    make_product,
    make_rates,
    make_store,
)
from tests.reliability.processes import wait_until
from tests.web.pagecache.test_layer import asked, change, wait_until_quiet

PATHS = ["/", "/products", "/products?sort=price-low", "/products/mug", "/products/mug.json",
         "/products.json", "/search?q=mug", "/recommendations/cards?handles=mug"]  # fmt: skip


@pytest.fixture(scope="module")
def running(dialect: str, tmp_path_factory: pytest.TempPathFactory, apps: Apps) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp(f"currencies-{dialect}")
    with apps(dialect, folder, page_cache_mb=8) as app:
        with app.app_context(), transaction():
            make_store()
            make_rates()
            make_product("Mug", handle="mug", unit_amount=3400)
            make_product("Jug", handle="jug", unit_amount=5000)
        yield app


@pytest.fixture
def shop(running: Flask) -> Flask:
    """34.00 pounds, 40.80 euros, 6,800 yen."""

    def restore() -> None:
        make_currency("EUR", "1.2")
        make_currency("JPY", "200", Ending.NEAREST_10)
        db.session.execute(sa.delete(VariantPrice))

    version = running.extensions["catalog_version"]
    wait_until(lambda: version.current() is not None, "the listener")
    change(running, restore)
    wait_until_quiet(running)
    return running


def visitor(shop: Flask, currency: str = "") -> FlaskClient:
    client = shop.test_client()
    if currency:
        assert client.post("/currency", data={"currency": currency}).status_code == 303
    return client


def variant_of(handle: str) -> Variant:
    return db.session.scalars(sa.select(Variant).where(Variant.product.has(handle=handle))).one()


@pytest.mark.parametrize("path", PATHS)
def test_nobody_sees_another_visitors_currency(shop: Flask, path: str) -> None:
    visitors = {code: visitor(shop, code) for code in ("", "EUR", "JPY")}
    amounts = {"": ("£34", "34.00"), "EUR": ("€40.80", "40.80"), "JPY": ("JP¥6,800", '"6800"')}

    for _ in range(2):  # made, then from memory
        for code, client in visitors.items():
            text = client.get(path).text
            assert any(words in text for words in amounts[code])
            for other in amounts.keys() - {code}:
                assert not any(words in text for words in amounts[other])


def test_a_page_is_made_once_for_each_currency(shop: Flask) -> None:
    for code in ("", "EUR"):
        visitor(shop, code).get("/products/mug")

    with asked(shop) as paths:
        answers = [visitor(shop, code) for code in ("", "EUR", "GBP")]
        paths.clear()
        tags = [client.get("/products/mug").headers["ETag"] for client in answers]

    assert paths == []
    assert tags[0] == tags[2] != tags[1]


def test_what_a_browser_has_of_one_currency_is_not_new_in_another(shop: Flask) -> None:
    client = visitor(shop)
    tag = client.get("/products/mug").headers["ETag"]
    client.post("/currency", data={"currency": "EUR"})

    answer = client.get("/products/mug", headers={"If-None-Match": tag})

    assert answer.status_code == 200
    assert "€40.80" in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_a_new_rate_shows_on_the_next_request(shop: Flask, path: str) -> None:
    client = visitor(shop, "EUR")
    assert "40.80" in client.get(path).text

    change(shop, lambda: make_currency("EUR", "1.5"))

    text = client.get(path).text
    assert "51.00" in text
    assert "40.80" not in text


@pytest.mark.parametrize("path", PATHS)
def test_a_typed_price_shows_on_the_next_request(shop: Flask, path: str) -> None:
    client = visitor(shop, "EUR")
    assert "40.80" in client.get(path).text

    change(shop, lambda: make_price(variant_of("mug"), "EUR", 3777))

    assert "37.77" in client.get(path).text
    assert "34.00" in visitor(shop).get(path).text.replace("£34<", "£34.00<")


def test_an_address_can_name_its_currency_which_is_then_kept(shop: Flask) -> None:
    for _ in range(2):  # made, then from memory
        client = visitor(shop)
        first = client.get("/products/mug?currency=EUR")
        assert "€40.80" in first.text
        assert "currency=EUR" in first.headers["Set-Cookie"]
        assert "€40.80" in client.get("/products/mug").text
        assert "Set-Cookie" not in client.get("/products/mug?currency=EUR").headers

    assert "€40.80" in visitor(shop, "JPY").get("/search?q=mug&currency=EUR").text
    unknown = visitor(shop).get("/products/mug?currency=XXX")
    assert "£34" in unknown.text
    assert "Set-Cookie" not in unknown.headers


def test_switching_leads_back_without_amounts_of_the_other_currency(shop: Flask) -> None:
    client = visitor(shop)
    there = "http://localhost/products?type=mugs&price=10-40&currency=EUR&sort=title"

    answer = client.post("/currency", data={"currency": "JPY"}, headers={"Referer": there})

    assert answer.location == "/products?type=mugs&sort=title"
    assert client.post("/currency", data={"currency": "XXX"}).status_code == 404
    assert client.post("/currency").status_code == 404


def test_filters_and_order_by_price_are_in_the_visitors_currency(shop: Flask) -> None:
    """In pounds the mug is cheaper; in euros it was typed dearer."""
    change(shop, lambda: make_price(variant_of("mug"), "EUR", 9900))
    pounds, euros = visitor(shop), visitor(shop, "EUR")

    def order(client: FlaskClient, path: str) -> list[str]:
        text = client.get(path).text
        found = {name: text.find(f'href="/products/{name}"') for name in ("mug", "jug")}
        return sorted((name for name, at in found.items() if at >= 0), key=found.__getitem__)

    assert order(pounds, "/products?sort=price-low") == ["mug", "jug"]
    assert order(euros, "/products?sort=price-low") == ["jug", "mug"]
    assert order(euros, "/products?sort=price-high") == ["mug", "jug"]
    assert order(pounds, "/products?price=30-40") == ["mug"]
    assert order(euros, "/products?price=55-65") == ["jug"]
    assert order(euros, "/products?price=95-") == ["mug"]
    told = euros.get("/products?price=55-65&available=1").text
    assert "price=55-65&amp;currency=EUR" in told
    moved = euros.get("/products?price-from=55&price-to=65&price-currency=EUR")
    assert moved.location == "/products?price=55-65&currency=EUR"

    change(shop, lambda: make_currency("EUR", "3"))
    assert order(euros, "/products?sort=price-low") == ["mug", "jug"]
    change(shop, lambda: make_price(variant_of("jug"), "EUR", 100))
    assert order(euros, "/products?sort=price-low") == ["jug", "mug"]
    assert order(pounds, "/products?sort=price-low") == ["mug", "jug"]
