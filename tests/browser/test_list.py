"""A list with JavaScript: filters and hearts that do without a new page."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import RunningShop

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def context(browser: Browser, running_shop: RunningShop) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=running_shop.url, viewport={"width": 1280, "height": 900}
    )
    yield context
    context.close()


def test_a_filter_keeps_the_focus_as_it_applies(page: Page) -> None:
    page.goto("/products")
    cobalt = page.get_by_role("checkbox", name="Cobalt")
    mugs = page.get_by_role("checkbox", name="Mugs and cups")

    cobalt.focus()
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile(r"\?glaze=cobalt$"))
    expect(page.get_by_role("link", name="Remove filter Cobalt")).to_be_visible()
    expect(cobalt).to_be_checked()
    expect(cobalt).to_be_focused()

    mugs.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("link", name="Remove filter Mugs and cups")).to_be_visible()
    expect(mugs).to_be_focused()


def test_a_heart_says_what_pressing_it_does(page: Page) -> None:
    page.goto("/products")
    empty = page.get_by_role("button", name="Put Tuesday mug on the wishlist")
    full = page.get_by_role("button", name="Take Tuesday mug off the wishlist")

    empty.click()
    expect(full).to_be_visible()
    page.reload()
    expect(full).to_be_visible()
    full.click()

    expect(empty).to_be_visible()
    expect(full).to_have_count(0)
