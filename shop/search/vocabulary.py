"""The words of all products, and the one a shopper meant.

Each process keeps the words in memory and reads only what was added since. Distances are counted
here and not by the databases, so that both correct a word in the same way: see ADR 0012.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from rapidfuzz import process
from rapidfuzz.distance import OSA
from sqlalchemy.dialects import postgresql, sqlite

from shop.extensions import db
from shop.search.models import VocabularyWord
from shop.search.words import Term, stem_of

MIN_WORD, MAX_WORD = 3, 32
#: From this length on two letters may be wrong, and not one only.
_TWO_FROM = 7
MAX_CLOSEST = 8
#: Words with a beginning that are looked at.
_MAX_READ = 500
#: Words asked for in one statement.
_CHUNK = 500
#: Transactions end in another order than they take their ids in; so many are read again.
_OVERLAP = 200


class Vocabulary:
    """What this process has read of one database."""

    def __init__(self) -> None:
        self._last_id = 0
        #: By word, how it is written.
        self._shown: dict[str, str] = {}
        #: In their order; replaced and never changed, so that others may read it meanwhile.
        self._words: list[str] = []
        self._lock = Lock()

    def read_on(self) -> None:
        with self._lock:
            if _run(_LAST_ID).scalar_one() == self._last_id:
                return
            for id_, word, shown in _run(_READ_ON, last=self._last_id - _OVERLAP):
                self._last_id = max(self._last_id, id_)
                self._shown.setdefault(word, shown)
            self._words = sorted(self._shown)

    def shown(self, word: str) -> str:
        """As products write it: "creme" -> "crème"."""
        return self._shown.get(word, word)

    def closest(self, word: str) -> list[tuple[str, int]]:
        """The most similar words with the number of letters that differ, nearest first.

        Two letters that changed places count as one. The first letter is the least often wrong.
        """
        if not is_spelled(word):
            return []
        distance = 2 if len(word) >= _TWO_FROM else 1
        found = process.extract(
            word, self._words, scorer=OSA.distance, score_cutoff=distance, limit=None
        )
        near = sorted((int(score), other[0] != word[0], other) for other, score, _ in found)
        return [(other, score) for score, _, other in near if _is_likely(word, other)][:MAX_CLOSEST]

    def parts_of(self, word: str) -> list[tuple[str, str]]:
        """The two words that it may be when a blank was forgotten."""
        cuts = range(MIN_WORD, len(word) - MIN_WORD + 1)
        return [
            (word[:cut], word[cut:])
            for cut in cuts
            if word[:cut] in self._shown and word[cut:] in self._shown
        ]

    def has_beginning(self, letters: str) -> bool:
        """Whether any word is this one or goes on from it; a word in another form is both."""
        return bool(self.beginning_with(stem_of(letters), 1))

    def beginning_with(self, letters: str, limit: int) -> list[str]:
        """The shortest ones."""
        words = self._words
        first = bisect_left(words, letters)
        near = itertools.islice(words, first, first + _MAX_READ)
        found = itertools.takewhile(lambda word: word.startswith(letters), near)
        return sorted(found, key=lambda word: (len(word), word))[:limit]


_READ_ON = sa.text("SELECT id, word, shown FROM vocabulary_words WHERE id > :last ORDER BY id")
_LAST_ID = sa.text("SELECT coalesce(max(id), 0) FROM vocabulary_words")
_of_database: WeakKeyDictionary[Any, Vocabulary] = WeakKeyDictionary()
_lock = Lock()


def current() -> Vocabulary:
    """All words committed so far."""
    with _lock:
        vocabulary = _of_database.setdefault(db.engine, Vocabulary())
    vocabulary.read_on()
    return vocabulary


def add(terms: Iterable[Term]) -> None:
    """Words are spelled by these too, from the caller's commit on."""
    new = {term.word: term.shown for term in terms if is_spelled(term.word)}
    for words in _chunks(sorted(new)):
        there = db.session.scalars(
            sa.select(VocabularyWord.word).where(VocabularyWord.word.in_(words))
        )
        missing = sorted(set(words).difference(there))
        if missing:
            db.session.execute(
                _insert(), [{"word": word, "shown": new[word][:64]} for word in missing]
            )


def is_spelled(word: str) -> bool:
    """Numbers and the like have no spelling, and what is too long is no word."""
    return MIN_WORD <= len(word) <= MAX_WORD and word.isalpha()


def is_empty() -> bool:
    return db.session.scalar(sa.select(VocabularyWord.id).limit(1)) is None


def words_after(last_id: int, limit: int) -> list[tuple[int, str]]:
    rows = db.session.execute(
        sa.select(VocabularyWord.id, VocabularyWord.word)
        .where(VocabularyWord.id > last_id)
        .order_by(VocabularyWord.id)
        .limit(limit)
    )
    return [(id_, word) for id_, word in rows]


def remove(ids: Sequence[int]) -> None:
    for chunk in _chunks(ids):
        db.session.execute(sa.delete(VocabularyWord).where(VocabularyWord.id.in_(chunk)))


def _run(statement: sa.TextClause, **values: Any) -> sa.CursorResult[*tuple[Any, ...]]:
    return db.session.connection().execute(statement, values)


def _is_likely(word: str, other: str) -> bool:
    """In a short word letters change places or lack; with another first letter it is another word:
    nobody who types "kettle" means "fettle".
    """
    if sorted(word) == sorted(other):
        return word != other
    if len(word) <= MIN_WORD:
        return False
    return word[0] == other[0] or len(word) >= _TWO_FROM or word == other[1:] or word[1:] == other


def _chunks(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[first : first + _CHUNK] for first in range(0, len(items), _CHUNK))


def _insert() -> Any:
    """Another transaction may add the same word at the same time."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(VocabularyWord).on_conflict_do_nothing(index_elements=["word"])
