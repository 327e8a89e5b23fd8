"""What comes in each value that has a swatch: the pots of a glaze library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from shop.catalog.handles import handle_from
from shop.catalog.models import (
    Collection,
    CollectionProduct,
    Product,
    ProductImage,
    ProductOption,
    ProductStatus,
    Swatch,
    Variant,
)
from shop.catalog.queries import Picture
from shop.extensions import db

SHOWN = 6


@dataclass(frozen=True)
class Coat:
    """A product in one value of an option."""

    title: str
    url: str
    picture: Picture | None


def coats() -> dict[str, list[Coat]]:
    """By swatch value, a few of the collection that has the swatch's handle. Two queries, each
    part of which walks an index.
    """
    swatches = db.session.execute(
        sa.select(Swatch.option_name, Swatch.value, Collection.id.label("collection_id"))
        .join(Collection, Collection.handle == Swatch.handle)
        .order_by(Swatch.position, Swatch.id)
    ).all()
    if not swatches:
        return {}
    parts = [_part(row).subquery() for row in swatches]
    rows = db.session.execute(sa.union_all(*(sa.select(part) for part in parts)))
    found: dict[str, list[Coat]] = {}
    for row in rows:
        found.setdefault(row.value, []).append(_coat(row))
    return found


def _part(swatch: Any) -> sa.Select[*tuple[Any, ...]]:
    value = sa.case(
        {1: Variant.option1, 2: Variant.option2, 3: Variant.option3},
        value=ProductOption.position,
    )
    # One variant for each product: the first that has the value.
    first = (
        sa.select(sa.func.min(Variant.id))
        .where(Variant.product_id == Product.id, value == swatch.value)
        .correlate(Product, ProductOption)
        .scalar_subquery()
    )
    return (
        sa.select(
            sa.literal(swatch.option_name).label("option_name"),
            sa.literal(swatch.value).label("value"),
            Product.handle,
            Product.title,
            ProductImage.file,
            ProductImage.alt,
            ProductImage.width,
            ProductImage.height,
            ProductImage.ground,
        )
        .select_from(CollectionProduct)
        .join(Product, Product.id == CollectionProduct.product_id)
        .join(
            ProductOption,
            sa.and_(
                ProductOption.product_id == Product.id, ProductOption.name == swatch.option_name
            ),
        )
        .join(Variant, Variant.id == first)
        .outerjoin(ProductImage, ProductImage.id == Variant.image_id)
        .where(
            CollectionProduct.collection_id == swatch.collection_id,
            Product.status == ProductStatus.PUBLISHED,
        )
        .order_by(CollectionProduct.position, CollectionProduct.product_id)
        .limit(SHOWN)
    )


def _coat(row: Any) -> Coat:
    picture = None
    if row.width is not None:
        picture = Picture(row.file, row.alt, row.width, row.height, row.ground)
    query = urlencode({handle_from(row.option_name): handle_from(row.value)})
    return Coat(row.title, f"/products/{row.handle}?{query}", picture)
