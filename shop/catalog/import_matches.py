"""Which products and variants of the shop those of a product file are.

Products are matched by handle, variants by SKU and else by option values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from shop.catalog.columns import OPTION_VALUES, Field
from shop.catalog.models import Product, Variant
from shop.catalog.sheet import Sheet, SheetProduct, SheetVariant
from shop.extensions import db

T = TypeVar("T")


def products_of(batch: Sequence[SheetProduct]) -> dict[str, Product]:
    """By handle, with options, variants and pictures."""
    handles = [product.values.handle for product in batch]
    products = db.session.scalars(
        sa.select(Product)
        .where(Product.handle.in_(handles))
        .options(
            selectinload(Product.options),
            selectinload(Product.variants),
            selectinload(Product.images),
        )
    )
    return {product.handle: product for product in products}


def match_variants(
    variants: Sequence[Variant], given: Sequence[SheetVariant], sheet: Sheet
) -> list[tuple[SheetVariant, Variant | None]]:
    """By SKU, then by option values; each variant once. A file without both means the only one."""
    by_sku = {variant.sku: variant for variant in variants if variant.sku}
    matches: dict[int, Variant] = {}
    for number, one in enumerate(given):
        if one.values.sku in by_sku:
            matches[number] = by_sku[one.values.sku]
    taken = {id(variant) for variant in matches.values()}
    by_options = {options_of(variant): variant for variant in variants if id(variant) not in taken}
    is_only = len(variants) == len(given) == 1 and not gives_options(sheet)
    for number, one in enumerate(given):
        if number not in matches and (match := by_options.pop(one.values.options, None)):
            matches[number] = match
        elif number not in matches and is_only and Field.SKU not in sheet.fields:
            matches[number] = variants[0]
    return [(one, matches.get(number)) for number, one in enumerate(given)]


def gives_options(sheet: Sheet) -> bool:
    return bool(set(OPTION_VALUES) & sheet.fields)


def options_of(variant: Variant) -> tuple[str, str, str]:
    return variant.option1, variant.option2, variant.option3


def batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(things)
    while batch := list(islice(rest, size)):
        yield batch
