"""List endpoints: newest first, cursors, `created` and other filters."""

from __future__ import annotations

import json
from typing import Any

from .errors import no_such
from .store import Doc, Work

_COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


class Listing:
    """One list query being put together: conditions on `objects`, then a page of documents."""

    def __init__(self, work: Work, kind: str, params: Doc, url: str) -> None:
        self._work = work
        self._kind = kind
        self._params = params
        self._url = url
        self._where = ["kind = ?"]
        self._values: list[Any] = [kind]
        self._created(params.get("created"))

    def equal(self, *names: str) -> Listing:
        """Filter by columns of `objects` whose parameter was given."""
        for name in names:
            if name in self._params:
                self.where(f"{name} = ?", self._params[name])
        return self

    def where(self, condition: str, *values: object) -> Listing:
        """`condition` is always our own text, never the caller's."""
        self._where.append(condition)
        self._values.extend(values)
        return self

    def page(self) -> Doc:
        limit = self._params.get("limit", 10)
        backwards = "ending_before" in self._params
        self._cursor("starting_after", "<")
        self._cursor("ending_before", ">")
        order = "ASC" if backwards else "DESC"
        query = (
            f"SELECT doc FROM objects WHERE {' AND '.join(self._where)} "  # noqa: S608 - own text
            f"ORDER BY seq {order} LIMIT ?"
        )
        rows = self._work.sql(query, (*self._values, limit + 1)).fetchall()
        found = [json.loads(row["doc"]) for row in rows[:limit]]
        return {
            "object": "list",
            "data": found[::-1] if backwards else found,
            "has_more": len(rows) > limit,
            "url": self._url,
        }

    def _created(self, wanted: int | dict[str, int] | None) -> None:
        if isinstance(wanted, int):
            self.where("created = ?", wanted)
        elif wanted:
            for name, moment in wanted.items():
                self.where(f"created {_COMPARE[name]} ?", moment)

    def _cursor(self, name: str, compare: str) -> None:
        if name not in self._params:
            return
        cursor = self._params[name]
        query = "SELECT seq FROM objects WHERE id = ? AND kind = ?"
        row = self._work.sql(query, (cursor, self._kind)).fetchone()
        if row is None:
            raise no_such(self._kind, cursor, param=name, status=400)
        self.where(f"seq {compare} ?", row["seq"])
