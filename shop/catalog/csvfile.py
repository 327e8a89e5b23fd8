"""CSV files as spreadsheets write them: bytes to rows with their line numbers, and back. [pure]

Nothing is guessed about a broken file: it is refused with the line and the reason.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO
from itertools import chain
from typing import Any, Protocol

from shop.sentences import N_

MAX_BYTES = 64 * 1024 * 1024
MAX_COLUMNS = 500
MAX_ROWS = 200_000
#: More faults than anyone reads at once; looking for others stops here.
MAX_FAULTS = 1000

DELIMITERS = (",", ";", "\t")
#: What spreadsheets take for the beginning of a formula, behind any number of apostrophes.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
#: How files begin that were given a name they are not.
_OTHER_KINDS = {
    b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"\x1f\x8b": "gzip", b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "rar", b"%PDF": "pdf", b"\xd0\xcf\x11\xe0": "xls",
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """`line` as an editor counts, `column` as the file names it; empty: the row, or the file."""

    line: int
    column: str
    #: In English, with named places for `values`.
    reason: str
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def text(self) -> str:
        return self.filled(self.reason, "{:,}".format)

    def filled(self, words: str, write: Callable[[int], str]) -> str:
        """`words` with the values in their places, and counts as `write` has them. Numbers of lines
        are looked for in an editor, which does not group them.
        """
        if not self.values:
            return words
        return words % {
            name: write(value) if isinstance(value, int) and name != "line" else value
            for name, value in self.values.items()
        }

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", {self.column}" if self.column else "")
        return f"{where}: {self.text}"


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
    #: Whether it was read to its end.
    is_whole: bool = True
    #: What the file itself calls a column, where it was translated.
    names: Mapping[str, str] = field(default_factory=dict, hash=False)


def read_header(data: bytes) -> tuple[str, ...]:
    """Raises FileRefused where there is none to go by."""
    return _begun(_decode(data))[1]


def read_table(data: bytes) -> Table:
    """Raises FileRefused where there is no header to go by."""
    reading, header = _begun(_decode(data))
    rows: list[Row] = []
    for record in reading.records():
        if len(rows) == MAX_ROWS:
            more = N_("more than %(most)s rows")
            reading.faults.append(Fault(record.line, "", more, {"most": MAX_ROWS}))
            reading.is_whole = False
            break
        if len(reading.faults) >= MAX_FAULTS:
            reading.is_whole = False
            break
        if any(record.cells):
            rows.append(_row(record, header, reading.faults))
    return Table(header, tuple(rows), tuple(reading.faults), reading.is_whole)


def _begun(text: str) -> tuple[_Reading, tuple[str, ...]]:
    delimiter = _delimiter_of(text)
    reading = _Reading(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True))
    header = tuple(plain(cell.strip()) for cell in next(reading.records(), _Record(1, [])).cells)
    _check_header(header, reading.faults)
    return reading, header


def write_table(
    header: Iterable[str], rows: Iterable[Iterable[str | int | Decimal]]
) -> Iterator[str]:
    """Lines of comma-separated text that no spreadsheet takes for formulas. Numbers are written as
    they are, the negative ones too.
    """
    buffer = StringIO(newline="")
    writer = csv.writer(buffer)
    for row in chain([header], rows):
        writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def neutral(cell: str) -> str:
    """A leading apostrophe makes text of what a spreadsheet would run as a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    """What `neutral` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def refuse_other_kinds(data: bytes) -> None:
    """Raises FileRefused for what is no text at all, whatever its name says: an archive could
    unpack to any size.
    """
    for beginning, kind in _OTHER_KINDS.items():
        if data.startswith(beginning):
            reason = N_(
                "this is no CSV file but a packed or binary one (%(kind)s); save the table as CSV"
                " (comma separated) and take that"
            )
            raise FileRefused([Fault(1, "", reason, {"kind": kind})])


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        larger = N_("the file is larger than %(most)s MB")
        raise FileRefused([Fault(1, "", larger, {"most": MAX_BYTES // 2**20})])
    refuse_other_kinds(data)
    for encoding in _encodings_of(data):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
    raise FileRefused([Fault(line, "", N_("the text is neither UTF-8, UTF-16 nor Windows-1252"))])


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
    is_whole: bool = True

    def records(self) -> Iterator[_Record]:
        """After a broken record nothing can be told of the rest."""
        while True:
            line = self.reader.line_num + 1
            try:
                yield _Record(line, next(self.reader))
            except StopIteration:
                return
            except csv.Error as error:
                self.faults.append(_broken(line, error))
                self.is_whole = False
                return


def _broken(line: int, error: csv.Error) -> Fault:
    message, limit = str(error), csv.field_size_limit()
    if "unexpected end" in message:
        return Fault(line, "", N_("a quotation mark is opened and never closed"))
    if "field limit" in message:
        longer = N_(
            "a cell is longer than %(most)s characters, or a quotation mark is never closed"
        )
        return Fault(line, "", longer, {"most": limit})
    if "expected after" in message:
        follows = N_(
            "text follows a closing quotation mark; inside a cell, quotation marks are doubled"
        )
        return Fault(line, "", follows)
    return Fault(line, "", N_("the row cannot be read"))


def _check_header(header: tuple[str, ...], faults: list[Fault]) -> None:
    if faults:
        raise FileRefused(faults)
    if not any(header):
        raise FileRefused([Fault(1, "", N_("the file is empty"))])
    if len(header) > MAX_COLUMNS:
        counts = {"count": len(header), "most": MAX_COLUMNS}
        raise FileRefused([Fault(1, "", N_("%(count)s columns, at most %(most)s"), counts)])
    if any("\0" in name for name in header):
        raise FileRefused([Fault(1, "", N_("the header holds a NUL character"))])


def _row(record: _Record, header: tuple[str, ...], faults: list[Fault]) -> Row:
    cells = [plain(cell) for cell in record.cells]
    if any(cells[len(header) :]):
        reason = N_("%(count)s cells, but the header has %(expected)s")
        counts = {"count": len(cells), "expected": len(header)}
        faults.append(Fault(record.line, "", reason, counts))
    cells = (cells + [""] * (len(header) - len(cells)))[: len(header)]
    for name, cell in zip(header, cells, strict=True):
        if "\0" in cell:
            faults.append(Fault(record.line, name, N_("holds a NUL character")))
    return Row(record.line, tuple(cells))
