"""Reading what goes with products. Only published ones are told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from shop.catalog.models import Product, ProductStatus, Variant
from shop.catalog.product_page import ProductPage, related_ids
from shop.extensions import db
from shop.orders.models import LineItem, Order
from shop.orders.states import OrderState
from shop.recommendations.models import ProductCompanion, ProductPick

#: In one row on a product's page, and in the cart.
SHOWN = 4
#: What people bought together longer ago says little of what goes together now.
COUNTED_FOR = timedelta(days=365)
#: The newest so many orders are counted, so that counting takes seconds in any shop.
MAX_COUNTED = 100_000


@dataclass(frozen=True)
class Beside:
    """Ids of what stands beside a product; none is in both."""

    together: Sequence[int] = ()
    #: Picked by hand, or else its neighbours in the shop.
    related: Sequence[int] = ()

    @property
    def ids(self) -> list[int]:
        return [*self.together, *self.related]


def beside(page: ProductPage) -> Beside:
    """At most two queries."""
    together, picks = _kept_beside(page.id)
    related = picks or [id_ for id_ in related_ids(page) if id_ not in together]
    return Beside(together, related)


def _kept_beside(product_id: int) -> tuple[list[int], list[int]]:
    """Bought together, and picked by hand. One query."""
    rows = db.session.execute(_BESIDE, {"product_id": product_id}).all()
    together = [row.id for row in rows if row.kind == 0][:SHOWN]
    picked = [row.id for row in rows if row.kind == 1 and row.id not in together]
    return together, picked[:SHOWN]


def goes_with(variant_ids: Collection[int], limit: int = 12) -> list[int]:
    """Products that go with a cart of these variants and are not in it. One query.

    What more of them are bought with stands first, then what was picked by hand.
    """
    if not variant_ids:
        return []
    return list(db.session.scalars(_GOES_WITH, {"ids": list(variant_ids), "limit": limit}))


def _both(which: Callable[[Any], sa.ColumnElement[bool]]) -> sa.Subquery:
    """Companions, of kind 0, and picks, of kind 1, of the products that `which` tells."""
    companions = sa.select(
        ProductCompanion.companion_id.label("id"), ProductCompanion.position.label("position"),
        sa.literal(0).label("kind"),
    ).where(which(ProductCompanion.product_id))  # fmt: skip
    picks = sa.select(
        ProductPick.picked_id.label("id"), ProductPick.position.label("position"), sa.literal(1)
    ).where(which(ProductPick.product_id))
    return sa.union_all(companions, picks).subquery()


def _beside() -> sa.Select[tuple[int, int]]:
    both = _both(lambda column: column == sa.bindparam("product_id", type_=sa.Integer))
    return (
        sa.select(both.c.id, both.c.kind)
        .join(Product, Product.id == both.c.id)
        .where(Product.status == ProductStatus.PUBLISHED)
        .order_by(both.c.kind, both.c.position, both.c.id)
    )


def _going_with() -> sa.Select[tuple[int]]:
    inside = sa.select(Variant.product_id).where(
        Variant.id.in_(sa.bindparam("ids", expanding=True))
    )
    both = _both(lambda column: column.in_(inside))
    return (
        sa.select(both.c.id)
        .join(Product, Product.id == both.c.id)
        .where(Product.status == ProductStatus.PUBLISHED, both.c.id.not_in(inside))
        .group_by(both.c.id)
        .order_by(
            sa.func.min(both.c.kind),
            sa.func.count().desc(),
            sa.func.min(both.c.position),
            both.c.id,
        )
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )


#: Built once: each product's page and each basket that is shown asks them.
_BESIDE, _GOES_WITH = _beside(), _going_with()


def picks_of(product_id: int) -> list[Any]:
    """Id, title, handle and status of those picked by hand, drafts too, in their order."""
    return list(
        db.session.execute(
            sa.select(Product.id, Product.title, Product.handle, Product.status)
            .join(ProductPick, ProductPick.picked_id == Product.id)
            .where(ProductPick.product_id == product_id)
            .order_by(ProductPick.position, ProductPick.picked_id)
        )
    )


def companions_of(product_id: int) -> list[Any]:
    """Id, title and count of orders, the closest first."""
    return list(
        db.session.execute(
            sa.select(Product.id, Product.title, ProductCompanion.orders)
            .join(ProductCompanion, ProductCompanion.companion_id == Product.id)
            .where(ProductCompanion.product_id == product_id)
            .order_by(ProductCompanion.position, ProductCompanion.companion_id)
        )
    )


def published_ids(handles: Collection[str]) -> list[int]:
    """Those of the handles that are in the shop, in the order of the handles. One query."""
    if not handles:
        return []
    rows = db.session.execute(
        sa.select(Product.handle, Product.id).where(
            Product.handle.in_(handles), Product.status == ProductStatus.PUBLISHED
        )
    )
    ids = {row.handle: row.id for row in rows}
    return [ids[handle] for handle in dict.fromkeys(handles) if handle in ids]


def counted_orders(at: datetime) -> Iterator[list[int]]:
    """The different products of each paid order that counts, the newest orders first."""
    newest = (
        sa.select(Order.id)
        .where(Order.paid_at > at - COUNTED_FOR, Order.state == OrderState.PAID)
        .order_by(Order.paid_at.desc())
        .limit(MAX_COUNTED)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(LineItem.order_id, Variant.product_id)
        .join(newest, newest.c.id == LineItem.order_id)
        .join(Variant, Variant.id == LineItem.variant_id)
        .order_by(LineItem.order_id.desc())
        .distinct()
    )
    for _order_id, lines in groupby(rows, key=lambda row: row.order_id):
        yield [line.product_id for line in lines]


def kept_companions() -> dict[tuple[int, int], tuple[int, int]]:
    """Position and orders by product and companion."""
    rows = db.session.execute(
        sa.select(
            ProductCompanion.product_id,
            ProductCompanion.companion_id,
            ProductCompanion.position,
            ProductCompanion.orders,
        )
    )
    return {(row.product_id, row.companion_id): (row.position, row.orders) for row in rows}


def closest_pairs(limit: int) -> list[Any]:
    """Ids and titles of two products and how many paid orders had both, the most first; of each
    pair once. One query.
    """
    one, other = aliased(Product), aliased(Product)
    first, second = ProductCompanion.product_id, ProductCompanion.companion_id
    low = sa.case((first < second, first), else_=second)
    high = sa.case((first < second, second), else_=first)
    pairs = (
        sa.select(
            low.label("low"),
            high.label("high"),
            sa.func.max(ProductCompanion.orders).label("orders"),
        )
        .group_by(low, high)
        .subquery()
    )
    return list(
        db.session.execute(
            sa.select(
                one.id,
                one.title,
                other.id.label("other_id"),
                other.title.label("other_title"),
                pairs.c.orders,
            )
            .select_from(pairs)
            .join(one, one.id == pairs.c.low)
            .join(other, other.id == pairs.c.high)
            .order_by(pairs.c.orders.desc(), one.title, other.title)
            .limit(limit)
        )
    )
