"""Changes of products. Each keeps the search index, the rules of collections and the audit trail in
step, in the caller's transaction; none commits. Variants are in variant_service.py, pictures in
images.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.catalog import held_by_rules, prices
from shop.catalog.handles import free_handle, handle_from, is_handle
from shop.catalog.models import (
    Product,
    ProductStatus,
    Variant,
)
from shop.catalog.searchable import refresh_search
from shop.clock import now
from shop.extensions import db
from shop.inventory import service as inventory
from shop.redirects import service as redirects


class BadHandle(Exception):
    """Not lower case letters, digits and hyphens."""

    def __init__(self, handle: str) -> None:
        self.handle = handle
        super().__init__(f"{handle!r} is not a handle")


class HandleTaken(Exception):
    def __init__(self, handle: str, product_id: int) -> None:
        self.handle, self.product_id = handle, product_id
        super().__init__(f"{handle!r} belongs to product {product_id}")


class NothingToSell(Exception):
    """A product without variants cannot be published."""

    def __init__(self, product_id: int) -> None:
        self.product_id = product_id
        super().__init__(f"product {product_id} has no variant")


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, kw_only=True)
class ProductDetails:
    title: str
    #: Empty: made from the title, or kept.
    handle: str = ""
    summary: str = ""
    description: str = ""
    vendor: str = ""
    product_type: str = ""
    tax_category: str = "standard"
    #: None leaves it as it is. The variants of a gift card are not counted.
    is_gift_card: bool | None = None
    tags: tuple[str, ...] = ()
    seo_title: str = ""
    seo_description: str = ""
    #: Pairs of name and value; None leaves them as they are.
    facts: tuple[tuple[str, str], ...] | None = None


def create_product(details: ProductDetails, by: int | None = None) -> Product:
    """A draft without variants. Raises BadHandle, HandleTaken."""
    handle = checked_handle(details.handle) if details.handle else new_handle(details.title)
    product = Product(handle=handle, status=ProductStatus.DRAFT)
    _describe(product, details)
    db.session.add(product)
    db.session.flush()
    audit.record(by, "product.created", subject_kind="product", subject_id=product.id)
    return product


def update_product(product: Product, details: ProductDetails, by: int | None = None) -> None:
    """Raises BadHandle, HandleTaken."""
    before = audit.values_of(product)
    if details.handle and details.handle != product.handle:
        _move(product, checked_handle(details.handle))
    _describe(product, details)
    if product.is_gift_card and not before["is_gift_card"]:
        ids = sa.select(Variant.id).where(Variant.product_id == product.id).order_by(Variant.id)
        for variant_id in db.session.scalars(ids).all():
            inventory.set_tracked(variant_id, is_tracked=False)
    audit.record_changes(before, product, by, "product.updated", subject_kind="product")
    keep_in_step([product])


def details_of(product: Product, **changes: Any) -> ProductDetails:
    """As it is but for the changes."""
    present = ProductDetails(
        title=product.title,
        handle=product.handle,
        summary=product.summary,
        description=product.description,
        vendor=product.vendor,
        product_type=product.product_type,
        tax_category=product.tax_category,
        tags=tuple(map(str, product.tags)),
        seo_title=product.seo_title,
        seo_description=product.seo_description,
    )
    return replace(present, **changes)


def change_tags(product: Product, tags: Sequence[str], by: int | None = None) -> None:
    before = audit.values_of(product)
    product.tags = list(tags)
    if audit.record_changes(before, product, by, "product.updated", subject_kind="product"):
        keep_in_step([product])


def publish(product: Product, by: int | None = None) -> None:
    """Show it in the shop; once published nothing happens. Raises NothingToSell."""
    if product.is_published:
        return
    if not _has_variant(product.id):
        raise NothingToSell(product.id)
    product.status, product.published_at = ProductStatus.PUBLISHED, now()
    product.publish_at = None
    prices.note(product_ids=[product.id])
    audit.record(by, "product.published", subject_kind="product", subject_id=product.id)
    keep_in_step([product])


def unpublish(product: Product, by: int | None = None) -> None:
    """Take it out of the shop. Orders, carts and prices stay."""
    if not product.is_published:
        return
    product.status, product.unpublish_at = ProductStatus.DRAFT, None
    prices.note(product_ids=[product.id])
    audit.record(by, "product.unpublished", subject_kind="product", subject_id=product.id)
    keep_in_step([product])


def new_handle(title: str) -> str:
    wanted = handle_from(title)
    taken = db.session.scalars(
        sa.select(Product.handle).where(Product.handle.startswith(wanted, autoescape=True))
    )
    return free_handle(wanted, set(taken))


# What follows from products


def keep_in_step(products: Iterable[Product]) -> None:
    """After any change of products: what finds them by words, and the collections with rules."""
    products = list(products)
    refresh_search(products)
    held_by_rules.refresh_members([product.id for product in products])


# Inside


def _move(product: Product, handle: str) -> None:
    """Old links go on working once anybody can have had one."""
    if product.published_at is not None:
        redirects.moved(f"/products/{product.handle}", f"/products/{handle}")
    product.handle = handle


def checked_handle(handle: str) -> str:
    if not is_handle(handle):
        raise BadHandle(handle)
    owner = db.session.scalar(sa.select(Product.id).where(Product.handle == handle))
    if owner is not None:
        raise HandleTaken(handle, owner)
    return handle


def _describe(product: Product, details: ProductDetails) -> None:
    product.title = details.title
    product.summary = details.summary
    product.description = details.description
    product.vendor = details.vendor
    product.product_type = details.product_type
    product.tax_category = details.tax_category
    if details.is_gift_card is not None:
        product.is_gift_card = details.is_gift_card
    product.tags = list(details.tags)
    product.seo_title = details.seo_title
    product.seo_description = details.seo_description
    if details.facts is not None:
        product.facts = [list(fact) for fact in details.facts]


def _has_variant(product_id: int) -> bool:
    variant = sa.select(Variant.id).where(Variant.product_id == product_id)
    return db.session.scalar(variant.limit(1)) is not None
