"""What was searched most, kept as it is counted, is what adding up the days gives."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import flask_migrate
import sqlalchemy as sa
import time_machine
from flask import Flask

from shop.extensions import db
from shop.search import service
from shop.search.models import PERIODS, RankedWords, SearchedPeriod, SearchedWords
from shop.search.ranking import searches_in
from shop.search.tally import Search, Seen

TODAY = date(2026, 11, 26)

#: By words: how often, and what the last search found.
Ranking = dict[str, tuple[int, int]]


def record(on: date, *seen: tuple[str, int, int, int], forgets: bool = False) -> None:
    """On that day; words, how often, what they found, and how many days ago that was."""
    with time_machine.travel(datetime.combine(on, time(12), UTC), tick=False):
        for words, searches, found, ago in seen:
            service.record_searches({Search(on - timedelta(ago), words): Seen(searches, found)})
        if forgets:
            service.forget_searches(today=on)


def kept(days: int) -> Ranking:
    counted = searches_in(days)
    rows = db.session.execute(
        sa.select(RankedWords.words, counted, RankedWords.found).where(counted > 0)
    )
    return {words: (searches, found) for words, searches, found in rows}


def added_up(days: int, *, to: date) -> Ranking:
    """From the days' counts, as the report did at each look."""
    searches: Counter[str] = Counter()
    found: dict[str, int] = {}
    rows = db.session.execute(
        sa.select(SearchedWords.words, SearchedWords.searches, SearchedWords.found)
        .where(SearchedWords.searched_on > to - timedelta(days=days))
        .order_by(SearchedWords.searched_on)
    )
    for words, more, latest in rows:
        searches[words] += more
        found[words] = latest
    return {words: (searches[words], found[words]) for words in searches}


def assert_adds_up(to: date) -> None:
    for days in PERIODS:
        ranking = added_up(days, to=to)
        period = db.session.get_one(SearchedPeriod, days, populate_existing=True)
        nothing = sum(searches for searches, found in ranking.values() if not found)

        assert kept(days) == ranking
        assert (period.last_on, period.searches, period.found_nothing) == (
            to, sum(searches for searches, _ in ranking.values()), nothing,
        )  # fmt: skip
    assert kept(90).keys() == set(db.session.scalars(sa.select(RankedWords.words)))


def test_over_months_of_searches_the_periods_are_what_their_days_add_up_to(app: Flask) -> None:
    chance = random.Random(7)
    day = TODAY
    for _ in range(40):
        # A worker that is away for long loses nothing.
        day += timedelta(days=chance.choice((0, 1, 1, 2, 5, 40)))
        searches = [
            (chance.choice("abcdefgh"), chance.randrange(1, 5), chance.choice((0, 0, 3)), late)
            for late in (1, 0, 0, 0)
        ]
        record(day, *searches, forgets=chance.random() < 0.5)
        assert_adds_up(day)


def test_days_go_by_without_a_search(app: Flask) -> None:
    record(TODAY, ("mug", 2, 5, 0), ("sofa", 3, 0, 0))

    for days, wanted in ((6, [5, 5, 5]), (7, [0, 5, 5]), (30, [0, 0, 5]), (90, [0, 0, 0])):
        service.forget_searches(today=TODAY + timedelta(days=days))
        periods = db.session.scalars(sa.select(SearchedPeriod).order_by(SearchedPeriod.days))
        assert [period.searches for period in periods] == wanted
        assert_adds_up(TODAY + timedelta(days=days))


def test_a_clock_that_goes_back_takes_nothing_off(app: Flask) -> None:
    record(TODAY, ("mug", 2, 5, 0))

    record(TODAY - timedelta(days=8), ("mug", 1, 0, 0))

    assert_adds_up(TODAY)
    assert kept(30) == {"mug": (3, 5)}


def test_what_was_searched_before_there_was_a_ranking_is_in_it(own_database: Flask) -> None:
    with own_database.app_context():
        flask_migrate.downgrade(revision="0067")
        today = datetime.now(UTC).date()
        chance = random.Random(7)
        for ago in (0, 1, 6, 7, 29, 30, 89, 90, 99):
            db.session.add_all(
                SearchedWords(
                    searched_on=today - timedelta(ago), words=words,
                    searches=chance.randrange(1, 9), found=chance.choice((0, 4)),
                )
                for words in chance.sample("abcdef", 4)
            )  # fmt: skip
        db.session.commit()
        db.session.remove()

        flask_migrate.upgrade()

        assert_adds_up(today)
        service.record_searches({Search(today, "a"): Seen(1, 0)})
        assert_adds_up(today)
