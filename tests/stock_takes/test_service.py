from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.audit import AuditEntry
from shop.catalog.models import Variant
from shop.database import in_transaction, transaction
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import Backorders, StockMovement
from shop.orders import fulfillments
from shop.orders import service as orders
from shop.orders.fulfillments import Parcel
from shop.orders.models import LineItem, Order
from shop.stock_takes import queries, service
from shop.stock_takes.models import StockTake, StockTakeLine, TakeState
from tests.accounts.people import make_admin
from tests.factories import make_order, make_variant, stock_of


def start(press: str = "press") -> tuple[int, int]:
    """The stock take of everything, and who began it."""
    by = make_admin().id
    return service.start("Spring", sa.select(Variant.id), press=press, by=by).id, by


def send(order: Order, by: int) -> None:
    line = db.session.scalars(sa.select(LineItem).where(LineItem.order_id == order.id)).one()
    fulfillments.fulfill(
        orders.locked(order.id),
        {line.id: line.quantity},
        Parcel(),
        press=f"send-{order.id}",
        by=by,
        is_told=False,
    )


def test_a_difference_becomes_one_movement_in_one_entry(app: Flask) -> None:
    first, second, third = (make_variant(on_hand=10) for _ in range(3))
    take, by = start()
    service.count(take, first.id, 7, was=None, by=by)
    service.count(take, second.id, 10, was=None, by=by)
    before = set(db.session.scalars(sa.select(AuditEntry.id)))

    assert service.finish(take, by=by) == 1

    assert [stock_of(one)[0] for one in (first, second, third)] == [7, 10, 10]
    movement = db.session.scalars(
        sa.select(StockMovement).where(StockMovement.reason == "stock_take")
    ).one()
    assert (movement.variant_id, movement.quantity, movement.note) == (first.id, -3, "Spring")
    entries = [
        entry for entry in db.session.scalars(sa.select(AuditEntry)) if entry.id not in before
    ]
    assert [entry.action for entry in entries] == ["stock_take.finished"]
    assert entries[0].data["differences"] == {str(first.id): -3}


def test_sales_during_the_count_are_no_difference(app: Flask) -> None:
    """Some before it was counted, some after, sent or still on the shelf."""
    variant = make_variant(on_hand=10)
    take, by = start()
    send(make_order(variant, quantity=2, paid=True), by)
    make_order(variant, quantity=3, paid=True)  # still on the shelf

    service.count(take, variant.id, 8, was=None, by=by)
    send(make_order(variant, quantity=1, paid=True), by)

    assert queries.progress(take).different == 0
    service.finish(take, by=by)
    assert stock_of(variant) == (4, 0)


def test_what_is_owed_is_not_missed_on_the_shelf(app: Flask) -> None:
    variant = make_variant(on_hand=1)
    inventory.set_backorders(variant.id, Backorders.BACKORDER, limit=5, promised_on=None, by=None)
    make_order(variant, quantity=3, backordered=2, paid=True)
    take, by = start()

    service.count(take, variant.id, 1, was=None, by=by)

    assert queries.progress(take).different == 0


def test_scans_add_up_between_people(app: Flask) -> None:
    variant = make_variant(on_hand=3)
    take, by = start()
    other = make_admin(email="second@example.com").id

    for who in (by, other, by):
        service.add(take, variant.id, 1, by=who)

    assert queries.progress(take).units == 0
    assert queries.progress(take).counted == 1


def test_a_number_that_somebody_else_counted_is_not_overwritten(app: Flask) -> None:
    variant = make_variant(on_hand=3)
    take, by = start()
    other = make_admin(email="second@example.com").id
    service.count(take, variant.id, 2, was=None, by=other)

    with pytest.raises(service.CountedMeanwhile):
        service.count(take, variant.id, 3, was=None, by=by)

    line = db.session.get_one(StockTakeLine, (take, variant.id))
    assert (line.counted, line.account_id) == (2, other)


def test_fewer_than_are_promised_are_refused_whole(app: Flask) -> None:
    short, other = make_variant(on_hand=5), make_variant(on_hand=5)
    make_order(short, quantity=4)
    take, by = start()
    service.count(take, short.id, 2, was=None, by=by)
    service.count(take, other.id, 3, was=None, by=by)

    with pytest.raises(service.BelowPromised) as refusal, db.session.begin_nested():
        service.finish(take, by=by)

    assert refusal.value.reserved == {short.id: 4}
    assert (stock_of(short), stock_of(other)) == ((5, 4), (5, 0))
    assert db.session.get_one(StockTake, take, populate_existing=True).is_open


def test_an_abandoned_count_changes_nothing_and_takes_no_more(app: Flask) -> None:
    variant = make_variant(on_hand=5)
    take, by = start()
    service.count(take, variant.id, 2, was=None, by=by)

    service.abandon(take, by=by)

    assert stock_of(variant) == (5, 0)
    for again in (
        lambda: service.add(take, variant.id, 1, by=by),
        lambda: service.finish(take, by=by),
        lambda: service.abandon(take, by=by),
    ):
        with pytest.raises(service.NotOpen):
            again()


def test_what_nobody_counts_and_what_was_not_chosen_is_left_out(app: Flask) -> None:
    chosen, other = make_variant(on_hand=5), make_variant(on_hand=5)
    endless = make_variant(is_tracked=False)
    by = make_admin().id
    ids = sa.select(Variant.id).where(Variant.id.in_([chosen.id, endless.id]))

    take = service.start("Some", ids, press="a", by=by)

    assert [line.variant_id for line in db.session.scalars(sa.select(StockTakeLine))] == [chosen.id]
    with pytest.raises(service.NotListed):
        service.add(take.id, other.id, 1, by=by)


def test_a_count_of_nothing_is_refused(app: Flask) -> None:
    with pytest.raises(service.NothingToCount):
        service.start("Nothing", sa.select(Variant.id), press="a", by=make_admin().id)


def test_differences_are_worth_what_they_cost(app: Flask) -> None:
    variant = make_variant(on_hand=5)
    variant.cost_amount = 850
    take, by = start()

    service.count(take, variant.id, 3, was=None, by=by)

    assert (queries.progress(take).units, queries.progress(take).worth) == (-2, -1700)


def test_two_who_finish_at_once_change_stock_once(own_database: Flask) -> None:
    with own_database.app_context(), transaction():
        variant_id = make_variant(on_hand=10).id
        take, by = start()
        service.count(take, variant_id, 7, was=None, by=by)
    refused: list[int] = []

    def finish() -> None:
        with own_database.app_context():
            try:
                in_transaction(lambda: service.finish(take, by=by))
            except service.NotOpen:
                refused.append(1)

    threads = [threading.Thread(target=finish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    with own_database.app_context():
        assert stock_of(db.session.get_one(Variant, variant_id)) == (7, 0)
        assert db.session.get_one(StockTake, take).state == TakeState.FINISHED
