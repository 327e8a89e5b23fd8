"""Products that come into the shop, and leave it, at a moment the merchant chose.

The worker carries it out: what is shown, found, counted and kept in memory follows from one change
of the product, as when a person presses the button. Why not by each question: docs/adr/0036.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from shop import audit
from shop.catalog import service
from shop.catalog.models import Product
from shop.clock import now
from shop.extensions import db


class WrongOrder(Exception):
    """It would leave the shop before it came."""


def set_schedule(
    product: Product,
    *,
    publish_at: datetime | None,
    unpublish_at: datetime | None,
    by: int | None = None,
) -> None:
    """Moments in UTC; none: not by itself. Raises WrongOrder."""
    if publish_at and unpublish_at and unpublish_at <= publish_at:
        raise WrongOrder
    audit.change(
        product,
        {"publish_at": publish_at, "unpublish_at": unpublish_at},
        by,
        "product.scheduled",
        subject_kind="product",
    )


def due() -> Sequence[int]:
    """Products whose moment has come."""
    return db.session.scalars(
        sa.select(Product.id)
        .where(sa.or_(Product.publish_at <= now(), Product.unpublish_at <= now()))
        .order_by(Product.id)
    ).all()


def carry_out(product_id: int) -> None:
    """Bring the product to where its schedule wants it by now; a second call changes nothing.

    One that has nothing to sell stays as it is, and its moment is dropped: the audit trail tells.
    """
    product = db.session.get(
        Product, product_id, populate_existing=True, with_for_update={"of": Product}
    )
    if product is None:
        return
    moment = now()
    is_over = product.unpublish_at is not None and product.unpublish_at <= moment
    if product.publish_at is not None and product.publish_at <= moment:
        _come(product, is_over=is_over)
    if is_over:
        service.unpublish(product)
        product.unpublish_at = None
    db.session.flush()


def _come(product: Product, *, is_over: bool) -> None:
    """Not where it would leave again at once: then nobody has seen it."""
    if not is_over and not product.is_archived:
        try:
            service.publish(product)
        except service.NothingToSell:
            audit.record(
                None,
                "product.not_published",
                subject_kind="product",
                subject_id=product.id,
                publish_at=audit.plain(product.publish_at),
            )
    product.publish_at = None
