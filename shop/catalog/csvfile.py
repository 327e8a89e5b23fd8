"""CSV files as spreadsheets write them: bytes to rows with their line numbers, and back. [pure]

Nothing is guessed about a broken file: it is refused with the line and the reason.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from itertools import chain
from typing import Protocol

MAX_BYTES = 64 * 1024 * 1024
MAX_COLUMNS = 500
MAX_ROWS = 200_000
#: More faults than anyone reads at once; looking for others stops here.
MAX_FAULTS = 1000

DELIMITERS = (",", ";", "\t")
#: What spreadsheets take for the beginning of a formula, behind any number of apostrophes.
_FORMULA = re.compile("'*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")


@dataclass(frozen=True)
class Fault:
    """`line` as an editor counts, `column` as the file names it; empty: the row, or the file."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", {self.column}" if self.column else "")
        return f"{where}: {self.reason}"


class FileRefused(Exception):
    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults[:3]))


@dataclass(frozen=True)
class Row:
    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Every row is as long as the header; empty lines are left out."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]


def read_table(data: bytes) -> Table:
    """Raises FileRefused where there is no header to go by."""
    text = _decode(data)
    delimiter = _delimiter_of(text)
    reading = _Reading(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True))
    header = tuple(plain(cell.strip()) for cell in next(reading.records(), _Record(1, [])).cells)
    _check_header(header, reading.faults)
    rows: list[Row] = []
    for record in reading.records():
        if len(rows) == MAX_ROWS:
            reading.faults.append(Fault(record.line, "", f"more than {MAX_ROWS:,} rows"))
            break
        if len(reading.faults) >= MAX_FAULTS:
            break
        if any(record.cells):
            rows.append(_row(record, header, reading.faults))
    return Table(header, tuple(rows), tuple(reading.faults))


def write_table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Lines of comma-separated text that no spreadsheet takes for formulas."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer)
    for row in chain([header], rows):
        writer.writerow([neutral(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def neutral(cell: str) -> str:
    """A leading apostrophe makes text of what a spreadsheet would run as a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    """What `neutral` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise FileRefused([Fault(1, "", f"the file is larger than {MAX_BYTES // 2**20} MB")])
    for encoding in _encodings_of(data):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
    raise FileRefused([Fault(line, "", "the text is neither UTF-8, UTF-16 nor Windows-1252")])


def _encodings_of(data: bytes) -> tuple[str, ...]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    if len(data) >= 4 and data[1] == data[3] == 0 != data[0]:
        return ("utf-16-le",)
    if len(data) >= 4 and data[0] == data[2] == 0 != data[1]:
        return ("utf-16-be",)
    return ("utf-8-sig", "cp1252")


def _delimiter_of(text: str) -> str:
    """The one that cuts the first record into the most cells."""
    return max(DELIMITERS, key=lambda delimiter: _width_of_first_record(text, delimiter))


def _width_of_first_record(text: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader(StringIO(text, newline=""), delimiter=delimiter), []))
    except csv.Error:
        return 0


class _Records(Protocol):
    """A csv.reader."""

    @property
    def line_num(self) -> int: ...
    def __next__(self) -> list[str]: ...


@dataclass(frozen=True)
class _Record:
    line: int
    cells: list[str]


@dataclass
class _Reading:
    """A csv reader that tells where a record begins and what breaks it."""

    reader: _Records
    faults: list[Fault] = field(default_factory=list)

    def records(self) -> Iterator[_Record]:
        """After a broken record nothing can be told of the rest."""
        while True:
            line = self.reader.line_num + 1
            try:
                yield _Record(line, next(self.reader))
            except StopIteration:
                return
            except csv.Error as error:
                self.faults.append(Fault(line, "", _broken(error)))
                return


def _broken(error: csv.Error) -> str:
    message = str(error)
    if "unexpected end" in message:
        return "a quotation mark is opened and never closed"
    if "field limit" in message:
        limit = f"{csv.field_size_limit():,} characters"
        return f"a cell is longer than {limit}, or a quotation mark is never closed"
    if "expected after" in message:
        return "text follows a closing quotation mark; inside a cell, quotation marks are doubled"
    return "the row cannot be read"


def _check_header(header: tuple[str, ...], faults: list[Fault]) -> None:
    if faults:
        raise FileRefused(faults)
    if not any(header):
        raise FileRefused([Fault(1, "", "the file is empty")])
    if len(header) > MAX_COLUMNS:
        raise FileRefused([Fault(1, "", f"{len(header):,} columns, at most {MAX_COLUMNS}")])
    if any("\0" in name for name in header):
        raise FileRefused([Fault(1, "", "the header holds a NUL character")])


def _row(record: _Record, header: tuple[str, ...], faults: list[Fault]) -> Row:
    cells = [plain(cell) for cell in record.cells]
    if any(cells[len(header) :]):
        reason = f"{len(cells):,} cells, but the header has {len(header)}"
        faults.append(Fault(record.line, "", reason))
    cells = (cells + [""] * (len(header) - len(cells)))[: len(header)]
    for name, cell in zip(header, cells, strict=True):
        if "\0" in cell:
            faults.append(Fault(record.line, name, "holds a NUL character"))
    return Row(record.line, tuple(cells))
