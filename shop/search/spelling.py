"""The words that a shopper meant, where those typed find nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shop.search import index, vocabulary
from shop.search.question import question
from shop.search.vocabulary import Vocabulary
from shop.search.words import Term, stem_of

#: Words tried for one typed word, and whole queries tried at most.
_MAX_WORDS, _MAX_QUERIES = 3, 6
#: Counting further would not change which of two words is the usual one.
_MAX_COUNTED = 50
_SHORT = 4


@dataclass(frozen=True)
class Choice:
    """What one typed word may be."""

    terms: tuple[Term, ...]
    #: Letters that differ.
    distance: int


class Spelling:
    """The likely words for each of a query's, the likeliest first; none where nothing is near.

    A word that any product has stays.
    """

    def __init__(self, terms: Sequence[Term]) -> None:
        self._terms = list(terms)
        self._vocabulary: Vocabulary | None = None
        self._choices = [self._of(term, is_last=term is terms[-1]) for term in terms]

    def corrections(self) -> list[list[Term]]:
        """Queries that may be meant, the likeliest first."""
        combined = sorted(
            itertools.product(*self._choices),
            key=lambda chosen: sum(one.distance for one in chosen),
        )
        queries = [[term for one in chosen for term in one.terms] for chosen in combined]
        return [query for query in queries if query != self._terms][:_MAX_QUERIES]

    def known(self) -> list[Term]:
        """The words that products have, corrected; those that cannot be are left out."""
        return [term for options in self._choices if options for term in options[0].terms]

    def _of(self, term: Term, *, is_last: bool) -> list[Choice]:
        if index.count(index.ask([term], is_beginning=is_last), limit=1):
            return [Choice((term,), 0)]
        known = self._vocabulary = self._vocabulary or vocabulary.current()
        parted = [
            Choice((_term(first, known), _term(second, known)), 1)
            for first, second in known.parts_of(term.word)
        ]
        return (parted + _similar(term.word, known))[:_MAX_WORDS]


def written(terms: Iterable[Term]) -> str:
    """As a shopper would type it."""
    return " ".join(term.shown for term in terms)


def is_used(word: str) -> bool:
    """Whether any product has the word, in this form or another."""
    return _usual(Term(word, stem_of(word), word), limit=1) > 0


def _similar(word: str, known: Vocabulary) -> list[Choice]:
    """A short word resembles some word of any long text, so it becomes a title's only."""
    place = "title" if len(word) <= _SHORT else "anywhere"
    choices = [Choice((_term(other, known),), distance) for other, distance in known.closest(word)]
    usual = {choice: _usual(choice.terms[0], place=place) for choice in choices}
    return sorted(
        (choice for choice in choices if usual[choice]),
        key=lambda choice: (
            choice.distance,
            choice.terms[0].word[0] != word[0],
            -usual[choice],
            choice.terms[0].word,
        ),
    )


def _usual(term: Term, *, place: str = "anywhere", limit: int = _MAX_COUNTED) -> int:
    """How many products have it: a forgotten word of a removed product has none."""
    return index.count(question([term], {}, is_beginning=False), place=place, limit=limit)


def _term(word: str, known: Vocabulary) -> Term:
    return Term(word, stem_of(word), known.shown(word))
