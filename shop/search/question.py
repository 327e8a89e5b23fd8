"""What a shopper's words ask of the index, and how well a product answers them. [pure]"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shop.search.words import STOPWORDS, Term, terms_of

#: What is read of a query.
MAX_QUERY_LENGTH, MAX_QUERY_WORDS = 200, 8
#: The longest phrase that may have synonyms, and the longest query whose words are also read as
#: one: "tea pot" finds a teapot.
MAX_PHRASE_WORDS, MAX_JOINED_WORDS = 4, 3

_TITLE_WORD, _TITLE_STEM, _TITLE_BEGINNING = 16, 14, 12
_SKU_WORD, _SKU_BEGINNING, _TEXT = 10, 8, 2
_SYNONYM_COSTS = 3

#: Words that must all be there, as stems.
Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Slot:
    """One thing that is asked for: its own words, or any of the phrases that mean the same."""

    terms: tuple[Term, ...]
    #: Whether the last of its words may be the beginning of a word: it is still being typed.
    is_beginning: bool
    also: tuple[Phrase, ...] = ()


#: All of its slots must be answered.
Reading = tuple[Slot, ...]


@dataclass(frozen=True)
class Question:
    """The ways to understand a query; any of them will do."""

    readings: tuple[Reading, ...]

    @property
    def slots(self) -> Reading:
        return self.readings[0]


class Candidate(NamedTuple):
    """A product that answers, with the words of its title and SKUs as the index keeps them."""

    product_id: int
    title: str
    skus: str


def read_terms(text: str) -> list[Term]:
    """What is looked for: small words count only where there are no others."""
    terms = terms_of(text[:MAX_QUERY_LENGTH])
    telling = [term for term in terms if term.word not in STOPWORDS]
    return (telling or terms)[:MAX_QUERY_WORDS]


def phrases_in(terms: Sequence[Term]) -> list[str]:
    """Every run of the words, as stems: what may have synonyms."""
    stems = [term.stem for term in terms]
    return [
        " ".join(stems[first : first + length])
        for length in range(1, min(MAX_PHRASE_WORDS, len(stems)) + 1)
        for first in range(len(stems) - length + 1)
    ]


def question(
    terms: Sequence[Term], synonyms: Mapping[str, Sequence[str]], *, is_beginning: bool = True
) -> Question:
    """`synonyms`: by phrase, the phrases that it also finds. `is_beginning`: of the last word."""
    readings = [_reading(terms, synonyms, is_beginning)]
    if 1 < len(terms) <= MAX_JOINED_WORDS:
        readings += [_reading(joined, {}, is_beginning) for joined in _with_two_joined(terms)]
    return Question(tuple(readings))


def rank(candidates: Iterable[Candidate], asked: Question) -> list[Candidate]:
    """Best first; among equals the shorter title, then the newer product."""
    readings = [[_Needle(slot) for slot in reading] for reading in asked.readings]
    return sorted(candidates, key=lambda candidate: _key(candidate, readings))


def _reading(
    terms: Sequence[Term], synonyms: Mapping[str, Sequence[str]], is_beginning: bool
) -> Reading:
    """The longest phrases with synonyms first, from the left; every other word for itself."""
    slots: list[Slot] = []
    place = 0
    while place < len(terms):
        length, also = _phrase_at(terms, place, synonyms)
        place += length
        words = tuple(terms[place - length : place])
        slots.append(Slot(words, is_beginning and place == len(terms), also))
    return tuple(slots)


def _phrase_at(
    terms: Sequence[Term], place: int, synonyms: Mapping[str, Sequence[str]]
) -> tuple[int, tuple[Phrase, ...]]:
    for length in range(min(MAX_PHRASE_WORDS, len(terms) - place), 0, -1):
        found = synonyms.get(" ".join(term.stem for term in terms[place : place + length]))
        if found:
            return length, tuple(tuple(phrase.split()) for phrase in found)
    return 1, ()


def _with_two_joined(terms: Sequence[Term]) -> Iterable[list[Term]]:
    for place in range(len(terms) - 1):
        joined = terms_of(terms[place].word + terms[place + 1].word)
        yield [*terms[:place], *joined, *terms[place + 2 :]]


class _Needle:
    """A slot made ready to be looked for in many titles."""

    def __init__(self, slot: Slot) -> None:
        last = len(slot.terms) - 1 if slot.is_beginning else -1
        self._words = [
            (f" {term.word} ", f" {term.stem} ", f" {term.word}" if place == last else "\0")
            for place, term in enumerate(slot.terms)
        ]
        self._also = [[(f" {stem} ", f" {stem} ", "\0") for stem in phrase] for phrase in slot.also]

    def score(self, title: str, skus: str) -> float:
        best = _mean_score(self._words, title, skus)
        if self._also and best < _TITLE_BEGINNING:
            also = max(_mean_score(words, title, skus) for words in self._also)
            return max(best, also - _SYNONYM_COSTS)
        return best


def _mean_score(words: list[tuple[str, str, str]], title: str, skus: str) -> float:
    """Of a word, its stem and its beginning, in texts whose words all stand between blanks."""
    total = 0
    for word, stem, beginning in words:
        if word in title:
            total += _TITLE_WORD
        elif stem in title:
            total += _TITLE_STEM
        elif beginning in title:
            total += _TITLE_BEGINNING
        elif word in skus:
            total += _SKU_WORD
        elif beginning in skus:
            total += _SKU_BEGINNING
        else:
            total += _TEXT
    return total / len(words)


def _key(candidate: Candidate, readings: list[list[_Needle]]) -> tuple[float, int, int]:
    title, skus = f" {candidate.title} ", f" {candidate.skus} "
    # A word more does not make a reading better, so readings are compared by their mean.
    best = 0.0
    for reading in readings:
        score = 0.0
        for needle in reading:
            score += needle.score(title, skus)
        best = max(best, score / len(reading))
    return -best, title.partition("|")[0].count(" "), -candidate.product_id
