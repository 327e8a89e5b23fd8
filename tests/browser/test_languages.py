"""Longer words and the other direction: every page holds them in windows of every width."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from shop.database import transaction
from shop.demo.loader import copy_pictures
from shop.demo.loader import load as load_demo
from shop.extensions import db
from shop.store.models import StoreSettings
from tests import pseudo
from tests.browser.test_every_page import overflow
from tests.conftest import dispose, make_settings, migrated_app

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    # Werkzeug leaves a file open where the browser, going on, breaks off its sending.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

WIDTHS = (320, 390, 1280)
PAGES = [
    "/",
    "/products",
    "/products/tuesday-mug",
    "/search?q=mug",
    "/search?q=zzzzzz",
    "/cart",
    "/wishlist",
    "/track",
    "/checkout",
    "/no-such-page",
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo shop in this process, where it can learn the pseudo language."""
    folder = tmp_path_factory.mktemp("languages")
    app = migrated_app(make_settings(f"sqlite:///{folder / 'till.sqlite'}", folder))
    with pseudo.pseudo_language(app, folder / "words"):
        _fill(app)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.port}"
        server.shutdown()
        thread.join()
        server.server_close()
    dispose(app)


def _fill(app: Flask) -> None:
    with app.app_context():
        copy_pictures(Path(app.extensions["settings"].media_path))
        with transaction():
            load_demo()
            store = db.session.scalars(db.select(StoreSettings)).one()
            store.languages = ["en", "de", pseudo.LANGUAGE]


@pytest.fixture(params=["de", pseudo.LANGUAGE])
def reading(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A visitor of the language, with something in the basket."""
    context = browser.new_context(
        base_url=address, locale=request.param, reduced_motion="reduce",
        viewport={"width": 1280, "height": 900},
    )  # fmt: skip
    context.route("**/media/**", lambda route: route.abort())  # their places are kept
    page = context.new_page()
    page.goto("/products/tuesday-mug")
    with page.expect_response("**/cart/lines"):
        page.locator("form[action='/cart/lines'] button[type=submit]").first.click()
    yield page
    context.close()


@pytest.mark.parametrize("reading", [pseudo.LANGUAGE], indirect=True)
def test_the_merchants_english_keeps_its_direction_on_a_page_from_right_to_left(
    reading: Page,
) -> None:
    heading = reading.locator("h1")
    own = [
        heading.locator("bdi"),
        reading.locator(".buy__summary"),
        reading.locator(".prose").first,
    ]

    sides = [one.evaluate("(one) => getComputedStyle(one).direction") for one in own]

    assert sides == ["ltr", "ltr", "ltr"]
    assert heading.evaluate("(one) => getComputedStyle(one).direction") == "rtl"


def test_nothing_is_wider_than_its_window(reading: Page) -> None:
    wide = []
    for path in PAGES:
        reading.goto(path)
        for width in WIDTHS:
            reading.set_viewport_size({"width": width, "height": 900})
            if over := overflow(reading):
                wide.append(f"{path} at {width}: {over}")

    assert wide == []


def test_what_was_viewed_is_told_in_the_chosen_language_not_the_browsers(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(base_url=address, locale="en-GB")
    context.add_cookies([{"name": "language", "value": "de", "url": address}])
    page = context.new_page()
    page.goto("/products/tuesday-mug")
    page.goto("/cart")

    expect(page.locator("[data-recent] li")).to_contain_text("ab 29,00")
    context.close()
