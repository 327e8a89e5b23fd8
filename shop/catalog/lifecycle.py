"""A product put aside, brought back, copied and deleted. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import object_mapper

from shop import audit
from shop.catalog import collections, prices, restoring, service, variant_service
from shop.catalog.handles import free_handle
from shop.catalog.models import (
    Collection,
    CollectionProduct,
    Product,
    ProductImage,
    ProductOption,
    ProductStatus,
    Variant,
    VariantPrice,
)
from shop.extensions import db
from shop.inventory import queries as stock
from shop.inventory import service as inventory
from shop.inventory.models import MovementReason
from shop.search import index

#: Of a copy these are its own: what is unique, what was counted, what an import brought.
_OWN = {
    "id", "handle", "title", "status", "published_at", "publish_at", "unpublish_at",
    "rating_count", "rating_sum", "lost_sold_variant", "import_columns", "created_at",
    "updated_at",
}  # fmt: skip
_OWN_OF_VARIANT = {"id", "product_id", "sku", "barcode", "image_id", "import_columns"}
_OWN_OF_IMAGE = {"id", "product_id"}


class StillPublished(Exception):
    """What shoppers can see is taken out of the shop before it is deleted."""


def bring_to(product: Product, status: ProductStatus, by: int | None = None) -> None:
    """Whatever it takes from where it is. Raises NothingToSell."""
    if status == ProductStatus.ARCHIVED:
        archive(product, by=by)
        return
    unarchive(product, by=by)
    if status == ProductStatus.PUBLISHED:
        service.publish(product, by=by)
    else:
        service.unpublish(product, by=by)


def archive(product: Product, by: int | None = None) -> None:
    """Out of the shop and of the usual lists; everything else stays. Its schedule is dropped."""
    if product.is_archived:
        return
    service.unpublish(product, by=by)
    product.status = ProductStatus.ARCHIVED
    product.publish_at = product.unpublish_at = None
    audit.record(by, "product.archived", subject_kind="product", subject_id=product.id)
    db.session.flush()


def unarchive(product: Product, by: int | None = None) -> None:
    """A draft again."""
    if not product.is_archived:
        return
    product.status = ProductStatus.DRAFT
    audit.record(by, "product.unarchived", subject_kind="product", subject_id=product.id)
    db.session.flush()


def copy_handle(product: Product) -> str:
    """Of the next copy: mug-2."""
    taken = db.session.scalars(
        sa.select(Product.handle).where(Product.handle.startswith(product.handle, autoescape=True))
    )
    return free_handle(product.handle, set(taken))


def duplicate(product: Product, *, title: str, handle: str, by: int | None = None) -> Product:
    """A draft like it, with its options, variants, prices, pictures and collections picked by hand;
    without SKUs, barcodes, reviews and units. Raises HandleTaken.
    """
    copy = Product(**_like(product, _OWN), title=title, status=ProductStatus.DRAFT)
    copy.handle = service.checked_handle(handle)
    db.session.add(copy)
    db.session.flush()
    images = {image.id: _image_like(image, copy) for image in _images_of(product.id)}
    db.session.add_all(images.values())
    for option in variant_service.options_of(product.id):
        db.session.add(
            ProductOption(product_id=copy.id, position=option.position, name=option.name)
        )
    db.session.flush()
    _copy_variants(product, copy, {id_: image.id for id_, image in images.items()})
    _copy_places(product, copy, by)
    audit.record(
        by,
        "product.duplicated",
        subject_kind="product",
        subject_id=copy.id,
        copied_from=product.title,
    )
    service.keep_in_step([copy])
    return copy


def delete(product: Product, by: int | None = None) -> None:
    """With its variants and reviews. It can be brought back for a while (catalog/restoring.py), so
    its pictures stay in the media folder until it is forgotten. Whether it was sold is for the
    caller to know. The product must be locked. Raises StillPublished and, while unpaid orders hold
    units, UnitsPromised.
    """
    if product.is_published:
        raise StillPublished(product.id)
    id_, kept, facts = product.id, restoring.kept_of(product), _facts(product)
    variant_service.discard_variants(_variants_of(id_), by=by, with_product=True)
    index.remove_many([id_])
    db.session.expire(product)  # its variants are gone; the database takes along the rest
    db.session.delete(product)
    db.session.flush()
    # Last, so that the message that tells of it offers to take back this one.
    audit.record_removal(
        kept, by, restoring.DELETED, subject_kind="product", subject_id=id_, **facts
    )
    db.session.flush()


# Inside


def _like(row: Product | Variant | ProductImage, but: set[str]) -> dict[str, object]:
    """Columns and values, without those that are its own."""
    names = [column.key for column in object_mapper(row).column_attrs]
    return {name: getattr(row, name) for name in names if name not in but}


def _facts(product: Product) -> dict[str, object]:
    """What it was, for the audit trail."""
    names = (
        "title", "handle", "status", "summary", "description", "vendor", "product_type",
        "tags", "seo_title", "seo_description", "tax_category",
    )  # fmt: skip
    facts = {name: getattr(product, name) for name in names}
    facts["variants"] = [
        [variant.sku, variant.option_values, variant.unit_amount]
        for variant in _variants_of(product.id)
    ]
    return facts


def _image_like(image: ProductImage, copy: Product) -> ProductImage:
    """The same files: they go once nothing shows them any more."""
    return ProductImage(**_like(image, _OWN_OF_IMAGE), product_id=copy.id)


def _copy_variants(product: Product, copy: Product, images: dict[int, int]) -> None:
    variants = _variants_of(product.id)
    stocks = stock.availability([variant.id for variant in variants])
    fresh = {}
    for variant in variants:
        new = Variant(**_like(variant, _OWN_OF_VARIANT), product_id=copy.id)
        new.image_id = images.get(variant.image_id or 0)
        fresh[variant.id] = new
    db.session.add_all(fresh.values())
    db.session.flush()
    inventory.create_stocks(
        [
            inventory.NewStock(new.id, 0, is_tracked=stocks[id_].is_tracked)
            for id_, new in fresh.items()
        ],
        reason=MovementReason.INITIAL,
    )
    for price in db.session.scalars(
        sa.select(VariantPrice).where(VariantPrice.variant_id.in_(fresh))
    ).all():
        db.session.add(
            VariantPrice(
                variant_id=fresh[price.variant_id].id,
                currency=price.currency,
                unit_amount=price.unit_amount,
                compare_at_amount=price.compare_at_amount,
            )
        )
    prices.note(product_ids=[copy.id])


def _copy_places(product: Product, copy: Product, by: int | None) -> None:
    """Behind the others of each collection that is picked by hand; rules pick for themselves."""
    holding = sa.select(CollectionProduct.collection_id).where(
        CollectionProduct.product_id == product.id
    )
    found = sa.select(Collection).where(Collection.id.in_(holding)).order_by(Collection.id)
    for collection in db.session.scalars(found).all():
        if not collection.is_rule_based:
            collections.add_product(collection, copy.id, by=by)


def _variants_of(product_id: int) -> Sequence[Variant]:
    return db.session.scalars(
        sa.select(Variant).where(Variant.product_id == product_id).order_by(Variant.position)
    ).all()


def _images_of(product_id: int) -> Sequence[ProductImage]:
    return db.session.scalars(
        sa.select(ProductImage)
        .where(ProductImage.product_id == product_id)
        .order_by(ProductImage.position, ProductImage.id)
    ).all()
