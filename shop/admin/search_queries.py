"""What shoppers searched, and the synonyms, as staff read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import sqlalchemy as sa

from shop import substrings
from shop.admin.queries import PAGE_SIZE
from shop.extensions import db
from shop.paging import in_order, listed, page_of
from shop.search.models import SearchedWords, Synonym


class SearchFilter(StrEnum):
    ALL = ""
    NOTHING = "nothing"


class Period(StrEnum):
    """Days back from today, today included."""

    WEEK = "7"
    MONTH = "30"
    QUARTER = "90"

    def first_day(self, today: date) -> date:
        return today - timedelta(days=int(self) - 1)


@dataclass(frozen=True)
class SearchRow:
    words: str
    searches: int
    #: Products that the latest of them found.
    found: int
    last_on: date


@dataclass(frozen=True)
class SearchTotals:
    searches: int
    found_nothing: int

    @property
    def percent_nothing(self) -> int:
        return round(self.found_nothing * 100 / self.searches) if self.searches else 0


def searches(*, since: date, only: SearchFilter, text: str, page: int) -> Sequence[SearchRow]:
    """A page, the most searched first, and one more where another follows."""
    counted = _counted(since)
    rows = sa.select(
        counted.c.words, counted.c.searches, SearchedWords.found, SearchedWords.searched_on
    ).join(SearchedWords, SearchedWords.id == counted.c.last_id)
    if only is SearchFilter.NOTHING:
        rows = rows.where(SearchedWords.found == 0)
    if text:
        rows = rows.where(counted.c.words.contains(text.casefold(), autoescape=True))
    rows = page_of(rows, [counted.c.searches.desc(), counted.c.words], page, PAGE_SIZE)
    return in_order([SearchRow(*row) for row in db.session.execute(rows)], page)


def totals(since: date) -> SearchTotals:
    """Each search by what its words find now, as the list tells it."""
    counted = _counted(since)
    nothing = sa.case((SearchedWords.found == 0, counted.c.searches), else_=0)
    row = db.session.execute(
        sa.select(
            sa.func.coalesce(sa.func.sum(counted.c.searches), 0),
            sa.func.coalesce(sa.func.sum(nothing), 0),
        ).join(SearchedWords, SearchedWords.id == counted.c.last_id)
    ).one()
    return SearchTotals(int(row[0]), int(row[1]))


def synonyms(*, text: str, page: int) -> Sequence[Synonym]:
    """A page, the latest change first, and one more where another follows."""
    ids = sa.select(Synonym.id)
    if text:
        ids = ids.where(substrings.holds(Synonym, text))
    latest = [Synonym.changed_at.desc(), Synonym.id.desc()]
    return db.session.scalars(
        listed(sa.select(Synonym), Synonym.id, ids, latest, page, PAGE_SIZE)
    ).all()


def _counted(since: date) -> sa.Subquery:
    """By words: how often, and the row of the latest day."""
    return (
        sa.select(
            SearchedWords.words,
            sa.func.sum(SearchedWords.searches).label("searches"),
            sa.func.max(SearchedWords.id).label("last_id"),
        )
        .where(SearchedWords.searched_on >= since)
        .group_by(SearchedWords.words)
        .subquery()
    )
