"""What goes with products: kept from orders and by hand, and read for pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from shop.audit import AuditEntry
from shop.catalog.models import Product, ProductStatus
from shop.catalog.product_page import published_product
from shop.catalog.service import Direction
from shop.clock import now
from shop.extensions import db
from shop.recommendations import queries, service
from shop.recommendations.models import MAX_PICKS, ProductCompanion
from shop.recommendations.queries import COUNTED_FOR, Beside
from shop.recommendations.together import Companion
from shop.recommendations.worker import count_companions
from shop.store.currencies import Currency
from tests.factories import make_order, make_product, variants_of


@pytest.fixture
def products(app: Flask) -> list[Product]:
    return [make_product(f"Product {n}", handle=f"product-{n}") for n in range(1, 7)]


def buy(*products: Product, times: int = 1, paid: bool = True) -> None:
    for _ in range(times):
        make_order(*(variants_of(product)[0] for product in products), paid=paid)
    db.session.commit()


def kept() -> list[tuple[int, int, int, int]]:
    rows = db.session.scalars(
        sa.select(ProductCompanion).order_by(ProductCompanion.product_id, ProductCompanion.position)
    )
    return [(row.product_id, row.companion_id, row.position, row.orders) for row in rows]


def beside(product: Product) -> Beside:
    page = published_product(product.handle, Currency("GBP"))
    assert page is not None
    return queries.beside(page)


def pick(product: Product, *others: Product) -> None:
    for other in others:
        service.pick(product.id, other.id, by=None)


# From orders


def test_the_worker_counts_paid_orders(products: list[Product]) -> None:
    mug, saucer, vase, *_ = products
    buy(mug, saucer, times=3)
    buy(mug, vase, times=3, paid=False)
    buy(vase, times=4)

    assert count_companions() == 2
    assert kept() == [(mug.id, saucer.id, 1, 3), (saucer.id, mug.id, 1, 3)]


def test_counting_again_writes_nothing(products: list[Product]) -> None:
    buy(*products[:2], times=3)
    buy(products[2], times=4)

    assert [count_companions() for _ in range(2)] == [2, 0]


def test_a_pair_nobody_buys_any_more_goes_away(products: list[Product]) -> None:
    with time_machine.travel(now() - COUNTED_FOR - timedelta(days=1), tick=False):
        buy(*products[:2], times=3)
        buy(products[2], times=4)
        count_companions()
    assert len(kept()) == 2

    assert count_companions() == 2
    assert kept() == []


def test_what_two_workers_write_at_once_is_there_once(products: list[Product]) -> None:
    mug, saucer, *_ = products
    found = {mug.id: [Companion(saucer.id, 3, 1.0)], 999_999: [Companion(mug.id, 3, 1.0)]}

    service.keep_companions(found)
    service._keep([(mug.id, saucer.id, 1, 4)])

    assert kept() == [(mug.id, saucer.id, 1, 4)]


# By hand


def test_picks_stand_in_their_order(products: list[Product]) -> None:
    mug, *others = products
    pick(mug, *others[:3])
    pick(mug, others[0])

    service.move_pick(mug.id, others[2].id, Direction.UP, by=None)
    service.move_pick(mug.id, others[0].id, Direction.UP, by=None)
    service.unpick(mug.id, others[1].id, by=None)
    service.unpick(mug.id, others[1].id, by=None)

    assert [row.id for row in queries.picks_of(mug.id)] == [others[0].id, others[2].id]
    assert db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all() == [
        *["product.picked"] * 3,
        "product.pick_moved",
        "product.unpicked",
    ]


def test_a_product_does_not_go_with_itself_or_with_nothing(products: list[Product]) -> None:
    for other in (products[0].id, 999_999):
        with pytest.raises(service.NotAnotherProduct):
            service.pick(products[0].id, other, by=None)

    assert queries.picks_of(products[0].id) == []


def test_there_are_not_too_many_picks(app: Flask) -> None:
    mug, *others = [make_product() for _ in range(MAX_PICKS + 2)]
    pick(mug, *others[:MAX_PICKS])

    with pytest.raises(service.TooManyPicks):
        pick(mug, others[MAX_PICKS])


# To read


def test_neighbours_stand_in_where_nothing_is_known(products: list[Product]) -> None:
    found = beside(products[0])

    assert found.together == []
    assert list(found.related) == [product.id for product in reversed(products[2:])]


def test_what_is_bought_together_stands_first_and_once(products: list[Product]) -> None:
    mug, saucer, bowl, jug, *_ = products
    pick(mug, saucer, bowl, jug)
    service._keep([(mug.id, jug.id, 1, 5), (mug.id, saucer.id, 2, 4)])

    assert beside(mug) == Beside([jug.id, saucer.id], [bowl.id])


def test_drafts_are_not_told(products: list[Product]) -> None:
    mug, draft, bowl, *_ = products
    pick(mug, draft, bowl)
    service._keep([(mug.id, draft.id, 1, 5)])
    draft.status = ProductStatus.DRAFT
    db.session.flush()

    assert beside(mug) == Beside([], [bowl.id])
    assert queries.goes_with([variants_of(mug)[0].id]) == [bowl.id]


def test_what_goes_with_a_cart_is_not_in_it(products: list[Product]) -> None:
    """The saucer goes with two things of the cart and stands before the vase."""
    mug, pot, saucer, vase, tray, _ = products
    service._keep(
        [(mug.id, pot.id, 1, 9), (mug.id, vase.id, 2, 8), (mug.id, saucer.id, 3, 7),
         (pot.id, saucer.id, 1, 7)]
    )  # fmt: skip
    pick(mug, tray)

    found = queries.goes_with([variants_of(mug)[0].id, variants_of(pot)[0].id])

    assert found == [saucer.id, vase.id, tray.id]
    assert queries.goes_with([]) == []


def test_a_deleted_product_goes_with_nothing(products: list[Product]) -> None:
    mug, saucer, *_ = products
    pick(mug, saucer)
    service._keep([(mug.id, saucer.id, 1, 5)])

    db.session.delete(saucer)
    db.session.flush()

    assert (queries.picks_of(mug.id), kept()) == ([], [])
