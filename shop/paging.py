"""A page of a list, asked of the database: from the beginning, or from the end.

From the end an index is walked backwards, so that the last page of any list is as near as the first
and nobody counts its rows. Pages are numbered as in shop/web/pagination.py: -1 is the last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.sql import operators

Row = TypeVar("Row")
AnySelect = sa.Select[*tuple[Any, ...]]


def page_of(query: AnySelect, order: Sequence[Any], number: int, per_page: int) -> AnySelect:
    """The page's rows and one more, where another page follows: the row after them, or the one
    before them from the end. There they come the other way around; see `in_order`.
    """
    walked = order if number > 0 else [_backwards(part) for part in order]
    return query.order_by(*walked).limit(per_page + 1).offset((abs(number) - 1) * per_page)


def listed(
    rows: AnySelect,
    id_: Any,
    ids: AnySelect,
    order: Sequence[Any],
    number: int,
    per_page: int,
) -> AnySelect:
    """`rows` of the page of `ids`, in the order of the list. What stands before the page is walked
    in an index, without its rows.
    """
    return rows.where(id_.in_(page_of(ids, order, number, per_page))).order_by(*order)


def merged(
    parts: Sequence[tuple[Sequence[Any], Any]],
    id_: Any,
    number: int,
    per_page: int,
    *,
    is_descending: bool = False,
) -> AnySelect:
    """Ids of a page of a list that no index has in order, though its parts have one each. `parts`:
    conditions, and the column by which rows of which they are true are sorted, then by their id.
    """

    def order(*columns: Any) -> list[Any]:
        return [column.desc() for column in columns] if is_descending else list(columns)

    end, most = 1 if number > 0 else -1, abs(number) * per_page
    found = [
        page_of(
            sa.select(id_.label("id"), column.label("by")).where(*conditions),
            order(column, id_),
            end,
            most,
        ).subquery()
        for conditions, column in parts
    ]
    every = sa.union_all(*(sa.select(part) for part in found)).subquery()
    return page_of(sa.select(every.c.id), order(every.c.by, every.c.id), number, per_page)


def each_value(column: Any) -> sa.ColumnElement[Any]:
    """Every value of an indexed column once, and none. Steps from one to the next in the index,
    however many rows have each.
    """
    found = sa.select(sa.func.min(column).label("value")).cte(recursive=True)
    following = (
        sa.select(sa.func.min(column))
        .where(column > found.c.value)
        .correlate(found)
        .scalar_subquery()
    )
    found = found.union_all(sa.select(following).where(found.c.value.is_not(None)))
    return found.c.value


def in_order(rows: Sequence[Row], number: int) -> Sequence[Row]:
    """What `page_of` found, in the order of the list."""
    return rows if number > 0 else rows[::-1]


def _backwards(part: Any) -> Any:
    is_descending = getattr(part, "modifier", None) is operators.desc_op
    return part.element.asc() if is_descending else part.desc()
