"""The pages in a browser: paying without JavaScript, on a phone, by keyboard, and accessibly."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.payments.sandbox.harness import World, line_item

pytestmark = pytest.mark.browser


def violations(page: Page) -> list[str]:
    return [found["id"] for found in Axe().run(page).response["violations"]]


def open_page(browser: Browser, width: int, scheme: str) -> Page:
    return browser.new_page(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        bypass_csp=True,  # axe is a script, and the pages allow none
    )


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark"), (320, "light")])
def test_every_page_is_accessible_and_fits(
    world: World, browser: Browser, width: int, scheme: str
) -> None:
    long_name = line_item(name="A moon jar with a tenmoku glaze and a very long name indeed")
    session, paid, expired = world.open(line_items=[long_name]), world.paid(), world.open()
    world.client.v1.checkout.sessions.expire(expired.id)
    challenged = world.open()
    world.pay(challenged, "4000002500003155")
    disputed = world.paid("4000000000000259")
    world.mailbox.wait_for("charge.dispute.funds_withdrawn")
    event = world.client.v1.events.list().data[0]
    paths = [
        f"/c/pay/{session.id}",
        f"/c/pay/{paid.id}",
        f"/c/pay/{expired.id}",
        f"/c/challenge/{challenged.id}",
        str(world.intent(paid).latest_charge.receipt_url).removeprefix(world.url),
        "/_sandbox/",
        f"/_sandbox/payments/{paid.id}",
        f"/_sandbox/payments/{disputed.id}",
        "/_sandbox/events",
        f"/_sandbox/events/{event.id}",
    ]
    page = open_page(browser, width, scheme)

    found = {}
    for path in paths:
        page.goto(world.url + path)
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found[path] = (violations(page), max(0, overflow))
    page.close()

    assert found == {path: ([], 0) for path in paths}


def test_mistakes_are_named_at_the_top_and_beside_their_fields(
    world: World, browser: Browser
) -> None:
    session = world.open()
    page = open_page(browser, 390, "light")
    page.goto(str(session.url))

    page.fill("#email", "nobody")
    page.click("button.button")

    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.get_by_role("alert").first).to_be_focused()  # a little after the page is there
    email = page.locator("#email")
    expect(email).to_have_accessible_description("Enter an email address like name@example.com.")
    assert violations(page) == []
    page.close()


def test_a_purchase_by_keyboard_without_javascript(world: World, browser: Browser) -> None:
    home = f"{world.url}/_sandbox/?session={{CHECKOUT_SESSION_ID}}"
    session = world.open(success_url=home)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(str(session.url))

    page.focus("#number")
    for text in ("4242 4242 4242 4242", "1234", "123", "Robin Reed"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.focus("#name")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/_sandbox/?session={session.id}")
    context.close()

    assert world.session(session.id).payment_status == "paid"


def test_a_test_card_fills_in_by_one_press(world: World, browser: Browser) -> None:
    session = world.open()
    page = browser.new_page()
    page.goto(str(session.url))

    page.click("text=Test cards")
    page.click("text=Declined: insufficient funds")

    expect(page.locator("#number")).to_have_value("4000 0000 0000 9995")
    expect(page.locator("#email")).to_have_value("robin@example.com")
    page.click("button.button")
    expect(page.locator(".complaint")).to_contain_text("insufficient funds")
    page.close()


def test_choosing_the_bank_shows_its_fields(world: World, browser: Browser) -> None:
    session = world.open()
    page = browser.new_page()
    page.goto(str(session.url))

    page.check("#method-bank")

    expect(page.locator("#routing")).to_be_visible()
    expect(page.locator("#number")).to_be_hidden()
    page.close()
