"""The report of searches: which words were searched most in its periods, kept as they are counted.
In the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from shop.extensions import db
from shop.search.models import PERIODS, RankedWords, SearchedPeriod, SearchedWords
from shop.search.tally import Search, Seen


def searches_in(days: int) -> Any:
    """The column of the period."""
    return getattr(RankedWords, _column(days))


def end_on(day: date) -> Sequence[SearchedPeriod]:
    """The periods, locked, so that one process at a time counts. They end on that day or later:
    what they leave behind is taken off. Before any other change of searches.
    """
    periods = db.session.scalars(
        sa.select(SearchedPeriod)
        .order_by(SearchedPeriod.days)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if not periods:
        periods = [SearchedPeriod(days=days, last_on=day) for days in PERIODS]
        db.session.add_all(periods)
    elif periods[0].last_on < day:
        for period in periods:
            _move(period, day)
        db.session.execute(
            sa.delete(RankedWords)
            .where(searches_in(max(PERIODS)) == 0)
            .execution_options(synchronize_session=False)
        )
        _sum_up(periods)
    db.session.flush()
    return periods


def add(seen: Mapping[Search, Seen], periods: Sequence[SearchedPeriod]) -> None:
    """Count these too. `periods`: from `end_on`."""
    words = {search.words for search in seen}
    ranked = {
        row.words: row
        for row in db.session.scalars(
            sa.select(RankedWords)
            .where(RankedWords.words.in_(words))
            .execution_options(populate_existing=True)
        )
    }
    for search, more in seen.items():
        touched = [period for period in periods if search.on >= period.first_on]
        if not touched:
            continue
        if search.words not in ranked:
            ranked[search.words] = _new(search)
            db.session.add(ranked[search.words])
        _count(ranked[search.words], search.on, more, periods, touched)
    db.session.flush()


def _new(search: Search) -> RankedWords:
    """Not counted yet, so that it is of no weight that nothing is found."""
    counts = {_column(days): 0 for days in PERIODS}
    return RankedWords(words=search.words, found=0, last_on=search.on, **counts)


def _count(
    row: RankedWords,
    on: date,
    more: Seen,
    periods: Sequence[SearchedPeriod],
    touched: Sequence[SearchedPeriod],
) -> None:
    _weigh_nothing(row, periods, -1)
    for period in touched:
        name = _column(period.days)
        setattr(row, name, getattr(row, name) + more.searches)
        period.searches += more.searches
    if on >= row.last_on:
        row.found, row.last_on = more.found, on
    _weigh_nothing(row, periods, 1)


def _weigh_nothing(row: RankedWords, periods: Sequence[SearchedPeriod], sign: int) -> None:
    if row.found == 0:
        for period in periods:
            period.found_nothing += sign * getattr(row, _column(period.days))


def _move(period: SearchedPeriod, day: date) -> None:
    """Take off what was searched on the days that are in it no more."""
    first, period.last_on = period.first_on, day
    left = (
        sa.select(SearchedWords.words, sa.func.sum(SearchedWords.searches).label("searches"))
        .where(SearchedWords.searched_on >= first, SearchedWords.searched_on < period.first_on)
        .group_by(SearchedWords.words)
        .subquery()
    )
    counted = searches_in(period.days)
    db.session.execute(
        sa.update(RankedWords)
        .where(RankedWords.words == left.c.words)
        .values({counted: counted - left.c.searches})
        .execution_options(synchronize_session=False)
    )


def _sum_up(periods: Sequence[SearchedPeriod]) -> None:
    sums = []
    for period in periods:
        counted = searches_in(period.days)
        nothing = sa.case((RankedWords.found == 0, counted), else_=0)
        sums += [sa.func.coalesce(sa.func.sum(part), 0) for part in (counted, nothing)]
    row = iter(db.session.execute(sa.select(*sums)).one())
    for period in periods:
        period.searches, period.found_nothing = int(next(row)), int(next(row))


def _column(days: int) -> str:
    return f"in_{days}_days"
