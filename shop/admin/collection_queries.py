"""What the admin's pages of collections show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from shop.catalog.models import Collection, CollectionProduct, Product, ProductImage, ProductStatus
from shop.extensions import db

#: Products of a collection shown at most, and found to be added.
SHOWN, FOUND = 200, 12


@dataclass(frozen=True)
class CollectionRow:
    id: int
    title: str
    handle: str
    file: str | None
    is_in_menu: bool
    is_rule_based: bool
    product_count: int
    #: How deep it lies in others.
    depth: int
    is_first: bool
    is_last: bool


@dataclass(frozen=True)
class HeldProduct:
    id: int
    title: str
    handle: str
    is_published: bool
    file: str | None


def collections() -> list[CollectionRow]:
    """As a tree, each followed by what lies in it. Two queries."""
    counted = sa.select(CollectionProduct.collection_id, sa.func.count()).group_by(
        CollectionProduct.collection_id
    )
    counts = {row[0]: row[1] for row in db.session.execute(counted)}
    children: dict[int | None, list[Collection]] = {}
    for collection in _in_order():
        children.setdefault(collection.parent_id, []).append(collection)
    rows: list[CollectionRow] = []

    def add(parent_id: int | None, depth: int) -> None:
        siblings = children.pop(parent_id, [])
        for place, one in enumerate(siblings, start=1):
            rows.append(
                CollectionRow(
                    one.id,
                    one.title,
                    one.handle,
                    one.file,
                    one.is_in_menu,
                    one.is_rule_based,
                    counts.get(one.id, 0),
                    depth,
                    is_first=place == 1,
                    is_last=place == len(siblings),
                )
            )
            add(one.id, depth + 1)

    add(None, 0)
    return rows


def parents_for(collection: Collection | None) -> list[tuple[str, str]]:
    """Id and title of what it may lie in, indented as they lie."""
    own = collection.id if collection else None
    return [
        (str(row.id), "\u2003" * row.depth + row.title) for row in collections() if row.id != own
    ]


def held_by(collection: Collection) -> list[HeldProduct]:
    """The first of them."""
    held = (
        _PRODUCTS.join(CollectionProduct, CollectionProduct.product_id == Product.id)
        .where(CollectionProduct.collection_id == collection.id)
        .order_by(CollectionProduct.position, Product.published_at.desc(), Product.id)
        .limit(SHOWN)
    )
    return [_product(row) for row in db.session.execute(held)]


def count_held_by(collection: Collection) -> int:
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(CollectionProduct)
            .where(CollectionProduct.collection_id == collection.id)
        )
        or 0
    )


def products_to_add(collection: Collection, text: str) -> list[HeldProduct]:
    """Those that are not in it and have all the words in their titles."""
    held = sa.exists().where(
        CollectionProduct.collection_id == collection.id, CollectionProduct.product_id == Product.id
    )
    words = (
        sa.func.lower(Product.title).contains(word.lower(), autoescape=True)
        for word in text.split()[:8]
    )
    found = _PRODUCTS.where(~held, *words).order_by(Product.title, Product.id).limit(FOUND)
    return [_product(row) for row in db.session.execute(found)]


def products_named(ids: Sequence[int]) -> list[HeldProduct]:
    """In their order."""
    rows = db.session.execute(_PRODUCTS.where(Product.id.in_(ids)))
    found = {row.id: _product(row) for row in rows}
    return [found[id_] for id_ in ids if id_ in found]


def _in_order() -> Sequence[Collection]:
    return db.session.scalars(
        sa.select(Collection).order_by(Collection.position, Collection.id)
    ).all()


def _product(row: sa.Row[tuple[int, str, str, str, str | None]]) -> HeldProduct:
    return HeldProduct(
        row.id, row.title, row.handle, row.status == ProductStatus.PUBLISHED, row.file
    )


_image = aliased(ProductImage)
_PRODUCTS = sa.select(
    Product.id,
    Product.title,
    Product.handle,
    Product.status,
    sa.select(_image.file)
    .where(_image.product_id == Product.id)
    .order_by(_image.position, _image.id)
    .limit(1)
    .correlate(Product)
    .scalar_subquery()
    .label("file"),
)


def titles() -> list[tuple[str, str]]:
    """Handle and title of every collection, by title."""
    rows = db.session.execute(
        sa.select(Collection.handle, Collection.title).order_by(Collection.title, Collection.id)
    )
    return [(row[0], row[1]) for row in rows]
