"""What goes with products, on their pages, in the cart and in the admin."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from shop.catalog.models import Product
from shop.extensions import db
from shop.recommendations import service
from shop.recommendations.models import ProductPick
from tests.accounts.people import be_signed_in, make_admin
from tests.factories import make_currency, make_product, make_rates, make_store, variants_of
from tests.pages import read


@pytest.fixture
def products(app: Flask) -> list[Product]:
    make_store()
    make_rates()
    names = ("mug", "saucer", "bowl", "jug", "vase", "tray")
    return [make_product(name.title(), handle=name) for name in names]


@pytest.fixture
def staff(client: FlaskClient) -> FlaskClient:
    be_signed_in(client, make_admin())
    return client


def cards(html: str) -> list[str]:
    links = html.split('class="product-card__title"><a href="/products/')[1:]
    return [link.split('"')[0] for link in links]


# The product's page


def test_a_product_shows_what_is_bought_with_it_and_what_was_picked(
    client: FlaskClient, products: list[Product]
) -> None:
    mug, saucer, bowl, *_ = products
    service._keep([(mug.id, saucer.id, 1, 5)])
    service.pick(mug.id, bowl.id, by=None)

    page = client.get("/products/mug").text

    assert page.index("Often bought together") < page.index("Sits well with")
    assert cards(page) == ["saucer", "bowl"]


def test_without_orders_nothing_is_said_of_them(
    client: FlaskClient, products: list[Product]
) -> None:
    page = client.get("/products/mug").text

    assert "Often bought together" not in page
    assert "Sits well with" in page


# The cart


def test_the_cart_shows_what_goes_with_it(client: FlaskClient, products: list[Product]) -> None:
    mug, saucer, bowl, *_ = products
    service.pick(mug.id, saucer.id, by=None)
    service.pick(mug.id, bowl.id, by=None)
    db.session.execute(
        sa.text("UPDATE stock_items SET on_hand = 0 WHERE variant_id = :id"),
        {"id": variants_of(saucer)[0].id},
    )
    client.post("/cart/lines", data={"variant_id": variants_of(mug)[0].id})

    page = client.get("/cart").text

    assert "Goes with it" in page
    assert cards(page) == ["bowl"]


def test_an_empty_cart_goes_with_nothing_but_may_show_what_was_viewed(
    client: FlaskClient, products: list[Product]
) -> None:
    page = read(client.get("/cart").text)

    assert "Goes with it" not in page.text
    (recent,) = page.having("section", data_recent="")
    assert "hidden" in recent


# Recently viewed


@pytest.mark.parametrize(
    ("handles", "found"),
    [
        ("bowl,mug", ["bowl", "mug"]),
        ("mug,nothing,mug,draft", ["mug"]),
        ("", []),
        (",,,", []),
        ("../mug,<b>,' OR 1=1", []),
        (",".join(["x"] * 12 + ["mug"]), []),
    ],
)
def test_cards_are_told_for_handles_in_their_order(
    client: FlaskClient, products: list[Product], handles: str, found: list[str]
) -> None:
    make_product(handle="draft", published=False)

    answer = client.get("/recommendations/cards", query_string={"handles": handles})

    assert answer.status_code == 200
    assert cards(answer.text) == found
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("path", ["/products/mug", "/cart", "/wishlist"])
def test_what_was_viewed_is_asked_for_in_the_visitors_currency_without_their_cookies(
    client: FlaskClient, app: Flask, products: list[Product], path: str
) -> None:
    make_currency("EUR", "1.2")
    client.set_cookie("currency", "EUR")

    page = read(client.get(path).text)
    (recent,) = [words for _tag, words in page.elements if "data-cards" in words]
    found = app.test_client().get(f"{recent['data-cards']}&handles=bowl").text

    assert "€" in found
    assert "£" not in found


def test_cards_cost_the_same_for_any_number(
    client: FlaskClient, products: list[Product], count_queries: Callable[[], Any]
) -> None:
    with count_queries() as one:
        client.get("/recommendations/cards?handles=mug")
    with count_queries() as six:
        client.get("/recommendations/cards?handles=mug,saucer,bowl,jug,vase,tray")

    assert len(one) == len(six)


def test_a_product_can_be_called_cards(client: FlaskClient, app: Flask) -> None:
    make_product("Cards", handle="cards")

    assert "<h1><bdi>Cards</bdi></h1>" in client.get("/products/cards").text


def test_pages_that_may_show_what_was_viewed_load_its_script(
    client: FlaskClient, products: list[Product]
) -> None:
    for path in ("/products/mug", "/cart", "/nothing"):
        page = client.get(path).text
        scripts = re.findall(r'<script type="module" src="([^"]+)"', page)
        assert any("recently-viewed" in client.get(script).text for script in scripts)
        assert "data-recent=" in page


# The admin


def test_staff_find_and_pick_products(staff: FlaskClient, products: list[Product]) -> None:
    mug, saucer, *_ = products
    address = f"/admin/products/{mug.id}/picks"

    found = read(staff.get(f"{address}?q=sauc").text)
    answer = staff.post(address, data={"picked_id": saucer.id})

    assert found.having("input", name="picked_id", value=str(saucer.id)) != []
    assert (answer.status_code, answer.location) == (303, address)
    assert "Saucer" in staff.get(address).text
    assert db.session.scalars(sa.select(ProductPick.picked_id)).all() == [saucer.id]


@pytest.mark.parametrize("picked", ["", "x", "999999", "self"])
def test_only_another_product_can_be_picked(
    staff: FlaskClient, products: list[Product], picked: str
) -> None:
    mug = products[0]

    answer = staff.post(
        f"/admin/products/{mug.id}/picks",
        data={"picked_id": str(mug.id) if picked == "self" else picked},
    )

    assert answer.status_code == 422
    assert db.session.scalars(sa.select(ProductPick)).all() == []


def test_picks_are_moved_and_removed(staff: FlaskClient, products: list[Product]) -> None:
    mug, saucer, bowl, *_ = products
    for other in (saucer, bowl):
        service.pick(mug.id, other.id, by=None)
    address = f"/admin/products/{mug.id}/picks"

    staff.post(f"{address}/{bowl.id}/position", data={"direction": "up"})
    staff.post(f"{address}/{saucer.id}/delete")

    assert db.session.scalars(sa.select(ProductPick.picked_id)).all() == [bowl.id]
    assert staff.post(f"{address}/{bowl.id}/position", data={"direction": "x"}).status_code == 400


def test_the_product_leads_to_its_picks(staff: FlaskClient, products: list[Product]) -> None:
    page = read(staff.get(f"/admin/products/{products[0].id}").text)

    assert page.having("a", href=f"/admin/products/{products[0].id}/picks") != []
