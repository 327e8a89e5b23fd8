"""Phrases that mean the same, as a merchant writes them. [pure]"""

from __future__ import annotations

from dataclasses import dataclass

from shop.search.question import MAX_PHRASE_WORDS, read_terms

MAX_PHRASES = 12


class UnreadablePhrases(Exception):
    """What a merchant wrote is no list of phrases; `phrase` is the one that is too long, if any."""

    def __init__(self, phrase: str = "") -> None:
        self.phrase = phrase
        super().__init__(phrase)


class TooManyPhrases(UnreadablePhrases):
    pass


@dataclass(frozen=True)
class Meaning:
    """What shoppers type, and what it also finds, as stems."""

    searched: tuple[str, ...]
    found: tuple[str, ...]
    is_two_way: bool

    def pairs(self) -> list[tuple[str, str]]:
        """Each typed phrase with each that it finds too. Two ways: all of them find one another."""
        both = dict.fromkeys([*self.searched, *self.found])
        typed, also = (both, both) if self.is_two_way else (self.searched, self.found)
        return [(one, other) for one in typed for other in also if one != other]


def read_phrases(text: str) -> tuple[str, ...]:
    """ "Candle holder, sconce" -> ("candl holder", "sconc"), read as a search reads them: without
    small words. Raises UnreadablePhrases.
    """
    phrases: dict[str, None] = {}
    for phrase in text.split(","):
        stems = [term.stem for term in read_terms(phrase)]
        if len(stems) > MAX_PHRASE_WORDS:
            raise UnreadablePhrases(phrase.strip())
        if stems:
            phrases[" ".join(stems)] = None
    if not phrases:
        raise UnreadablePhrases
    if len(phrases) > MAX_PHRASES:
        raise TooManyPhrases
    return tuple(phrases)
