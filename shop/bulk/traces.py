"""What orders and reviews still tell of products."""

from __future__ import annotations

import sqlalchemy as sa

from shop.catalog.models import Product, Variant
from shop.extensions import db
from shop.orders.models import LineItem
from shop.reviews.models import Review


def was_sold(product_id: int) -> bool:
    """Whether an order has a line of it, or of a variant that was removed since, or a buyer wrote
    about it.
    """
    ordered = (
        sa.select(LineItem.id)
        .join(Variant, Variant.id == LineItem.variant_id)
        .where(Variant.product_id == product_id)
    )
    lost = sa.select(Product.id).where(Product.id == product_id, Product.lost_sold_variant)
    reviewed = sa.select(Review.id).where(Review.product_id == product_id)
    told = sa.union_all(ordered, lost, reviewed)
    return db.session.scalar(told.limit(1)) is not None
