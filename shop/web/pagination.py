"""Pages of a list: real links, bounded work, and 404 beyond the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from werkzeug.exceptions import NotFound

Row = TypeVar("Row")

#: No list of ours is longer; it bounds the offset a stranger can ask for.
MAX_PAGE = 100_000
#: Pages on either side of the current one that have a link of their own.
_NEAR = 1


@dataclass(frozen=True)
class PageLink:
    number: int
    url: str
    is_current: bool = False


@dataclass(frozen=True)
class Pager(Generic[Row]):
    """One page of rows and the ways to the others."""

    rows: Sequence[Row]
    number: int
    per_page: int
    has_next: bool
    address_of: Callable[[int], str]
    #: Rows on all pages, counted up to a limit; none where nobody counted.
    total: int | None = None
    #: Whether counting stopped at the limit, so that there are more.
    is_capped: bool = False

    @property
    def first_shown(self) -> int:
        return (self.number - 1) * self.per_page + 1

    @property
    def last_shown(self) -> int:
        return (self.number - 1) * self.per_page + len(self.rows)

    @property
    def total_words(self) -> str:
        return f"{self.total}+" if self.is_capped else str(self.total)

    @property
    def has_others(self) -> bool:
        return self.has_next or self.number > 1

    @property
    def next(self) -> PageLink | None:
        return self._link(self.number + 1) if self.has_next else None

    @property
    def links(self) -> list[PageLink | None]:
        """The first, the near and, where it is known, the last page; none marks a gap."""
        wanted = {1, *range(self.number - _NEAR, self.number + _NEAR + 1), self._last or 1}
        highest = self._last or self.number + self.has_next
        numbers = sorted(number for number in wanted if 1 <= number <= highest)
        links: list[PageLink | None] = []
        for before, number in zip([0, *numbers], numbers, strict=False):
            if number > before + 1:
                links.append(None)
            links.append(self._link(number))
        return links

    @property
    def _last(self) -> int | None:
        if self.total is None or self.is_capped:
            return None
        return max(1, -(-self.total // self.per_page))

    def _link(self, number: int) -> PageLink:
        return PageLink(number, self.address_of(number), number == self.number)


def read_page(text: str | None) -> int:
    """The number of a page as an address names it; raises NotFound where it names none."""
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= MAX_PAGE):
        raise NotFound
    return int(text)


def paginate(
    rows_and_next: Sequence[Row],
    number: int,
    per_page: int,
    address_of: Callable[[int], str],
    total: int | None = None,
    is_capped: bool = False,
) -> Pager[Row]:
    """`rows_and_next` holds one row more than the page where another page follows.

    Raises NotFound for a page beyond the last; the first may be empty.
    """
    if not rows_and_next and number > 1:
        raise NotFound
    rows = rows_and_next[:per_page]
    has_next = len(rows_and_next) > per_page
    return Pager(rows, number, per_page, has_next, address_of, total, is_capped)
