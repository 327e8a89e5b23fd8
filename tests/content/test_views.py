from __future__ import annotations

from flask.testing import FlaskClient

from shop.content.models import Page
from shop.extensions import db
from tests.factories import make_store


def make_page(handle: str = "delivery", **values: object) -> Page:
    page = Page(**({"handle": handle, "title": handle.title(), "body": ""} | values))
    db.session.add(page)
    db.session.flush()
    return page


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


def test_the_home_pages_words_have_one_address(client: FlaskClient) -> None:
    make_page("home")

    page = client.get("/pages/home")

    assert (page.status_code, page.location) == (301, "/")
    assert 'href="/pages/home"' not in client.get("/").text
