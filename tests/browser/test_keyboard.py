"""From the home page to a paid order with the keyboard alone, the focus in sight all the way."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import RunningShop

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("browser")]

#: Tab stops from the product page to the button that pays.
MAX_STOPS = 60

_FOCUSED = """
() => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const label = at.labels?.[0]?.textContent ?? "";
  return {
    name: (at.getAttribute("aria-label") || label || at.textContent || at.value || "").trim(),
    id: at.id,
    seen: style.outlineStyle !== "none" || style.boxShadow !== "none"
      || getComputedStyle(at.parentElement).outlineStyle !== "none",
    inside: box.bottom > 0 && box.top < innerHeight,
  };
}
"""


class Keys:
    """A person who only has the Tab, Enter and Space keys, and letters."""

    def __init__(self, page: Page) -> None:
        self.page, self.stops, self.unseen = page, 0, []

    def tab_to(self, words: str, *, limit: int = 80) -> None:
        for _ in range(limit):
            self.page.keyboard.press("Tab")
            self.stops += 1
            at = self.page.evaluate(_FOCUSED)
            if at["id"] == "main":
                continue  # where the skip link leads is no stop of its own
            if not (at["seen"] and at["inside"]):
                self.page.wait_for_timeout(500)  # it may still be scrolling there
                at = self.page.evaluate(_FOCUSED)
            if not (at["seen"] and at["inside"]):
                self.unseen.append(f"{self.page.url}: {at['name']}")
            if re.search(words, at["name"]):
                return
        raise AssertionError(f"no tab stop says {words!r} on {self.page.url}")

    def fill(self, label: str, text: str) -> None:
        self.tab_to(label)
        self.page.keyboard.type(text)

    def press(self, key: str = "Enter") -> None:
        self.page.keyboard.press(key)

    def skip_to_content(self) -> None:
        self.tab_to("^Skip to content$")
        self.press()
        for _ in range(100):
            if self.page.evaluate("document.activeElement.id") == "main":
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"the focus did not move to the content of {self.page.url}")


@pytest.mark.parametrize("context", [True, False], indirect=True, ids=["with JS", "without JS"])
def test_a_purchase_by_keyboard_alone(page: Page, running_shop: RunningShop) -> None:
    email = f"keys-{time.time_ns()}@example.com"
    keys = Keys(page)
    page.goto("/")
    keys.skip_to_content()
    keys.tab_to("^Just-cereal bowl$|^Second-helping bowl$|^Half-past teapot$")
    keys.press()
    expect(page.get_by_role("button", name="Add to basket").first).to_be_visible()

    keys.stops = 0
    keys.skip_to_content()
    keys.tab_to("^Add to basket$")
    keys.press()
    basket = page.get_by_role("dialog").or_(page.get_by_role("heading", name="Your basket"))
    expect(basket.first).to_be_visible()
    if page.url.endswith("/cart"):
        keys.skip_to_content()
    keys.tab_to("^Checkout$")
    keys.press()
    expect(page.get_by_label("E-mail")).to_be_visible()
    keys.skip_to_content()
    keys.fill("^E-mail", email)
    keys.fill("^Full name", "Ines Rowan")
    keys.fill("^Address$", "14 Alder Row")
    keys.fill("^Town or city", "Leeds")
    keys.fill("^Postcode", "LS6 2AB")
    keys.press()
    expect(page.get_by_role("button", name=re.compile("^Pay £"))).to_be_visible()
    keys.skip_to_content()
    keys.tab_to("^Pay £")
    stops = keys.stops
    keys.press()
    expect(page.get_by_role("heading", name="Pay Fettle")).to_be_visible()
    keys.fill("^Card number", "4242424242424242")
    keys.fill("^Expiry", "1234")
    keys.fill("^Security code", "123")
    keys.fill("^Name on card", "Ines Rowan")
    keys.press()

    expect(page.get_by_role("heading", name="Thank you, Ines")).to_be_visible()
    orders = running_shop.query("SELECT state FROM orders WHERE email = :email", email=email)
    assert [str(state) for (state,) in orders] == ["paid"]
    assert stops <= MAX_STOPS
    assert keys.unseen == []
