"""The worker killed again and again in the middle of an import, and of its undoing."""

from __future__ import annotations

import random
import time

import pytest
import sqlalchemy as sa

from shop.catalog.models import Product
from shop.database import in_transaction
from shop.extensions import db
from shop.imports import service
from shop.imports.models import Import, ImportState
from shop.inventory.models import StockItem, StockMovement
from tests.catalog.sheets import HEADER, export
from tests.imports.files import give, import_of, person
from tests.imports.files import start as start_import
from tests.reliability.conftest import FULL
from tests.reliability.processes import wait_until
from tests.reliability.shop_processes import Shop

PRODUCTS = 2000 if FULL else 200
KILLS = 20 if FULL else 3


@pytest.mark.timeout(1800)
def test_killed_at_any_moment_an_import_does_everything_once(still_shop: Shop) -> None:
    shop = still_shop
    with shop.app.app_context():
        before = export()
        import_id = give(sheet())
    kill_until(shop, import_id, ImportState.CHECKED)
    with shop.app.app_context():
        assert start_import(import_id)
        db.session.commit()
    kill_until(shop, import_id, ImportState.DONE)

    with shop.app.app_context():
        done = import_of(import_id)
        assert (done.created_count, done.position) == (PRODUCTS, PRODUCTS)
        assert count(Product) == PRODUCTS
        assert count(StockMovement) == PRODUCTS
        assert db.session.scalar(sa.select(sa.func.sum(StockItem.on_hand))) == 3 * PRODUCTS
        undo(import_id)
    kill_until(shop, import_id, ImportState.UNDONE)

    with shop.app.app_context():
        assert import_of(import_id).conflict_count == 0
        assert export() == before


def sheet() -> str:
    rows = (f"mug-{n},Mug {n},Title,Default Title,SKU-{n},shopify,3,5,\n" for n in range(PRODUCTS))
    return HEADER + "".join(rows)


def undo(import_id: int) -> None:
    by = person()
    assert in_transaction(lambda: service.undo(import_id, by=by))


def kill_until(shop: Shop, import_id: int, state: ImportState) -> None:
    """Let workers begin, and kill them, then let one end it."""
    for _ in range(KILLS):
        shop.start("worker")
        time.sleep(random.uniform(0.5, 3))
        shop.kill("worker")
    shop.start("worker")
    wait_until(lambda: state_of(shop, import_id) == state, f"the import is {state}", seconds=300)
    shop.stop("worker")


def state_of(shop: Shop, import_id: int) -> str | None:
    with shop.app.app_context():
        state = db.session.scalar(sa.select(Import.state).where(Import.id == import_id))
        db.session.rollback()
        return state


def count(model: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
