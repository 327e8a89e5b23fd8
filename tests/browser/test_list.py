"""A list with JavaScript: filters, hearts and more of it without a new page, and the way back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

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


def test_more_is_shown_once_however_often_it_is_asked_for(page: Page) -> None:
    page.goto("/products")
    cards = page.locator("[data-cards] > li")
    expect(cards).to_have_count(24)

    _more(page).dblclick()

    expect(page.locator("[data-more]")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    expect(cards).to_have_count(_told(page))


def test_back_leads_to_all_that_was_shown_and_to_where_one_was(page: Page) -> None:
    cards = page.locator("[data-cards] > li")
    page.goto("/products")
    _more(page).click()
    expect(page.locator("[data-more]")).to_have_count(0)
    shown = _told(page)
    expect(cards).to_have_count(shown)
    last = cards.last.get_by_role("link")
    last.click()
    page.wait_for_url("**/products/*")

    page.go_back()

    expect(cards).to_have_count(shown)
    expect(last).to_be_in_viewport()
    page.get_by_label(re.compile("^Bowls")).check()
    expect(page.get_by_role("link", name="Remove filter Bowls")).to_be_visible()
    expect(cards).to_have_count(_told(page))
    page.go_back()
    expect(cards).to_have_count(shown)


def test_more_that_comes_late_is_no_part_of_the_list_chosen_meanwhile(page: Page) -> None:
    page.goto("/products")
    waiting: list[Route] = []
    page.route(re.compile(r"page=2"), lambda route: waiting.append(route))
    _more(page).click()
    page.get_by_role("checkbox", name="Mugs and cups").check()
    expect(page.get_by_role("link", name="Remove filter Mugs and cups")).to_be_visible()
    mugs = page.locator("[data-cards] > li").count()

    waiting[0].continue_()
    page.unroute(re.compile(r"page=2"))
    page.wait_for_load_state("networkidle")
    page.reload(wait_until="networkidle")

    assert 0 < mugs < 24
    expect(page.locator("[data-cards] > li")).to_have_count(mugs)


@pytest.mark.parametrize("leaves_by", ["Enter", "Show"])
def test_a_price_that_cannot_be_read_is_told_in_the_sheet_of_a_phone(
    page: Page, leaves_by: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/products")
    page.locator("[data-filters-toggle] summary").click()
    lowest = page.get_by_label("From", exact=True)

    lowest.fill("12.000")
    if leaves_by == "Enter":
        page.keyboard.press("Enter")
    else:
        page.get_by_role("button", name=re.compile(r"^Show \d+ products$")).click()
    page.wait_for_load_state("networkidle")

    expect(page.get_by_text("Not applied: type an amount like")).to_be_visible()
    expect(lowest).to_be_focused()
    lowest.fill("12.50")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"price=12.50-$"))


# Inside


def _more(page: Page) -> Locator:
    return page.get_by_role("link", name=re.compile(r"^Show \d+ more$"))


def _told(page: Page) -> int:
    """How many products there are, as the list says: other tests of the same shop add some."""
    return int(page.locator("[data-part=count]").inner_text().split()[0])


@pytest.mark.parametrize("width", [961, 1024])
def test_a_narrow_header_breaks_neither_the_shops_name_nor_its_links(
    page: Page, width: int
) -> None:
    page.goto("/products")
    heights = "(parts) => parts.map((part) => part.offsetHeight)"
    parts = page.locator(".wordmark, .header__menu a")
    on_one_line = parts.evaluate_all(heights)

    page.set_viewport_size({"width": width, "height": 768})

    assert max(on_one_line) < 50
    assert parts.evaluate_all(heights) == pytest.approx(on_one_line, abs=2)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
