"""Lists as files: sent while they are read, and kept by no cache."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, stream_with_context

from shop.clock import now


def csv_file(lines: Iterator[str], name: str) -> Response:
    """For spreadsheets. `name`: without day and ending."""
    return streamed(marked(lines), name)


def streamed(lines: Iterator[str], name: str) -> Response:
    disposition = f'attachment; filename="{name}-{now():%Y-%m-%d}.csv"'
    return Response(
        stream_with_context(lines),
        mimetype="text/csv",
        headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
    )


def marked(lines: Iterator[str]) -> Iterator[str]:
    """Excel takes a file for UTF-8 only where it begins so."""
    yield "\ufeff"
    yield from lines
