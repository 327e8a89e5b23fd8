"""Searches of this process that are not written yet, counted in memory, so that a search page
writes nothing and waits for nobody. Knows words and days, and no shopper.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from threading import Lock

from shop.search.models import MAX_RECORDED

#: Different searches held at once; more are not counted until these are written.
MAX_HELD = 1000


@dataclass(frozen=True)
class Search:
    on: date
    words: str


@dataclass(frozen=True)
class Seen:
    """How often, and how many products the last one found."""

    searches: int
    found: int


class Tally:
    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: dict[Search, Seen] = {}

    def note(self, text: str, *, on: date, found: int) -> bool:
        """Whether it is the first since the last `take`."""
        words = recorded_words(text)
        if not words:
            return False
        with self._lock:
            was_empty = not self._seen
            self._add(Search(on, words), Seen(1, found))
            return was_empty

    def take(self) -> dict[Search, Seen]:
        """All of them, for the caller to write."""
        with self._lock:
            seen, self._seen = self._seen, {}
            return seen

    def give_back(self, seen: Mapping[Search, Seen]) -> None:
        """What could not be written waits for the next time."""
        with self._lock:
            newer, self._seen = self._seen, dict(seen)
            for search, more in newer.items():
                self._add(search, more)

    def _add(self, search: Search, more: Seen) -> None:
        before = self._seen.get(search)
        if before is None and len(self._seen) >= MAX_HELD:
            return
        self._seen[search] = Seen(more.searches + (before.searches if before else 0), more.found)


def recorded_words(text: str) -> str:
    """The query as the report shows it; empty for what may name a person: an email address, or a
    number as long as a telephone's.
    """
    words = unicodedata.normalize("NFC", " ".join(text.casefold().split()))
    digits = sum(letter.isdigit() for letter in words)
    is_private = "@" in words or (digits > 8 and not any(letter.isalpha() for letter in words))
    return "" if is_private or not any(map(str.isalnum, words)) else words[:MAX_RECORDED]
