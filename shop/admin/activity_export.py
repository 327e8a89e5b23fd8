"""The audit trail as CSV, for spreadsheets: one line for each fact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from shop.admin.activity_queries import ActivityRow
from shop.admin.activity_words import Fact, facts
from shop.catalog.csvfile import write_table

HEADERS = ("Entry", "At", "Person", "Action", "Kind", "Id", "Title", "What", "Before", "After")


def lines(rows: Iterable[ActivityRow], currency: str) -> Iterator[str]:
    """The file, line by line."""
    return write_table(
        HEADERS,
        (_cells(row, fact) for row in rows for fact in facts(row, currency) or [Fact("", "")]),
    )


def _cells(row: ActivityRow, fact: Fact) -> Sequence[str]:
    return (
        str(row.id),
        row.at.isoformat(timespec="seconds"),
        row.by,
        row.action,
        row.subject_kind,
        str(row.subject_id),
        row.title,
        fact.name,
        fact.before or "",
        fact.after,
    )
