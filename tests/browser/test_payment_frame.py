# ruff: noqa: F811 - fixtures are taken from the other tests by name
"""Paying in the form inside the checkout: real browser, real processes, the sandbox's script."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from tests.browser.conftest import RunningShop
from tests.browser.paying import pay_by_card
from tests.browser.test_purchase import (  # noqa: F401 - fixtures
    Pot,
    email,
    fill_in_details,
    orders_of,
    pot,
    put_in_the_basket,
)

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture(scope="module", autouse=True)
def embedded(running_shop: RunningShop) -> Iterator[None]:
    """Switched on for these tests alone: the shop is shared."""
    _switch(running_shop, is_on=True)
    yield
    _switch(running_shop, is_on=False)


def _switch(shop: RunningShop, *, is_on: bool) -> None:
    shop.run(
        "INSERT INTO payment_settings (id, takes_bank_transfer, bank_transfer_text, takes_cash,"
        " cash_text, hold_days, captures_manually, is_embedded)"
        " VALUES (1, 0, '', 0, '', 7, 0, :on)"
        " ON CONFLICT (id) DO UPDATE SET is_embedded = :on",
        on=is_on,
    )


@pytest.fixture
def at_form(page: Page, email: str, pot: Pot) -> Page:
    put_in_the_basket(page, pot)
    fill_in_details(page, email)
    page.get_by_role("button", name=re.compile(r"^Pay £")).click()
    expect(page.get_by_role("heading", name=re.compile(r"^Pay £"))).to_be_visible()
    return page


def form_in(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[title=Payment]")


with_script = pytest.mark.parametrize("context", [True], indirect=True, ids=["with JavaScript"])


@with_script
def test_a_card_is_declined_and_another_pays_without_leaving_the_shop(
    at_form: Page,
    running_shop: RunningShop,
    email: str,
) -> None:
    form = form_in(at_form)
    pay_by_card(form, "4000 0000 0000 0002")
    expect(form.get_by_role("alert")).to_contain_text("declined")
    assert at_form.url.startswith(f"{running_shop.url}/checkout/pay/")
    assert [state for state, _ in orders_of(running_shop, email)] == ["pending_payment"]

    pay_by_card(form)

    expect(at_form.get_by_role("heading", name="Thank you, Ines")).to_be_visible()
    assert [state for state, _ in orders_of(running_shop, email)] == ["paid"]


@with_script
def test_a_card_that_asks_back_is_answered_in_the_form(
    at_form: Page,
    running_shop: RunningShop,
    email: str,
) -> None:
    pay_by_card(form_in(at_form), "4000 0025 0000 3155")
    form_in(at_form).get_by_role("button", name="Complete authentication").click()

    expect(at_form.get_by_role("heading", name="Thank you, Ines")).to_be_visible()
    assert [state for state, _ in orders_of(running_shop, email)] == ["paid"]


@with_script
def test_where_the_script_fails_stripes_own_page_is_offered(
    context: BrowserContext,
    page: Page,
    email: str,
    pot: Pot,
) -> None:
    context.route("**/static/stripe.js", lambda route: route.abort())
    put_in_the_basket(page, pot)
    fill_in_details(page, email)
    page.get_by_role("button", name=re.compile(r"^Pay £")).click()

    expect(page.get_by_text("The payment form cannot be shown here.")).to_be_visible()
    page.get_by_role("button", name="Pay on Stripe's page").click()
    expect(page.get_by_role("heading", name="Pay Fettle")).to_be_visible()


@pytest.mark.parametrize("context", [False], indirect=True, ids=["without JavaScript"])
def test_without_javascript_stripes_own_page_takes_the_money(
    at_form: Page,
    running_shop: RunningShop,
    email: str,
) -> None:
    expect(at_form.get_by_text("The payment form cannot be shown here.")).to_be_visible()
    at_form.get_by_role("button", name="Pay on Stripe's page").click()
    expect(at_form.get_by_role("heading", name="Pay Fettle")).to_be_visible()

    pay_by_card(at_form)

    expect(at_form.get_by_role("heading", name="Thank you, Ines")).to_be_visible()
    assert [state for state, _ in orders_of(running_shop, email)] == ["paid"]
