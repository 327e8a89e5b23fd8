from __future__ import annotations

import threading
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.audit import AuditEntry
from shop.catalog.models import Variant
from shop.database import in_transaction, transaction
from shop.extensions import db
from shop.inventory.models import StockMovement
from shop.purchasing import queries, service
from shop.purchasing.models import PurchaseOrder
from shop.purchasing.service import Ordered, PurchaseDetails
from tests.accounts.people import make_admin
from tests.factories import make_variant, stock_of

MAY = date(2099, 5, 12)


def make_purchase(*lines: Ordered, is_told: bool = False, press: str = "press") -> PurchaseOrder:
    details = PurchaseDetails("Clay & Sons", "PO-7", MAY, is_told=is_told)
    made = service.create(details, lines, press=press, by=make_admin().id)
    return service.locked(made.id)


def by(order: PurchaseOrder) -> int:
    assert order.account_id is not None
    return order.account_id


def test_what_is_ordered_is_incoming_until_it_comes(app: Flask) -> None:
    variant = make_variant(on_hand=2)
    order = make_purchase(Ordered(variant.id, 10, 850))
    (line,) = order.lines

    service.receive(order.id, {line.id: 4}, press="a", by=by(order))

    assert stock_of(variant) == (6, 0)
    assert queries.incoming([variant.id])[variant.id].units == 6
    assert db.session.get_one(Variant, variant.id, populate_existing=True).cost_amount == 850
    movement = db.session.scalars(
        sa.select(StockMovement).where(StockMovement.purchase_order_id == order.id)
    ).one()
    assert (movement.quantity, movement.reason, movement.note) == (4, "received", "PO-7")


def test_an_order_is_finished_once_all_of_it_came(app: Flask) -> None:
    variant = make_variant(on_hand=0)
    order = make_purchase(Ordered(variant.id, 3))

    service.receive(order.id, {order.lines[0].id: 3}, press="a", by=by(order))

    assert not service.locked(order.id).is_open
    assert queries.incoming([variant.id]) == {}


def test_one_press_takes_in_once(app: Flask) -> None:
    variant = make_variant(on_hand=0)
    order = make_purchase(Ordered(variant.id, 10))
    (line,) = order.lines

    for _ in range(2):
        service.receive(order.id, {line.id: 4}, press="a", by=by(order))

    assert stock_of(variant) == (4, 0)
    assert service.locked(order.id).lines[0].received == 4


def test_more_than_was_ordered_is_taken_in_only_knowingly(app: Flask) -> None:
    variant = make_variant(on_hand=0)
    order = make_purchase(Ordered(variant.id, 3))
    (line,) = order.lines
    entries = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry))

    with pytest.raises(service.OverReceipt) as refusal:
        service.receive(order.id, {line.id: 5}, press="a", by=by(order))

    assert refusal.value.over == {line.id: 2}
    assert stock_of(variant) == (0, 0)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == entries
    service.receive(order.id, {line.id: 5}, press="a", by=by(order), may_be_over=True)
    assert stock_of(variant) == (5, 0)


def test_the_rest_can_be_called_off(app: Flask) -> None:
    variant = make_variant(on_hand=0)
    order = make_purchase(Ordered(variant.id, 10))
    service.receive(order.id, {order.lines[0].id: 4}, press="a", by=by(order))

    assert service.cancel_rest(order.id, by=by(order)) == 6
    assert service.cancel_rest(order.id, by=by(order)) == 0

    assert queries.incoming([variant.id]) == {}
    assert stock_of(variant) == (4, 0)


def test_a_line_cannot_be_less_than_what_came(app: Flask) -> None:
    variant = make_variant(on_hand=0)
    order = make_purchase(Ordered(variant.id, 10))
    (line,) = order.lines
    service.receive(order.id, {line.id: 4}, press="a", by=by(order))

    with pytest.raises(service.FewerThanReceived):
        service.change_line(order.id, line.id, 3, None, by=by(order))

    assert service.locked(order.id).lines[0].quantity == 10


def test_a_variant_stands_once_on_an_order(app: Flask) -> None:
    variant = make_variant()
    order = make_purchase(Ordered(variant.id, 10))

    with pytest.raises(service.AlreadyListed):
        service.add_lines(order.id, [Ordered(variant.id, 2)], by=by(order))


def test_the_same_press_is_one_order(app: Flask) -> None:
    variant = make_variant()
    first = make_purchase(Ordered(variant.id, 10))
    details = PurchaseDetails("Clay & Sons")

    again = service.create(details, [Ordered(variant.id, 10)], press="press", by=by(first))

    assert again.id == first.id


def test_only_told_orders_give_shoppers_a_day(app: Flask) -> None:
    told, untold = make_variant(), make_variant()
    make_purchase(Ordered(told.id, 1), is_told=True, press="a")
    service.create(
        PurchaseDetails("Clay & Sons", expected_on=MAY),
        [Ordered(untold.id, 1)],
        press="b",
        by=by(db.session.scalars(sa.select(PurchaseOrder)).one()),
    )

    assert queries.told_days([told.id, untold.id]) == {told.id: MAY}


def test_two_who_take_in_the_rest_at_once_take_it_in_once(own_database: Flask) -> None:
    with own_database.app_context(), transaction():
        variant = make_variant(on_hand=0)
        order = make_purchase(Ordered(variant.id, 5))
        order_id, line_id, who, variant_id = order.id, order.lines[0].id, by(order), variant.id
    refused: list[str] = []

    def take(press: str) -> None:
        with own_database.app_context():
            try:
                in_transaction(lambda: service.receive(order_id, {line_id: 5}, press=press, by=who))
            except service.OverReceipt:
                refused.append(press)

    threads = [threading.Thread(target=take, args=[press]) for press in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    with own_database.app_context():
        assert stock_of(db.session.get_one(Variant, variant_id)) == (5, 0)
