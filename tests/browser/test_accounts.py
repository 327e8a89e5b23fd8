"""Customers sign up, come back and buy: real browser, real mails, real processes."""

from __future__ import annotations

import email
import email.policy
import re
import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.browser.conftest import RunningShop, has_scripts_on
from tests.browser.test_every_page import WIDTHS, most_overflow, violations

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PAGES = [
    "/sign-up", "/forgot-password", "/link-sent", "/links/nothing", "/newsletter", "/account",
    "/account/orders", "/account/addresses", "/account/addresses/new", "/account/details",
    "/account/privacy",
]  # fmt: skip


def mailed_path(shop: RunningShop, address: str) -> str:
    """Where the newest mail's link leads; the worker needs a moment."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for file in (shop.folder / "mail").glob("*.eml"):
            mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            body = mail.get_body(("plain",))
            if str(mail["To"]) == address and body is not None:
                found = re.search(r"http\S+(/links/\S+)", body.get_content())
                if found:
                    return found[1]
        time.sleep(0.2)
    raise AssertionError(f"no mail to {address}")


def sign_up(page: Page, shop: RunningShop) -> str:
    """With a password and one address; the email address."""
    address = f"ann-{time.time_ns()}@example.com"
    page.goto("/sign-up")
    page.get_by_label("Email", exact=True).fill(address)
    page.get_by_role("button", name="Email me the link").click()
    expect(page.get_by_role("heading", name="Look into your inbox")).to_be_visible()
    page.goto(mailed_path(shop, address))
    page.get_by_label("Name").fill("Ann Lee")
    page.get_by_label("Password").fill("a pot full of tea")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Hello, Ann")).to_be_visible()
    page.goto("/account/addresses/new")
    page.get_by_label("Full name").fill("Ann Lee")
    page.get_by_label("Address", exact=True).fill("14 Alder Row")
    page.get_by_label("Postcode").fill("LS6 2AB")
    page.get_by_label("Town or city").fill("Leeds")
    page.get_by_role("button", name="Save address").click()
    expect(page.get_by_text("For the next order").first).to_be_visible()
    return address


def test_an_account_is_made_left_and_entered_again(page: Page, running_shop: RunningShop) -> None:
    address = sign_up(page, running_shop)

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    page.goto("/account")
    page.get_by_label("Email", exact=True).fill(address)
    page.get_by_label("Password").fill("a pot full of tea")
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_role("heading", name="Hello, Ann")).to_be_visible()
    page.goto("/account/details")
    expect(page.get_by_text("This browser")).to_be_visible()
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_text("You are signed out everywhere.")).to_be_visible()


def test_a_returning_customer_pays_after_one_screen_and_types_nothing(
    page: Page, running_shop: RunningShop
) -> None:
    """From the product's page to the payment page; without scripts the basket's page is between."""
    sign_up(page, running_shop)
    has_scripts = has_scripts_on(page)
    page.goto("/products/tuesday-mug")
    screens: list[str] = []

    def note(frame: Frame) -> None:
        if frame == page.main_frame:
            screens.append(urlsplit(frame.url).path)

    page.on("framenavigated", note)

    page.get_by_role("button", name="Add to basket").first.click()
    page.get_by_role("link", name="Checkout").first.click()
    pay = page.get_by_role("button", name=re.compile("^Pay £"))
    expect(pay).to_be_visible()
    expect(page.get_by_text("14 Alder Row").first).to_be_visible()
    pay.click()
    expect(page.get_by_role("heading", name="Pay Fettle")).to_be_visible()

    passed = [path for path in screens[:-1] if path != "/products/tuesday-mug"]
    assert passed == (["/checkout/payment"] if has_scripts else ["/cart", "/checkout/payment"])


def test_an_address_is_asked_for_as_in_the_checkout(page: Page, running_shop: RunningShop) -> None:
    """Only who has no scripts needs the button; what may be added is told in one line."""
    sign_up(page, running_shop)

    page.goto("/account/addresses/new")

    change = page.get_by_role("button", name="Change country")
    expect(change).to_be_visible(visible=not has_scripts_on(page))
    more = page.locator("summary", has_text="Add flat")
    line, sign = more.bounding_box(), more.locator("svg").bounding_box()
    assert line is not None
    assert sign is not None
    middles = [box["y"] + box["height"] / 2 for box in (line, sign)]
    assert abs(middles[0] - middles[1]) < 3


def test_the_header_says_who_is_signed_in(browser: Browser, running_shop: RunningShop) -> None:
    page = browser.new_page(base_url=running_shop.url)
    sign_up(page, running_shop)

    page.goto("/products")

    expect(page.get_by_role("link", name="Your account, signed in as Ann")).to_be_visible()
    page.close()


def test_the_menu_of_an_account_is_one_row_on_a_phone_and_shows_where_one_is(
    browser: Browser, running_shop: RunningShop
) -> None:
    context = browser.new_context(
        base_url=running_shop.url, viewport={"width": 390, "height": 844}, java_script_enabled=False
    )
    page = context.new_page()
    sign_up(page, running_shop)
    page.goto("/account/privacy")

    menu = page.get_by_role("navigation", name="Your account")
    here = menu.get_by_role("link", name="Privacy")
    boxes = [menu.bounding_box(), here.bounding_box()]

    assert [box["height"] for box in boxes if box] == [44, 44]
    expect(here).to_be_in_viewport(ratio=1)
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_account_pages_are_accessible_and_fit(
    browser: Browser, running_shop: RunningShop, width: int
) -> None:
    context = browser.new_context(
        base_url=running_shop.url,
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",
        bypass_csp=True,
    )
    page = context.new_page()
    faults = []
    for path in PAGES[:5]:
        page.goto(path)
        faults += violations(page)
    sign_up(page, running_shop)
    for path in PAGES[5:]:
        page.goto(path)
        faults += violations(page)
        page.set_viewport_size({"width": 320, "height": 640})
        if (too_much := most_overflow(page)) > 0:
            faults.append(f"{path} is {too_much} pixels too wide")
        page.set_viewport_size({"width": width, "height": 900})
    context.close()

    assert faults == []
