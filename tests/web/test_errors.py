"""What people see when something is wrong."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy.exc import OperationalError

from shop.web import standalone
from shop.web.errors import SENTENCES
from tests.catalog.test_queries import make_swatch
from tests.factories import make_product, make_store
from tests.pages import read


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every read of the frame and of the home page's products fails."""

    def fail(*_args: object, **_values: object) -> None:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    monkeypatch.setattr("shop.theme.queries.frame", fail)
    monkeypatch.setattr("shop.redirects.queries.target_of", fail)


def test_an_empty_shelf_offers_the_search_the_rack_and_the_way_home(client: FlaskClient) -> None:
    make_store()
    make_swatch("Cobalt", 1, "#000000")
    make_product(options={"Glaze": ["Cobalt"]})

    page = read(client.get("/nowhere").text)

    assert page.having("form", action="/search")
    assert page.having("a", class_="swatch")
    assert page.having("a", href="/")
    assert page.having("a", href="/pages/contact")


def test_an_empty_shelf_needs_no_database(client: FlaskClient, broken: None) -> None:
    answer = client.get("/nowhere")

    assert answer.status_code == 404
    assert "This shelf is empty." in answer.text
    assert read(answer.text).having("form", action="/search")


def test_a_failure_tells_its_id_and_whom_to_write_to_without_template_or_database(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    make_store(contact_email="hello@fettle.example")
    client.get("/")

    def fail(*_args: object, **_values: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("shop.theme.queries.frame", fail)
    monkeypatch.setattr(app.jinja_env, "get_template", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.config, "TESTING", False)

    answer = client.get("/products")

    assert answer.status_code == 500
    page = read(answer.text)
    assert "Something broke on our side." in page.text
    assert "Your basket is safe." in page.text
    assert answer.headers["X-Request-Id"] in page.text
    assert page.having("a", href="mailto:hello@fettle.example")
    assert "secret detail" not in answer.text


def test_a_page_that_fails_before_it_has_words_finds_the_visitors(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    def fail(*_args: object, **_values: object) -> None:
        raise RuntimeError

    make_store(languages=["en", "de"])
    monkeypatch.setattr("shop.theme.queries.frame", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.config, "TESTING", False)

    answer = client.get("/products", headers={"Accept-Language": "de"})

    assert answer.status_code == 500
    assert "Bei uns ist etwas kaputtgegangen." in answer.text


def test_the_style_of_a_standalone_page_is_the_one_its_policy_allows() -> None:
    html = standalone.page("Title", "Sentence.")

    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in standalone.CONTENT_SECURITY_POLICY
    assert "style=" not in html


def test_every_sentence_of_a_standalone_page_is_in_the_requests_language(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(standalone._known, "email", "hello@fettle.example")

    with app.test_request_context(headers={"Accept-Language": "de"}), force_locale("de"):
        g.language = "de"
        html = standalone.page(*SENTENCES[500], request_id="a1b2")

    assert read(html).text.strip() == (
        "Bei uns ist etwas kaputtgegangen."
        " Bitte versuch es gleich noch einmal. Dein Warenkorb ist sicher."
        " Zum Shop An hello@fettle.example schreiben"
        " Wenn du uns deswegen schreibst, nenne bitte a1b2."
    )


def test_a_standalone_page_escapes_what_it_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(standalone._known, "email", '"><b>@x.example')

    html = standalone.page("<i>", "a & b", request_id="<u>")

    assert not re.search("<(i|b|u)>", html)


def test_a_busy_database_asks_to_come_back(client: FlaskClient, broken: None) -> None:
    answer = client.get("/products")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "Your basket is safe." in answer.text


@pytest.mark.parametrize(
    ("method", "path", "code"), [("GET", "/checkout/delivery", 405), ("POST", "/nowhere", 404)]
)
def test_other_errors_say_so_in_words(
    client: FlaskClient, method: str, path: str, code: int
) -> None:
    answer = client.open(path, method=method)

    assert answer.status_code == code
    assert read(answer.text).having("a", href="/")
