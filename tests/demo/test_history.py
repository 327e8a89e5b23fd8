from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.demo.history import AlreadyThere, fabricate
from shop.demo.sales import NothingToSell
from shop.extensions import db
from shop.orders.models import LineItem, Order, OrderTag
from shop.payments.models import Payment
from shop.payments.refund_models import Refund, RefundLine
from tests.factories import make_product, make_store


def total(column: object) -> int:
    return db.session.scalar(sa.select(sa.func.coalesce(sa.func.sum(column), 0))) or 0


def test_made_up_sales_add_up_like_real_ones(app: Flask) -> None:
    make_store()
    for amount in (900, 3400, 12_000):
        make_product(unit_amount=amount)

    assert fabricate(orders=300, days=90) == 300

    orders = db.session.scalars(sa.select(Order).order_by(Order.number)).all()
    assert [order.number for order in orders] == list(
        range(orders[0].number or 0, (orders[0].number or 0) + 300)
    )
    assert total(Payment.amount) == total(Order.total_amount)
    assert total(Payment.refunded_amount) == total(Refund.amount) == total(RefundLine.amount) > 0
    assert total(Order.refunded_amount) == total(Refund.amount)
    assert total(LineItem.total_amount) == total(Order.subtotal_amount) - total(
        Order.discount_amount
    )
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OrderTag)) == 300
    assert not db.session.scalar(sa.select(Payment.id).where(Payment.provider_payment_id != ""))


def test_it_is_made_up_once(app: Flask) -> None:
    make_store()
    make_product()
    fabricate(orders=3, days=3)

    with pytest.raises(AlreadyThere):
        fabricate(orders=3, days=3)

    assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 3


def test_a_shop_without_products_sells_nothing(app: Flask) -> None:
    make_store()

    with pytest.raises(NothingToSell):
        fabricate(orders=3, days=3)

    assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0
