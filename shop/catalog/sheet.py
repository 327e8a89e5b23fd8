"""What a product CSV says of products, variants and pictures, and what else its cells hold. [pure]

sheet_reader.py makes a Sheet of a file's rows: sheet_cells.py reads one row, and sheet_kept.py says
what of it is kept as it came. None of them knows what the shop already holds; importer.py brings
the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shop.catalog.columns import Field, ImageValues, ProductValues, VariantValues
from shop.catalog.csvfile import Fault

#: The column in which the shop tells why it left a row out.
REMARKS = "Left out because"


class Source(StrEnum):
    """Whose export a file is."""

    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"


#: Cells to write as they came: [cell], or [cell, what the shop would have written for it] where
#: the shop uses the column; the cell counts until the shop would write something else.
Kept = Mapping[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class SheetVariant:
    line: int
    #: Which of the product's rows, from 0.
    row: int
    values: VariantValues
    has_quantity: bool
    kept: Kept


@dataclass(frozen=True, kw_only=True)
class SheetImage:
    values: ImageValues
    #: None: named only as a variant's picture.
    row: int | None
    kept: Kept


@dataclass(frozen=True, kw_only=True)
class SheetProduct:
    line: int
    #: Of all its rows.
    lines: tuple[int, ...]
    values: ProductValues
    variants: tuple[SheetVariant, ...]
    images: tuple[SheetImage, ...]
    kept: Kept
    #: Rows without a variant, by number: what they hold beside a picture.
    other_rows: Mapping[int, Kept]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    header: tuple[str, ...]
    #: The columns it has; what is not among them, an import leaves as it is.
    fields: frozenset[Field]
    currency: str
    products: tuple[SheetProduct, ...]
    faults: tuple[Fault, ...]
    #: Whether the file was read to its end; else nothing can be told of the rest.
    is_whole: bool = True
    #: Whether an export gives its cells back as they came.
    is_kept: bool = True
    #: What the file calls the shop's columns.
    names: Mapping[Field, str] = field(default_factory=dict, hash=False)

    def name_of(self, wanted: Field) -> str:
        """The column's name in this file."""
        return self.names.get(wanted, str(wanted))
