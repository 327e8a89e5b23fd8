"""What lists are about, as far as variants tell: the values of options that the words of a search
name, or that the rule of a collection asks for. See docs/adr/0020. [pure]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from shop.catalog.facet_index import FacetIndex
from shop.catalog.facet_values import OptionValue
from shop.catalog.facets import Chosen, Criteria, Wanted
from shop.catalog.rules import Rule
from shop.search.question import Phrase, Question, Slot
from shop.search.words import Term, fold, terms_of


class Meaning(NamedTuple):
    """One thing that a list is about. Values are known by their numbers in the index."""

    values: frozenset[int]
    #: Those of them that are just that: "Blue", where "Night blue" is meant too.
    exactly: frozenset[int]
    #: What was typed; none: a rule says so.
    words: Slot | None = None


def by_words(index: FacetIndex, asked: Question | None) -> list[Meaning]:
    if asked is None:
        return []
    slots = dict.fromkeys(slot for reading in asked.readings for slot in reading)
    stems = {term.stem for slot in slots for term in slot.terms}
    words = index.value_words
    named = ((words.named(slot), slot) for slot in slots)
    return [Meaning(values, words.wholly(values, stems), slot) for values, slot in named if values]


def by_rule(index: FacetIndex, rule: Rule) -> list[Meaning]:
    found = (
        frozenset(number for number, label in index.option_labels() if condition.fits(label))
        for condition in rule.for_options
    )
    return [Meaning(values, values) for values in found if values]


def wanted_of(
    index: FacetIndex,
    product_ids: Sequence[int],
    meanings: Sequence[Meaning],
    chosen: Chosen = Chosen(),  # noqa: B008 - frozen
) -> dict[int, Wanted | None]:
    """By product. What the address chose goes before."""
    by_filters = chosen.wanted
    found: dict[int, Wanted | None] = dict.fromkeys(product_ids, by_filters)
    for id_ in product_ids if meanings else ():
        if meant := tuple(dict.fromkeys(_criteria(index, id_, meanings, chosen))):
            values = by_filters.values if by_filters else ()
            found[id_] = chosen.wanting(values, meant)
    return found


def _criteria(
    index: FacetIndex, product_id: int, meanings: Sequence[Meaning], chosen: Chosen
) -> Iterator[tuple[str, tuple[str, ...]]]:
    values = [one for one in index.options_of(product_id) if one.facet not in chosen.values]
    for meaning in meanings:
        meant = [one for one in values if one.number in meaning.values]
        if meant and not (meaning.words and _is_called(index, product_id, meaning.words)):
            yield from _telling_apart(values, meant, meaning.exactly)


def _telling_apart(
    values: Sequence[OptionValue], meant: Sequence[OptionValue], exactly: frozenset[int]
) -> Criteria:
    """By option; what all of its values are tells no variants apart."""
    just = [one for one in meant if one.number in exactly]
    parts = [
        (
            facet,
            [[one.handle for one in some if one.facet == facet] for some in (values, meant, just)],
        )
        for facet in dict.fromkeys(one.facet for one in meant)
    ]
    return tuple(
        (facet, tuple(part))
        for facet, (every, some, best) in parts
        for part, whole in ((some, every), (best, some))
        if 0 < len(part) < len(whole)
    )


def _is_called(index: FacetIndex, product_id: int, words: Slot) -> bool:
    """Whether the product is itself called so: who looks for a milk jug means no glaze."""
    name = index.name_of(product_id)
    stems = [tuple(term.stem for term in words.terms), *words.also]
    return _may_answer(stems, name) and _answers(words, _terms(name))


def _may_answer(phrases: Sequence[Phrase], name: str) -> bool:
    """Quicker than to take all words of a name apart. A stem may differ from its word in what
    follows, and in its last letter.
    """
    letters = fold(name)
    return any(all(stem[:-1] in letters for stem in phrase) for phrase in phrases)


def _answers(words: Slot, terms: Sequence[Term]) -> bool:
    stems = {term.stem for term in terms}
    *whole, last = words.terms
    is_begun = words.is_beginning and any(term.word.startswith(last.word) for term in terms)
    return (all(term.stem in stems for term in whole) and (last.stem in stems or is_begun)) or any(
        stems.issuperset(phrase) for phrase in words.also
    )


@lru_cache(4096)
def _terms(name: str) -> tuple[Term, ...]:
    return tuple(terms_of(name))
