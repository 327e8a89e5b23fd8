"""What a search finds, forgiving how it was typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shop.search import index
from shop.search.question import Candidate, read_terms
from shop.search.spelling import Spelling, written
from shop.search.words import Term, terms_of


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

    @property
    def is_capped(self) -> bool:
        """Whether there may be more of them."""
        return len(self.product_ids) >= index.MAX_CANDIDATES


def search(text: str, *, is_verbatim: bool = False) -> Found:
    """Corrected only where nothing is found, and never where `is_verbatim`."""
    terms = read_terms(text)
    answers = index.answers(index.ask(terms))
    if answers := _by_whole_sku(terms, answers) or answers:
        return Found(_ids(answers), Match.ALL, text)
    if not terms:
        return Found([], Match.NOTHING, text)
    spelling = Spelling(terms)
    corrected, words = _corrected(spelling)
    if is_verbatim:
        return Found([], Match.NOTHING, text, suggestion=words)
    if corrected:
        return Found(_ids(corrected), Match.CORRECTED, words)
    return _near(text, terms, spelling)


def _by_whole_sku(terms: Sequence[Term], answers: Sequence[Candidate]) -> list[Candidate]:
    """Those with just this SKU; also "FT-MUG-COB" where it is FTMUGCOB."""
    if len(terms) < 2:
        return []
    whole = "".join(term.word for term in terms)
    return [
        candidate
        for candidate in answers or index.answers(index.ask(terms_of(whole)))
        if f" {whole} " in f" {candidate.skus} "
    ]


def _corrected(spelling: Spelling) -> tuple[list[Candidate], str]:
    """What the first correction that finds anything finds, and its words."""
    for query in spelling.corrections():
        answers = index.answers(index.ask(query))
        if answers:
            return answers, written(query)
    return [], ""


def _near(text: str, terms: Sequence[Term], spelling: Spelling) -> Found:
    known = spelling.known()
    asked = index.ask(known)
    if asked is None:
        return Found([], Match.NOTHING, text)
    answers = index.answers(asked) or index.near_answers(asked)
    if not answers:
        return Found([], Match.NOTHING, text)
    words = text if known == list(terms) else written(known)
    return Found(_ids(answers), Match.SOME, words)


def _ids(answers: Sequence[Candidate]) -> list[int]:
    return [candidate.product_id for candidate in answers]
