"""Selling beyond what is on hand: as far as it is allowed, the oldest orders served first."""

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
from shop.inventory import queries, reservations
from shop.inventory import service as inventory
from shop.inventory.models import Backorders, MovementReason, Reservation, StockItem
from shop.orders import service as orders
from shop.orders.models import Order
from tests.factories import make_order, make_variant, stock_of

MAY = date(2099, 5, 1)


def make_backorderable(*, on_hand: int = 0, limit: int = 5) -> Variant:
    variant = make_variant(on_hand=on_hand)
    inventory.set_backorders(
        variant.id, Backorders.BACKORDER, limit=limit, promised_on=MAY, by=None
    )
    return variant


def order_of(variant: Variant, quantity: int, *, paid: bool = False) -> Order:
    return make_order(variant, quantity=quantity, backordered=quantity, paid=paid)


def waiting_in(order: Order) -> int:
    return queries.waiting_of(order.id).get(the_variant_of(order), 0)


def the_variant_of(order: Order) -> int:
    found = sa.select(Reservation.variant_id).where(Reservation.order_id == order.id)
    return db.session.execute(found).scalar_one()


def test_units_beyond_stock_wait_and_are_owed_once_they_are_paid(app: Flask) -> None:
    variant = make_backorderable(on_hand=2)

    order = order_of(variant, 3, paid=True)

    assert stock_of(variant) == (-1, 0)
    assert waiting_in(order) == 1


def test_nobody_gets_more_than_the_limit(app: Flask) -> None:
    variant = make_backorderable(limit=2)
    order_of(variant, 2)

    with pytest.raises(reservations.OutOfStock):
        order_of(variant, 1)

    assert stock_of(variant) == (0, 2)


def test_a_buyer_who_was_told_of_fewer_units_to_come_is_asked_again(app: Flask) -> None:
    """Somebody else took the last unit between the page and the button."""
    variant = make_backorderable(on_hand=1)

    with pytest.raises(reservations.OutOfStock):
        make_order(variant, quantity=2, backordered=0)

    assert stock_of(variant) == (1, 0)


def test_what_comes_in_goes_to_the_oldest_orders(app: Flask) -> None:
    variant = make_backorderable()
    first, second = order_of(variant, 2, paid=True), order_of(variant, 3)

    inventory.add_on_hand(variant.id, 3, reason=MovementReason.RECEIVED, by=None)

    assert (waiting_in(first), waiting_in(second)) == (0, 2)
    assert stock_of(variant) == (1, 3)


def test_what_an_ended_order_held_goes_to_who_waits(app: Flask) -> None:
    variant = make_backorderable(on_hand=2)
    first, second = order_of(variant, 2), order_of(variant, 2, paid=True)
    assert (waiting_in(first), waiting_in(second)) == (0, 2)

    orders.cancel(orders.locked(first.id), reason="test")

    assert waiting_in(second) == 0
    assert stock_of(variant) == (0, 0)


def test_a_paid_order_called_off_frees_what_it_waited_for(app: Flask) -> None:
    """Units that were never here go back to nobody's shelf, though the goods are not restocked."""
    variant = make_backorderable(on_hand=1)
    order, later = order_of(variant, 3, paid=True), order_of(variant, 1, paid=True)

    reservations.restock(order.id, {}, unsent={variant.id: 3})

    assert stock_of(variant) == (-1, 0)
    assert (waiting_in(order), waiting_in(later)) == (0, 1)


def test_units_on_the_shelf_serve_those_who_wait_when_an_order_is_called_off(app: Flask) -> None:
    variant = make_backorderable(on_hand=1)
    order, later = order_of(variant, 1, paid=True), order_of(variant, 1, paid=True)

    reservations.restock(order.id, {variant.id: 1}, unsent={variant.id: 1})

    assert waiting_in(later) == 0
    assert stock_of(variant) == (0, 0)


def test_ending_back_orders_sells_no_more_and_keeps_those_that_were_taken(app: Flask) -> None:
    variant = make_backorderable(limit=5)
    order = order_of(variant, 2, paid=True)

    inventory.set_backorders(variant.id, Backorders.NONE, limit=0, promised_on=None, by=None)

    assert waiting_in(order) == 2
    with pytest.raises(reservations.OutOfStock):
        order_of(variant, 1)


def test_the_limit_cannot_be_less_than_what_waits(app: Flask) -> None:
    variant = make_backorderable(limit=5)
    order_of(variant, 3, paid=True)
    entries = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry))

    with pytest.raises(inventory.LimitTaken) as refusal:
        inventory.set_backorders(
            variant.id, Backorders.BACKORDER, limit=2, promised_on=MAY, by=None
        )

    assert refusal.value.waiting == 3
    assert db.session.get_one(StockItem, variant.id, populate_existing=True).backorder_limit == 5
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == entries


def test_a_number_is_not_set_over_units_that_are_owed(app: Flask) -> None:
    variant = make_backorderable()
    order_of(variant, 2, paid=True)

    with pytest.raises(inventory.SoldAhead):
        inventory.set_on_hand(variant.id, 4, expected=-2)

    assert stock_of(variant) == (-2, 0)


def test_the_database_refuses_to_promise_beyond_the_limit(app: Flask) -> None:
    variant = make_backorderable(limit=1)

    with pytest.raises(sa.exc.IntegrityError):
        db.session.execute(
            sa.update(StockItem).where(StockItem.variant_id == variant.id).values(reserved=2)
        )


def test_a_variant_that_orders_wait_for_cannot_be_removed(app: Flask) -> None:
    from shop.catalog import variant_service

    variant = make_backorderable()
    order_of(variant, 1, paid=True)

    with pytest.raises(variant_service.UnitsPromised):
        variant_service.discard_variants([variant], by=None)


def test_fifty_at_once_want_the_last_unit_that_may_wait(own_database: Flask) -> None:
    with own_database.app_context(), transaction():
        variant = make_backorderable(limit=1)
        variant_id = variant.id
        order_ids = [make_order(make_variant()).id for _ in range(50)]
    held: list[int] = []
    refused: list[int] = []

    def want(order_id: int) -> None:
        with own_database.app_context():
            try:
                in_transaction(
                    lambda: reservations.reserve(order_id, {variant_id: 1}, waiting={variant_id: 1})
                )
                held.append(order_id)
            except reservations.OutOfStock:
                refused.append(order_id)

    threads = [threading.Thread(target=want, args=[order_id]) for order_id in order_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(held), len(refused)) == (1, 49)
    with own_database.app_context():
        item = db.session.get_one(StockItem, variant_id)
        assert (item.on_hand, item.reserved) == (0, 1)
        assert queries.waiting_of(held[0]) == {variant_id: 1}
