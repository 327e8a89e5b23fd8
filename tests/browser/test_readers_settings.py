"""What readers set for themselves: letters of twice the size, colors of their own."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import RunningShop
from tests.browser.test_every_page import overflow

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.mark.parametrize("path", ["/", "/products", "/products/tuesday-mug", "/cart", "/track"])
def test_text_of_twice_the_size_leaves_everything_within_reach(
    browser: Browser, running_shop: RunningShop, path: str
) -> None:
    context = browser.new_context(
        base_url=running_shop.url, viewport={"width": 390, "height": 844}, bypass_csp=True
    )
    page = context.new_page()
    page.goto(path)
    page.add_style_tag(content="html { font-size: 200%; }")

    assert overflow(page) <= 0
    context.close()


BROKEN_WORDS = """(all) => all.flatMap((one) => {
  const text = document.createTreeWalker(one, NodeFilter.SHOW_TEXT).nextNode();
  return [...text.data.matchAll(/[^\\s-]+/g)].filter((word) => {
    const range = document.createRange();
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return new Set([...range.getClientRects()].map((line) => line.top)).size > 1;
  }).map(String);
})"""


@pytest.mark.parametrize(
    ("path", "words"), [("/", ".hero__title"), ("/products", ".product-card__title a")]
)
def test_no_word_is_broken_where_the_browsers_letters_are_twice_the_size(
    browser: Browser, running_shop: RunningShop, path: str, words: str
) -> None:
    context = browser.new_context(base_url=running_shop.url, viewport={"width": 390, "height": 844})
    page = context.new_page()
    sizes = {"fontSizes": {"standard": 32, "fixed": 32}}
    context.new_cdp_session(page).send("Page.setFontSizes", sizes)
    page.goto(path)

    assert page.locator(words).first.evaluate("(one) => getComputedStyle(one).fontSize") != "16px"
    assert page.locator(words).evaluate_all(BROKEN_WORDS) == []
    context.close()


def test_the_order_of_a_list_can_be_read_in_letters_of_twice_the_size(
    browser: Browser, running_shop: RunningShop
) -> None:
    context = browser.new_context(
        base_url=running_shop.url, viewport={"width": 390, "height": 844}, bypass_csp=True
    )
    page = context.new_page()
    page.goto("/products")
    page.add_style_tag(content="html { font-size: 200%; }")

    assert page.locator("#sort").evaluate("(one) => one.clientWidth / one.offsetHeight") > 3
    context.close()


def test_colors_of_the_readers_own_mark_the_current_place_alone(
    browser: Browser, running_shop: RunningShop
) -> None:
    context = browser.new_context(
        base_url=running_shop.url,
        viewport={"width": 1280, "height": 900},
        forced_colors="active",
        color_scheme="light",
    )
    page = context.new_page()
    page.goto("/products")
    lines = "(all) => all.map((one) => getComputedStyle(one).borderBlockEndColor)"
    ground = "getComputedStyle(document.querySelector('.header')).backgroundColor"

    drawn = page.locator(".header__menu a").evaluate_all(lines)

    assert [color != page.evaluate(ground) for color in drawn] == [True] + [False] * 5
    context.close()
