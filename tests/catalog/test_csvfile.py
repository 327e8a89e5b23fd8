"""CSV files as spreadsheets write them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.catalog import csvfile
from shop.catalog.csvfile import FileRefused, neutral, plain, read_table, write_table


def rows_of(data: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in read_table(data).rows]


def refusal_of(data: bytes) -> str:
    with pytest.raises(FileRefused) as refusal:
        read_table(data)
    return str(refusal.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_delimiters_are_recognized(
    encoding: str, delimiter: str, newline: str
) -> None:
    text = newline.join([f"Handle{delimiter}Title", f"a{delimiter}Größe – 陶器", ""])

    table = read_table(text.encode(encoding))

    assert table.header == ("Handle", "Title")
    assert [row.cells for row in table.rows] == [("a", "Größe – 陶器")]


def test_windows_files_are_read() -> None:
    assert rows_of("Handle,Title\na,Café “x” €\n".encode("cp1252")) == [("a", "Café “x” €")]


def test_text_of_no_known_encoding_is_refused_with_its_line() -> None:
    refusal = refusal_of(b"Handle,Title\na,b\nc,\x81\n")

    assert refusal == "line 3: the text is neither UTF-8, UTF-16 nor Windows-1252"


def test_half_a_utf16_file_is_refused() -> None:
    assert "neither UTF-8" in refusal_of("Handle,Title\n".encode("utf-16")[:-1])


def test_lines_are_those_an_editor_shows() -> None:
    table = read_table(b'Handle,Title\r\na,"one\r\ntwo\r\n"\r\n\r\n,\r\nb,c\r\n')

    assert [(row.line, row.cells) for row in table.rows] == [
        (2, ("a", "one\r\ntwo\r\n")),
        (7, ("b", "c")),
    ]
    assert table.faults == ()


def test_short_rows_are_filled_and_long_ones_told() -> None:
    table = read_table(b"Handle,Title,Type\na\nb,c,d,,\ne,f,g,h\n")

    assert [row.cells for row in table.rows] == [("a", "", ""), ("b", "c", "d"), ("e", "f", "g")]
    assert [str(fault) for fault in table.faults] == ["line 4: 4 cells, but the header has 3"]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b'Handle,Title\na,b\nc,"d\ne,f\n', "line 3: a quotation mark is opened and never closed"),
        (
            b'Handle,Title\na,"b"c\n',
            "line 2: text follows a closing quotation mark; inside a cell, quotation marks are"
            " doubled",
        ),
        (
            b'Handle,Title\na,"' + b"x" * 140_000 + b'"\n',
            "line 2: a cell is longer than 131,072 characters, or a quotation mark is never closed",
        ),
        (b"Handle,Title\na,b\0c\n", "line 2, Title: holds a NUL character"),
    ],
    ids=["open quote", "broken quote", "long cell", "nul"],
)
def test_a_broken_row_is_told_with_its_line(data: bytes, fault: str) -> None:
    assert [str(fault) for fault in read_table(data).faults] == [fault]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "line 1: the file is empty"),
        (b"\n\n", "line 1: the file is empty"),
        (b",,,\n", "line 1: the file is empty"),
        (b"," * 99_999, "line 1: the file is empty"),
        (b"a," * 100_000, "line 1: 100,001 columns, at most 500"),
        (b'Handle,"Title\n', "line 1: a quotation mark is opened and never closed"),
        (b"Handle,Ti\0tle\n", "line 1: the header holds a NUL character"),
    ],
    ids=["empty", "blank", "only commas", "many commas", "many columns", "open quote", "nul"],
)
def test_without_a_header_nothing_is_read(data: bytes, fault: str) -> None:
    assert refusal_of(data) == fault


def test_rows_end_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csvfile, "MAX_ROWS", 3)

    table = read_table(b"Handle\n" + b"a\n" * 5)

    assert len(table.rows) == 3
    assert [str(fault) for fault in table.faults] == ["line 5: more than 3 rows"]


def test_a_file_beyond_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csvfile, "MAX_BYTES", 1024 * 1024)

    assert refusal_of(b"x" * (1024 * 1024 + 1)) == "line 1: the file is larger than 1 MB"


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_nothing_is_written_that_a_spreadsheet_would_run(first: str) -> None:
    assert neutral(f"{first}SUM(A1)") == f"'{first}SUM(A1)"
    assert plain(f"'{first}SUM(A1)") == f"{first}SUM(A1)"


@pytest.mark.parametrize("cell", ["", "a=b", "1-2", "it's", "'tis", "''", " =a", "5"])
def test_other_cells_are_written_as_they_are(cell: str) -> None:
    assert neutral(cell) == plain(cell) == cell


@given(st.text())
def test_what_was_made_harmless_is_read_as_it_was(cell: str) -> None:
    assert plain(neutral(cell)) == cell
    assert neutral(cell)[:1] not in {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"}


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1))
def test_every_table_survives_being_written_and_read(rows: list[list[str]]) -> None:
    text = "".join(write_table(["Handle", "Title", "Type"], rows))

    read = read_table(text.encode())

    assert [list(row.cells) for row in read.rows] == [row for row in rows if any(row)]
    assert all(
        not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
        for row in csv.reader(io.StringIO(text, newline=""))
        for cell in row
    )


@pytest.mark.parametrize(
    ("beginning", "kind"), [(b"PK\x03\x04", "zip"), (b"\x1f\x8b\x08", "gzip"), (b"%PDF-1.7", "pdf")]
)
def test_what_is_no_text_is_refused_before_it_is_unpacked(beginning: bytes, kind: str) -> None:
    refusal = refusal_of(beginning + b"\0" * 100)

    assert refusal == (
        f"line 1: this is no CSV file but a packed or binary one ({kind}); save the table as CSV"
        " (comma separated) and take that"
    )


def test_numbers_are_no_formulas() -> None:
    assert list(write_table(["Units"], [[-5], ["-5"]]))[1:] == ["-5\r\n", "'-5\r\n"]
