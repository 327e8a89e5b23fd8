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
    Product,
    ProductImage,
    ProductOption,
    ProductStatus,
    Variant,
)
from shop.catalog.price_lists import Priced
from shop.catalog.queries import is_within
from shop.clock import now
from shop.content.models import Article, Page
from shop.content.queries import CONTACT
from shop.extensions import db
from shop.inventory.models import StockItem
from shop.inventory.queries import CAN_BE_BOUGHT, COMES_LATER
from shop.seo.feed import Listing
from shop.store.currencies import Currency

#: The sitemap protocol's limit for one file. Source: sitemaps.org.
URLS_PER_FILE = 50_000
#: Rows fetched at a time: what a stream keeps in memory.
CHUNK = 1000

_Rows = sa.Select[*tuple[Any, ...]]


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


def feed_parts(currency: Currency, size: int = CHUNK) -> Iterator[list[Listing]]:
    """Every published product with all that the feed says of it. Four queries a part; between two
    parts nothing is held open, so that writers of a large shop never wait.
    """
    after, feed_variants = 0, _FEED_VARIANTS.statement(currency)
    while products := _plain(_FEED_PRODUCTS.where(Product.id > after).limit(size)):
        first, after = products[0].id, products[-1].id
        options, variants, images = (
            _by_product(rows.where(column.between(first, after)))
            for rows, column in (
                (_FEED_OPTIONS, ProductOption.product_id),
                (feed_variants, Variant.product_id),
                (_FEED_IMAGES, ProductImage.product_id),
            )
        )
        db.session.rollback()
        yield [
            Listing(
                product,
                [row.name for row in options.get(product.id, ())],
                variants.get(product.id, ()),
                images.get(product.id, ()),
            )
            for product in products
        ]


def is_longer_than(count: int) -> bool:
    """Whether more products than this are published."""
    rows = (
        sa.select(Product.id)
        .where(Product.status == ProductStatus.PUBLISHED)
        .offset(count)
        .limit(1)
    )
    return db.session.scalar(rows) is not None


def pictures_mark() -> str:
    """Another one where a picture came, went or moved."""
    row = db.session.execute(
        sa.select(
            sa.func.count(ProductImage.file),
            sa.func.sum(ProductImage.id),
            sa.func.sum(ProductImage.id * ProductImage.position),
        )
    ).one()
    return " ".join(str(value or 0) for value in row)


def _plain(rows: _Rows) -> Sequence[Any]:
    """Plain ones: the session's own would take twice as long."""
    return db.session.connection().execute(rows).all()


def _by_product(rows: _Rows) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in _plain(rows):
        found.setdefault(row.product_id, []).append(row)
    return found


_FEED_PRODUCTS: _Rows = (
    sa.select(
        Product.id,
        Product.handle,
        Product.title,
        Product.summary,
        Product.description,
        Product.vendor,
        Product.product_type,
    )
    .where(Product.status == ProductStatus.PUBLISHED)
    .order_by(Product.id)
)
_FEED_OPTIONS: _Rows = sa.select(ProductOption.product_id, ProductOption.name).order_by(
    ProductOption.product_id, ProductOption.position
)
_FEED_VARIANTS = Priced(
    sa.select(
        Variant.product_id,
        Variant.id,
        Variant.option1,
        Variant.option2,
        Variant.option3,
        Variant.sku,
        Variant.barcode,
        Variant.unit_amount,
        Variant.compare_at_amount,
        Variant.weight_grams,
        Variant.requires_shipping,
        Variant.image_id,
        CAN_BE_BOUGHT.label("is_available"),
        COMES_LATER.label("comes_later"),
        StockItem.backorders,
        StockItem.promised_on,
    )
    .outerjoin(StockItem, StockItem.variant_id == Variant.id)
    .order_by(Variant.product_id, Variant.position, Variant.id)
)
_FEED_IMAGES: _Rows = (
    sa.select(ProductImage.product_id, ProductImage.id, ProductImage.file)
    .where(ProductImage.file.is_not(None))
    .order_by(ProductImage.product_id, ProductImage.position, ProductImage.id)
)


def products_by_id(ids: Sequence[int]) -> list[Product]:
    """The published ones, whole, in the order of `ids`."""
    found = {row.id: row for row in _whole_products(Product.id.in_(ids), len(ids))}
    return [found[id_] for id_ in ids if id_ in found]


def product_by_handle(handle: str) -> Product | None:
    return next(iter(_whole_products(Product.handle == handle, 1)), None)


def product_count(collection_id: int) -> int:
    """Published products of a collection and of those that lie in it."""
    return db.session.execute(
        sa.select(sa.func.count(Product.id)).where(
            is_within(collection_id), Product.status == ProductStatus.PUBLISHED
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
