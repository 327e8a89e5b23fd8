"""What a file's rows hold that the shop does not use, or would write otherwise: kept, so that an
export gives the file back as it was. [pure]

kept.py puts it beside products and variants.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from shop.catalog.columns import (
    IMAGE_FIELDS,
    PRODUCT_FIELDS,
    VARIANT_FIELDS,
    Field,
    ProductValues,
    is_of_variants,
    product_cells,
)
from shop.catalog.sheet import Kept, SheetVariant
from shop.catalog.sheet_cells import Cells


def kept_of_product(first: Cells, values: ProductValues) -> Kept:
    """Of its first row, the cells that are about the product as a whole."""
    unused = {
        key: [cell]
        for key, cell in first.items()
        if cell and key not in PRODUCT_FIELDS and _is_of_product(key)
    }
    return unused | kept_of_fields(first, product_cells(values))


def kept_of_row(
    number: int, cells: Cells, product: ProductValues, pictured: Container[int]
) -> dict[str, list[str]]:
    """The handle as it was typed, the product's columns repeated on a later row, a picture's
    columns on a row without one, and what the shop does not use.
    """
    kept = kept_of_fields(cells, {Field.HANDLE: product.handle})
    written = product_cells(product)
    for key, cell in cells.items():
        if not cell or key in VARIANT_FIELDS or key == Field.HANDLE:
            continue
        if key in IMAGE_FIELDS and number in pictured:
            continue
        if number == 0 and _is_of_product(key):
            continue
        kept[key] = [cell, written[key]] if key in PRODUCT_FIELDS else [cell]
    return kept


def other_rows(
    rows: Sequence[Cells],
    product: ProductValues,
    variants: Sequence[SheetVariant],
    pictured: Container[int],
) -> dict[int, Kept]:
    """Of rows without a variant, by number: those of pictures only where they hold more."""
    with_variant = {variant.row for variant in variants}
    others: dict[int, Kept] = {}
    for number, cells in enumerate(rows):
        if number in with_variant:
            continue
        kept = kept_of_row(number, cells, product, pictured)
        kept |= {key: [cell] for key, cell in cells.items() if cell and key in VARIANT_FIELDS}
        if kept or number not in pictured:
            others[number] = kept
    return others


def kept_of_fields(cells: Cells, written: Mapping[str, str]) -> dict[str, list[str]]:
    """The cells that the shop would write otherwise."""
    return {
        key: [cell, written[key]]
        for key, cell in cells.items()
        if key in written and cell != written[key]
    }


def _is_of_product(key: str) -> bool:
    return not (is_of_variants(key) or key in IMAGE_FIELDS or key == Field.HANDLE)
