"""The search page."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from shop.catalog import searchable
from shop.catalog.models import Collection, Product
from shop.extensions import db
from shop.search import index, service, views
from shop.search.models import SearchedWords
from shop.search.service import SynonymDetails
from shop.search.views import write_searches
from tests.factories import make_product, make_store
from tests.pages import read


def test_a_search_shows_what_it_finds(client: FlaskClient) -> None:
    make_store()
    searchable.refresh_search([make_product("Tuesday mug"), make_product("Milk jug")])

    page = client.get("/search?q=tues")

    assert page.status_code == 200
    assert "Tuesday mug" in page.text
    assert "Milk jug" not in page.text


@pytest.mark.parametrize("goods", [[], ["Tuesday mug"]])
def test_of_a_long_query_a_page_tells_the_beginning(client: FlaskClient, goods: list[str]) -> None:
    make_store()
    searchable.refresh_search([make_product(title) for title in goods])
    query = "tuesday mug " * 16

    page = read(client.get("/search", query_string={"q": query}).text)

    told = "tuesday mug " * 4 + "tuesday…"
    assert f"Results for “{told}”" in page.text
    assert page.title == f"Search: {told} | Fettle"
    assert query.strip() not in page.text
    assert page.having("input", id="search-again")[0]["value"] == query.strip()


def test_a_draft_is_not_found(client: FlaskClient) -> None:
    make_store()
    searchable.refresh_search([make_product("Tuesday mug", published=False)])

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


# What became of the words


def shelf(*titles: str) -> None:
    make_store()
    searchable.refresh_search([make_product(title) for title in titles])


def test_a_corrected_search_says_so_and_offers_the_words_as_typed(client: FlaskClient) -> None:
    shelf("Moon vase")

    page = client.get("/search?q=moon+vsae")

    assert "Showing results for <strong>moon vase</strong>." in page.text
    assert (
        '<a href="/search?q=moon+vsae&amp;exact=1">Search instead for “moon vsae”</a>' in page.text
    )
    assert 'value="moon vsae"' in page.text
    assert "Moon vase" in page.text


def test_taken_as_they_are_the_words_find_nothing_and_a_spelling_is_offered(
    client: FlaskClient,
) -> None:
    shelf("Moon vase")

    page = client.get("/search?q=moon+vsae&exact=1")

    assert "Nothing on the shelves matches “moon vsae”." in page.text
    assert '<a href="/search?q=moon+vase">Did you mean “moon vase”?</a>' in page.text
    assert '<a href="/pages/contact">Ask us</a>' in page.text


def test_what_comes_closest_is_called_so(client: FlaskClient) -> None:
    shelf("Moon vase", "Tuesday mug")

    page = client.get("/search?q=moon+mug")

    assert "No product has all of “moon mug”. These come closest." in page.text


def test_search_pages_are_not_for_search_engines(client: FlaskClient) -> None:
    make_store()

    assert '<meta name="robots" content="noindex">' in client.get("/search?q=mug").text


# Suggestions


def test_suggestions_are_words_products_and_collections(client: FlaskClient) -> None:
    shelf("Moon vase", "Moon jar", "Tuesday mug")
    db.session.add(Collection(handle="moons", title="Moons & stars"))

    answer = client.get("/search/suggestions?q=moo")

    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert re.findall(r'role="option".*?href="([^"]+)"', answer.text) == [
        "/search?q=moon", "/search?q=moon%20jar", "/search?q=moon%20vase",
        *[f"/products/{handle}" for handle in handles("Moon jar", "Moon vase")],
        "/collections/moons",
    ]  # fmt: skip
    assert "<span>moo<b>n jar</b></span>" in answer.text
    assert "6 suggestions." in answer.text


def suggested(client: FlaskClient, query: str) -> list[str]:
    answer = client.get("/search/suggestions", query_string={"q": query})
    return re.findall(r'role="option".*?href="([^"]+)"', answer.text)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("cara", "carafe%20cr%C3%A8me"),
        ("carafe c", "carafe%20cr%C3%A8me"),
        ("tall cand", "tall%20candle%20holder"),
        ("tall candles ho", "tall%20candles%20holder"),
        ("tall scon", "tall%20sconce"),
    ],
)
def test_suggestions_go_on_with_the_merchants_synonyms(
    client: FlaskClient, typed: str, offered: str
) -> None:
    shelf("Moon vase", "Tall lamp")
    service.add_synonym(SynonymDetails("Carafe à crème", "vase", is_two_way=False))
    service.add_synonym(SynonymDetails("lamp", "Candle holder, sconce", is_two_way=True))
    title = "Moon vase" if "cara" in typed else "Tall lamp"

    (handle,) = handles(title)
    assert suggested(client, typed) == [f"/search?q={offered}", f"/products/{handle}"]


def test_no_synonym_is_suggested_that_finds_nothing_or_is_typed_already(
    client: FlaskClient,
) -> None:
    shelf("Moon vase")
    service.add_synonym(SynonymDetails("carafe", "vase", is_two_way=False))
    service.add_synonym(SynonymDetails("decanter", "jug", is_two_way=False))

    (handle,) = handles("Moon vase")
    assert suggested(client, "carafe") == [f"/products/{handle}"]
    assert suggested(client, "decan") == []
    assert suggested(client, "big cara") == []


def test_titles_are_suggested_before_synonyms(client: FlaskClient) -> None:
    shelf("Moon vase", "Moon jar")
    service.add_synonym(SynonymDetails("moor pot", "vase", is_two_way=False))

    assert suggested(client, "moo")[:4] == [
        "/search?q=moon", "/search?q=moon%20jar", "/search?q=moon%20vase", "/search?q=moor%20pot",
    ]  # fmt: skip


def test_synonyms_that_there_is_no_room_for_ask_nothing(
    client: FlaskClient, count_queries: Any
) -> None:
    shelf(*[f"Moon vase {word}" for word in ("tall", "small", "wide", "narrow", "round")])

    def asked() -> int:
        with count_queries() as statements:
            assert len(suggested(client, "moo")) == 8  # four words, four products
        return sum("search_products" in one for one in statements)

    before = asked()
    for typed in ("moor pot", "moody pot", "moot pot"):
        service.add_synonym(SynonymDetails(typed, "vase", is_two_way=False))

    assert asked() == before


def test_suggestions_put_the_spelling_right(client: FlaskClient) -> None:
    shelf("Moon vase")

    answer = client.get("/search/suggestions?q=moon+vsae")

    assert "<b>moon vase</b>" in answer.text
    assert "Moon vase" in answer.text


@pytest.mark.parametrize("query", ["", "?q=", "?q=zebra", "?q=%22", "?q=" + "x" * 5000, "?q=🎁"])
def test_where_there_is_nothing_to_suggest_that_is_said(client: FlaskClient, query: str) -> None:
    shelf("Moon vase")

    answer = client.get(f"/search/suggestions{query}")

    assert answer.status_code == 200
    assert "No suggestions." in answer.text
    assert 'role="option"' not in answer.text


def test_suggestions_ask_a_fixed_number_of_questions(
    client: FlaskClient, count_queries: Any
) -> None:
    shelf(*[f"Moon vase {word}" for word in ("tall", "small", "wide", "narrow", "round")])
    client.get("/search/suggestions?q=moo")

    with count_queries() as statements:
        client.get("/search/suggestions?q=moo")

    assert len([one for one in statements if not one.startswith("SET LOCAL")]) <= 18


# Counting


def counted(app: Flask) -> list[tuple[str, int, int]]:
    write_searches(app)
    rows = db.session.scalars(sa.select(SearchedWords).order_by(SearchedWords.words))
    return [(row.words, row.searches, row.found) for row in rows]


PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@pytest.fixture(autouse=True)
def nothing_counted_yet(app: Flask) -> None:
    app.extensions[views.TALLY].take()


def test_searches_are_counted_with_what_they_found(app: Flask, client: FlaskClient) -> None:
    shelf("Moon vase", "Tuesday mug")
    for query in ("moon", "MOON", "moon vsae", "moon mug", "zebra", "", "maya@example.com"):
        client.get("/search", query_string={"q": query}, headers=PERSON)

    assert counted(app) == [
        ("moon", 2, 1),
        ("moon mug", 1, 0),
        ("moon vsae", 1, 1),
        ("zebra", 1, 0),
    ]


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("q=moon", PERSON | {"Sec-Purpose": "prefetch;prerender"}),
        ("q=moon", PERSON | {"Purpose": "prefetch"}),
        ("q=moon", {"User-Agent": "Mozilla/5.0 (compatible; Examplebot/2.1)"}),
        ("q=moon", {"User-Agent": ""}),
        ("q=moon&page=2", PERSON),
        ("q=moon&exact=1", PERSON),
        ("q=moon&sort=title", PERSON),
    ],
)
def test_machines_and_further_pages_are_not_counted(
    app: Flask, client: FlaskClient, query: str, headers: dict[str, str]
) -> None:
    shelf(*["Moon vase"] * 25)

    assert client.get(f"/search?{query}", headers=headers).status_code == 200
    assert counted(app) == []


def test_suggestions_are_not_counted(app: Flask, client: FlaskClient) -> None:
    shelf("Moon vase")
    client.get("/search/suggestions?q=moon", headers=PERSON)

    assert counted(app) == []


def test_a_database_that_refuses_costs_no_page_and_no_count(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf("Moon vase")
    retries: list[Flask] = []
    monkeypatch.setattr(views, "_write_soon", retries.append)
    client.get("/search?q=moon", headers=PERSON)

    def refuse(_seen: object) -> None:
        raise OperationalError("", {}, Exception("database is locked"))

    with monkeypatch.context() as broken:
        broken.setattr(views.service, "record_searches", refuse)
        write_searches(app)

    assert retries == [app]
    assert client.get("/search?q=moon", headers=PERSON).status_code == 200
    assert counted(app) == [("moon", 2, 1)]


def handles(*titles: str) -> list[str]:
    rows = db.session.execute(sa.select(Product.title, Product.handle))
    found = {row.title: row.handle for row in rows}
    return [found[title] for title in titles]
