"""What the storefront's lists show of the catalog: published products only, as small frozen values,
and collections and swatches. What one product's page shows is in product_page.py.

A list costs a fixed number of queries however many products it shows, and its order walks an
index where one fits. Prices and stock of this moment: nothing here is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from shop.catalog.facets import Sort
from shop.catalog.measures import UnitPrice
from shop.catalog.models import (
    Collection,
    CollectionProduct,
    Product,
    ProductImage,
    ProductStatus,
    Swatch,
    Variant,
    measures_of,
)
from shop.catalog.rules import Rule, from_rows
from shop.extensions import db
from shop.inventory.models import StockItem
from shop.store.currencies import Price

MEASURES = (
    Variant.measure_amount,
    Variant.measure_unit,
    Variant.base_amount,
    Variant.base_unit,
)


# Values


class Picture(NamedTuple):
    """A tuple, since each list makes two dozen of them."""

    #: Base name in the media folder; none where there is no picture yet.
    file: str | None
    alt: str
    width: int
    height: int
    ground: str
    is_decorative: bool = False
    widths: tuple[int, ...] = (400, 800)
    placeholder: str | None = None
    #: Percent from the left and from the top.
    focal_x: int = 50
    focal_y: int = 50


@dataclass(frozen=True)
class Rating:
    """What the published reviews of a product come to; there is at least one."""

    count: int
    #: Of their stars, 1 to 5 each.
    sum: int

    @property
    def average(self) -> float:
        return self.sum / self.count


@dataclass(frozen=True)
class SwatchTile:
    option_name: str
    value: str
    handle: str
    file: str
    color: str
    note: str
    #: Whether a collection of the same handle holds what comes in it.
    has_collection: bool = False

    @property
    def url(self) -> str:
        if self.has_collection:
            return f"/collections/{self.handle}"
        return f"/search?q={quote(self.value)}"


@dataclass(frozen=True)
class CollectionLink:
    id: int
    handle: str
    title: str
    summary: str
    file: str | None

    @property
    def url(self) -> str:
        return f"/collections/{self.handle}"


@dataclass(frozen=True)
class RuledLink(CollectionLink):
    #: Of no condition where it is picked by hand.
    rule: Rule


# Lists


def list_products(
    *, collection_id: int | None = None, sort: Sort = Sort.NEWEST, limit: int, offset: int = 0
) -> list[int]:
    """Ids in order. One query that reads an index, not the products."""
    return list(db.session.scalars(_ordered(collection_id, sort).limit(limit).offset(offset)))


def _ordered(collection_id: int | None, sort: Sort) -> sa.Select[int]:
    ids = _published(sa.select(Product.id), collection_id)
    if sort is Sort.TITLE:
        return ids.order_by(Product.title, Product.id)
    if sort is Sort.NEWEST:
        return ids.order_by(Product.published_at.desc(), Product.id.desc())
    return _by_price(collection_id, ids, is_rising=sort is Sort.PRICE_LOW)


def _by_price(
    collection_id: int | None, published: sa.Select[int], *, is_rising: bool
) -> sa.Select[int]:
    """Each product where its cheapest variant stands; the smallest id settles ties.

    Of all products, this walks the variants by price and stops when the page is full; a join would
    make SQLite read every product first. Of a collection, it starts from the collection.
    """
    if collection_id is None:
        ids = sa.select(Variant.product_id).where(
            sa.exists().where(
                Product.id == Variant.product_id, Product.status == ProductStatus.PUBLISHED
            )
        )
    else:
        ids = published.join(Variant, Variant.product_id == Product.id)
    cheaper = aliased(Variant)
    has_cheaper = sa.exists().where(
        cheaper.product_id == Variant.product_id,
        sa.or_(
            cheaper.unit_amount < Variant.unit_amount,
            sa.and_(cheaper.unit_amount == Variant.unit_amount, cheaper.id < Variant.id),
        ),
    )
    order = (Variant.unit_amount, Variant.id)
    return ids.where(~has_cheaper).order_by(
        *(order if is_rising else (column.desc() for column in order))
    )


def _published(ids: sa.Select[int], collection_id: int | None) -> sa.Select[int]:
    if collection_id is not None:
        ids = ids.where(is_within(collection_id))
    return ids.where(Product.status == ProductStatus.PUBLISHED)


def is_within(collection_id: int) -> sa.ColumnElement[bool]:
    """Whether a product is in the collection, or in one that lies in it."""
    return Product.id.in_(ids_within(collection_id))


def ids_within(collection_id: int) -> sa.Select[int]:
    """Products of the collection and of those that lie in it, once for each that they are in."""
    below = sa.select(Collection.id).where(Collection.id == collection_id).cte(recursive=True)
    below = below.union_all(sa.select(Collection.id).where(Collection.parent_id == below.c.id))
    return sa.select(CollectionProduct.product_id).where(
        CollectionProduct.collection_id.in_(sa.select(below.c.id))
    )


def is_of_published() -> sa.ColumnElement[bool]:
    """Whether a counter is of something that the shop shows; asked of one after the other, as they
    stand in an index.
    """
    # Not as EXISTS, for which PostgreSQL reads all that is published; and said so that it takes it
    # for true of many.
    status = (
        sa.select(Product.status)
        .join(Variant, Variant.product_id == Product.id)
        .where(Variant.id == StockItem.variant_id)
        .correlate(StockItem)
        .scalar_subquery()
    )
    return sa.case((status == ProductStatus.PUBLISHED, sa.true()), else_=sa.false())


# Collections and swatches


def menu_collections() -> list[CollectionLink]:
    return [CollectionLink(*row) for row in db.session.execute(_MENU)]


def all_collections(*, limit: int) -> list[CollectionLink]:
    rows = db.session.execute(
        sa.select(*LINK).order_by(Collection.position, Collection.id).limit(limit)
    )
    return [CollectionLink(*row) for row in rows]


def find_collection(handle: str) -> CollectionLink | None:
    row = db.session.execute(sa.select(*LINK).where(Collection.handle == handle)).first()
    return CollectionLink(*row) if row else None


def collections_by_handle(handles: Iterable[str]) -> dict[str, RuledLink]:
    """Those that there are. One query."""
    wanted = set(handles)
    if not wanted:
        return {}
    rows = db.session.execute(
        sa.select(*LINK, Collection.conditions, Collection.needs_all).where(
            Collection.handle.in_(wanted)
        )
    )
    links = (RuledLink(*(*row[:-2], from_rows(row[-2], needs_all=row[-1]))) for row in rows)
    return {link.handle: link for link in links}


def swatches() -> list[SwatchTile]:
    """All, also those of values that the shop has nothing in; see racks.py."""
    return [SwatchTile(*row) for row in db.session.execute(_SWATCHES)]


def unit_price_of(row: Any, price: Price) -> UnitPrice | None:
    measures = measures_of(row)
    return measures.unit_price(price.unit) if measures else None


def rating_of(row: Any) -> Rating | None:
    return Rating(row.rating_count, row.rating_sum) if row.rating_count else None


def picture_of(row: Any) -> Picture | None:
    """None where a product has no picture at all."""
    if row.width is None:
        return None
    return Picture(*(getattr(row, column.key) for column in PICTURE))


PICTURE = (
    ProductImage.file,
    ProductImage.alt,
    ProductImage.width,
    ProductImage.height,
    ProductImage.ground,
    ProductImage.is_decorative,
    ProductImage.widths,
    ProductImage.placeholder,
    ProductImage.focal_x,
    ProductImage.focal_y,
)
LINK = (
    Collection.id,
    Collection.handle,
    Collection.title,
    Collection.summary,
    Collection.file,
)

_MENU = sa.select(*LINK).where(Collection.is_in_menu).order_by(Collection.position, Collection.id)
_SWATCHES = (
    sa.select(
        Swatch.option_name,
        Swatch.value,
        Swatch.handle,
        Swatch.file,
        Swatch.color,
        Swatch.note,
        Collection.id.is_not(None),
    )
    .outerjoin(Collection, Collection.handle == Swatch.handle)
    .order_by(Swatch.position, Swatch.id)
)
