from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.database import in_transaction, transaction
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import StockItem, StockMovement
from tests.factories import make_variant, stock_of


def movements_of(variant_id: int) -> list[int]:
    return list(
        db.session.scalars(
            sa.select(StockMovement.quantity)
            .where(StockMovement.variant_id == variant_id)
            .order_by(StockMovement.id)
        )
    )


def test_counting_stock_leaves_a_movement_of_the_difference(app: Flask) -> None:
    variant = make_variant(on_hand=10)

    inventory.set_on_hand(variant.id, 7)

    assert stock_of(variant) == (7, 0)
    assert movements_of(variant.id) == [10, -3]


def test_a_count_does_not_overwrite_what_changed_meanwhile(app: Flask) -> None:
    variant = make_variant(on_hand=9)

    with pytest.raises(inventory.StockChanged) as refusal:
        inventory.set_on_hand(variant.id, 12, expected=10)

    assert refusal.value.on_hand == 9
    assert stock_of(variant) == (9, 0)
    assert movements_of(variant.id) == [9]


def test_a_variant_without_tracking_is_tracked_only_when_its_promises_fit(app: Flask) -> None:
    variant = make_variant(on_hand=2, is_tracked=False)

    inventory.set_tracked(variant.id, True)

    assert db.session.get_one(StockItem, variant.id, populate_existing=True).is_tracked


def test_a_waiting_writer_sees_what_the_first_one_left(own_database: Flask) -> None:
    with own_database.app_context(), transaction():
        variant_id = make_variant(on_hand=10).id
    refused: list[int] = []

    def take_one() -> None:
        def work() -> None:
            updated = db.session.scalar(
                sa.update(StockItem)
                .where(StockItem.variant_id == variant_id, StockItem.on_hand >= 1)
                .values(on_hand=StockItem.on_hand - 1)
                .returning(StockItem.variant_id)
                .execution_options(synchronize_session=False)
            )
            if updated is None:
                refused.append(1)

        with own_database.app_context():
            in_transaction(work)

    threads = [threading.Thread(target=take_one) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with own_database.app_context():
        assert db.session.get_one(StockItem, variant_id).on_hand == 0
    assert len(refused) == 6
