"""The list of products: what it can be narrowed to, its rows, and what may be chosen for it."""

from __future__ import annotations

import json
from collections.abc import Collection as Some
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from shop import substrings
from shop.catalog.models import Collection, Product, ProductImage, ProductStatus, Variant
from shop.catalog.queries import ids_within, is_within
from shop.desk import queries as desk
from shop.extensions import db
from shop.inventory.models import StockItem
from shop.inventory.queries import CAN_BE_BOUGHT, low_by_index
from shop.money import Money
from shop.paging import each_value, listed
from shop.store.models import LOW_STOCK_AT
from shop.substrings import Way

PAGE_SIZE = 25
#: Counting stops here: "more than 10,000" is enough to know, and stays quick.
MAX_COUNTED = 10_000
MAX_COLLECTIONS = 200
AREA = "products"


class ProductSort(StrEnum):
    NEWEST = "newest"
    TITLE = "title"
    CHANGED = "changed"


class ProductFilter(StrEnum):
    """The views that are one click away; the usual one leaves out what is archived."""

    ALL = ""
    PUBLISHED = "published"
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LOW = "low"
    ARCHIVED = "archived"


class StockFilter(StrEnum):
    ANY = ""
    IN = "in"
    OUT = "out"
    UNCOUNTED = "uncounted"


@dataclass(frozen=True)
class ProductSearch:
    """What an address asks for; its parts narrow each other."""

    text: str = ""
    only: ProductFilter = ProductFilter.ALL
    sort: ProductSort = ProductSort.NEWEST
    stock: StockFilter = StockFilter.ANY
    collection_id: int = 0
    tag: str = ""
    product_type: str = ""
    vendor: str = ""
    #: Minor units that a variant costs at least and at most.
    lowest: int | None = None
    highest: int | None = None
    #: The same as they were typed.
    typed_lowest: str = ""
    typed_highest: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Beyond view and text."""
        return replace(self, text="", only=ProductFilter.ALL, sort=ProductSort.NEWEST) != (
            ProductSearch()
        )

    def as_args(self) -> dict[str, Any]:
        """The address's parts."""
        return {
            "q": self.text or None,
            "show": self.only or None,
            "sort": self.sort if self.sort is not ProductSort.NEWEST else None,
            "stock": self.stock or None,
            "collection": self.collection_id or None,
            "tag": self.tag or None,
            "type": self.product_type or None,
            "vendor": self.vendor or None,
            "from": self.typed_lowest or None,
            "to": self.typed_highest or None,
        }


@dataclass(frozen=True)
class ProductRow:
    id: int
    title: str
    handle: str
    status: str
    publish_at: datetime | None
    unpublish_at: datetime | None
    file: str | None
    variant_count: int
    lowest: Money | None
    highest: Money | None
    #: None: not counted.
    available: int | None

    @property
    def is_low(self) -> bool:
        return self.available is not None and self.available <= LOW_STOCK_AT


@dataclass(frozen=True)
class Listing:
    """A page and one more where another follows."""

    rows: Sequence[ProductRow]
    #: Products on all pages; at most MAX_COUNTED + 1. None: there are many, and counting them would
    #: read the catalog.
    total: int | None


@dataclass(frozen=True)
class Choices:
    """What the list offers beside its rows."""

    views: Sequence[Any]
    #: Pairs of id and title.
    collections: Sequence[tuple[int, str]]


def products(search: ProductSearch, page: int, *, currency: str) -> Listing:
    """Two queries, however many products there are, and at most three for what narrows them."""
    narrowed, is_few = substrings.narrowest(Product.id, _narrowings(search))
    conditions = [*_VIEWS[search.only], *narrowed]
    ids = sa.select(Product.id).where(*conditions)
    total: sa.ColumnElement[Any] = sa.null()
    if is_few or not narrowed:
        counted = ids.limit(MAX_COUNTED + 1).subquery()
        total = sa.select(sa.func.count()).select_from(counted).scalar_subquery()
    columns = sa.select(*_COLUMNS, total.label("total"))
    found = db.session.execute(
        listed(columns, Product.id, ids, _ORDER[search.sort], page, PAGE_SIZE)
    ).all()
    sums = _sums([row.id for row in found])
    rows = [_row(row, sums.get(row.id), currency) for row in found]
    return Listing(rows, found[0].total if found else 0)


def count(conditions: Sequence[sa.ColumnElement[bool]]) -> int:
    return db.session.scalar(sa.select(sa.func.count(Product.id)).where(*conditions)) or 0


def titles(conditions: Sequence[sa.ColumnElement[bool]], *, limit: int) -> Sequence[Any]:
    """Id and title of the first of them."""
    return db.session.execute(
        sa.select(Product.id, Product.title).where(*conditions).order_by(Product.id).limit(limit)
    ).all()


def has_products() -> bool:
    return db.session.scalar(sa.select(Product.id).limit(1)) is not None


def choices(account_id: int) -> Choices:
    """Saved views, and collections to narrow the list to: one query."""
    views = desk.views(account_id, AREA).add_columns(sa.literal("view").label("kind"))
    collections = (
        sa.select(
            Collection.id,
            Collection.title,
            sa.literal(""),
            sa.false(),
            sa.false(),
            sa.literal("collection"),
        )
        .order_by(Collection.position, Collection.id)
        .limit(MAX_COLLECTIONS)
        .subquery()
    )
    rows = db.session.execute(sa.union_all(views, sa.select(collections))).all()
    return Choices(
        views=sorted((row for row in rows if row.kind == "view"), key=lambda row: row.name),
        collections=[(row.id, row.name) for row in rows if row.kind == "collection"],
    )


def picked_by_hand() -> Sequence[tuple[int, str]]:
    """Collections to which products can be added: id and title."""
    rows = db.session.execute(
        sa.select(Collection.id, Collection.title)
        .where(sa.cast(Collection.conditions, sa.Text) == "[]")
        .order_by(Collection.position, Collection.id)
        .limit(MAX_COLLECTIONS)
    )
    return [(row.id, row.title) for row in rows]


def matches(search: ProductSearch) -> list[sa.ColumnElement[bool]]:
    """What is true of every product that fits."""
    narrowed, _is_few = substrings.narrowest(Product.id, _narrowings(search))
    return [*_VIEWS[search.only], *narrowed]


# Inside -----------------------------------------------------------------------------------------


def _row(row: Any, sums: Any, currency: str) -> ProductRow:
    return ProductRow(
        **{name: value for name, value in row._mapping.items() if name != "total"},
        variant_count=sums.variants if sums else 0,
        lowest=Money(sums.lowest, currency) if sums else None,
        highest=Money(sums.highest, currency) if sums else None,
        available=_available(sums),
    )


def _available(sums: Any) -> int | None:
    if sums is None:
        return 0
    return None if sums.uncounted else int(sums.available or 0)


def _sums(ids: Some[int]) -> dict[int, Any]:
    """Of the products' variants: how many, their prices, what can be sold of them."""
    rows = db.session.execute(
        sa.select(
            Variant.product_id,
            sa.func.count().label("variants"),
            sa.func.min(Variant.unit_amount).label("lowest"),
            sa.func.max(Variant.unit_amount).label("highest"),
            sa.func.sum(StockItem.on_hand - StockItem.reserved).label("available"),
            sa.func.sum(sa.case((sa.not_(StockItem.is_tracked), 1), else_=0)).label("uncounted"),
        )
        .outerjoin(StockItem, StockItem.variant_id == Variant.id)
        .where(Variant.product_id.in_(ids))
        .group_by(Variant.product_id)
    )
    return {row.product_id: row for row in rows}


def _narrowings(search: ProductSearch) -> list[list[Way]]:
    """What the search asks for beyond its view, and what its view asks of other tables. First what
    most likely finds few.
    """
    found = [_has_words(search.text)] if search.text else []
    if search.only in _RARE:
        found.append(_RARE[search.only]())
    if search.tag:
        found.append([_is_tagged(search.tag)])
    for column, value in (
        (Product.product_type, search.product_type),
        (Product.vendor, search.vendor),
    ):
        if value:
            # In whatever case it is written: of few values those that are meant.
            known = each_value(column)
            meant = sa.select(known).where(sa.func.lower(known) == value.lower())
            by_index = sa.select(Product.id).where(column.in_(meant))
            found.append([Way(sa.func.lower(column) == value.lower(), by_index)])
    if search.collection_id:
        found.append([_is_within(search.collection_id)])
    if search.lowest is not None or search.highest is not None:
        found.append([_costs(search.lowest, search.highest)])
    if search.stock:
        found.append([_STOCKS[search.stock]])
    return found


def _is_within(collection_id: int) -> Way:
    """PostgreSQL has to be told the ids: it would take most products to be within."""
    is_asked = db.engine.dialect.name == "sqlite"
    return Way(is_within(collection_id), ids_within(collection_id), asks_index=is_asked)


def _by(condition: sa.ColumnElement[bool]) -> Way:
    """An index has it."""
    return Way(condition, sa.select(Product.id).where(condition))


def _has_words(text: str) -> list[Way]:
    """In title or handle, a variant's SKU, or as its whole barcode."""
    coded, variants = substrings.has(text, Variant.sku), sa.select(Variant.product_id)
    return [
        substrings.holding(Product, text),
        Way(_has_variant(coded), variants.where(Variant.id.in_(substrings.ids(Variant, text)))),
        Way(_has_variant(Variant.barcode == text), variants.where(Variant.barcode == text)),
    ]


def _is_tagged(tag: str) -> Way:
    """Tags are written as a list in JSON; between its quotes stands a whole tag."""
    written = json.dumps(tag)
    return Way(
        substrings.has(written, sa.cast(Product.tags, sa.Text)),
        substrings.ids(Product, written, columns=["tags"]),
    )


def _costs(lowest: int | None, highest: int | None) -> Way:
    amount = Variant.unit_amount
    asked = [amount >= lowest] if lowest is not None else []
    asked += [amount <= highest] if highest is not None else []
    return Way(_has_variant(*asked), sa.select(Variant.product_id).where(*asked))


def _has_variant(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(Variant.product_id == Product.id, *conditions)


def _has_stock(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Asked of one product after the other: a list of all that have it is long to make."""
    return _has_variant(StockItem.variant_id == Variant.id, condition)


def _stocked(condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Products of variants with it, by an index of the counters."""
    stocked = sa.select(Variant.product_id).join(StockItem, StockItem.variant_id == Variant.id)
    return stocked.where(condition)


def _is_low() -> list[Way]:
    return [Way(_has_stock(condition), _stocked(condition)) for condition in low_by_index()]


def _is_scheduled() -> list[Way]:
    return [_by(moment.is_not(None)) for moment in (Product.publish_at, Product.unpublish_at)]


_NOT_COUNTED = sa.not_(StockItem.is_tracked)
_STOCKS = {
    # No index has what can be bought in its words, nor products without any variant, which are out.
    StockFilter.IN: Way(_has_stock(CAN_BE_BOUGHT)),
    StockFilter.OUT: Way(sa.not_(_has_stock(CAN_BE_BOUGHT))),
    StockFilter.UNCOUNTED: Way(_has_stock(_NOT_COUNTED), _stocked(_NOT_COUNTED)),
}
_VIEWS: dict[ProductFilter, list[sa.ColumnElement[bool]]] = {
    ProductFilter.ALL: [Product.status != ProductStatus.ARCHIVED],
    ProductFilter.PUBLISHED: [Product.status == ProductStatus.PUBLISHED],
    ProductFilter.DRAFT: [Product.status == ProductStatus.DRAFT],
    ProductFilter.SCHEDULED: [],
    ProductFilter.LOW: [Product.status == ProductStatus.PUBLISHED],
    ProductFilter.ARCHIVED: [Product.status == ProductStatus.ARCHIVED],
}
#: Views of which an index may tell few.
_RARE = {ProductFilter.SCHEDULED: _is_scheduled, ProductFilter.LOW: _is_low}
_ORDER: dict[ProductSort, tuple[Any, ...]] = {
    ProductSort.NEWEST: (Product.id.desc(),),
    # As the shop sorts by title; an index walks it.
    ProductSort.TITLE: (Product.title, Product.id),
    ProductSort.CHANGED: (Product.updated_at.desc(), Product.id.desc()),
}
_image = aliased(ProductImage)
_COLUMNS = (
    Product.id,
    Product.title,
    Product.handle,
    Product.status,
    Product.publish_at,
    Product.unpublish_at,
    sa.select(_image.file)
    .where(_image.product_id == Product.id, _image.file.is_not(None))
    .order_by(_image.position, _image.id)
    .limit(1)
    .correlate(Product)
    .scalar_subquery()
    .label("file"),
)
