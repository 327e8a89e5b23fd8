"""A list that grew in place, and the way back to it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.mark.parametrize("context", [True], indirect=True, ids=["with JavaScript"])
def test_back_leads_to_all_that_was_shown_and_to_where_one_was(page: Page) -> None:
    cards = page.locator("main article")
    page.goto("/products")
    page.get_by_role("link", name=re.compile("^Show 9 more")).click()
    expect(cards).to_have_count(33)
    last = cards.last.get_by_role("link")
    last.click()
    page.wait_for_url("**/products/*")

    page.go_back()

    expect(cards).to_have_count(33)
    expect(last).to_be_in_viewport()
    page.get_by_label(re.compile("^Bowls")).check()
    expect(cards).to_have_count(5)
    page.go_back()
    expect(cards).to_have_count(33)
