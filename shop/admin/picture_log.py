"""The trail of what happened to a product's pictures."""

from __future__ import annotations

from shop import audit
from shop.admin.access import staff
from shop.catalog.models import ProductImage


def record_image(action: str, image: ProductImage, **data: str) -> None:
    audit.record(
        staff().id,
        action,
        subject_kind="product",
        subject_id=image.product_id,
        image_id=image.id,
        alt=image.alt,
        **data,
    )
