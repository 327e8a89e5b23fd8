"""The demo's days move to where it is loaded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine

from shop.clock import now
from shop.demo.days import STORY_DAY, read
from shop.demo.entries import read_demo, read_home, read_journal, read_pages
from shop.demo.reviews import read_reviews

TEXT = "on: 2026-11-27. It opens on Friday 27 November. 148: 14 November 2026, 24 pots."


def on(day: date) -> time_machine.travel:
    return time_machine.travel(datetime(day.year, day.month, day.day, 9, tzinfo=UTC), tick=False)


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (STORY_DAY, TEXT),
        (
            date(2027, 1, 3),
            "on: 2027-01-05. It opens on Tuesday 5 January. 148: 23 December 2026, 24 pots.",
        ),
        (
            date(2026, 3, 1),
            "on: 2026-03-03. It opens on Tuesday 3 March. 148: 18 February 2026, 24 pots.",
        ),
    ],
)
def test_days_in_texts_move_along(tmp_path: Path, day: date, told: str) -> None:
    file = tmp_path / "page.md"
    file.write_text(TEXT)

    with on(day):
        assert read(file) == told


@pytest.mark.parametrize("day", [STORY_DAY, date(2028, 2, 29), date(2031, 7, 1)])
def test_the_next_firing_is_always_ahead_and_no_review_is(day: date) -> None:
    with on(day):
        demo = read_demo()
        back = [coat.back_on for each in demo.products for coat in each.glazes if coat.back_on]
        given = [review.on for each in read_reviews() for review in each.reviews]

        assert min(back) > day
        assert max(given) <= day
        assert all(firing.opened_on <= day for firing in demo.firings)


@pytest.mark.parametrize("reader", [read_demo, read_home, read_pages, read_journal])
def test_no_day_is_left_behind(reader: Callable[[], object]) -> None:
    with on(date(2031, 7, 1)):
        assert "2026" not in str(reader())
        assert now().year == 2031
