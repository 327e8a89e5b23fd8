"""All that one product's page prints, and what is still said of a product that was withdrawn.

Prices and stock of this moment: nothing here is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from shop.catalog.measures import UnitPrice
from shop.catalog.models import (
    Collection,
    CollectionProduct,
    Product,
    ProductImage,
    ProductOption,
    ProductStatus,
    Variant,
)
from shop.catalog.price_lists import Priced
from shop.catalog.queries import (
    LINK,
    MEASURES,
    PICTURE,
    CollectionLink,
    Picture,
    Rating,
    SwatchTile,
    picture_of,
    rating_of,
    swatches,
    unit_price_of,
)
from shop.extensions import db
from shop.money import Money
from shop.store.currencies import Currency, Price
from shop.web.visit import kept

#: Other products shown below it.
MAX_RELATED = 4

_Rows = sa.Select[*tuple[Any, ...]]
_OPTIONS = (Variant.option1, Variant.option2, Variant.option3)


@dataclass(frozen=True)
class VariantRow:
    id: int
    #: One value for each of the product's options.
    values: tuple[str, ...]
    sku: str
    price: Money
    was: Money | None
    image_id: int | None
    unit_price: UnitPrice | None = None
    #: When a sold-out one can be bought again.
    restock_on: date | None = None
    barcode: str = ""
    weight_grams: int = 0
    requires_shipping: bool = True


@dataclass(frozen=True)
class ProductPage:
    """All that a product's page prints, but its stock."""

    id: int
    handle: str
    title: str
    summary: str
    description: str
    vendor: str
    product_type: str
    seo_title: str
    seo_description: str
    is_gift_card: bool
    facts: tuple[tuple[str, str], ...]
    drawing: str | None
    rating: Rating | None
    options: tuple[str, ...]
    variants: tuple[VariantRow, ...]
    #: By id, in their order.
    images: dict[int, Picture]
    #: By option name and value.
    swatches: dict[tuple[str, str], SwatchTile]
    collection: CollectionLink | None
    collection_position: int
    #: Where it is looked at before it is published.
    preview_url: str = ""

    @property
    def url(self) -> str:
        return self.preview_url or f"/products/{self.handle}"


@dataclass(frozen=True)
class WithdrawnProduct:
    """What is still said of a product that is not sold any more."""

    id: int
    title: str
    collection: CollectionLink | None
    collection_position: int


def published_product(handle: str, currency: Currency) -> ProductPage | None:
    """Everything its page prints but the stock. Six queries."""
    return _product_page(db.session.execute(_PAGE_ROW, {"handle": handle}).first(), currency)


def unpublished_product(product_id: int, currency: Currency, *, url: str) -> ProductPage | None:
    """The same of any product, to be looked at under `url` before it is in the shop."""
    row = db.session.execute(_ANY_PAGE_ROW, {"product_id": product_id}).first()
    page = _product_page(row, currency)
    return replace(page, preview_url=url) if page else None


def _product_page(row: Any, currency: Currency) -> ProductPage | None:
    if row is None:
        return None
    options = _option_names(row.id)
    variants = _variant_rows(row.id, len(options), currency)
    if not variants:
        return None
    collection, position = _first_collection(row.id)
    values = row._asdict() | {"rating": rating_of(row)}
    del values["rating_count"], values["rating_sum"]
    values["facts"] = tuple((str(pair[0]), str(pair[1])) for pair in row.facts if len(pair) == 2)
    return ProductPage(
        **values,
        options=options,
        variants=variants,
        images=_images(row.id),
        swatches={
            (tile.option_name, tile.value): tile
            for tile in kept("swatches", swatches)
            if tile.option_name in options
        },
        collection=collection,
        collection_position=position,
    )


def withdrawn_product(handle: str) -> WithdrawnProduct | None:
    """One that was in the shop once; a draft nobody has seen is none."""
    row = db.session.execute(
        sa.select(Product.id, Product.title).where(
            Product.handle == handle,
            Product.status != ProductStatus.PUBLISHED,
            Product.published_at.is_not(None),
        )
    ).first()
    if row is None:
        return None
    return WithdrawnProduct(row.id, row.title, *_first_collection(row.id))


def related_ids(page: ProductPage | WithdrawnProduct) -> list[int]:
    """Those that follow it in its collection, then the collection's first, then the newest of all.

    One query of three parts, each of which walks an index.
    """
    shelf = {
        "product_id": page.id,
        "collection_id": page.collection.id if page.collection else 0,
        "position": page.collection_position,
    }
    ids = db.session.scalars(_RELATED, shelf)
    return list(dict.fromkeys(ids))[:MAX_RELATED]


def _option_names(product_id: int) -> tuple[str, ...]:
    return tuple(db.session.scalars(_OPTION_NAMES, {"product_id": product_id}))


def _variant_rows(product_id: int, option_count: int, currency: Currency) -> tuple[VariantRow, ...]:
    rows = _PAGE_VARIANTS.run(currency, product_id=product_id)
    return tuple(_variant_row(row, price, option_count) for row, price in rows)


def _variant_row(row: Any, price: Price, option_count: int) -> VariantRow:
    return VariantRow(
        id=row.id,
        values=(row.option1, row.option2, row.option3)[:option_count],
        sku=row.sku or "",
        price=price.unit,
        was=price.was,
        image_id=row.image_id,
        unit_price=unit_price_of(row, price),
        restock_on=row.restock_on,
        barcode=row.barcode,
        weight_grams=row.weight_grams,
        requires_shipping=row.requires_shipping,
    )


def _images(product_id: int) -> dict[int, Picture]:
    rows = db.session.execute(_IMAGE_ROWS, {"product_id": product_id})
    return {row.id: picture for row in rows if (picture := picture_of(row)) is not None}


def _first_collection(product_id: int) -> tuple[CollectionLink | None, int]:
    """The collection that stands in its breadcrumb, the first of the menu that it is in, and its
    position there.
    """
    row = db.session.execute(_FIRST_COLLECTION, {"product_id": product_id}).first()
    return (CollectionLink(*row[:-1]), row[-1]) if row else (None, 0)


# Statements, built once

_PAGE = (
    Product.id,
    Product.handle,
    Product.title,
    Product.summary,
    Product.description,
    Product.vendor,
    Product.product_type,
    Product.seo_title,
    Product.seo_description,
    Product.is_gift_card,
    Product.facts,
    Product.drawing,
    Product.rating_count,
    Product.rating_sum,
)
_PAGE_VARIANTS = Priced(
    sa.select(
        Variant.id,
        *_OPTIONS,
        Variant.sku,
        Variant.unit_amount,
        Variant.compare_at_amount,
        Variant.image_id,
        Variant.restock_on,
        Variant.barcode,
        Variant.weight_grams,
        Variant.requires_shipping,
        *MEASURES,
    )
    .where(Variant.product_id == sa.bindparam("product_id"))
    .order_by(Variant.position, Variant.id)
)

_OF_PRODUCT: sa.BindParameter[int] = sa.bindparam("product_id", type_=sa.Integer)
_PAGE_ROW = sa.select(*_PAGE).where(
    Product.handle == sa.bindparam("handle"), Product.status == ProductStatus.PUBLISHED
)
_ANY_PAGE_ROW = sa.select(*_PAGE).where(Product.id == _OF_PRODUCT)
_OPTION_NAMES = (
    sa.select(ProductOption.name)
    .where(ProductOption.product_id == _OF_PRODUCT)
    .order_by(ProductOption.position)
)
_IMAGE_ROWS: _Rows = (
    sa.select(ProductImage.id, *PICTURE)
    .where(ProductImage.product_id == _OF_PRODUCT)
    .order_by(ProductImage.position, ProductImage.id)
)
_FIRST_COLLECTION: _Rows = (
    sa.select(*LINK, CollectionProduct.position)
    .join(CollectionProduct, CollectionProduct.collection_id == Collection.id)
    .where(CollectionProduct.product_id == _OF_PRODUCT)
    .order_by(Collection.is_in_menu.desc(), Collection.position, Collection.id)
    .limit(1)
)


def _related() -> sa.CompoundSelect[int]:
    others = sa.select(Product.id).where(
        Product.status == ProductStatus.PUBLISHED, Product.id != _OF_PRODUCT
    )
    shelf = (
        others.join(CollectionProduct, CollectionProduct.product_id == Product.id)
        .where(CollectionProduct.collection_id == sa.bindparam("collection_id"))
        .order_by(CollectionProduct.position, CollectionProduct.product_id)
    )
    following = shelf.where(CollectionProduct.position >= sa.bindparam("position"))
    newest = others.order_by(Product.published_at.desc(), Product.id.desc())
    parts = [part.limit(MAX_RELATED).subquery() for part in (following, shelf, newest)]
    return sa.union_all(*(sa.select(part.c.id) for part in parts))


_RELATED = _related()
