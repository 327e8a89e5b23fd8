"""What the head of a page tells those who list it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from shop.clock import now
from shop.content.models import Article, Page
from shop.extensions import db
from tests.factories import make_product, make_store
from tests.pages import read


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/products/short", "A mug."),
        ("/products/long", "Thrown & glazed here."),
        ("/products/bare", "Bare at Fettle"),
        ("/pages/about", "We fire on Fridays."),
        ("/pages/empty", "Empty at Fettle"),
        ("/blogs/journal/first", "It opened."),
    ],
)
def test_every_page_tells_search_engines_of_itself(
    client: FlaskClient, path: str, told: str
) -> None:
    make_store(name="Fettle")
    make_product("Short", handle="short", summary="A mug.", description="<p>More.</p>")
    make_product("Long", handle="long", description="<p>Thrown &amp; <b>glazed</b> here.</p>")
    make_product("Bare", handle="bare")
    first = Article(handle="first", title="First", body="It *opened*.", published_at=now())
    about = Page(handle="about", title="About", body="We fire on **Fridays**.")
    db.session.add_all([about, Page(handle="empty", title="Empty"), first])
    db.session.flush()

    page = read(client.get(path).text)

    for names in ({"name": "description"}, {"property": "og:description"}):
        assert [found["content"] for found in page.having("meta", **names)] == [told]
    assert [one["content"] for one in page.having("meta", property="og:site_name")] == ["Fettle"]
