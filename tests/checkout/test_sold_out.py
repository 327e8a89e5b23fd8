"""Goods that are sold to somebody else between one read of the basket and the next."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.cart.service import CartView
from shop.catalog.models import Variant
from shop.checkout import views
from shop.checkout.models import Checkout
from shop.extensions import db
from shop.inventory.models import StockItem
from tests.checkout.test_pages import mug, orders, payment
from tests.fakes import FakeGateway
from tests.pages import read

__all__ = ["mug"]


def sell_out(variant: Variant) -> None:
    here = StockItem.variant_id == variant.id
    db.session.execute(sa.update(StockItem).where(here).values(on_hand=0, reserved=0))
    db.session.commit()


def test_paying_for_what_was_just_sold_says_so(
    client: FlaskClient, mug: Variant, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    carts: list[CartView] = []
    read_cart = views.current_cart

    def keeping(checkout: Checkout | None) -> CartView:
        carts.append(read_cart(checkout))
        return carts[-1]

    def before_it_was_sold(checkout: Checkout | None) -> CartView:
        return carts.pop() if carts else read_cart(checkout)

    monkeypatch.setattr(views, "current_cart", keeping)
    page = payment(client)
    form = {
        "total": page.value("total"),
        "shipping_rate_id": page.having("input", name="shipping_rate_id")[0]["value"],
    }
    del carts[:-1]
    sell_out(mug)
    monkeypatch.setattr(views, "current_cart", before_it_was_sold)
    answer = client.post("/checkout/payment", data=form)

    assert (answer.status_code, answer.location) == (303, "/cart")
    assert "sold out while you were checking out" in read(client.get("/cart").text).text
    assert (orders(), gateway.created) == (0, [])


def test_another_way_of_delivery_for_what_is_gone_leads_to_the_basket(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    page = payment(client)
    rate_id = page.having("input", name="shipping_rate_id")[0]["value"]
    sell_out(mug)

    answer = client.post("/checkout/delivery", data={"shipping_rate_id": rate_id})

    assert (answer.status_code, answer.location) == (303, "/cart")
    assert "You have not been charged." in read(client.get("/cart").text).text


def test_paying_when_nothing_is_left_says_so_too(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    total = payment(client).value("total")
    sell_out(mug)

    answer = client.post("/checkout/payment", data={"total": total})

    assert (answer.status_code, answer.location) == (303, "/cart")
    told = read(client.get("/cart").text).text
    assert "sold out while you were checking out. You have not been charged." in told
    assert (orders(), gateway.created) == (0, [])


def test_paying_after_the_visit_ended_says_that_nothing_was_ordered(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    total = payment(client).value("total")
    client.delete_cookie("till")

    answer = client.post("/checkout/payment", data={"total": total}, follow_redirects=True)

    told = read(answer.text).text
    assert "nothing was ordered. You have not been charged." in told
    assert "basket is empty" in told
    assert (orders(), gateway.created) == (0, [])
