"""WooCommerce's product export, told in the columns of Shopify's, row for row. [pure]

Rows stand together by product: the product's own first, its variations behind it, further pictures
last. What is left out: gallery settings, dimensions, up-sells, files to download, other plugins'
columns. Why by way of Shopify's columns: one reader then knows every rule of a product.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import product as combinations

from shop.catalog.columns import (
    OPTION_NAMES,
    OPTION_VALUES,
    Field,
    split_list,
    written_facts,
)
from shop.catalog.csvfile import Fault, Row, Table
from shop.catalog.handles import free_handle, handle_from
from shop.catalog.woo_columns import SPOKEN_OF, Column, attributes_of, columns_of, grams_of
from shop.sentences import N_

_TAX_CATEGORIES = {"reduced-rate": "reduced", "zero-rate": "zero"}
_TAG = re.compile(r"<[^<>]*>")
_SOLD = {"simple", "variable", "variation"}
#: Variants that one variation for any value may become.
MAX_ANY = 200

#: Columns that a translated table has whatever the file has; the others follow the file's.
_ALWAYS = {Field.HANDLE, Field.TITLE, Field.REQUIRES_SHIPPING, Field.FACTS}

_Cells = dict[Field, str]


def in_shopify_columns(table: Table, today: date | None) -> Table:
    """A sale with dates is taken where `today` lies between them."""
    reading = _Reading(table, today)
    fields = reading.fields()
    rows = [
        Row(line, tuple(cells.get(wanted, "") for wanted in fields))
        for line, cells in reading.rows()
    ]
    return Table(
        header=tuple(map(str, fields)),
        rows=tuple(rows),
        faults=tuple(reading.faults),
        is_whole=table.is_whole,
        names=reading.names(fields),
    )


@dataclass
class _Item:
    """A row of the file: a product, or a variation of one."""

    row: Row
    columns: Mapping[Column, int]
    #: Name and values, in the order of the file's columns.
    attributes: dict[str, list[str]]
    variations: list[_Item] = field(default_factory=list)

    @property
    def line(self) -> int:
        return self.row.line

    def get(self, wanted: Column) -> str:
        place = self.columns.get(wanted)
        return "" if place is None else self.row.cells[place].strip()

    @property
    def kinds(self) -> set[str]:
        """ "simple, virtual" are two."""
        return {kind.strip().lower() for kind in self.get(Column.TYPE).split(",")}

    @property
    def is_variation(self) -> bool:
        return "variation" in self.kinds

    @property
    def images(self) -> list[str]:
        return split_list(self.get(Column.IMAGES))


class _Reading:
    def __init__(self, table: Table, today: date | None) -> None:
        self.table, self.today = table, today
        self.columns = columns_of(table.header)
        self.attributes = attributes_of(table.header)
        self.grams = grams_of(table.header)
        self.faults = list(table.faults)

    def fields(self) -> list[Field]:
        """A column that the file has not is left as it is, so it must not be given."""
        has_attributes = bool(self.attributes)
        return [
            wanted
            for wanted in Field
            if wanted in _ALWAYS
            or SPOKEN_OF.get(wanted) in self.columns
            or (has_attributes and wanted in {*OPTION_NAMES, *OPTION_VALUES})
        ]

    def names(self, fields: Sequence[Field]) -> dict[str, str]:
        """What the file calls the columns."""
        header = self.table.header
        spoken = {wanted: SPOKEN_OF.get(wanted) for wanted in fields}
        return {
            str(wanted): header[self.columns[column]]
            for wanted, column in spoken.items()
            if column in self.columns
        } | {
            str(wanted): self._attribute_column(number, is_name=wanted in OPTION_NAMES)
            for options in (OPTION_NAMES, OPTION_VALUES)
            for number, wanted in enumerate(options)
            if wanted in fields
        }

    def rows(self) -> Iterator[tuple[int, _Cells]]:
        handles: set[str] = set()
        for item in self._products():
            handle = free_handle(handle_from(item.get(Column.NAME)), handles)
            handles.add(handle)
            for line, cells in self._rows_of(item):
                yield line, {Field.HANDLE: handle, **cells}

    def _attribute_column(self, number: int, *, is_name: bool) -> str:
        places = list(self.attributes.values())
        if number >= len(places):
            return str(OPTION_NAMES[number])
        return self.table.header[places[number][0 if is_name else 1]]

    # Which rows belong together

    def _products(self) -> list[_Item]:
        """With their variations, in the order of their positions."""
        items = [_Item(row, self.columns, self._attributes(row)) for row in self.table.rows]
        products = [item for item in items if not item.is_variation]
        by_name = {f"id:{item.get(Column.ID)}": item for item in products}
        by_name |= {sku: item for item in products if (sku := item.get(Column.SKU))}
        for item in items:
            if not item.is_variation:
                continue
            parent = by_name.get(item.get(Column.PARENT))
            if parent is None:
                self._refuse(item, Column.PARENT, N_("the product of this variation is not here"))
            else:
                parent.variations.append(item)
        for item in products:
            item.variations.sort(key=lambda one: _whole(one.get(Column.POSITION)))
        return [item for item in products if self._is_sold(item)]

    def _is_sold(self, item: _Item) -> bool:
        if item.kinds & _SOLD:
            return True
        reason = N_("products of the type %(kind)s cannot be sold here")
        self._refuse(item, Column.TYPE, reason, kind=item.get(Column.TYPE)[:40] or '""')
        return False

    def _attributes(self, row: Row) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name_at, values_at in self.attributes.values():
            if name := row.cells[name_at].strip():
                found.setdefault(name, split_list(row.cells[values_at]))
        return found

    def _refuse(self, item: _Item, column: Column, reason: str, **values: str) -> None:
        place = self.columns.get(column)
        name = self.table.header[place] if place is not None else str(column)
        self.faults.append(Fault(item.line, name, reason, values))

    # One product

    def _rows_of(self, item: _Item) -> Iterator[tuple[int, _Cells]]:
        options = _option_names(item)
        first = self._product_cells(item, options)
        images = item.images
        if images:
            first[Field.IMAGE_URL] = images[0]
        if "variable" in item.kinds:
            yield item.line, first
            for variation in item.variations:
                if variation.get(Column.PUBLISHED) != "0":
                    yield from self._variation_rows(item, variation, options)
        else:
            yield item.line, first | self._variant_cells(item, item)
        yield from ((item.line, {Field.IMAGE_URL: url}) for url in images[1:])

    def _product_cells(self, item: _Item, options: Sequence[str]) -> _Cells:
        if len(options) > len(OPTION_NAMES):
            reason = N_("the variations differ by %(count)s attributes, at most 3")
            self._refuse(item, Column.TYPE, reason, count=str(len(options)))
        is_shown = item.get(Column.PUBLISHED) in {"", "1"}
        is_hidden = item.get(Column.VISIBILITY).lower() == "hidden"
        brands = split_list(item.get(Column.BRANDS))
        tax_class = item.get(Column.TAX_CLASS).lower()
        return {
            Field.TITLE: item.get(Column.NAME),
            Field.DESCRIPTION: item.get(Column.DESCRIPTION).replace("\\n", "\n"),
            Field.SUMMARY: _plain(item.get(Column.SUMMARY)),
            Field.VENDOR: brands[0] if brands else "",
            Field.TAX_CATEGORY: _TAX_CATEGORIES.get(tax_class, tax_class),
            Field.TAGS: item.get(Column.TAGS),
            Field.COLLECTION: item.get(Column.CATEGORIES),
            Field.PUBLISHED: "true" if is_shown and not is_hidden else "false",
            Field.FACTS: written_facts(
                (name, ", ".join(values))
                for name, values in item.attributes.items()
                if values and name not in options
            ),
            **dict(zip(OPTION_NAMES, options, strict=False)),
        }

    def _variation_rows(
        self, item: _Item, variation: _Item, options: Sequence[str]
    ) -> Iterator[tuple[int, _Cells]]:
        """One; or several where it stands for any value of an attribute."""
        choices = [
            variation.attributes.get(name, [])[:1] or item.attributes.get(name, [])
            for name in options
        ]
        wanted = list(combinations(*choices))[: MAX_ANY + 1]
        cells = self._variant_cells(item, variation)
        if len(wanted) > 1 and cells[Field.QUANTITY]:
            reason = N_("stock is counted, but the variation stands for any value of an attribute")
            self._refuse(variation, Column.STOCK, reason)
        for number, values in enumerate(wanted[:MAX_ANY]):
            own = dict(zip(OPTION_VALUES, values, strict=False))
            sku = cells[Field.SKU]
            if sku and number:
                own[Field.SKU] = f"{sku}-{handle_from('-'.join(values))}"
            yield variation.line, {**cells, **own}

    def _variant_cells(self, item: _Item, variant: _Item) -> _Cells:
        price, compare_at = self._prices(variant)
        stock, is_tracked = _stock_of(item, variant)
        images = variant.images
        return {
            Field.SKU: variant.get(Column.SKU),
            Field.BARCODE: variant.get(Column.BARCODE),
            Field.PRICE: price,
            Field.COMPARE_AT: compare_at,
            Field.WEIGHT: self._weight(variant) or self._weight(item),
            Field.QUANTITY: stock,
            Field.TRACKER: "shopify" if is_tracked else "",
            Field.POLICY: "continue" if _sells_on(variant) else "deny",
            Field.TAXABLE: "true" if _is_taxable(item, variant) else "false",
            Field.REQUIRES_SHIPPING: (
                "false" if {"virtual", "downloadable"} & variant.kinds else "true"
            ),
            Field.VARIANT_IMAGE: images[0] if images and variant is not item else "",
        }

    def _prices(self, variant: _Item) -> tuple[str, str]:
        """What it costs now, and what it cost before a sale that is on."""
        regular, sale = variant.get(Column.PRICE), variant.get(Column.SALE_PRICE)
        if not sale or not self._is_on(variant):
            return regular, ""
        return sale, regular

    def _is_on(self, variant: _Item) -> bool:
        begins, ends = variant.get(Column.SALE_FROM)[:10], variant.get(Column.SALE_UNTIL)[:10]
        if not begins and not ends:
            return True
        if self.today is None:
            return False
        return (not begins or begins <= self.today.isoformat()) and (
            not ends or self.today.isoformat() <= ends
        )

    def _weight(self, item: _Item) -> str:
        """In grams; what is no number is told by the reader."""
        text = item.get(Column.WEIGHT)
        try:
            grams = Decimal(text.replace(",", ".")) * self.grams
            return f"{grams:.3f}" if 0 <= grams < 10**9 else text
        except InvalidOperation:
            return text


def _option_names(item: _Item) -> list[str]:
    """Attributes that its variations name, in the product's order."""
    named = {name for variation in item.variations for name in variation.attributes}
    return [name for name in item.attributes if name in named]


def _stock_of(item: _Item, variant: _Item) -> tuple[str, bool]:
    """Units, and whether they are counted. Without a number, what is out of stock counts as none;
    one that shares its product's stock gets that.
    """
    stock = variant.get(Column.STOCK)
    if stock.lower() in {"parent", "übergeordnet"}:
        stock = item.get(Column.STOCK)
    if stock:
        stock = re.sub(r"[.,]0+$", "", stock)
        return ("0" if stock.startswith("-") else stock), True
    is_out = variant.get(Column.IN_STOCK).lower() in {"0", "no", "outofstock"}
    return ("0", True) if is_out else ("", False)


def _sells_on(variant: _Item) -> bool:
    return variant.get(Column.BACKORDERS).lower() in {"1", "yes", "notify"}


def _is_taxable(item: _Item, variant: _Item) -> bool:
    status = variant.get(Column.TAX_STATUS).lower()
    status = item.get(Column.TAX_STATUS).lower() if status in {"", "parent"} else status
    return status in {"", "taxable"}


def _plain(text: str) -> str:
    """A paragraph of HTML as words."""
    return " ".join(html.unescape(_TAG.sub(" ", text.replace("\\n", "\n"))).split())


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
