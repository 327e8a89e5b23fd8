"""The audit trail as CSV, for spreadsheets: one line for each fact."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from shop.admin.activity_queries import ActivityRow
from shop.admin.activity_words import Fact, facts
from shop.admin.order_export import harmless

HEADERS = ("Entry", "At", "Person", "Action", "Kind", "Id", "Title", "What", "Before", "After")


def lines(rows: Iterable[ActivityRow], currency: str) -> Iterator[str]:
    """The file, line by line."""
    yield _line(HEADERS)
    for row in rows:
        for fact in facts(row, currency) or [Fact("", "")]:
            yield _line(_cells(row, fact))


def _cells(row: ActivityRow, fact: Fact) -> Sequence[str]:
    return (
        str(row.id),
        row.at.isoformat(timespec="seconds"),
        harmless(row.by),
        row.action,
        row.subject_kind,
        str(row.subject_id),
        harmless(row.title),
        harmless(fact.name),
        harmless(fact.before or ""),
        harmless(fact.after),
    )


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
