"""Rules of collections: which products a collection holds by what they are. [pure]

Words are compared without regard to case. A number fits where any variant's does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_CONDITIONS = 10


class About(StrEnum):
    TITLE = "title"
    TYPE = "type"
    VENDOR = "vendor"
    TAG = "tag"
    OPTION = "option"
    PRICE = "price"
    COMPARE_AT = "compare-at"
    STOCK = "stock"


class Comparison(StrEnum):
    EQUALS = "equals"
    NOT_EQUALS = "not-equals"
    CONTAINS = "contains"
    STARTS = "starts"
    GREATER = "greater"
    LESS = "less"


AMOUNTS = frozenset({About.PRICE, About.COMPARE_AT})
NUMBERS = AMOUNTS | {About.STOCK}
_OF_NUMBERS = (Comparison.EQUALS, Comparison.GREATER, Comparison.LESS)
_OF_WORDS = (Comparison.EQUALS, Comparison.NOT_EQUALS, Comparison.CONTAINS, Comparison.STARTS)


@dataclass(frozen=True)
class Condition:
    about: About
    comparison: Comparison
    #: Words, or a number: an amount in minor units, or units in stock.
    value: str | int

    def fits(self, text: str) -> bool:
        """Of one that is no number, and asks for something to be there."""
        return _WORDS[self.comparison](text.casefold(), str(self.value).casefold())


@dataclass(frozen=True)
class Rule:
    conditions: tuple[Condition, ...]
    needs_all: bool = True

    @property
    def is_about_stock(self) -> bool:
        return any(condition.about is About.STOCK for condition in self.conditions)

    @property
    def for_options(self) -> tuple[Condition, ...]:
        """The conditions that ask for an option's value."""
        return tuple(
            condition
            for condition in self.conditions
            if condition.about is About.OPTION and condition.comparison in _WORDS
        )

    def holds(self, traits: Traits) -> bool:
        fits = (_fits(condition, traits) for condition in self.conditions)
        return all(fits) if self.needs_all else any(fits)


@dataclass(frozen=True)
class Traits:
    """What rules know of a product. Amounts in minor units."""

    title: str
    product_type: str
    vendor: str
    tags: tuple[str, ...]
    options: tuple[str, ...]
    prices: tuple[int, ...]
    compare_ats: tuple[int, ...]
    #: Available units of all variants; none: without limit.
    stock: int | None


def fit_together(about: About, comparison: Comparison) -> bool:
    return comparison in (_OF_NUMBERS if about in NUMBERS else _OF_WORDS)


def as_rows(conditions: Iterable[Condition]) -> list[list[str | int]]:
    """As the database keeps them."""
    return [[one.about.value, one.comparison.value, one.value] for one in conditions]


def from_rows(rows: Iterable[Any], *, needs_all: bool) -> Rule:
    conditions = (
        Condition(About(about), Comparison(comparison), value) for about, comparison, value in rows
    )
    return Rule(tuple(conditions), needs_all)


def _fits(condition: Condition, traits: Traits) -> bool:
    if isinstance(condition.value, int):
        return _fits_number(condition.comparison, condition.value, _numbers(condition, traits))
    texts = _texts(condition.about, traits)
    if condition.comparison is Comparison.NOT_EQUALS:
        return condition.value.casefold() not in map(str.casefold, texts)
    return any(map(condition.fits, texts))


def _fits_number(comparison: Comparison, wanted: int, numbers: Iterable[float]) -> bool:
    return any(
        number > wanted
        if comparison is Comparison.GREATER
        else number < wanted
        if comparison is Comparison.LESS
        else number == wanted
        for number in numbers
    )


def _numbers(condition: Condition, traits: Traits) -> tuple[float, ...]:
    if condition.about is About.STOCK:
        return (float("inf") if traits.stock is None else traits.stock,)
    return traits.compare_ats if condition.about is About.COMPARE_AT else traits.prices


def _texts(about: About, traits: Traits) -> tuple[str, ...]:
    one = {About.TITLE: traits.title, About.TYPE: traits.product_type, About.VENDOR: traits.vendor}
    if about in one:
        return (one[about],)
    return traits.tags if about is About.TAG else traits.options


_WORDS: dict[Comparison, Callable[[str, str], bool]] = {
    Comparison.EQUALS: lambda text, wanted: text == wanted,
    Comparison.CONTAINS: lambda text, wanted: wanted in text,
    Comparison.STARTS: lambda text, wanted: text.startswith(wanted),
}
