"""Suggestions while one types, by keyboard and by mouse, and the field without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.processes]


with_script = pytest.mark.parametrize("context", [True], indirect=True, ids=["script"])
without_script = pytest.mark.parametrize("context", [False], indirect=True, ids=["no-script"])


def typed(page: Page, words: str) -> None:
    """Slow fingers are given suggestions for a part of the words before."""
    page.goto("/products")
    field = page.get_by_role("combobox").or_(page.get_by_role("searchbox")).first
    with page.expect_response(re.compile(rf"\?q={words}$")):
        field.press_sequentially(words)
    expect(page.get_by_role("listbox")).to_be_visible()


@with_script
def test_suggestions_are_chosen_by_keyboard(page: Page) -> None:
    typed(page, "moo")
    field = page.get_by_role("combobox").first
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator("[data-live]")).to_contain_text("Use the down arrow to choose.")

    field.press("ArrowDown")
    listed = page.get_by_role("listbox")
    option = listed.get_by_role("option", selected=True)
    expect(field).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "none")
    field.press("ArrowUp")
    expect(option).to_have_count(0)
    field.press("ArrowUp")
    expect(listed.get_by_role("option").last).to_have_attribute("aria-selected", "true")
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_value("moo")

    field.press("ArrowDown")
    product = listed.get_by_role("option", name="Long-way-round vase")
    expect(product).to_be_visible()
    while product.get_attribute("aria-selected") != "true":
        field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url("**/products/long-way-round-vase*")


@with_script
def test_enter_without_a_choice_searches(page: Page) -> None:
    typed(page, "tea")

    page.get_by_role("combobox").first.press("Enter")

    page.wait_for_url("**/search?q=tea")
    expect(page.get_by_role("heading", level=1)).to_contain_text("tea")


@with_script
def test_a_suggestion_is_clicked(page: Page) -> None:
    typed(page, "coba")

    page.get_by_role("listbox").get_by_role("option").first.click()

    page.wait_for_url("**/search?q=cobalt")


@without_script
def test_without_javascript_the_field_searches(page: Page) -> None:
    page.goto("/products")

    page.get_by_role("searchbox").first.fill("moon vsae")
    page.get_by_role("searchbox").first.press("Enter")

    page.wait_for_url("**/search?q=moon+vsae")
    expect(page.get_by_role("main")).to_contain_text("Showing results for moon vase.")
