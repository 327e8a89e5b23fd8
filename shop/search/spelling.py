"""The words that a shopper meant, where those typed find nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shop.search import index, vocabulary
from shop.search.question import question
from shop.search.words import Term, stem_of

#: Words tried for one typed word, and whole queries tried at most.
_MAX_WORDS, _MAX_QUERIES = 3, 9
#: Counting further would not change which of two words is the usual one.
_MAX_COUNTED = 50
_SHORT = 4


@dataclass(frozen=True)
class Known:
    """What is left of a query when only words that products have may stay."""

    terms: list[Term]
    is_changed: bool


@dataclass(frozen=True)
class _Choice:
    terms: tuple[Term, ...]
    #: Letters that differ.
    distance: int


def corrections(terms: Sequence[Term]) -> list[list[Term]]:
    """Queries that may be meant, the likeliest first. A word that any product has stays."""
    choices = [_choices(term, is_last=term is terms[-1]) for term in terms]
    if not all(choices):
        return []
    combined = sorted(
        itertools.product(*choices), key=lambda chosen: sum(one.distance for one in chosen)
    )
    queries = [[term for one in chosen for term in one.terms] for chosen in combined]
    return [query for query in queries if query != list(terms)][:_MAX_QUERIES]


def known(terms: Sequence[Term]) -> Known:
    """The words that products have, corrected; those that cannot be are left out."""
    choices = [_choices(term, is_last=term is terms[-1]) for term in terms]
    kept = [term for options in choices if options for term in options[0].terms]
    return Known(kept, is_changed=kept != list(terms))


def is_used(word: str) -> bool:
    """Whether any product has the word, in this form or another."""
    return _usual(word, limit=1) > 0


def written(terms: Iterable[Term]) -> str:
    """As a shopper would type it."""
    return " ".join(term.shown for term in terms)


def _choices(term: Term, *, is_last: bool) -> list[_Choice]:
    """The word itself where a product has it; otherwise what it may be, the nearest first."""
    if index.count(index.ask([term], is_beginning=is_last), limit=1):
        return [_Choice((term,), 0)]
    parted = [
        _Choice((_term(first), _term(second)), 1)
        for first, second in vocabulary.parts_of(term.word)
    ]
    return (parted + _similar(term.word))[:_MAX_WORDS]


def _similar(word: str) -> list[_Choice]:
    """A short word resembles some word of any long text, so it becomes a title's only."""
    place = "title" if len(word) <= _SHORT else "anywhere"
    near = sorted(
        (distance, other[0] != word[0], -_usual(other, place=place), other)
        for other, distance in vocabulary.closest(word)
    )
    return [_Choice((_term(other),), distance) for distance, _, usual, other in near if usual]


def _usual(word: str, *, place: str = "anywhere", limit: int = _MAX_COUNTED) -> int:
    """How many products have it: a forgotten word of a removed product has none."""
    asked = question([_term(word)], {}, is_beginning=False)
    return index.count(asked, place=place, limit=limit)


def _term(word: str) -> Term:
    return Term(word, stem_of(word), vocabulary.shown(word))
