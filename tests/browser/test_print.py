"""What the page of an order leaves on paper."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from shop.clock import now
from shop.extensions import db
from shop.orders import service as orders
from shop.orders.models import Order
from shop.orders.placement import PayBy
from shop.orders.states import OrderState
from shop.orders.urls import order_link
from shop.settings import ROOT
from tests.factories import make_order, make_store

pytestmark = pytest.mark.browser

BANK = "IBAN GB33 BUKB 2020 1555 5555 55"


def printed(client: FlaskClient, browser: Browser, order: Order) -> str:
    """The words that are on the paper."""
    db.session.flush()
    page = browser.new_page()
    page.emulate_media(media="print")
    page.set_content(client.get(f"/orders/{order_link(order.token)}").text)
    page.add_style_tag(path=ROOT / "static/css/checkout.css")
    words = page.inner_text("main")
    page.close()
    return " ".join(words.split())


def test_whoever_prints_how_to_pay_gets_bank_amount_and_reference(
    client: FlaskClient, browser: Browser
) -> None:
    make_store()
    order = make_order()
    order.state, order.pay_by, order.instructions = (
        OrderState.AWAITING_MONEY, PayBy.BANK_TRANSFER, BANK,
    )  # fmt: skip
    order.expires_at = now()

    paper = printed(client, browser, order)

    assert BANK in paper
    assert f"Amount £38.50 Reference of the transfer {order.reference}" in paper


def test_what_happens_next_stays_off_the_paper_of_a_paid_order(
    client: FlaskClient, browser: Browser
) -> None:
    make_store()
    order = make_order()
    orders.mark_paid(order, at=now())

    paper = printed(client, browser, order)

    assert "What happens next" not in paper
    assert "Total £38.50" in paper
