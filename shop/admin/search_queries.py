"""What shoppers searched, and the synonyms, as staff read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa

from shop import substrings
from shop.admin.queries import PAGE_SIZE
from shop.extensions import db
from shop.paging import in_order, listed, page_of
from shop.search.models import RankedWords, SearchedPeriod, Synonym
from shop.search.ranking import searches_in


class SearchFilter(StrEnum):
    ALL = ""
    NOTHING = "nothing"


class Period(StrEnum):
    """Days of it, its last one included."""

    WEEK = "7"
    MONTH = "30"
    QUARTER = "90"


@dataclass(frozen=True)
class SearchRow:
    words: str
    searches: int
    #: Products that the latest of them found.
    found: int
    last_on: date


@dataclass(frozen=True)
class SearchTotals:
    first_on: date
    #: The period's last day: today, or the one that was counted last.
    last_on: date
    searches: int
    found_nothing: int

    @property
    def percent_nothing(self) -> int:
        return round(self.found_nothing * 100 / self.searches) if self.searches else 0


def searches(period: Period, *, only: SearchFilter, text: str, page: int) -> Sequence[SearchRow]:
    """A page, the most searched first, and one more where another follows: one query, one more for
    a text.
    """
    counted = searches_in(int(period))
    rows = sa.select(RankedWords.words, counted, RankedWords.found, RankedWords.last_on).where(
        counted > 0
    )
    if only is SearchFilter.NOTHING:
        # Spelled out, or an index of these alone is not asked.
        rows = rows.where(RankedWords.found == sa.literal(0, literal_execute=True))
    if text:
        rows = rows.where(substrings.holds(RankedWords, text.casefold()))
    rows = page_of(rows, [counted.desc(), RankedWords.words], page, PAGE_SIZE)
    return in_order([SearchRow(*row) for row in db.session.execute(rows)], page)


def totals(period: Period, today: date) -> SearchTotals:
    """Each search by what its words find now, as the list tells it."""
    found = db.session.get(SearchedPeriod, int(period)) or SearchedPeriod(
        days=int(period), last_on=today, searches=0, found_nothing=0
    )
    return SearchTotals(found.first_on, found.last_on, found.searches, found.found_nothing)


def synonyms(*, text: str, page: int) -> Sequence[Synonym]:
    """A page, the latest change first, and one more where another follows."""
    ids = sa.select(Synonym.id)
    if text:
        ids = ids.where(substrings.holds(Synonym, text))
    latest = [Synonym.changed_at.desc(), Synonym.id.desc()]
    return db.session.scalars(
        listed(sa.select(Synonym), Synonym.id, ids, latest, page, PAGE_SIZE)
    ).all()
