"""How long the way to paying is for a guest in the shop's own country: screens and fields."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import RunningShop

pytestmark = [pytest.mark.browser, pytest.mark.processes]

MAX_SCREENS, MAX_FIELDS = 2, 7
#: What a shopper may have to fill in: what is seen, but choices that are made already.
FIELDS = """() => [...document.querySelectorAll("main :is(input, select, textarea)")]
    .filter((field) => field.checkVisibility({ visibilityProperty: true }))
    .filter((field) => !["hidden", "radio", "submit"].includes(field.type))
    .map((field) => field.name)"""


@pytest.mark.parametrize("context", [True], indirect=True, ids=["with JavaScript"])
def test_from_product_to_payment_in_two_screens_and_seven_fields(
    page: Page, running_shop: RunningShop
) -> None:
    (row,) = running_shop.query(
        "SELECT handle FROM products JOIN variants ON product_id = products.id"
        " JOIN stock_items ON variant_id = variants.id WHERE status = 'published'"
        " AND option2 = '' ORDER BY on_hand - reserved DESC LIMIT 1"
    )
    screens: list[str] = []
    fields: list[str] = []
    page.goto(f"/products/{row[0]}")
    page.on(
        "framenavigated",
        lambda frame: screens.append(frame.url) if frame == page.main_frame else None,
    )

    page.get_by_role("button", name="Add to basket").first.click()
    page.get_by_role("dialog").get_by_role("link", name="Checkout").click()
    expect(page.get_by_role("heading", name="Who is it for")).to_be_visible()
    fields += page.evaluate(FIELDS)
    page.get_by_label("Email", exact=True).fill("ines@example.com")
    page.get_by_label("Full name").fill("Ines Rowan")
    page.get_by_label("Address", exact=True).fill("14 Alder Row")
    page.get_by_label("Town or city").fill("Leeds")
    page.get_by_label("Postcode").fill("LS6 2AB")
    page.get_by_role("button", name=re.compile("^Continue to")).click()
    expect(page.get_by_role("heading", name="Delivery and payment")).to_be_visible()
    fields += page.evaluate(FIELDS)
    page.get_by_role("button", name=re.compile(r"^Pay £")).click()
    expect(page.get_by_role("heading", name="Pay Fettle")).to_be_visible()

    shown = [url for url in screens if url.startswith(running_shop.url)]
    assert len(shown) <= MAX_SCREENS, shown
    assert [urlsplit(url).path for url in shown] == ["/checkout", "/checkout/payment"]
    assert len(fields) <= MAX_FIELDS, fields
    assert fields == ["email", "country", "name", "line1", "city", "postal_code", "phone"]


def test_the_total_of_many_lines_is_in_sight(page: Page, running_shop: RunningShop) -> None:
    rows = running_shop.query(
        "SELECT sku FROM variants JOIN products ON products.id = product_id"
        " JOIN stock_items ON variant_id = variants.id WHERE status = 'published'"
        " AND on_hand - reserved > 0 AND NOT is_gift_card LIMIT 20"
    )
    page.goto("/cart/" + ",".join(f"{sku}:1" for (sku,) in rows))
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url("**/cart")

    page.goto("/checkout")

    assert page.locator(".order-summary tbody tr").count() == 20
    box = page.locator(".order-summary .totals").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 900
