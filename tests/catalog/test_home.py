"""The home page: the merchant's sections, from the top, in few queries."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.clock import now
from shop.content.models import Article
from shop.extensions import db
from shop.theme.sections import (
    Collections,
    FeaturedCollection,
    Hero,
    Journal,
    Newest,
    Promise,
    Promises,
    Question,
    Questions,
    Section,
    SectionPicture,
    Story,
    SwatchRack,
    Text,
    write_sections,
)
from shop.web.headers import VALID_UNTIL
from tests.catalog.test_queries import make_collection, make_swatch
from tests.factories import make_image, make_product, make_rates, make_store, variants_of
from tests.theme.looks import show

EVIL = '"><script>alert(1)</script>'
PICTURE = SectionPicture(file="p-1", width=800, height=600, ground="#1E5A48", alt="Pots in a row")


def test_a_shop_that_is_not_set_up_has_a_home_page(client: FlaskClient) -> None:
    page = client.get("/")

    assert page.status_code == 200
    assert '<h1 class="hero__title">Till</h1>' in page.text
    assert "See all products" in page.text


def test_without_an_arrangement_a_shop_shows_the_usual_sections(client: FlaskClient) -> None:
    make_store(name="Fettle", tagline="Stoneware, slowly.")
    make_rates(shipping=450, free_from=6000)
    make_swatch("Cobalt", 1, "#1E36B8")
    mug = make_product("Blue mug", options={"Glaze": ["Cobalt"]})
    make_collection("table", [mug], file="p-table", is_in_menu=True)

    text = client.get("/").text

    parts = ["Stoneware, slowly.</h1>", "The glaze rack", "Just in", "Blue mug",
             "Free delivery from £60.00", "Shop by shelf"]  # fmt: skip
    assert [text.count(part) > 0 for part in parts] == [True] * 6
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_the_sections_stand_as_the_merchant_arranged_them(client: FlaskClient) -> None:
    make_store()
    make_product("Blue mug")
    make_collection("table", [make_product("Milk bowl")])
    show(
        Text(id="t", heading="First words", body="Some *plain* ones."),
        Hero(id="h", heading="Pots", button="Look", button_url="/products", picture=PICTURE),
        FeaturedCollection(id="c", collection="table", text="From the table."),
        Newest(id="n", heading="Fresh", count=1),
        Collections(id="s", collections=("table",)),
        Promises(id="p", items=(Promise(title="Arrives whole", icon="box"),)),
        Story(id="y", heading="Why", body="Because.", picture=PICTURE, link="More", link_url="/x"),
        Questions(id="q", items=(Question(question="Oven?", answer="Yes."),)),
    )

    text = client.get("/").text

    parts = ["First words", "<em>plain</em>", '<h2 class="hero__title">Pots', "From the table.",
             "Milk bowl", "Fresh", 'class="shelf" href="/collections/table"', "Arrives whole",
             "Because.", "Oven?"]  # fmt: skip
    main = text[text.index('id="main"') :]
    assert [part for part in parts if part not in main] == []
    assert parts == sorted(parts, key=main.index)
    assert '<h1 class="visually-hidden">Fettle</h1>' in text


def test_the_journals_newest_are_told_until_the_next_appears(app: Flask) -> None:
    today = now()
    soon = today + timedelta(days=1)
    for title, at in (("Old", today - timedelta(days=2)), ("Fresh", today), ("Soon", soon)):
        db.session.add(Article(handle=title.lower(), title=title, published_at=at))
    show(Journal(id="j", count=1))

    with app.test_request_context("/"):
        page: Any = app.view_functions["catalog.home"]()

    text = page.get_data(as_text=True)
    assert 'href="/blogs/journal/fresh"' in text
    assert "/journal/old" not in text
    assert page.headers[VALID_UNTIL] == str(int(soon.timestamp()))


def test_a_hidden_section_is_not_shown(client: FlaskClient) -> None:
    show(Text(id="a", heading="Here"), Text(id="b", heading="Not yet", is_hidden=True))

    text = client.get("/").text

    assert "Here" in text
    assert "Not yet" not in text


@pytest.mark.parametrize(
    "section",
    [
        Hero(id="x"),
        SwatchRack(id="x"),
        Newest(id="x"),
        FeaturedCollection(id="x", collection="gone"),
        Collections(id="x"),
        Collections(id="x", collections=("gone",)),
        Promises(id="x"),
        Story(id="x"),
        Text(id="x"),
        Journal(id="x"),
        Questions(id="x"),
    ],
    ids=lambda section: section.kind,
)
def test_a_section_with_nothing_to_show_leaves_no_empty_heading(
    client: FlaskClient, section: Section
) -> None:
    show(section)

    page = client.get("/")

    assert page.status_code == 200
    assert "section-x" not in page.text


def test_a_shop_without_sections_still_has_its_name(client: FlaskClient) -> None:
    make_store()
    show()

    assert '<h1 class="visually-hidden">Fettle</h1>' in client.get("/").text


def test_what_a_merchant_typed_is_text(client: FlaskClient) -> None:
    make_store()
    make_collection("table", [make_product(EVIL)], summary=EVIL)
    show(
        Hero(id="h", heading=EVIL, text=EVIL, button=EVIL, button_url=f"/x{EVIL}", link=EVIL,
             link_url=EVIL, picture=SectionPicture(file="p", width=1, height=1, alt=EVIL)),
        SwatchRack(id="r", heading=EVIL, link=EVIL, link_url=EVIL),
        Newest(id="n", heading=EVIL, text=EVIL),
        FeaturedCollection(id="c", collection="table", heading=EVIL, text=EVIL),
        Collections(id="s", heading=EVIL, collections=("table",)),
        Promises(id="p", heading=EVIL, items=(Promise(title=EVIL, text=EVIL),)),
        Story(id="y", heading=EVIL, body=EVIL, link=EVIL, link_url=EVIL),
        Text(id="t", heading=EVIL, body=f"{EVIL} [x](javascript:alert(1))"),
        Questions(id="q", heading=EVIL, items=(Question(question=EVIL, answer=EVIL),)),
    )  # fmt: skip

    text = client.get("/").text

    assert "<script>alert" not in text
    assert 'href="javascript:' not in text


def test_the_page_costs_the_same_however_many_sections_it_has(
    client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    make_store()
    make_rates()
    make_swatch("Cobalt", 1, "#1E36B8")
    make_product(options={"Glaze": ["Cobalt"]})
    for handle in ("table", "tea", "flowers"):
        make_collection(handle, [make_product(f"{handle} {n}") for n in range(3)])
    few: list[Section] = [Hero(id="h"), SwatchRack(id="r"), Newest(id="n"),
                          FeaturedCollection(id="c0", collection="table"),
                          Collections(id="s0", collections=("tea",)), Journal(id="j")]  # fmt: skip
    many = [
        *few,
        *(FeaturedCollection(id=f"c{n}", collection="tea") for n in range(1, 9)),
        *(Collections(id=f"s{n}", collections=("tea", "flowers")) for n in range(1, 9)),
    ]
    version = show(*few)
    for _ in range(2):  # PostgreSQL's journal reads a transaction that still runs once more
        client.get("/")

    with count_queries() as with_few:
        client.get("/")
    version.sections = write_sections(many)
    client.get("/")
    with count_queries() as with_many:
        client.get("/")

    assert (len(with_few), len(with_many)) == (13, 13)


def test_a_rail_shows_what_the_rule_of_its_collection_asks_for(
    client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    make_store()
    mug = make_product("Blue mug", handle="mug", options={"Glaze": ["Milk", "Cobalt"]})
    cobalt = variants_of(mug)[1]
    cobalt.image_id = make_image(mug, file="cobalt").id
    make_collection("blue", [mug], conditions=[["option", "equals", "cobalt"]])
    make_collection("mugs", [mug], conditions=[["type", "equals", "Mugs"]])
    rails = (FeaturedCollection(id="m", collection="mugs"), Newest(id="n"))
    version = show(*rails)
    for _ in range(2):  # PostgreSQL's journal reads a transaction that still runs once more
        client.get("/")
    with count_queries() as usual:
        client.get("/")

    version.sections = write_sections([FeaturedCollection(id="b", collection="blue"), *rails])
    client.get("/")
    client.get("/")
    with count_queries() as statements:
        text = client.get("/").text

    assert re.findall(r'<a href="(/products/[^"]+)" dir', text) == [
        "/products/mug?glaze=cobalt", "/products/mug", "/products/mug",
    ]  # fmt: skip
    assert f'value="{cobalt.id}" aria-label="Put Blue mug, Cobalt on the wishlist"' in text
    assert len(statements) - len(usual) == 2  # the journal, for the index; its pictures
