"""A shopper buys, Stripe answers, the merchant looks: real browser, real processes."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import RunningShop
from tests.browser.paying import pay_by_card

pytestmark = [pytest.mark.browser, pytest.mark.processes]

_buyers = itertools.count(1)


@dataclass(frozen=True)
class Pot:
    """A variant with plenty of stock."""

    sku: str
    title: str
    address: str


@pytest.fixture
def pot(running_shop: RunningShop) -> Pot:
    (row,) = running_shop.query(
        "SELECT sku, title, handle, option1 FROM variants"
        " JOIN products ON products.id = product_id JOIN stock_items ON variant_id = variants.id"
        " WHERE status = 'published' AND option2 = '' ORDER BY on_hand - reserved DESC LIMIT 1"
    )
    sku, title, handle, glaze = map(str, row)
    return Pot(sku, title, f"/products/{handle}?glaze={glaze.lower()}")


def put_in_the_basket(page: Page, pot: Pot) -> None:
    """With JavaScript the basket slides in, without it its page opens."""
    page.goto(pot.address)
    page.get_by_role("button", name="Add to basket").first.click()
    basket = page.get_by_role("dialog").or_(page.get_by_role("heading", name="Your basket"))
    expect(basket.first).to_be_visible()
    page.goto("/cart")
    expect(page.get_by_role("link", name=pot.title).first).to_be_visible()


def fill_in_details(page: Page, email: str) -> None:
    page.get_by_role("link", name="Checkout").first.click()
    page.wait_for_url("**/checkout")
    page.get_by_label("Email", exact=True).fill(email)
    page.get_by_label("Full name").fill("Ines Rowan")
    page.get_by_label("Address", exact=True).fill("14 Alder Row")
    page.get_by_label("Postcode").fill("LS6 2AB")
    page.get_by_label("Town or city").fill("Leeds")
    page.get_by_role("button", name=re.compile("Continue")).click()


def press_pay(page: Page) -> None:
    page.get_by_role("button", name=re.compile(r"^Pay £")).click()
    expect(page.get_by_role("heading", name="Pay Fettle")).to_be_visible()


def eventually(check: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.1)
    return check()


@pytest.fixture
def email() -> str:
    return f"buyer-{next(_buyers)}-{time.time_ns()}@example.com"


@pytest.fixture
def at_payment(page: Page, email: str, pot: Pot) -> Page:
    """On Stripe's page, with one pot to pay."""
    put_in_the_basket(page, pot)
    fill_in_details(page, email)
    press_pay(page)
    return page


def orders_of(shop: RunningShop, email: str) -> list[tuple[object, ...]]:
    rows = shop.query("SELECT state, number FROM orders WHERE email = :email", email=email)
    return [tuple(row) for row in rows]


def test_a_card_payment_ends_in_a_paid_order_one_mail_and_less_stock(
    at_payment: Page, running_shop: RunningShop, email: str, pot: Pot
) -> None:
    before = running_shop.on_hand(pot.sku)

    pay_by_card(at_payment)

    expect(at_payment.get_by_role("heading", name="Thank you, Ines")).to_be_visible()
    ((state, number),) = orders_of(running_shop, email)
    assert state == "paid"
    expect(at_payment.get_by_text(str(number)).first).to_be_visible()
    assert running_shop.on_hand(pot.sku) == before - 1
    assert eventually(lambda: len(running_shop.mails_to(email)) == 1)
    at_payment.reload()
    expect(at_payment.get_by_role("heading", name="Thank you, Ines")).to_be_visible()
    at_payment.goto("/cart")
    expect(
        at_payment.get_by_text(re.compile("basket is empty", re.IGNORECASE)).first
    ).to_be_visible()


def test_a_declined_card_is_told_and_another_one_pays(
    at_payment: Page, running_shop: RunningShop, email: str, pot: Pot
) -> None:
    before = running_shop.on_hand(pot.sku)

    pay_by_card(at_payment, "4000 0000 0000 0002")
    expect(at_payment.get_by_role("alert")).to_contain_text("declined")
    assert [state for state, _ in orders_of(running_shop, email)] == ["pending_payment"]
    assert running_shop.on_hand(pot.sku) == before
    pay_by_card(at_payment, "5555 5555 5555 4444")

    expect(at_payment.get_by_role("heading", name="Thank you, Ines")).to_be_visible()
    assert [state for state, _ in orders_of(running_shop, email)] == ["paid"]


def test_a_card_that_asks_back_pays_after_the_answer(
    at_payment: Page, running_shop: RunningShop, email: str, pot: Pot
) -> None:
    pay_by_card(at_payment, "4000 0025 0000 3155")
    at_payment.get_by_role("button", name="Complete authentication").click()

    expect(at_payment.get_by_role("heading", name="Thank you, Ines")).to_be_visible()
    assert [state for state, _ in orders_of(running_shop, email)] == ["paid"]


def test_leaving_the_payment_page_keeps_everything(
    at_payment: Page, running_shop: RunningShop, email: str, pot: Pot
) -> None:
    at_payment.get_by_role("link", name=re.compile("Back to Fettle")).click()

    expect(at_payment.get_by_text("You have not been charged")).to_be_visible()
    press_pay(at_payment)
    pay_by_card(at_payment)
    expect(at_payment.get_by_role("heading", name="Thank you, Ines")).to_be_visible()
    assert len(orders_of(running_shop, email)) == 1


def test_a_bank_debit_waits_for_the_bank(
    at_payment: Page, running_shop: RunningShop, email: str, context: BrowserContext
) -> None:
    at_payment.get_by_text("Test cards").click()
    at_payment.get_by_role("button", name=re.compile("Debit succeeds", re.IGNORECASE)).click()
    at_payment.get_by_role("button", name=re.compile(r"^Pay £")).click()
    waiting = at_payment.get_by_role("heading", name="We are waiting for your bank")
    expect(waiting).to_be_visible()
    assert [state for state, _ in orders_of(running_shop, email)] == ["awaiting_bank"]

    bank = context.new_page()
    bank.goto(f"{running_shop.sandbox_url}/_sandbox")
    bank.get_by_role("row").filter(has_text=email).get_by_role("link").first.click()
    bank.get_by_role("button", name="Bank confirms the debit").click()

    assert eventually(lambda: [s for s, _ in orders_of(running_shop, email)] == ["paid"])
    at_payment.reload()
    expect(at_payment.get_by_role("heading", name="Thank you, Ines")).to_be_visible()


@pytest.mark.parametrize("context", [True], indirect=True, ids=["with JavaScript"])
def test_two_tabs_adding_at_once_lose_nothing(
    context: BrowserContext, page: Page, running_shop: RunningShop, pot: Pot
) -> None:
    tabs = [page, context.new_page()]
    for tab in tabs:
        tab.goto(pot.address)

    for _ in range(3):
        with tabs[0].expect_response("**/cart/lines"), tabs[1].expect_response("**/cart/lines"):
            for tab in tabs:
                tab.evaluate(
                    "document.querySelector('form[action$=\"/cart/lines\"]').requestSubmit()"
                )
        for tab in tabs:
            expect(tab.locator("[aria-busy=true]")).to_have_count(0)

    page.goto("/cart")
    expect(page.get_by_role("spinbutton").first).to_have_value("6")


@pytest.mark.parametrize("context", [True], indirect=True, ids=["with JavaScript"])
def test_a_refusal_comes_into_sight_where_the_button_below_was_pressed(
    page: Page, pot: Pot
) -> None:
    page.set_viewport_size({"width": 390, "height": 640})
    page.goto(pot.address)
    page.get_by_label("Quantity").fill("99")
    page.get_by_role("heading", name="Sits well with").scroll_into_view_if_needed()

    page.get_by_role("button", name="Add to basket").last.click()

    expect(page.locator("[data-complaint]")).to_be_in_viewport(ratio=1)
    assert page.context.cookies() == []


@pytest.mark.parametrize("context", [True], indirect=True, ids=["with JavaScript"])
def test_the_merchant_sees_the_order_and_changes_a_price(
    at_payment: Page, context: BrowserContext, running_shop: RunningShop, email: str, pot: Pot
) -> None:
    pay_by_card(at_payment)
    expect(at_payment.get_by_role("heading", name="Thank you, Ines")).to_be_visible()
    ((_, number),) = orders_of(running_shop, email)

    admin = context.new_page()
    admin.goto("/admin/orders")
    admin.get_by_label("Email", exact=True).fill(running_shop.email)
    admin.get_by_label("Password").fill(running_shop.password)
    admin.get_by_role("button", name="Sign in").click()
    admin.get_by_role("link", name=re.compile(str(number))).first.click()
    expect(admin.get_by_role("heading", name=f"Order {number}")).to_be_visible()
    expect(admin.get_by_text(email).first).to_be_visible()

    admin.goto(f"/admin/products?q={pot.sku}")
    admin.get_by_role("link", name=pot.title).first.click()
    price = admin.get_by_label(re.compile("^Price", re.IGNORECASE)).first
    price.fill("41,50")
    admin.get_by_role("button", name="Save").first.click()
    expect(admin.get_by_text("Saved.", exact=True)).to_be_visible()

    changed = running_shop.query("SELECT 1 FROM variants WHERE unit_amount = 4150")
    assert len(changed) == 1
    ((total,),) = running_shop.query("SELECT total_amount FROM orders WHERE email = :e", e=email)
    assert total != 4150
