"""From the home page to a paid order with the keyboard alone, the focus in sight all the way."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import RunningShop
from tests.browser.keyboard import Keys

pytestmark = [pytest.mark.browser, pytest.mark.processes]

#: Tab stops from the product page to the button that pays.
MAX_STOPS = 60


@pytest.mark.parametrize("context", [True, False], indirect=True, ids=["with JS", "without JS"])
def test_a_purchase_by_keyboard_alone(page: Page, running_shop: RunningShop) -> None:
    email = f"keys-{time.time_ns()}@example.com"
    keys = Keys(page)
    page.goto("/")
    keys.skip_to_content()
    keys.tab_to("^Just-cereal bowl$|^Second-helping bowl$|^Half-past teapot$")
    keys.press()
    page.wait_for_url("**/products/*")
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
    expect(page.get_by_role("heading", name="Who is it for")).to_be_visible()
    keys.skip_to_content()
    keys.fill("^Email", email)
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
