"""What a shopper may be about to type. [pure]

Taken from what the shop sells, never from what others typed: that is theirs, and may be anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from shop.search.words import STOPWORDS, Term, fold, terms_of

MAX_COMPLETIONS, MAX_PRODUCTS, MAX_PLACES = 4, 4, 2
#: Words of a title that are added at once.
_MAX_ADDED = 4


@dataclass(frozen=True)
class Completion:
    """A query that goes on from what was typed: "moon " and "vase"."""

    typed: str
    added: str

    @property
    def words(self) -> str:
        return self.typed + self.added


def completions(
    terms: Sequence[Term], titles: Iterable[Sequence[str]], shown: Callable[[str], str]
) -> list[Completion]:
    """From the titles of what is found, best first. A word that several titles have is offered
    alone, before the titles that go on from it. `shown`: how a word is written.
    """
    if not terms:
        return []
    *whole, last = terms
    before = " ".join(term.shown for term in whole)
    known = {term.word for term in whole}
    words: Counter[str] = Counter()
    phrases: dict[tuple[str, ...], None] = {}
    for title in titles:
        for place, word in enumerate(title):
            if word.startswith(last.word) and word not in known:
                words[word] += 1
                phrases[_phrase(title[place : place + _MAX_ADDED], known)] = None
    alone = [(word,) for word, count in words.most_common() if count > 1]
    queries = dict.fromkeys([*alone, *phrases])
    return [
        _completion(before, last, [shown(word) for word in query])
        for query in queries
        if query and query != (last.word,)
    ][:MAX_COMPLETIONS]


def completion(terms: Sequence[Term], word: str) -> Completion:
    """What was typed with its last word completed."""
    *whole, last = terms
    return _completion(" ".join(term.shown for term in whole), last, [word])


def going_on(terms: Sequence[Term], phrases: Iterable[Sequence[Term]]) -> list[Completion]:
    """The phrases that the last words begin, as a merchant has written them in synonyms."""
    before = " ".join(term.shown for term in terms[:-1])
    return [
        _completion(before, terms[-1], [term.shown for term in rest])
        for phrase in phrases
        if (rest := _rest_of(phrase, terms)) and [term.word for term in rest] != [terms[-1].word]
    ]


def is_named(terms: Sequence[Term], name: str) -> bool:
    """Whether a collection or a glaze of this name has all the words, the last as a beginning."""
    there = _terms_of(name)
    words, stems = {term.word for term in there}, {term.stem for term in there}
    *whole, last = terms
    return all(term.word in words or term.stem in stems for term in whole) and (
        last.stem in stems or any(word.startswith(last.word) for word in words)
    )


@lru_cache(4096)
def _terms_of(name: str) -> tuple[Term, ...]:
    return tuple(terms_of(name))


def _rest_of(phrase: Sequence[Term], terms: Sequence[Term]) -> Sequence[Term]:
    """The word of the phrase that is being typed, and those after it; nothing of any other."""
    for place in range(min(len(phrase), len(terms)))[::-1]:
        *whole, last = terms[-place - 1 :]
        is_begun = all(ours.stem == its.stem for ours, its in zip(whole, phrase, strict=False))
        if is_begun and phrase[place].word.startswith(last.word):
            return phrase[place:]
    return ()


def _phrase(words: Sequence[str], known: set[str]) -> tuple[str, ...]:
    """Up to the first word that was typed already, and not ending in a small one."""
    taken: list[str] = []
    for word in words:
        if word in known:
            break
        taken.append(word)
    while taken and taken[-1] in STOPWORDS:
        taken.pop()
    return tuple(taken)


def _completion(before: str, last: Term, words: Sequence[str]) -> Completion:
    text = " ".join(words)
    length = len(last.word)
    if fold(text[:length]) != last.word:
        length = 0
    return Completion(f"{before} {text[:length]}".lstrip(), text[length:])
