"""Counting with a scanner, whose next scan follows before the last one is answered."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import RunningShop
from tests.browser.test_every_admin_page import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_what_a_scan_could_not_count_stays_told(
    browser: Browser, running_shop: RunningShop
) -> None:
    context = browser.new_context(base_url=running_shop.url)
    page = signed_in(context, running_shop)
    page.goto("/admin/inventory/counts/new")
    page.get_by_label("A list of SKUs or barcodes").check()
    page.get_by_label("SKUs or barcodes", exact=False).last.fill("FT-JAR-MLK")
    page.get_by_role("button", name="Start counting").click()
    code, units = page.get_by_label("SKU or barcode"), page.get_by_label("Units", exact=False).first
    add = page.get_by_role("button", name="Add", exact=True)

    told = page.get_by_role("status").and_(page.locator("[data-scan-status]"))

    for scanned, typed in (("NO-SUCH", ""), ("FT-JAR-MLK", "x")):
        code.fill(scanned)
        units.fill(typed)
        add.click()
    expect(told).to_have_text("FT-JAR-MLK: Type a whole number.")
    code.fill("FT-JAR-MLK")
    units.fill("3")
    add.click()

    refused = page.get_by_role("list", name="Not counted").get_by_role("listitem")
    expect(refused).to_have_text(
        [
            "No variant has the SKU or barcode NO-SUCH.",
            "FT-JAR-MLK: Type a whole number.",
        ]
    )
    expect(told).to_contain_text("3")
    expect(code).to_be_focused()
    page.reload()
    expect(page.get_by_text("1 of 1")).to_be_visible()
    context.close()
