"""One row of a product CSV, read cell by cell: texts, numbers, amounts, days, addresses. [pure]

What cannot be read becomes a fault of its line and column, and a harmless value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlsplit

from shop.catalog.columns import OPTION_NAMES, OPTION_VALUES, Field, field_of, keys_of
from shop.catalog.csvfile import Fault, FileRefused, Row, Table
from shop.money import MAX_AMOUNT, Money, UnreadableAmount, exponent, plain_amount, read_amount
from shop.sentences import N_

#: Longest values that the tables hold.
LIMITS = {
    Field.TITLE: 255,
    Field.VENDOR: 255,
    Field.TAX_CATEGORY: 40,
    Field.PRODUCT_TYPE: 255,
    Field.SKU: 255,
    Field.BARCODE: 255,
    Field.SEO_TITLE: 255,
    Field.SEO_DESCRIPTION: 512,
    Field.IMAGE_ALT: 512,
    **dict.fromkeys((*OPTION_NAMES, *OPTION_VALUES), 255),
}
MAX_URL = 2048

YES, NO = {"true", "yes", "1", "wahr"}, {"false", "no", "0", "falsch"}
#: Characters no text of a shop means: controls, and marks that turn or hide what follows.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_NUMBER = re.compile(r"[0-9]{1,12}(?:[.,][0-9]{1,6})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,12}", re.ASCII)
_TOO_MUCH = N_("%(cell)s is more than %(most)s")


@dataclass(frozen=True)
class Layout:
    """What holds for all rows."""

    keys: tuple[str, ...]
    #: The fields the file has, the names it gives them, and their columns.
    names: Mapping[Field, str]
    columns: Mapping[Field, int]
    currency: str


def layout_of(table: Table, currency: str) -> Layout:
    names: dict[Field, str] = {}
    columns: dict[Field, int] = {}
    faults = []
    for column, name in enumerate(table.header):
        known = field_of(name)
        if known in names:
            twice = N_("is given twice (also as %(other)s)")
            faults.append(Fault(1, name, twice, {"other": names[known]}))
        elif known:
            names[known], columns[known] = table.names.get(name, name), column
    if Field.HANDLE not in names:
        faults.append(Fault(1, Field.HANDLE, N_("the column is missing")))
    if faults:
        raise FileRefused(faults)
    return Layout(keys_of(table.header), names, columns, currency)


@dataclass(frozen=True)
class Cells:
    """One row, read cell by cell; what cannot be read becomes a fault and a harmless value."""

    layout: Layout
    row: Row
    faults: list[Fault]

    @property
    def line(self) -> int:
        return self.row.line

    def has(self, wanted: Field) -> bool:
        """Whether the file has the column."""
        return wanted in self.layout.names

    def items(self) -> Iterator[tuple[str, str]]:
        """Keys of the columns and their cells."""
        return zip(self.layout.keys, self.row.cells, strict=True)

    def raw(self, wanted: Field) -> str:
        column = self.layout.columns.get(wanted)
        return "" if column is None else self.row.cells[column]

    def refuse(self, wanted: Field, reason: str, **values: Any) -> None:
        name = self.layout.names.get(wanted, str(wanted))
        self.faults.append(Fault(self.line, name, reason, values))

    def text(self, wanted: Field) -> str:
        """One line, without what cannot be seen."""
        return self._within(wanted, " ".join(_INVISIBLE.sub("", self.raw(wanted)).split()))

    def long_text(self, wanted: Field) -> str:
        return self._within(wanted, _CONTROLS.sub("", self.raw(wanted)))

    def flag(self, wanted: Field, default: bool) -> bool:
        cell = self.raw(wanted).strip().lower()
        if cell and cell not in YES | NO:
            self.refuse(wanted, N_("%(cell)s is neither true nor false"), cell=quoted(cell))
        return cell in YES if cell else default

    def amount(self, wanted: Field) -> int | None:
        """Minor units. One decimal mark, point or comma; no grouping, so nothing is misread."""
        cell = self.raw(wanted).strip()
        if not cell:
            return None
        try:
            return read_amount(cell, self.layout.currency).amount
        except UnreadableAmount:
            self._refuse_amount(wanted, cell)
            return 0

    def whole(self, wanted: Field, most: int) -> int | None:
        return self._number(wanted, most, _WHOLE, N_("%(cell)s is not a whole number"))

    def rounded(self, wanted: Field, most: int) -> int | None:
        return self._number(wanted, most, _NUMBER, N_("%(cell)s is not a number"))

    def day(self, wanted: Field) -> date | None:
        cell = self.raw(wanted).strip()
        if not cell:
            return None
        try:
            if _DAY.fullmatch(cell):
                return date.fromisoformat(cell)
        except ValueError:
            pass
        self.refuse(wanted, N_("%(cell)s is not a day like 2027-03-01"), cell=quoted(cell))
        return None

    def url(self, wanted: Field) -> str:
        cell = self.raw(wanted).strip()
        if not cell:
            return ""
        if not _is_url(cell):
            no_address = N_("%(cell)s is no address that begins with https:// or http://")
            self.refuse(wanted, no_address, cell=quoted(cell))
        elif len(cell) > MAX_URL:
            self._refuse_length(wanted, len(cell), MAX_URL)
        return cell[:MAX_URL]

    def _refuse_amount(self, wanted: Field, cell: str) -> None:
        if cell.startswith("-"):
            self.refuse(wanted, N_("%(cell)s is negative"), cell=quoted(cell))
            return
        currency = self.layout.currency
        most = plain_amount(Money(MAX_AMOUNT, currency))
        if _NUMBER.fullmatch(cell) and Decimal(cell.replace(",", ".")) > Decimal(most):
            self.refuse(wanted, _TOO_MUCH, cell=quoted(cell), most=most)
            return
        example = {0: "1200", 3: "12.500"}.get(exponent(currency))
        reason = N_("%(cell)s is not a price in %(currency)s; write %(example)s, without grouping")
        if example is None:
            reason = N_(
                "%(cell)s is not a price in %(currency)s; write 12.50 or 12,50, without grouping"
            )
        values = {"currency": currency, "example": example}
        self.refuse(wanted, reason, cell=quoted(cell), **values)

    def _refuse_length(self, wanted: Field, count: int, most: int) -> None:
        reason = N_("%(count)s characters, at most %(most)s")
        self.refuse(wanted, reason, count=count, most=most)

    def _number(
        self, wanted: Field, most: int, pattern: re.Pattern[str], otherwise: str
    ) -> int | None:
        cell = self.raw(wanted).strip()
        if not cell:
            return None
        if cell.startswith("-") and pattern.fullmatch(cell[1:]):
            self.refuse(wanted, N_("%(cell)s is negative"), cell=quoted(cell))
        elif not pattern.fullmatch(cell):
            self.refuse(wanted, otherwise, cell=quoted(cell))
        else:
            number = Decimal(cell.replace(",", ".")).quantize(Decimal(1), ROUND_HALF_UP)
            if number <= most:
                return int(number)
            self.refuse(wanted, _TOO_MUCH, cell=quoted(cell), most=most)
        return 0

    def _within(self, wanted: Field, text: str) -> str:
        limit = LIMITS.get(wanted, len(text))
        if len(text) > limit:
            self._refuse_length(wanted, len(text), limit)
        return text[:limit]


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and " " not in text
    except ValueError:  # brackets that hold no address
        return False


def quoted(text: str) -> str:
    return f'"{text[:40]}…"' if len(text) > 40 else f'"{text}"'
