"""The whole catalog as a product CSV. What was imported comes out cell by cell as it came in,
except where the shop has changed it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from shop.catalog import kept
from shop.catalog.columns import (
    BACKORDER_FIELDS,
    MEASURE_FIELDS,
    Field,
    ImageValues,
    ProductValues,
    VariantValues,
    image_cells,
    merge_headers,
    product_cells,
    variant_cells,
)
from shop.catalog.csvfile import write_table
from shop.catalog.import_product import address_of
from shop.catalog.models import Product, ProductImage, Variant
from shop.catalog.options import ONLY_OPTION, ONLY_VARIANT
from shop.catalog.sheet import Kept
from shop.extensions import db
from shop.inventory.models import Backorders, StockItem
from shop.inventory.service import MAX_ON_HAND

BATCH = 500
#: Columns of a shop that never imported a file.
USUAL_HEADER = tuple(
    str(wanted)
    for wanted in Field
    if wanted not in {Field.SUMMARY, Field.TAX_CATEGORY, Field.STATUS, *MEASURE_FIELDS}
    and wanted not in {Field.FACTS, Field.COLLECTION, *BACKORDER_FIELDS}
)

Cells = dict[str, str]


def export_lines(
    *, currency: str, media_url: str, which: sa.ColumnElement[bool] | None = None
) -> Iterator[str]:
    """Lines of the file, products in the order they were made. Reads them twice, a part at a time:
    which columns there are is known only at the end.
    """
    which = sa.true() if which is None else which
    columns = _columns(which, currency, media_url)
    rows = (
        [row.get(key, "") for key in columns]
        for product, stock in _products(which)
        for row in _rows(product, stock, currency, media_url)
    )
    return write_table(columns.values(), rows)


def _columns(which: sa.ColumnElement[bool], currency: str, media_url: str) -> dict[str, str]:
    """Keys and names of those that the products need."""
    headers: dict[tuple[str, ...], None] = {}
    seen: dict[Field, set[str]] = {wanted: set() for wanted in Field}
    for product, stock in _products(which):
        headers.setdefault(tuple(product.import_columns.get("header", ())))
        for row in _rows(product, stock, currency, media_url):
            for wanted, values in seen.items():
                cell = row.get(wanted, "")
                values.add(cell if cell in _TELLING else _ANY)
            if row.get(Field.TRACKER) and row.get(Field.POLICY) == "continue":
                seen[Field.POLICY].add(_ANY)  # of what nobody counts, it says nothing more
    known = [header for header in headers if header]
    columns = merge_headers(known or [USUAL_HEADER])
    return columns | {str(key): str(key) for key in _missing(columns, seen)}


#: Cells that may be as usual; of any other it is enough to know that there was one.
_TELLING = frozenset(
    {"", ONLY_OPTION, ONLY_VARIANT, "0", "shopify", "deny", "continue", "true", "false",
     "active", "draft"}
)  # fmt: skip
_ANY = "?"


def _products(which: sa.ColumnElement[bool]) -> Iterator[tuple[Product, Mapping[int, StockItem]]]:
    db.session.flush()
    db.session.expire_all()  # collections that were loaded before may be out of date
    last = 0
    while batch := db.session.scalars(
        sa.select(Product)
        .where(Product.id > last, which)
        .order_by(Product.id)
        .limit(BATCH)
        .options(
            selectinload(Product.options),
            selectinload(Product.variants),
            selectinload(Product.images),
        )
    ).all():
        ids = [variant.id for product in batch for variant in product.variants]
        items = db.session.scalars(sa.select(StockItem).where(StockItem.variant_id.in_(ids)))
        stock = {item.variant_id: item for item in items}
        for product in batch:
            yield product, stock
        last = batch[-1].id


@dataclass
class _Row:
    variant: Variant | None = None
    image: ProductImage | None = None
    others: Kept = field(default_factory=dict)


def _rows(
    product: Product, stock: Mapping[int, StockItem], currency: str, media_url: str
) -> Iterator[Cells]:
    columns = product.import_columns
    of_product = product_cells(_product_values(product))
    urls = {image.id: address_of(image, media_url) for image in product.images}
    known = {image["url"]: image for image in columns.get("images", ())}
    for number, row in enumerate(_laid_out(product, urls, known)):
        cells: Cells = {Field.HANDLE: product.handle}
        if number == 0:
            cells |= _kept_cells(of_product, columns.get("cells", {}))
        if row.variant:
            written = variant_cells(_variant_values(row.variant, stock, urls), currency)
            cells |= _row_cells(written, of_product, row.variant.import_columns.get("cells", {}))
        cells |= _row_cells({}, of_product, row.others)
        if row.image:
            url = urls[row.image.id]
            values = ImageValues(url=url, alt=row.image.alt, position=row.image.position)
            cells |= _kept_cells(image_cells(values), known.get(url, {}).get("cells", {}))
        cells[Field.HANDLE] = kept.cell(product.handle, _held(row), Field.HANDLE)
        yield cells


def _held(row: _Row) -> Kept:
    return row.variant.import_columns.get("cells", {}) if row.variant else row.others


def _kept_cells(written: Cells, held: Kept) -> Cells:
    """The shop's cells as they came, and those it does not use."""
    unused = {key: pair[0] for key, pair in held.items() if len(pair) == 1}
    return unused | {key: kept.cell(cell, held, key) for key, cell in written.items()}


def _row_cells(written: Cells, of_product: Cells, held: Kept) -> Cells:
    """Like `_kept_cells`, with the product's columns where the row repeats them."""
    repeated = {key: kept.cell(of_product[key], held, key) for key in held if key in of_product}
    return _kept_cells(written, held) | repeated


def _laid_out(
    product: Product, urls: Mapping[int, str], known: Mapping[str, Mapping[str, Any]]
) -> list[_Row]:
    """Variants, pictures and other rows where the file had them; new ones where there is room."""
    others = product.import_columns.get("rows", {})
    rows: dict[int, _Row] = {}
    for variant in product.variants:
        number = variant.import_columns.get("row", -1)
        if number < 0 or number in rows or str(number) in others:
            number = max([*rows, *map(int, others), -1]) + 1
        rows[number] = _Row(variant=variant)
    for number, held in others.items():
        rows.setdefault(int(number), _Row()).others = held
    _place_images(rows, product, {id_: known.get(url) for id_, url in urls.items()})
    return [rows[number] for number in sorted(rows)] or [_Row()]


def _place_images(
    rows: dict[int, _Row], product: Product, places: Mapping[int, Mapping[str, Any] | None]
) -> None:
    """Back where they stood, but never before the first variant; the others where there is room."""
    first = min(rows, default=0)
    shown = {variant.image_id for variant in product.variants}
    homeless = []
    for image in product.images:
        place = places[image.id]
        number = place["row"] if place else None
        if number is not None and number >= first and rows.setdefault(number, _Row()).image is None:
            rows[number].image = image
        elif number is not None or place is None or image.id not in shown:
            homeless.append(image)
    for image in homeless:
        _first_without_image(rows).image = image


def _first_without_image(rows: dict[int, _Row]) -> _Row:
    for number in sorted(rows):
        if rows[number].image is None and rows[number].variant is not None:
            return rows[number]
    return rows.setdefault(max(rows, default=-1) + 1, _Row())


def _missing(columns: Mapping[str, str], seen: Mapping[Field, set[str]]) -> list[Field]:
    """Columns no imported file had, of which a product now has more than the usual. `seen`: what
    stands in each.
    """
    usual = {
        Field.OPTION1_NAME: {"", ONLY_OPTION},
        Field.OPTION1_VALUE: {"", ONLY_VARIANT},
        Field.WEIGHT: {"", "0"},
        Field.QUANTITY: {"", "0"},
        Field.TRACKER: {"shopify"} if Field.QUANTITY in columns else {""},
        Field.POLICY: {"", "deny", "continue"},
        Field.REQUIRES_SHIPPING: {"", "true"},
        Field.TAXABLE: {"", "true"},
        Field.PUBLISHED: {"", "true", "false"},
        Field.STATUS: {"", "active"},
    }
    if Field.PUBLISHED in columns:
        usual[Field.STATUS] |= {"draft"}
    return [
        wanted
        for wanted in Field
        # Pictures stand in their order without a column of positions.
        if wanted not in columns and wanted != Field.IMAGE_POSITION
        if seen[wanted] - usual.get(wanted, {""})
    ]


def _product_values(product: Product) -> ProductValues:
    return ProductValues(
        handle=product.handle,
        title=product.title,
        description=product.description,
        summary=product.summary,
        vendor=product.vendor,
        product_type=product.product_type,
        tax_category=product.tax_category,
        tags=tuple(product.tags),
        seo_title=product.seo_title,
        seo_description=product.seo_description,
        is_published=product.is_published,
        option_names=tuple(option.name for option in product.options),
        facts=tuple((str(name), str(value)) for name, value in product.facts),
    )


def _backorders(item: StockItem | None) -> dict[str, Any]:
    """A limit that nobody reaches is as usual."""
    if item is None or item.backorders == Backorders.NONE:
        return {"sells_on": False}
    is_limited = item.backorder_limit < MAX_ON_HAND
    return {
        "sells_on": True,
        "is_preorder": item.backorders == Backorders.PREORDER,
        "backorder_limit": item.backorder_limit if is_limited else None,
        "promised_on": item.promised_on,
    }


def _variant_values(
    variant: Variant, stock: Mapping[int, StockItem], urls: Mapping[int, str]
) -> VariantValues:
    item = stock.get(variant.id)
    return VariantValues(
        sku=variant.sku,
        options=(variant.option1, variant.option2, variant.option3),
        unit_amount=variant.unit_amount,
        compare_at_amount=variant.compare_at_amount,
        weight_grams=variant.weight_grams,
        is_taxable=variant.is_taxable,
        requires_shipping=variant.requires_shipping,
        barcode=variant.barcode,
        quantity=item.on_hand if item else 0,
        is_tracked=item.is_tracked if item else False,
        **_backorders(item),
        cost_amount=variant.cost_amount,
        measures=variant.measures,
        image_url=urls.get(variant.image_id or 0, ""),
    )
