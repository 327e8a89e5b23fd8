"""The demo's days. Its files tell of the days around STORY_DAY; loaded on another day, all of them
move along, so that the next firing is always two days off and no review lies ahead.
"""

from __future__ import annotations

import re
from calendar import day_name, month_name
from datetime import date
from pathlib import Path

from shop.clock import now

STORY_DAY = date(2026, 11, 25)

_MONTHS = list(month_name)
#: "2026-11-27", "27 November", "Friday 27 November 2026".
_DAY = re.compile(
    rf"\b(?:(?P<iso>\d{{4}}-\d\d-\d\d)|(?P<weekday>(?:{'|'.join(day_name)}) )?"
    rf"(?P<day>\d{{1,2}}) (?P<month>{'|'.join(_MONTHS[1:])})(?P<year> \d{{4}})?)\b"
)


def moved(day: date) -> date:
    return day + (now().date() - STORY_DAY)


def read(path: Path) -> str:
    """The file's text, its days moved. One without a year is of STORY_DAY's."""
    return _DAY.sub(_moved, path.read_text(encoding="utf-8"))


def _moved(found: re.Match[str]) -> str:
    if found["iso"]:
        return moved(date.fromisoformat(found["iso"])).isoformat()
    year, month = int(found["year"] or STORY_DAY.year), _MONTHS.index(found["month"])
    day = moved(date(year, month, int(found["day"])))
    weekday = f"{day:%A} " if found["weekday"] else ""
    return f"{weekday}{day.day} {day:%B}" + (f" {day.year}" if found["year"] else "")
