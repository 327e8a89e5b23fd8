"""Many products' variants as one table: filled from the shop or from what was sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from shop.admin.grid_columns import COLUMNS, BadCell, Column, Row, typed
from shop.catalog.models import Product, Variant
from shop.inventory.queries import Availability


@dataclass
class Cell:
    column: Column
    name: str
    #: What the shop holds, written as one would type it.
    now: str
    text: str
    value: Any = None
    error: str = ""
    currency: str = ""

    @property
    def was_told(self) -> str:
        """What the shop holds, as pages tell it; empty: nothing."""
        return self._told(self.now)

    @property
    def told(self) -> str:
        """What was typed, where it can be read."""
        return self._told(self.text)

    @property
    def is_changed(self) -> bool:
        return self.text != self.now

    def _told(self, text: str) -> str:
        if not text:
            return ""
        try:
            return self.column.tell(self.column.read(text, self.currency), self.currency)
        except BadCell:
            return text


@dataclass
class GridRow:
    """One variant; `cells` by column."""

    product: Product
    variant: Variant
    is_first: bool
    cells: dict[str, Cell] = field(default_factory=dict)
    #: What the page knew of the row, and what it is now.
    version: str = ""
    is_stale: bool = False

    @property
    def name(self) -> str:
        return " / ".join([self.product.title, *self.variant.option_values])

    @property
    def changed(self) -> list[Cell]:
        return [cell for cell in self.cells.values() if cell.is_changed]

    def complain(self, column: str, sentence: str) -> None:
        self.cells[column].error = sentence

    def value(self, column: str, present: Any) -> Any:
        """What was typed, or what is there where the column is not shown."""
        cell = self.cells.get(column)
        return cell.value if cell and cell.is_changed else present


class GridEditor:
    """`sent`: the fields of the form; none: as the shop is."""

    def __init__(
        self,
        products: Sequence[Product],
        stock: Mapping[int, Availability],
        columns: Sequence[str],
        currency: str,
        sent: Mapping[str, str] | None = None,
    ) -> None:
        self.columns = [COLUMNS[name] for name in columns]
        self.rows = [
            self._row(product, variant, number == 0, stock, currency, sent)
            for product in products
            for number, variant in enumerate(product.variants)
        ]
        self._currency = currency

    @property
    def changes(self) -> list[GridRow]:
        return [row for row in self.rows if row.changed]

    @property
    def count(self) -> int:
        """Cells that are typed otherwise."""
        return sum(len(row.changed) for row in self.rows)

    @property
    def complaints(self) -> dict[str, str]:
        """For the summary: name of a cell -> what is wrong."""
        return {
            cell.name: cell.error for row in self.rows for cell in row.cells.values() if cell.error
        }

    @property
    def labels(self) -> dict[str, str]:
        return {
            cell.name: f"{row.name}, {cell.column.label}"
            for row in self.rows
            for cell in row.cells.values()
        }

    def is_valid(self) -> bool:
        """Each cell that was changed can be read, and two rows do not take the same SKU."""
        for row in self.changes:
            for cell in row.changed:
                try:
                    cell.value = cell.column.read(cell.text, self._currency)
                except BadCell as bad:
                    cell.error = str(bad)
        self._check_skus()
        return not self.complaints

    def is_current(self) -> bool:
        """Of the rows that are changed; those that somebody else has changed are told, and what the
        shop holds stands beside: sent once more, it is replaced knowingly.
        """
        stale = [row for row in self.changes if row.is_stale]
        for row in stale:
            for cell in row.changed:
                cell.error = _(
                    "Meanwhile it became “%(now)s”.", now=cell.was_told or _("(nothing)")
                )
        return not stale

    def hidden(self) -> Iterator[tuple[str, str]]:
        """The fields of the table, to be sent again from the page that shows what changes."""
        for row in self.rows:
            yield f"v-{row.variant.id}-version", row.version
            for cell in row.cells.values():
                yield cell.name, cell.text

    def _row(
        self,
        product: Product,
        variant: Variant,
        is_first: bool,
        stock: Mapping[int, Availability],
        currency: str,
        sent: Mapping[str, str] | None,
    ) -> GridRow:
        source = Row(product, variant, stock[variant.id], currency)
        row = GridRow(product, variant, is_first)
        for column in self.columns:
            if column.is_products and not is_first:
                continue
            if column.name == "on_hand" and not source.stock.is_tracked:
                continue
            name = f"v-{variant.id}-{column.name}"
            now = column.write(source)
            text = now if sent is None or name not in sent else typed(sent[name])
            row.cells[column.name] = Cell(column, name, now, text, currency=currency)
        row.version = version_of(source)
        known = None if sent is None else sent.get(f"v-{variant.id}-version")
        row.is_stale = sent is not None and known != row.version
        return row

    def _check_skus(self) -> None:
        taken: dict[str, GridRow] = {}
        for row in self.rows:
            cell = row.cells.get("sku")
            if cell is None or not cell.text:
                continue
            if cell.text in taken and (cell.is_changed or taken[cell.text].cells["sku"].is_changed):
                cell.error = _("Two rows have this SKU.")
            taken[cell.text] = row


def version_of(row: Row) -> str:
    """Changes with every column of the row, shown or not."""
    facts = [column.write(row) for column in COLUMNS.values()]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
