"""What a search finds, forgiving how it was typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

from shop.search import index, vocabulary
from shop.search.index import words_in_title
from shop.search.question import Candidate, Question, question, read_terms
from shop.search.spelling import Spelling, written
from shop.search.suggestions import (
    MAX_COMPLETIONS,
    Completion,
    completion,
    completions,
    going_on,
)
from shop.search.words import Term, stem_of, terms_of
from shop.web.visit import kept

#: Letters from which words of texts complete a query, not of titles only.
MIN_BEGINNING = 4
_MAX_TITLES, _MAX_TRIED = 40, 6


class Match(StrEnum):
    #: The products have all the words, as typed or in another form.
    ALL = "all"
    #: They have all the words once the spelling is put right.
    CORRECTED = "corrected"
    #: No product has all of them; these have some.
    SOME = "some"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Found:
    """Ids of products, at most index.MAX_CANDIDATES, the best first."""

    product_ids: list[int]
    match: Match
    #: What was searched in the end: the typed words unless `match` says otherwise.
    words: str
    #: Other words that would find something, where these were to be taken as they are.
    suggestion: str = ""
    #: What was asked for by those words; none where nothing is found.
    asked: Question | None = field(default=None, compare=False)

    @property
    def kept_size(self) -> int:
        return 3_000 + 36 * len(self.product_ids)

    @property
    def is_capped(self) -> bool:
        """Whether there may be more of them."""
        return len(self.product_ids) >= index.MAX_CANDIDATES


def search(text: str, *, is_verbatim: bool = False) -> Found:
    """Corrected only where nothing is found, and never where `is_verbatim`.

    Kept until the catalog changes: the next page of a search, its filters and its suggestions are
    of the same products.
    """
    return kept(("search", text, is_verbatim), lambda: _search(text, is_verbatim))


def _search(text: str, is_verbatim: bool) -> Found:
    terms = read_terms(text)
    asked = index.ask(terms)
    answers = index.answers(asked)
    if answers := _by_whole_sku(terms, answers) or answers:
        return Found(_ids(answers), Match.ALL, text, asked=asked)
    if not terms:
        return Found([], Match.NOTHING, text)
    spelling = Spelling(terms)
    corrected = _corrected(spelling)
    if is_verbatim:
        return Found([], Match.NOTHING, text, suggestion=corrected.words if corrected else "")
    return corrected or _near(text, terms, spelling)


def complete(text: str) -> list[Completion]:
    """Queries that go on from this one, each of which finds something."""
    terms = read_terms(text)
    if not terms:
        return []
    answers = index.answers(index.ask(terms))
    known = vocabulary.current()
    titles = [words_in_title(candidate.title) for candidate in answers[:_MAX_TITLES]]
    found = completions(terms, titles, known.shown)
    found += _synonyms_going_on(terms, besides=found)
    if found or len(terms[-1].word) < MIN_BEGINNING:
        return found
    more = [
        word for word in known.beginning_with(terms[-1].word, _MAX_TRIED) if _goes_on(terms, word)
    ]
    rest = [completion(terms, known.shown(word)) for word in more]
    return rest[:MAX_COMPLETIONS]


def complete_synonym(text: str) -> list[Completion]:
    """The same from the merchant's synonyms alone: words that no product may have."""
    return _synonyms_going_on(read_terms(text))


def _synonyms_going_on(
    terms: Sequence[Term], besides: Sequence[Completion] = ()
) -> list[Completion]:
    seen = {one.words for one in besides}
    begun = going_on(terms, index.synonyms_written()) if terms else []
    new = {one.words: one for one in begun if one.words not in seen}
    finding = filter(_finds, list(new.values())[:_MAX_TRIED])  # asked one by one
    return list(islice(finding, MAX_COMPLETIONS - len(besides)))


def _finds(one: Completion) -> bool:
    asked = index.ask(read_terms(one.words), is_beginning=False)
    return index.count(asked, limit=1) > 0


def _goes_on(terms: Sequence[Term], word: str) -> bool:
    """Whether the completed word adds to what is typed and finds something."""
    if word == terms[-1].word:
        return False
    asked = question([*terms[:-1], Term(word, stem_of(word), word)], {}, is_beginning=False)
    return index.count(asked, limit=1) > 0


def _by_whole_sku(terms: Sequence[Term], answers: Sequence[Candidate]) -> list[Candidate]:
    """Those with just this SKU; also "FT-MUG-COB" where it is FTMUGCOB."""
    if len(terms) < 2:
        return []
    whole = "".join(term.word for term in terms)
    return [
        candidate
        for candidate in answers or index.answers(index.ask(terms_of(whole)))
        if f" {whole} " in candidate.skus
    ]


def _corrected(spelling: Spelling) -> Found | None:
    """What the first correction that finds anything finds."""
    for query in spelling.corrections():
        asked = index.ask(query)
        if answers := index.answers(asked):
            return Found(_ids(answers), Match.CORRECTED, written(query), asked=asked)
    return None


def _near(text: str, terms: Sequence[Term], spelling: Spelling) -> Found:
    known = spelling.known()
    asked = index.ask(known)
    if asked is None:
        return Found([], Match.NOTHING, text)
    answers = index.answers(asked) or index.near_answers(asked)
    if not answers:
        return Found([], Match.NOTHING, text)
    words = text if known == list(terms) else written(known)
    return Found(_ids(answers), Match.SOME, words, asked=asked)


def _ids(answers: Sequence[Candidate]) -> list[int]:
    return [candidate[0] for candidate in answers]  # by its place: quicker, and they are hundreds
