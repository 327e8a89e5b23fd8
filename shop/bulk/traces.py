"""What orders and reviews still tell of products."""

from __future__ import annotations

import sqlalchemy as sa

from shop.catalog.models import ProductImage, Variant
from shop.extensions import db
from shop.orders.models import LineItem
from shop.reviews.models import Review, ReviewPhoto


def was_sold(product_id: int) -> bool:
    """Whether an order has a line of it, or a buyer wrote about it."""
    ordered = (
        sa.select(LineItem.id)
        .join(Variant, Variant.id == LineItem.variant_id)
        .where(Variant.product_id == product_id)
    )
    told = sa.union_all(ordered, sa.select(Review.id).where(Review.product_id == product_id))
    return db.session.scalar(told.limit(1)) is not None


def is_picture_in_use(file: str) -> bool:
    """Whether another product, a placed order or a review still shows the picture."""
    shown = sa.union_all(
        sa.select(ProductImage.id).where(ProductImage.file == file),
        sa.select(LineItem.id).where(LineItem.file == file),
        sa.select(ReviewPhoto.id).where(ReviewPhoto.file == file),
    )
    return db.session.scalar(shown.limit(1)) is not None
