"""Pages of a list: real links, bounded work, and 404 beyond the end.

A long list need not be counted to show its last page: where a list allows it, pages have numbers
from the end too, -1 for the last one, -2 for the one before it. Such a list has FARTHEST pages from
either end: what lies between is found by narrowing it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from werkzeug.exceptions import NotFound

Row = TypeVar("Row")

#: No list of ours is longer; it bounds the offset a stranger can ask for.
MAX_PAGE = 100_000
#: A database walks to a page, and nobody leafs through more of them.
FARTHEST = 100
#: Pages on either side of the current one that have a link of their own.
_NEAR = 1


@dataclass(frozen=True)
class PageLink:
    #: From the end where it is below zero.
    number: int
    url: str
    is_current: bool = False


@dataclass(frozen=True)
class Pager(Generic[Row]):
    """One page of rows and the ways to the others."""

    rows: Sequence[Row]
    #: From the end where it is below zero.
    number: int
    per_page: int
    #: Whether more rows follow; they come before where pages are numbered from the end.
    has_next: bool
    address_of: Callable[[int], str]
    #: Rows on all pages, counted up to a limit; none where nobody counted.
    total: int | None = None
    #: Whether counting stopped at the limit, so that there are more.
    is_capped: bool = False
    #: Whether pages are numbered from the end as well.
    from_end: bool = False

    @property
    def first_shown(self) -> int:
        return self.last_shown - len(self.rows) + 1

    @property
    def last_shown(self) -> int:
        """Rows up to the last one here; 0 where nobody knows, from the end of a list that was not
        counted.
        """
        if self.number > 0:
            return (self.number - 1) * self.per_page + len(self.rows)
        if self.total is None or self.is_capped:
            return 0
        return self.total + (self.number + 1) * self.per_page

    @property
    def has_others(self) -> bool:
        return self.has_next or self.number not in (1, -1)

    @property
    def is_farthest(self) -> bool:
        """Whether more rows follow, which may be on no page."""
        return self.from_end and abs(self.number) == FARTHEST and self.has_next

    @property
    def next(self) -> PageLink | None:
        has_next = self.has_next if self.number > 0 else self.number < -1
        is_cut = self.number > 0 and self.is_farthest
        return self._link(self.number + 1) if has_next and not is_cut else None

    @property
    def links(self) -> list[PageLink | None]:
        """The first, the near and the last page, where it can be led to; none marks a gap."""
        links: list[PageLink | None] = []
        numbers = self._numbers()
        for before, number in zip([0, *numbers], numbers, strict=False):
            is_turn = before > 0 > number
            if is_turn or number > before + 1:
                links.append(None)
            links.append(self._link(number))
        return links

    def _numbers(self) -> list[int]:
        """In the order of the list: from the beginning, then from the end."""
        near = range(self.number - _NEAR, self.number + _NEAR + 1)
        if self.number < 0:
            first = max(self.number - self.has_next, -FARTHEST)
            last = {number for number in near if first <= number < 0}
            return [1, *sorted(last | {-1})]
        wanted = {1, *near, self._last or 1}
        highest = min(self._last or self.number + self.has_next, self._most)
        numbers = sorted(number for number in wanted if 1 <= number <= highest)
        leads_to_end = self.from_end and self.has_next and self._last is None
        return [*numbers, *([-1] if leads_to_end else [])]

    @property
    def _last(self) -> int | None:
        """None where it has no number from the beginning."""
        if self.total is None or self.is_capped:
            return None
        last = max(1, -(-self.total // self.per_page))
        return last if last <= self._most else None

    @property
    def _most(self) -> int:
        return FARTHEST if self.from_end else MAX_PAGE

    def _link(self, number: int) -> PageLink:
        return PageLink(number, self.address_of(number), number == self.number)


def read_page(text: str | None, *, from_end: bool = False) -> int:
    """The number of a page as an address names it; raises NotFound where it names none. `from_end`:
    it may be below zero, and is FARTHEST at most.
    """
    if not text:
        return 1
    digits, most = (text.removeprefix("-"), FARTHEST) if from_end else (text, MAX_PAGE)
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= 6
    if not (is_number and 1 <= int(digits) <= most):
        raise NotFound
    return int(text)


def paginate(
    rows_and_next: Sequence[Row],
    number: int,
    per_page: int,
    address_of: Callable[[int], str],
    total: int | None = None,
    is_capped: bool = False,
    *,
    from_end: bool = False,
) -> Pager[Row]:
    """`rows_and_next` holds one row more than the page: the one after it, or before it where pages
    are numbered from the end; see shop/paging.py.

    Raises NotFound for a page beyond the last; the first may be empty.
    """
    if not rows_and_next and number not in (1, -1):
        raise NotFound
    rows = rows_and_next[:per_page] if number > 0 else rows_and_next[-per_page:]
    has_next = len(rows_and_next) > per_page
    return Pager(rows, number, per_page, has_next, address_of, total, is_capped, from_end)
