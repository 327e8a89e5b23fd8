"""What a shopper's words ask of the index, and how well a product answers them. [pure]"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
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

#: How well a title and SKUs answer.
_Score = Callable[[str, str], float]
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
    """A product that answers, with the words of its title and SKUs as the index keeps them, a
    blank on either side of each.
    """

    product_id: int
    title: str
    skus: str
    #: How many the title has.
    title_words: int


def read_terms(text: str) -> list[Term]:
    """What is looked for: small words count only where there are no others."""
    terms = terms_of(text[:MAX_QUERY_LENGTH])
    telling = [term for term in terms if term.word not in STOPWORDS]
    return (telling or terms)[:MAX_QUERY_WORDS]


def question(
    terms: Sequence[Term],
    synonyms: Mapping[str, Sequence[str]],
    *,
    is_beginning: bool = True,
    is_word: Callable[[str], bool] = lambda _word: False,
) -> Question:
    """`synonyms`: by phrase, the phrases that it also finds. `is_beginning`: whether the last word
    may go on. `is_word`: whether two words that stand together are one in some product.
    """
    readings = [_reading(terms, synonyms, is_beginning)]
    for joined in _with_two_joined(terms, is_word):
        readings.append(_reading(joined, {}, is_beginning))
    return Question(tuple(readings))


def may_be_joined(terms: Sequence[Term]) -> bool:
    return 1 < len(terms) <= MAX_JOINED_WORDS


def rank(candidates: Iterable[Candidate], asked: Question) -> list[Candidate]:
    """Best first; among equals the shorter title, then the newer product."""
    scores = [_score_of(reading) for reading in asked.readings]
    score = scores[0] if len(scores) == 1 else partial(_best_score, scores)
    keyed = [
        (-score(title, skus), title_words, -product_id, candidate)
        for candidate in candidates
        for product_id, title, skus, title_words in (candidate,)
    ]
    keyed.sort(key=itemgetter(0, 1, 2))
    return [key[3] for key in keyed]


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


def _with_two_joined(terms: Sequence[Term], is_word: Callable[[str], bool]) -> Iterable[list[Term]]:
    if not may_be_joined(terms):
        return
    for place in range(len(terms) - 1):
        word = terms[place].word + terms[place + 1].word
        if is_word(word):
            yield [*terms[:place], *terms_of(word), *terms[place + 2 :]]


class _Needle:
    """A slot made ready to be looked for in many titles."""

    def __init__(self, slot: Slot) -> None:
        last = len(slot.terms) - 1 if slot.is_beginning else -1
        own = [
            (f" {term.word} ", f" {term.stem} ", f" {term.word}" if place == last else "\0")
            for place, term in enumerate(slot.terms)
        ]
        also = [[(f" {stem} ", f" {stem} ", "\0") for stem in phrase] for phrase in slot.also]
        self._phrases = [(own, 0), *((phrase, _SYNONYM_COSTS) for phrase in also)]
        self.score = partial(_score, *own[0]) if len(own) == 1 and not also else self._score

    def _score(self, title: str, skus: str) -> float:
        """The best of its phrases, each the mean of its words."""
        return max(
            sum(_score(*word, title, skus) for word in words) / len(words) - costs
            for words, costs in self._phrases
        )


def _score(word: str, stem: str, beginning: str, title: str, skus: str) -> float:
    if word in title:
        return _TITLE_WORD
    if stem in title:
        return _TITLE_STEM
    if beginning in title:
        return _TITLE_BEGINNING
    if word in skus:
        return _SKU_WORD
    return _SKU_BEGINNING if beginning in skus else _TEXT


def _score_of(reading: Reading) -> _Score:
    """The mean of its slots: a word more does not make a reading better than another."""
    scores = [_Needle(slot).score for slot in reading]
    return scores[0] if len(scores) == 1 else partial(_mean_score, scores)


def _mean_score(scores: Sequence[_Score], title: str, skus: str) -> float:
    return sum([score(title, skus) for score in scores]) / len(scores)


def _best_score(scores: Sequence[_Score], title: str, skus: str) -> float:
    return max([score(title, skus) for score in scores])
