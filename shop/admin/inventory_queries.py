"""What the pages of the inventory show: every variant with its stock.

Each page is a fixed number of queries, however many variants and movements there are.
"""

from __future__ import annotations

from collections.abc import Collection as AnyOf
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from shop import substrings
from shop.catalog.models import Collection, Product, ProductImage, ProductStatus, Variant
from shop.catalog.options import options_in
from shop.catalog.queries import ids_within, is_of_published, is_within
from shop.extensions import db
from shop.inventory.models import StockItem
from shop.inventory.queries import (
    FREE,
    PROMISED,
    Availability,
    availability_in,
    free_at_most,
    is_low,
    low_by_index,
)
from shop.paging import in_order, listed, merged, page_of
from shop.purchasing.queries import Incoming, incoming
from shop.substrings import Way

PAGE_SIZE = 50


class StockFilter(StrEnum):
    ALL = ""
    #: Time to order more: low or out of stock, of what shoppers can see.
    LOW = "low"
    OUT = "out"
    #: More is promised than is on hand.
    AHEAD = "ahead"
    UNTRACKED = "untracked"


class PurchaseFilter(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


class StockSort(StrEnum):
    PRODUCT = "product"
    SKU = "sku"
    LEAST = "least"
    MOST = "most"


@dataclass(frozen=True)
class StockSearch:
    """What an address asks for; its parts narrow each other."""

    text: str = ""
    only: StockFilter = StockFilter.ALL
    collection_id: int = 0
    sort: StockSort = StockSort.PRODUCT

    def as_args(self) -> dict[str, Any]:
        """The address's parts."""
        return {
            "q": self.text or None,
            "show": self.only or None,
            "collection": self.collection_id or None,
            "sort": self.sort if self.sort is not StockSort.PRODUCT else None,
        }


@dataclass(frozen=True)
class StockRow:
    """A variant as lists of the inventory show it."""

    variant_id: int
    product_id: int
    title: str
    options: str
    sku: str
    barcode: str
    stock: Availability
    low_stock_at: int | None
    #: In minor units of the shop's currency.
    cost_amount: int | None
    #: What lists mark; the shop's own number where the variant has none.
    is_low: bool
    file: str | None = None
    #: What suppliers are to send; none: nothing.
    incoming: Incoming | None = None

    @property
    def name(self) -> str:
        return f"{self.title}, {self.options}" if self.options else self.title

    @property
    def on_hand(self) -> int:
        return self.stock.on_hand

    @property
    def reserved(self) -> int:
        return self.stock.reserved

    @property
    def free(self) -> int | None:
        """Available; below zero by what is promised and not here. None: nobody counts it."""
        return self.on_hand - self.reserved if self.stock.is_tracked else None


_ORDER: dict[StockSort, tuple[Any, ...]] = {
    StockSort.PRODUCT: (Product.title, Product.id, Variant.position, Variant.id),
    StockSort.SKU: (Variant.sku, Variant.id),
    StockSort.LEAST: (FREE, StockItem.variant_id),
    StockSort.MOST: (FREE.desc(), StockItem.variant_id.desc()),
}
#: Of rows by product that a common text is looked for in: by title those that begin with it may all
#: stand far from the first.
NEWEST = (Product.id.desc(), Variant.position, Variant.id)
#: What a filter asks of the counters alone; a variant fits any of it.
_OF_STOCK: dict[StockFilter, list[sa.ColumnElement[bool]]] = {
    StockFilter.ALL: [sa.true()],
    StockFilter.LOW: low_by_index(),
    StockFilter.OUT: free_at_most(0),
    StockFilter.AHEAD: free_at_most(-1),
    StockFilter.UNTRACKED: [sa.not_(StockItem.is_tracked)],
}
#: And of the products.
_VIEWS = {StockFilter.LOW: [Product.status == ProductStatus.PUBLISHED]}
_COLUMNS = (
    Variant.id,
    Variant.product_id,
    Product.title,
    Variant.option1,
    Variant.option2,
    Variant.option3,
    Variant.sku,
    Variant.barcode,
    Variant.image_id,
    Variant.cost_amount,
    StockItem.on_hand,
    StockItem.reserved,
    StockItem.is_tracked,
    StockItem.low_stock_at,
    StockItem.backorders,
    StockItem.backorder_limit,
    StockItem.promised_on,
    is_low().label("is_low"),
)


@dataclass(frozen=True)
class StockPage:
    """A page and one more where another follows."""

    rows: Sequence[StockRow]
    #: Whether the text is so common that what has it stands newest first, not by title.
    is_newest_first: bool = False


def page_of_stock(search: StockSearch, page: int) -> StockPage:
    """Three queries, at most three more for a narrowed list."""
    order = _ORDER[search.sort]
    if search == StockSearch():
        # Every variant has its counters: those of rows before the page need not be read.
        ids = sa.select(Variant.id).join(Product, of_product(is_walked=True))
        return StockPage(_found(listed(_listed(), Variant.id, ids, order, page, PAGE_SIZE)))
    if _asks_stock_alone(search):
        # The counters are sorted by themselves, and joined for the page's rows only.
        # Where nothing is promised an index has them in order; the rest are few.
        is_so = sa.or_(*_OF_STOCK[search.only])
        ids = merged(
            [([is_so, sa.not_(PROMISED)], StockItem.on_hand), ([is_so, PROMISED], FREE)],
            StockItem.variant_id,
            page,
            PAGE_SIZE,
            is_descending=search.sort is StockSort.MOST,
        )
        return StockPage(_found(_listed().where(Variant.id.in_(ids)).order_by(*order)))
    narrowed, is_few = substrings.narrowest(Variant.id, _narrowings(search))
    is_by_title = search.sort is StockSort.PRODUCT
    if search.collection_id:
        within, are_few = _within(search.collection_id)
        is_few = is_few or are_few
        if are_few and is_by_title and not narrowed:
            within = _first_products(within, page)
        narrowed.append(within)
    # Few are found by their ids and sorted; more are met soon as products are walked.
    listing = _listed(is_walked=is_by_title and not is_few).where(
        *_VIEWS.get(search.only, ()), *narrowed
    )
    is_newest_first = bool(search.text) and is_by_title and not is_few
    query = page_of(listing, NEWEST if is_newest_first else order, page, PAGE_SIZE)
    return StockPage(in_order(_found(query), page), is_newest_first)


def rows_of(variant_ids: AnyOf[int]) -> dict[int, StockRow]:
    """By id; three queries."""
    found = _found(_listed().where(Variant.id.in_(variant_ids)))
    return {row.variant_id: row for row in found}


def row_of(variant_id: int) -> StockRow | None:
    return rows_of([variant_id]).get(variant_id)


def all_variant_ids(among: AnyOf[int] | None = None) -> sa.Select[*tuple[Any, ...]]:
    ids = sa.select(Variant.id)
    return ids if among is None else ids.where(Variant.id.in_(among))


def variant_ids_within(collection_id: int) -> sa.Select[*tuple[Any, ...]]:
    """Of the products in the collection, or in one that lies in it."""
    return (
        sa.select(Variant.id)
        .join(Product, Product.id == Variant.product_id)
        .where(is_within(collection_id))
    )


def variants_by_code(codes: AnyOf[str]) -> dict[str, list[int]]:
    """Ids by SKU or barcode in small letters; a SKU goes before a barcode, which several variants
    may have.
    """
    wanted = {code.lower() for code in codes}
    sku = sa.func.lower(Variant.sku)
    found: dict[str, list[int]] = {}
    barcodes = db.session.execute(
        sa.select(Variant.barcode, Variant.id).where(Variant.barcode.in_(set(codes)))
    )
    for code, variant_id in barcodes:
        found.setdefault(code.lower(), []).append(variant_id)
    named = db.session.execute(sa.select(sku, Variant.id).where(sku.in_(wanted)))
    return found | {code: [variant_id] for code, variant_id in named}


def count_low(most: int) -> int:
    """Variants that the list shows as low; counting stops behind `most`."""
    low = sa.union_all(
        *(
            sa.select(sa.select(StockItem.variant_id).where(is_so, is_of_published()).subquery())
            for is_so in low_by_index()
        )
    )
    counted = sa.select(low.subquery()).limit(most + 1).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(counted)) or 0


def collections() -> Sequence[tuple[int, str]]:
    """Ids and titles, for a choice."""
    found = db.session.execute(
        sa.select(Collection.id, Collection.title).order_by(Collection.title, Collection.id)
    )
    return [(row.id, row.title) for row in found]


def holding(text: str) -> list[Way]:
    """Variants, joined with their products: by a part of title or SKU, or the whole barcode."""
    variants, barcode = sa.select(Variant.id), Variant.barcode == text
    titled = variants.where(Variant.product_id.in_(substrings.ids(Product, text)))
    return [
        Way(substrings.has(text, Product.title), titled),
        Way(substrings.has(text, Variant.sku), substrings.ids(Variant, text)),
        Way(barcode, variants.where(barcode)),
    ]


def of_product(*, is_walked: bool) -> sa.ColumnElement[bool]:
    """What joins a variant with its product. `is_walked`: product by product in the order of an
    index, until the page is full. SQLite would rather sort all variants, so it is told not to look
    products up.
    """
    is_told = is_walked and db.engine.dialect.name == "sqlite"
    return (Product.id + 0 if is_told else Product.id) == Variant.product_id


# Inside -----------------------------------------------------------------------------------------


def _listed(*, is_walked: bool = False) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*_COLUMNS)
        .join(Product, of_product(is_walked=is_walked))
        .join(StockItem, StockItem.variant_id == Variant.id)
    )


def _within(collection_id: int) -> tuple[sa.ColumnElement[bool], bool]:
    """The condition on products, and whether they are few. One query."""
    way = Way(is_within(collection_id), ids_within(collection_id))
    [condition], is_few = substrings.narrowest(Product.id, [[way]])
    return condition, is_few


def _first_products(within: sa.ColumnElement[bool], page: int) -> sa.ColumnElement[bool]:
    """Those by title, from the list's beginning or its end, that have at least the page's variants:
    the others' need not be read to be sorted.
    """
    has_variant = sa.exists().where(Variant.product_id == Product.id)
    ids = sa.select(Product.id).where(within, has_variant)
    end = 1 if page > 0 else -1
    return Product.id.in_(page_of(ids, [Product.title, Product.id], end, abs(page) * PAGE_SIZE))


def _narrowings(search: StockSearch) -> list[list[Way]]:
    found = [holding(search.text)] if search.text else []
    if search.only is not StockFilter.ALL:
        ids = sa.select(StockItem.variant_id)
        asked = _OF_STOCK[search.only]
        found.append([Way(condition, ids.where(condition)) for condition in asked])
    return found


def _found(query: sa.Select[*tuple[Any, ...]]) -> list[StockRow]:
    found = db.session.execute(query).all()
    files = _files({row.product_id for row in found})
    coming = incoming([row.id for row in found])
    return [_row(row, files.get(row.product_id, {}), coming.get(row.id)) for row in found]


def _row(row: Any, files: dict[int, str], coming: Incoming | None) -> StockRow:
    return StockRow(
        variant_id=row.id,
        product_id=row.product_id,
        title=row.title,
        options=options_in(row),
        sku=row.sku or "",
        barcode=row.barcode,
        stock=availability_in(row),
        low_stock_at=row.low_stock_at,
        cost_amount=row.cost_amount,
        is_low=row.is_low,
        file=files.get(row.image_id) or next(iter(files.values()), None),
        incoming=coming,
    )


def _files(product_ids: AnyOf[int]) -> dict[int, dict[int, str]]:
    """Base names of pictures by product and by the picture's id, in their order."""
    found: dict[int, dict[int, str]] = {}
    rows = db.session.execute(
        sa.select(ProductImage.product_id, ProductImage.id, ProductImage.file)
        .where(ProductImage.product_id.in_(product_ids), ProductImage.file.is_not(None))
        .order_by(ProductImage.position, ProductImage.id)
    )
    for row in rows:
        found.setdefault(row.product_id, {})[row.id] = row.file
    return found


def _asks_stock_alone(search: StockSearch) -> bool:
    is_of_products = search.text or search.collection_id or search.only is StockFilter.LOW
    return search.sort in (StockSort.LEAST, StockSort.MOST) and not is_of_products
