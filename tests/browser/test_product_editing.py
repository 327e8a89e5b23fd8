"""What scripts add to editing products: kept typing, one way to discard, and a table with keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import RunningShop
from tests.browser.test_every_admin_page import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PASTE = """([name, text]) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const how = { clipboardData: data, bubbles: true, cancelable: true };
  const paste = new ClipboardEvent("paste", how);
  document.querySelector(`[name="${name}"]`).dispatchEvent(paste);
}"""


@pytest.fixture
def admin(browser: Browser, running_shop: RunningShop) -> Iterator[Page]:
    context = browser.new_context(base_url=running_shop.url)
    yield signed_in(context, running_shop)
    context.close()


def test_what_is_typed_is_kept_and_discarded_by_one_button(admin: Page) -> None:
    admin.goto("/admin/products/1")
    title = admin.get_by_label("Title", exact=True)
    was = title.input_value()
    with admin.expect_response(lambda answer: answer.url.endswith("/unsaved")):
        title.fill("A mug for Wednesdays")
    expect(admin.locator(".save-bar")).to_contain_text("Unsaved changes")

    other = admin.context.new_page()
    other.goto("/admin/products/1")
    expect(other.get_by_text("You have unsaved changes from")).to_be_visible()
    other.close()
    expect(admin.locator(".save-bar").get_by_text("Discard")).to_have_count(1)
    with admin.expect_navigation():
        admin.get_by_role("button", name="Discard changes").click()

    expect(title).to_have_value(was)
    expect(admin.get_by_text("You have unsaved changes from")).to_have_count(0)


def test_a_page_that_was_only_opened_has_nothing_unsaved(admin: Page) -> None:
    for path in ("/admin/products/1", "/admin/theme/colors"):
        admin.goto(path)

        expect(admin.get_by_text("Unsaved changes", exact=True)).to_have_count(0)


def test_a_long_address_keeps_the_look_of_a_search_result_in_its_panel(admin: Page) -> None:
    admin.set_viewport_size({"width": 1280, "height": 900})
    admin.goto("/admin/products/1")
    snippet = admin.locator("[data-snippet]")

    admin.get_by_label("Address", exact=True).fill("long-way-round-vase-for-the-hall")

    assert snippet.evaluate("(one) => one.parentElement.clientWidth - one.offsetWidth") >= 30


def test_the_look_of_a_search_result_follows_what_search_engines_are_told(admin: Page) -> None:
    admin.goto("/admin/products/1")
    words = admin.locator("[data-snippet] [data-description]")

    admin.locator("#field-seo_description").fill("")
    admin.locator("#field-summary").fill("")
    admin.locator("#field-title").fill("Mug & more")
    admin.locator("#field-description").fill(
        "<p>Thrown &amp; <b>glazed</b> here.</p><style>p {}</style><ul><li>Twice</li></ul>"
    )
    expect(words).to_have_text("Thrown & glazed here. Twice")
    admin.locator("#field-description").fill("")
    expect(words).to_have_text("Mug & more at Fettle")
    admin.locator("#field-summary").fill("A mug.")
    expect(words).to_have_text("A mug.")


def test_the_table_goes_by_arrows_and_takes_cells_of_a_spreadsheet(admin: Page) -> None:
    admin.goto("/admin/products/bulk?id=1")
    prices = admin.locator("[name$='-price']")
    names = [prices.nth(at).get_attribute("name") or "" for at in range(2)]

    prices.first.focus()
    admin.keyboard.press("ArrowDown")
    expect(prices.nth(1)).to_be_focused()
    admin.evaluate(PASTE, [names[0], "30.50\n31.50"])
    expect(prices.nth(1)).to_have_value("31.50")
    admin.get_by_role("button", name="Look at the changes").click()

    expect(admin.get_by_role("heading", level=1)).to_have_text("2 changes")
