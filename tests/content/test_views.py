from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import time_machine
from flask import Response
from flask.testing import FlaskClient

from shop.catalog.models import Collection, CollectionProduct, Swatch
from shop.clock import now
from shop.content.models import Article, Page
from shop.extensions import db
from shop.web.headers import VALID_UNTIL
from tests.factories import make_product, make_store
from tests.pages import read
from tests.seo.data import data_of

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


def make_page(handle: str = "delivery", **values: object) -> Page:
    page = Page(**({"handle": handle, "title": handle.title(), "body": ""} | values))
    db.session.add(page)
    db.session.flush()
    return page


def make_article(handle: str = "first", **values: object) -> Article:
    defaults = {"handle": handle, "title": handle.title(), "published_at": now()}
    article = Article(**(defaults | values))
    db.session.add(article)
    db.session.flush()
    return article


def test_a_page_shows_its_text_rendered_and_sanitized(client: FlaskClient) -> None:
    make_store(name="Fettle")
    make_page(title="Delivery & more", summary="When.", body="## Soon\n\n<script>x</script>")

    page = client.get("/pages/delivery")

    assert page.status_code == 200
    assert "<title>Delivery &amp; more | Fettle</title>" in page.text
    assert "<h2>Soon</h2>" in page.text
    assert "<script>x" not in page.text
    assert '<meta name="description" content="When.">' in page.text


def test_an_unpublished_page_is_not_there(client: FlaskClient) -> None:
    make_page(is_published=False)

    assert client.get("/pages/delivery").status_code == 404
    assert 'href="/pages/delivery"' not in client.get("/").text


def test_published_pages_are_linked_from_every_page(client: FlaskClient) -> None:
    make_page()

    assert 'href="/pages/delivery"' in client.get("/products").text


def test_links_of_the_merchants_own_text_are_followed(client: FlaskClient) -> None:
    make_page(body="[Returns](/pages/returns)")

    assert '<a href="/pages/returns">' in client.get("/pages/delivery").text


def test_a_page_of_questions_opens_each_and_tells_search_engines(client: FlaskClient) -> None:
    make_page("faq", kind="questions", body="Short.\n\n## Is it <safe>?\n\nYes, *very*.")

    html = client.get("/pages/faq").text

    assert len(read(html).having("details", class_="question")) == 1
    assert "Is it &lt;safe&gt;?" in html
    (faq,) = data_of(html, "FAQPage")
    (question,) = faq["mainEntity"]
    assert question["name"] == "Is it <safe>?"
    assert question["acceptedAnswer"]["text"] == "<p>Yes, <em>very</em>.</p>\n"


def test_a_glaze_library_shows_each_tile_and_what_comes_in_it(
    client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    make_store()
    for position, value in enumerate(("Cobalt", "Milk"), start=1):
        db.session.add(
            Swatch(
                option_name="Glaze",
                value=value,
                handle=value.lower(),
                position=position,
                file=f"tile-{value.lower()}",
                color="#000000",
                note="Gloss",
            )
        )
    mug = make_product("Mug", handle="mug", options={"Glaze": ["Milk", "Cobalt"]})
    draft = make_product("Jug", handle="jug", options={"Glaze": ["Cobalt"]}, published=False)
    cobalt = Collection(handle="cobalt", title="Cobalt")
    db.session.add(cobalt)
    db.session.flush()
    for product in (mug, draft):
        db.session.add(CollectionProduct(collection_id=cobalt.id, product_id=product.id))
    make_page(
        "glazes", kind="swatches", body="## Cobalt\n\nBlue.\n\n## Milk\n\nWhite.\n\n## Care\n"
    )

    client.get("/pages/glazes")
    with count_queries() as statements:
        page = read(client.get("/pages/glazes").text)

    assert [link["href"] for link in page.having("a") if "?glaze" in link["href"]] == [
        "/products/mug?glaze=cobalt"
    ]
    assert page.having("a", href="/collections/cobalt")
    assert page.having("a", href="/search?q=Milk")
    assert len(page.having("img", src="/media/tile-milk-288.webp")) == 1
    assert len(statements) <= 7


# The journal


def test_the_journal_lists_what_is_published_newest_first(client: FlaskClient) -> None:
    with time_machine.travel(NOON, tick=False):
        make_article("older", published_at=NOON - timedelta(days=2))
        make_article("newer", published_at=NOON)
        make_article("draft", published_at=None)
        make_article("tomorrow", published_at=NOON + timedelta(days=1))

        page = read(client.get("/blogs/journal").text)

    links = [link["href"] for link in page.having("a") if "/journal/" in link["href"]]
    assert links == ["/blogs/journal/newer", "/blogs/journal/older"]


def test_an_article_appears_at_its_time(client: FlaskClient) -> None:
    make_article("soon", published_at=NOON)

    with time_machine.travel(NOON - timedelta(seconds=1), tick=False):
        before = client.get("/blogs/journal/soon").status_code
    with time_machine.travel(NOON, tick=False):
        after = client.get("/blogs/journal/soon").status_code

    assert (before, after) == (404, 200)


def test_the_journal_says_until_when_it_is_true(
    answered_inside: Callable[[str], Response],
) -> None:
    make_article("soon", published_at=NOON)
    make_article("later", published_at=NOON + timedelta(days=1))

    with time_machine.travel(NOON - timedelta(hours=1), tick=False):
        answer = answered_inside("/blogs/journal")

    assert answer.headers[VALID_UNTIL] == str(int(NOON.timestamp()))


def test_an_article_tells_its_author_date_and_neighbors(client: FlaskClient) -> None:
    make_store(name="Fettle")
    make_article("one", published_at=NOON - timedelta(days=2))
    make_article(
        "two",
        title="The second <one>",
        summary="Short.",
        author="Noor",
        body="## Long\n\n</script>",
        published_at=NOON - timedelta(days=1),
        file="dip",
        tags=["kiln"],
    )
    make_article("three", published_at=NOON)

    html = client.get("/blogs/journal/two").text

    page = read(html)
    assert page.having("a", href="/blogs/journal/one", rel="prev")
    assert page.having("a", href="/blogs/journal/three", rel="next")
    assert "by Noor" in page.text
    (article,) = data_of(html, "BlogPosting")
    assert article["headline"] == "The second <one>"
    assert article["author"] == {"@type": "Person", "name": "Noor"}
    assert article["datePublished"] == "2026-11-19T12:00:00+00:00"
    assert article["image"] == ["http://localhost/media/dip-800.jpg"]
    assert page.having("meta", property="og:image", content="http://localhost/media/dip-800.jpg")


def test_a_long_journal_has_pages(client: FlaskClient) -> None:
    for number in range(14):
        make_article(f"a-{number}", published_at=NOON - timedelta(days=number))

    assert client.get("/blogs/journal").text.count('<article class="entry') == 13
    assert client.get("/blogs/journal?page=2").text.count('<article class="entry') == 1
    assert client.get("/blogs/journal?page=3").status_code == 404
    assert client.get("/blogs/journal?page=x").status_code == 404


def test_an_empty_journal_says_so(client: FlaskClient) -> None:
    page = client.get("/blogs/journal")

    assert page.status_code == 200
    assert "Nothing written yet" in page.text


def test_the_feed_carries_the_articles_whole(client: FlaskClient) -> None:
    make_store(name="Cups & Co")
    make_article("one", title="A & B", body="*Hello* <b>x</b>", author="Noor", tags=["kiln"])

    answer = client.get("/blogs/journal.atom")

    assert answer.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(answer.data)  # noqa: S314 - our own
    assert feed.findtext(f"{ATOM}title") == "Cups & Co journal"
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "A & B"
    assert entry.findtext(f"{ATOM}content") == "<p><em>Hello</em> &lt;b&gt;x&lt;/b&gt;</p>\n"
    assert entry.findtext(f"{ATOM}id") == "http://localhost/blogs/journal/one"


def test_an_empty_feed_is_still_a_feed(client: FlaskClient) -> None:
    ElementTree.fromstring(client.get("/blogs/journal.atom").data)  # noqa: S314 - our own
