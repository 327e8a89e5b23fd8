"""Product CSVs for tests."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from shop.catalog.exporter import export_lines
from shop.catalog.import_product import Outcome
from shop.catalog.importer import ImportReport, import_sheet
from shop.catalog.sheet_reader import read_sheet
from shop.settings import ROOT

MEDIA = "http://localhost/media"
OURS = sorted((Path(__file__).parent / "data").glob("*.csv"))
#: Files of other shops, where somebody put some beside the checkout.
SHARED = sorted((ROOT.parent / "shared" / "data").glob("shopify-*.csv"))

#: The columns most tests need.
HEADER = (
    "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,"
    "Variant Inventory Qty,Variant Price,Image Src\n"
)


def bring_in(file: str | bytes, currency: str = "GBP") -> ImportReport:
    data = file.encode() if isinstance(file, str) else file
    return import_sheet(read_sheet(data, currency), media_url=MEDIA)


def export(currency: str = "GBP") -> str:
    return "".join(export_lines(currency=currency, media_url=MEDIA))


def cells_of(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def outcomes(report: ImportReport) -> tuple[int, int, int]:
    """Created, updated, unchanged."""
    created, updated, unchanged = (report.count(outcome) for outcome in Outcome)
    return created, updated, unchanged


def by_column(text: str) -> dict[str, list[str]]:
    """The cells of each column, by its name."""
    header, *rows = cells_of(text)
    return {name: [row[number] for row in rows] for number, name in enumerate(header)}
