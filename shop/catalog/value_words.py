"""Which values of options words name, however many values a shop has. [pure]"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Iterable

from shop.search.question import Slot
from shop.search.words import terms_of

#: Letters from which the word that is being typed names what it begins: "cel", and not "c".
MIN_BEGINNING = 3


class ValueWords:
    """Values are known by their numbers."""

    def __init__(self) -> None:
        self._stems: dict[int, frozenset[str]] = {}
        self._with_stem: defaultdict[str, set[int]] = defaultdict(set)
        self._with_word: dict[str, set[int]] = {}
        #: In their order.
        self._words: list[str] = []

    def add(self, number: int, label: str) -> None:
        terms = terms_of(label)
        self._stems[number] = frozenset(term.stem for term in terms)
        for term in terms:
            self._with_stem[term.stem].add(number)
            if term.word not in self._with_word:
                insort(self._words, term.word)
            self._with_word.setdefault(term.word, set()).add(number)

    def named(self, slot: Slot) -> frozenset[int]:
        """Values with these words or with some that mean the same; where none has them, those with
        a word that the last one begins.
        """
        own = self._having(term.stem for term in slot.terms)
        found = own.union(*map(self._having, slot.also))
        if found or not slot.is_beginning:
            return frozenset(found)
        *whole, last = slot.terms
        begun = self._beginning(last.word)
        return frozenset(begun & self._having(term.stem for term in whole) if whole else begun)

    def wholly(self, numbers: Iterable[int], stems: Collection[str]) -> frozenset[int]:
        """Those of which no word is missing."""
        return frozenset(number for number in numbers if self._stems[number].issubset(stems))

    def _having(self, stems: Iterable[str]) -> set[int]:
        return set.intersection(*(self._with_stem.get(stem, _NONE) for stem in stems))

    def _beginning(self, letters: str) -> set[int]:
        if len(letters) < MIN_BEGINNING:
            return set()
        first, last = (bisect_left(self._words, end) for end in (letters, f"{letters}{_LAST}"))
        return set().union(*(self._with_word[word] for word in self._words[first:last]))


_NONE: set[int] = set()
#: After any letter of a word.
_LAST = "\U0010ffff"
