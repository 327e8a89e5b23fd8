"""Goods that are sold before they are here: the shopper knows it at every step."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.catalog.models import Product, Variant
from shop.clock import now
from shop.extensions import db
from shop.inventory import queries as stock
from shop.inventory import service as inventory
from shop.inventory.models import Backorders, MovementReason, StockItem
from shop.orders import fulfillments, letters
from shop.orders import service as orders_service
from shop.orders.fulfillments import MoreThanUnsent, NothingToSend, Parcel
from shop.orders.models import LineItem, Order
from shop.orders.urls import order_url
from shop.outbox import mailer
from tests.accounts.people import make_admin
from tests.checkout.test_pages import mug, payment
from tests.factories import make_order, stock_of
from tests.fakes import FakeGateway
from tests.pages import read

__all__ = ["mug"]

MAY = date(2099, 5, 12)


@pytest.fixture
def coming(mug: Variant) -> Variant:
    """One is here, and three more may be sold until the twelfth of May."""
    inventory.set_on_hand(mug.id, 1)
    inventory.set_backorders(mug.id, Backorders.BACKORDER, limit=3, promised_on=MAY, by=None)
    db.session.commit()
    return mug


def page_of(client: FlaskClient, variant: Variant) -> str:
    product = db.session.get_one(Product, variant.product_id)
    return client.get(f"/products/{product.handle}").text


def order_now() -> Order:
    return db.session.scalars(sa.select(Order).order_by(Order.id.desc())).first() or Order()


def pay(client: FlaskClient) -> int:
    page = payment(client)
    form = {
        "total": page.value("total"),
        "shipping_rate_id": page.having("input", name="shipping_rate_id")[0]["value"],
    }
    return client.post("/checkout/payment", data=form).status_code


def test_a_product_page_says_in_stock_while_one_is_here(
    client: FlaskClient, coming: Variant
) -> None:
    assert "In stock" in page_of(client, coming)


@pytest.mark.parametrize(
    ("kind", "day", "words", "button"),
    [
        (
            Backorders.BACKORDER,
            MAY,
            "On back-order: sent by 12\N{NO-BREAK SPACE}May",
            "Add to basket",
        ),
        (Backorders.BACKORDER, None, "On back-order: sent as soon as", "Add to basket"),
        (Backorders.PREORDER, MAY, "Pre-order: sent by 12\N{NO-BREAK SPACE}May", "Pre-order"),
        (Backorders.PREORDER, date(2020, 1, 1), "Pre-order: sent as soon as", "Pre-order"),
    ],
)
def test_a_product_page_says_when_it_comes(
    client: FlaskClient,
    coming: Variant,
    kind: Backorders,
    day: date | None,
    words: str,
    button: str,
) -> None:
    inventory.set_on_hand(coming.id, 0)
    inventory.set_backorders(coming.id, kind, limit=3, promised_on=day, by=None)
    db.session.commit()

    page = page_of(client, coming)

    assert words in page
    assert f">{button}</button>" in page
    assert "Sold out" not in page


def test_a_product_page_says_sold_out_once_the_limit_is_reached(
    client: FlaskClient, coming: Variant
) -> None:
    make_order(coming, quantity=4, backordered=3)
    db.session.commit()

    assert "Sold out" in page_of(client, coming)


def test_basket_checkout_order_and_mail_tell_what_is_sent_later(
    client: FlaskClient, coming: Variant, gateway: FakeGateway
) -> None:
    client.post("/cart/lines", data={"variant_id": coming.id, "quantity": "2"})
    later = "2 of them are sent later, by 12 May."

    assert later in read(client.get("/cart").text).text
    assert later in payment(client).text
    assert pay(client) == 303

    order = order_now()
    (line,) = db.session.scalars(sa.select(LineItem).where(LineItem.order_id == order.id))
    assert (line.quantity, line.backordered_quantity, line.promised_on) == (3, 2, MAY)
    assert stock.waiting_of(order.id) == {coming.id: 2}
    orders_service.mark_paid(orders_service.locked(order.id), at=now(), method="Visa")
    db.session.commit()
    assert stock_of(coming) == (-2, 0)
    assert later in read(client.get(order_url(order.token)).text).text
    for words in mailer.render(letters.confirmation({"order_id": order.id})):
        assert later in read(words).text


def test_pressing_pay_again_finds_the_same_order(
    client: FlaskClient, coming: Variant, gateway: FakeGateway
) -> None:
    client.post("/cart/lines", data={"variant_id": coming.id, "quantity": "2"})
    assert pay(client) == 303
    first = order_now().id

    assert pay(client) == 303

    assert order_now().id == first
    assert stock_of(coming) == (1, 3)


def test_the_basket_holds_no_more_than_the_limit(client: FlaskClient, coming: Variant) -> None:
    answer = client.post("/cart/lines", data={"variant_id": coming.id, "quantity": "9"})

    assert answer.status_code == 409
    assert "We do not have that many" in read(answer.text).text


def test_what_waits_is_not_sent_before_it_has_come(coming: Variant) -> None:
    order, by = make_order(coming, quantity=3, backordered=2, paid=True), make_admin().id
    (line,) = db.session.scalars(sa.select(LineItem).where(LineItem.order_id == order.id))

    def send(units: int, press: str) -> None:
        fulfillments.fulfill(
            orders_service.locked(order.id),
            {line.id: units},
            Parcel(),
            press=press,
            by=by,
            is_told=False,
        )

    with pytest.raises(MoreThanUnsent) as refusal:
        send(2, "a")
    assert refusal.value.unsent == 1
    send(1, "b")
    with pytest.raises((MoreThanUnsent, NothingToSend)):
        send(1, "c")

    inventory.add_on_hand(coming.id, 2, reason=MovementReason.RECEIVED, by=by)
    send(2, "d")

    db.session.refresh(line)
    assert line.fulfilled_quantity == 3
    assert db.session.get_one(StockItem, coming.id, populate_existing=True).on_hand == 0
