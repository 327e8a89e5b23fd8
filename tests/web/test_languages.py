"""Each request's language, and the switch in the footer."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from shop.web.filters import day
from shop.web.languages import choose
from tests.factories import make_store


@pytest.mark.parametrize(
    ("chosen", "accepted", "expected"),
    [
        (None, "", "en"),
        (None, "fr", "en"),
        (None, "fr, de-AT;q=0.8", "de"),
        ("de", "en", "de"),
        ("xx", "de", "de"),
    ],
)
def test_the_shoppers_choice_comes_before_the_browsers(
    chosen: str | None, accepted: str, expected: str
) -> None:
    assert choose(chosen, accepted, ("en", "de")) == expected


def test_a_shop_of_one_language_ignores_what_browsers_ask_for(client: FlaskClient) -> None:
    make_store()

    response = client.get("/", headers={"Accept-Language": "de"})

    assert response.headers["Content-Language"] == "en"
    assert "/language" not in response.text


def test_the_switch_keeps_the_language_and_leads_back(client: FlaskClient) -> None:
    make_store(languages=["en", "de"])

    changed = client.post(
        "/language",
        data={"language": "de"},
        headers={"Referer": "http://localhost/products?page=2"},
    )
    page = client.get("/")

    assert (changed.status_code, changed.location) == (303, "/products?page=2")
    assert page.headers["Content-Language"] == "de"
    assert '<html lang="de-DE"' in page.text


@pytest.mark.parametrize(
    "referrer", ["https://evil.example/", "http://localhost.evil.example/", ""]
)
def test_the_switch_never_leads_to_another_site(client: FlaskClient, referrer: str) -> None:
    make_store(languages=["en", "de"])

    changed = client.post("/language", data={"language": "de"}, headers={"Referer": referrer})

    assert (changed.status_code, changed.location) == (303, "/")


@pytest.mark.parametrize("slashes", ["//", "/\\", "///"])
def test_the_switch_never_takes_a_path_for_a_host(client: FlaskClient, slashes: str) -> None:
    make_store(languages=["en", "de"])
    referrer = f"http://localhost{slashes}evil.example/x"

    changed = client.post("/language", data={"language": "de"}, headers={"Referer": referrer})

    assert (changed.status_code, changed.location) == (303, "/evil.example/x")


def test_a_language_that_is_not_offered_is_refused(client: FlaskClient) -> None:
    make_store()

    refused = client.post("/language", data={"language": "de"})

    assert refused.status_code == 404
    assert "Set-Cookie" not in refused.headers


@pytest.mark.parametrize(
    ("locale", "style", "words"),
    [
        ("en_GB", "long", "3\N{NO-BREAK SPACE}December 2026"),
        ("en_GB", "MMMEd", "Thu 3\N{NO-BREAK SPACE}Dec"),
        ("de_DE", "long", "3.\N{NO-BREAK SPACE}Dezember 2026"),
        ("de_DE", "MMMEd", "Do., 3.\N{NO-BREAK SPACE}Dez."),
    ],
)
def test_no_line_ends_between_a_day_and_its_month(
    app: Flask, locale: str, style: str, words: str
) -> None:
    with app.test_request_context(), force_locale(locale):
        assert day(date(2026, 12, 3), style) == words
