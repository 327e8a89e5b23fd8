"""What the table of a report is made of, and how its cells are told on a page and in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from flask_babel import gettext as _

from shop.money import Money, plain_amount
from shop.web.filters import money, number, one_decimal

Cell = str | int | Money | Fraction | None


class Kind(StrEnum):
    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    #: A share, told in percent.
    PERCENT = "percent"


@dataclass(frozen=True)
class Column:
    title: str
    kind: Kind = Kind.MONEY


@dataclass(frozen=True)
class Row:
    cells: Sequence[Cell]
    #: Smaller, below the first cell.
    note: str = ""
    #: In a file, in place of the first cell: what a spreadsheet can sort by.
    code: str = ""


@dataclass(frozen=True)
class Table:
    columns: Sequence[Column]
    rows: Sequence[Row]
    #: The last line; empty: nothing to add up.
    sums: Sequence[Cell] = ()
    #: Numbers of the column that is drawn, in minor units or counts; empty: no chart.
    series: Sequence[int] = field(default=())
    #: The same of the period before.
    before: Sequence[int] = field(default=())
    #: Currency of the series; empty: counts.
    series_currency: str = ""


def shown(cell: Cell) -> str:
    """As a page prints it."""
    if cell is None:
        return ""
    if isinstance(cell, Money):
        return money(cell)
    if isinstance(cell, Fraction):
        return _("%(percent)s%%", percent=one_decimal(float(cell) * 100))
    return number(cell) if isinstance(cell, int) else str(cell)


def plain(cell: Cell) -> str | int | Decimal:
    """As a spreadsheet reads it: numbers as numbers."""
    if isinstance(cell, Money):
        return Decimal(plain_amount(cell))
    if isinstance(cell, Fraction):
        return Decimal(f"{float(cell):.4f}")
    return "" if cell is None else cell
