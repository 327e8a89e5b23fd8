"""What the storefront's lists show of the catalog: published products only, as small frozen values,
and collections and swatches. What one product's page shows is in product_page.py.

A list costs a fixed number of queries however many products it shows, and its order walks an
index where one fits. Prices and stock of this moment: nothing here is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
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
    ProductOption,
    ProductStatus,
    Swatch,
    Variant,
    measures_of,
)
from shop.catalog.price_lists import Priced
from shop.clock import now
from shop.extensions import db
from shop.inventory.models import StockItem
from shop.money import Money
from shop.store.currencies import Currency, Price
from shop.store.wording import StockWords

#: How long a product counts as new.
NEW_FOR = timedelta(days=30)
MAX_DOTS = 9

MEASURES = (
    Variant.measure_amount,
    Variant.measure_unit,
    Variant.base_amount,
    Variant.base_unit,
)


# Values


@dataclass(frozen=True)
class Picture:
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
class ProductCard:
    """A product in a list. Its stock is not known here: see `variant_ids` and `with_stock`."""

    id: int
    handle: str
    title: str
    line: str
    price: Money
    #: The price before, where every variant is reduced from the same.
    was: Money | None
    is_from: bool
    is_reduced: bool
    is_new: bool
    image: Picture | None
    #: "#RRGGBB" of the glazes it comes in.
    colors: tuple[str, ...]
    variant_ids: tuple[int, ...]
    rating: Rating | None = None
    #: Of the cheapest variant, whose price this is.
    unit_price: UnitPrice | None = None
    is_sold_out: bool = False
    #: Only a few units are left.
    is_low: bool = False
    #: How many they are, where the shop says it.
    left: int = 0

    @property
    def url(self) -> str:
        return f"/products/{self.handle}"

    @property
    def percent_off(self) -> int:
        if self.was is None or not self.was.amount:
            return 0
        return (self.was.amount - self.price.amount) * 100 // self.was.amount


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


# Lists


def list_products(
    *, collection_id: int | None = None, sort: Sort = Sort.NEWEST, limit: int, offset: int = 0
) -> list[int]:
    """Ids in order. One query that reads an index, not the products."""
    return list(db.session.scalars(_ordered(collection_id, sort).limit(limit).offset(offset)))


def product_cards(ids: Sequence[int], currency: Currency) -> list[ProductCard]:
    """The published ones of `ids`, in their order. Three queries."""
    if not ids:
        return []
    rows = {row.id: row for row in db.session.execute(_CARD_ROWS, {"ids": ids})}
    variants: dict[int, list[tuple[Any, Price]]] = {}
    for variant, price in _CARD_VARIANTS.run(currency, ids=ids):
        variants.setdefault(variant.product_id, []).append((variant, price))
    colors = _colors(ids)
    fresh_from = now() - NEW_FOR
    return [
        _card(rows[id_], variants[id_], colors.get(id_, {}), fresh_from)
        for id_ in ids
        if id_ in rows and id_ in variants
    ]


def with_stock(
    cards: Iterable[ProductCard],
    available: dict[int, int | None],
    words: StockWords = StockWords(),  # noqa: B008 - frozen
) -> list[ProductCard]:
    """The cards with their stock: units by variant, none where there is no limit."""
    return [_with_stock(card, available, words) for card in cards]


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


def _colors(ids: Sequence[int]) -> dict[int, dict[str, None]]:
    """Colors of the products' swatches by product, in the swatches' order, each once."""
    colors: dict[int, dict[str, None]] = {}
    for product_id, color in db.session.execute(_COLORS, {"ids": ids}):
        colors.setdefault(product_id, {})[color] = None
    return colors


def _card(
    row: Any, variants: list[tuple[Any, Price]], colors: dict[str, None], fresh_from: datetime
) -> ProductCard:
    variants.sort(key=lambda one: (one[1].unit.amount, one[0].id))
    cheapest, price = variants[0]
    is_from = price.unit != variants[-1][1].unit
    before = {each.was for _variant, each in variants}
    was = before.pop() if not is_from and len(before) == 1 else None
    return ProductCard(
        id=row.id,
        handle=row.handle,
        title=row.title,
        line=row.product_type,
        price=price.unit,
        was=was,
        is_from=is_from,
        is_reduced=was is not None or any(before),
        is_new=row.published_at is not None and row.published_at >= fresh_from,
        image=picture_of(row),
        colors=tuple(colors)[:MAX_DOTS],
        variant_ids=tuple(variant.id for variant, _price in variants),
        unit_price=unit_price_of(cheapest, price),
        rating=rating_of(row),
    )


def _with_stock(
    card: ProductCard, available: dict[int, int | None], words: StockWords
) -> ProductCard:
    units = [available.get(variant_id, 0) for variant_id in card.variant_ids]
    counted = [max(0, count) for count in units if count is not None]
    if len(counted) < len(units):
        return card
    left = sum(counted)
    is_low = words.is_low(left)
    return replace(
        card, is_sold_out=left == 0, is_low=is_low, left=words.count(left) if is_low else 0
    )


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


def collections_by_handle(handles: Iterable[str]) -> dict[str, CollectionLink]:
    """Those that there are. One query."""
    wanted = set(handles)
    if not wanted:
        return {}
    rows = db.session.execute(sa.select(*LINK).where(Collection.handle.in_(wanted)))
    return {link.handle: link for link in (CollectionLink(*row) for row in rows)}


def swatches() -> list[SwatchTile]:
    """All, also those of values that the shop has nothing in; see racks.py."""
    return swatches_where(sa.true())


def swatches_where(which: sa.ColumnExpressionArgument[bool]) -> list[SwatchTile]:
    rows = db.session.execute(
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
        .where(which)
        .order_by(Swatch.position, Swatch.id)
    )
    return [SwatchTile(*row) for row in rows]


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

# Statements of the busiest pages, built once.

_IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
_image = aliased(ProductImage)
_CARD_ROWS: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        Product.id,
        Product.handle,
        Product.title,
        Product.product_type,
        Product.published_at,
        Product.rating_count,
        Product.rating_sum,
        *PICTURE,
    )
    .outerjoin(
        ProductImage,
        ProductImage.id
        == sa.select(_image.id)
        .where(_image.product_id == Product.id)
        .order_by(_image.position, _image.id)
        .limit(1)
        .correlate(Product)
        .scalar_subquery(),
    )
    .where(Product.id.in_(_IDS), Product.status == ProductStatus.PUBLISHED)
)
_CARD_VARIANTS = Priced(
    sa.select(
        Variant.product_id, Variant.id, Variant.unit_amount, Variant.compare_at_amount, *MEASURES
    ).where(Variant.product_id.in_(_IDS))
)
_COLORS = (
    sa.select(Variant.product_id, Swatch.color)
    .join(ProductOption, ProductOption.product_id == Variant.product_id)
    .join(
        Swatch,
        sa.and_(
            Swatch.option_name == ProductOption.name,
            Swatch.value
            == sa.case(
                {1: Variant.option1, 2: Variant.option2, 3: Variant.option3},
                value=ProductOption.position,
            ),
        ),
    )
    .where(Variant.product_id.in_(_IDS))
    .group_by(Variant.product_id, Swatch.id, Swatch.color, Swatch.position)
    .order_by(Variant.product_id, Swatch.position, Swatch.id)
)
_MENU = sa.select(*LINK).where(Collection.is_in_menu).order_by(Collection.position, Collection.id)
