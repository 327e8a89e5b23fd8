"""The whole catalog in order of ids, a bounded part at a time: for sitemaps, feeds and JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, aliased, defer, selectinload

from shop.catalog.models import (
    Collection,
    CollectionProduct,
    Product,
    ProductImage,
    ProductStatus,
    Variant,
)
from shop.clock import now
from shop.content.models import Article, Page
from shop.content.queries import CONTACT
from shop.extensions import db

#: The sitemap protocol's limit for one file. Source: sitemaps.org.
URLS_PER_FILE = 50_000
#: Rows fetched at a time: what a stream keeps in memory.
CHUNK = 1000


@dataclass(frozen=True)
class Location:
    path: str
    changed_at: datetime | None = None
    #: Base name of its picture in the media folder.
    file: str | None = None


@dataclass(frozen=True)
class Kind:
    """Things of one table, each with an address. A file of the sitemap holds a range of ids, so
    that its borders need no counting and stay where they are.
    """

    id: InstrumentedAttribute[int]
    prefix: str
    columns: tuple[Any, ...]
    #: What of the table visitors can see.
    visible: Callable[[], sa.ColumnElement[bool]]

    def file_count(self) -> int:
        highest = db.session.scalar(sa.select(sa.func.max(self.id)))
        return -(-(highest or 0) // URLS_PER_FILE)

    def locations(self, number: int) -> Iterator[Location]:
        """Of file `number`, from 1."""
        after, last = (number - 1) * URLS_PER_FILE, number * URLS_PER_FILE
        while rows := db.session.execute(self._rows(after, last)).all():
            for row in rows:
                yield Location(self.prefix + row.handle, row.changed_at, row.file)
            after = rows[-1].id

    def _rows(self, after: int, last: int) -> sa.Select[*tuple[Any, ...]]:
        return (
            sa.select(self.id.label("id"), *self.columns)
            .where(self.id > after, self.id <= last, self.visible())
            .order_by(self.id)
            .limit(CHUNK)
        )


_NOTHING = sa.null()
_first = aliased(ProductImage)
_FIRST_FILE = (
    sa.select(_first.file)
    .where(_first.product_id == Product.id, _first.file.is_not(None))
    .order_by(_first.position, _first.id)
    .limit(1)
    .correlate(Product)
    .scalar_subquery()
)
KINDS: dict[str, Kind] = {
    "products": Kind(
        Product.id,
        "/products/",
        (Product.handle, Product.updated_at.label("changed_at"), _FIRST_FILE.label("file")),
        lambda: Product.status == ProductStatus.PUBLISHED,
    ),
    "collections": Kind(
        Collection.id,
        "/collections/",
        (Collection.handle, _NOTHING.label("changed_at"), Collection.file),
        sa.true,
    ),
    "pages": Kind(
        Page.id,
        "/pages/",
        (Page.handle, Page.updated_at.label("changed_at"), _NOTHING.label("file")),
        lambda: sa.and_(Page.is_published, Page.handle != CONTACT),
    ),
    "articles": Kind(
        Article.id,
        "/blogs/journal/",
        (Article.handle, Article.updated_at.label("changed_at"), Article.file),
        lambda: Article.published_at <= now(),
    ),
}


def product_chunks(size: int = CHUNK) -> Iterator[Sequence[Product]]:
    """Every published product with its options, variants and pictures."""
    after = 0
    while products := _whole_products(Product.id > after, size):
        yield products
        after = products[-1].id
        db.session.expunge_all()  # a stream of the whole catalog must not keep it


def products_by_id(ids: Sequence[int]) -> list[Product]:
    """The published ones, whole, in the order of `ids`."""
    found = {row.id: row for row in _whole_products(Product.id.in_(ids), len(ids))}
    return [found[id_] for id_ in ids if id_ in found]


def product_by_handle(handle: str) -> Product | None:
    return next(iter(_whole_products(Product.handle == handle, 1)), None)


def product_count(collection_id: int) -> int:
    """Published products of a collection."""
    return db.session.execute(
        sa.select(sa.func.count())
        .select_from(CollectionProduct)
        .join(Product, Product.id == CollectionProduct.product_id)
        .where(
            CollectionProduct.collection_id == collection_id,
            Product.status == ProductStatus.PUBLISHED,
        )
    ).scalar_one()


def _whole_products(which: sa.ColumnElement[bool], limit: int) -> Sequence[Product]:
    return db.session.scalars(
        sa.select(Product)
        .where(which, Product.status == ProductStatus.PUBLISHED)
        .order_by(Product.id)
        .limit(limit)
        .options(
            # Wide columns that neither the feed nor the JSON prints.
            defer(Product.import_columns),
            defer(Product.facts),
            selectinload(Product.options),
            selectinload(Product.variants).defer(Variant.import_columns),
            selectinload(Product.images),
        )
    ).all()
