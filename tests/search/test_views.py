"""The search page."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.catalog import service as catalog
from shop.extensions import db
from shop.search import index
from tests.factories import make_product, make_store


def test_a_search_shows_what_it_finds(client: FlaskClient) -> None:
    make_store()
    catalog.refresh_search([make_product("Tuesday mug"), make_product("Milk jug")])

    page = client.get("/search?q=tues")

    assert page.status_code == 200
    assert "Tuesday mug" in page.text
    assert "Milk jug" not in page.text


def test_a_draft_is_not_found(client: FlaskClient) -> None:
    make_store()
    catalog.refresh_search([make_product("Tuesday mug", published=False)])

    page = client.get("/search?q=tuesday")

    assert page.status_code == 200
    assert "Tuesday mug" not in page.text


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=",
        "q=%22",
        "q=NEAR(",
        "q=" + "x" * 5000,
        "q=mug&exact=1",
        "q=%F0%9F%8E%81",
        "q=<script>alert(1)</script>",
    ],
)
def test_no_query_breaks_the_page(client: FlaskClient, query: str) -> None:
    make_store()

    page = client.get(f"/search?{query}")

    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_rebuilding_finds_published_products_and_forgets_the_rest(app: Flask) -> None:
    mug, draft = make_product("Tuesday mug"), make_product("Tuesday jug", published=False)
    index.put(draft.id, "Tuesday jug", "", "")
    index.put(draft.id + 7, "Tuesday ghost", "", "")
    db.session.commit()

    result = app.test_cli_runner().invoke(args=["search", "rebuild"])

    assert result.output == "Products that can be found: 1.\n"
    assert index.find("tuesday", limit=10) == [mug.id]
