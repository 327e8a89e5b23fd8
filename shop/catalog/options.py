"""Which variant an address names, and the links that lead to the others. [pure]"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from shop.catalog.handles import free_handle, handle_from

#: How Shopify writes that there is nothing to choose, and imports with it: option and value.
ONLY_OPTION, ONLY_VARIANT = "Title", "Default Title"


def options_in(row: Any) -> str:
    """Of a variant's row, as words: "Small / Moss"; empty where there is nothing to choose."""
    values = [value for value in (row.option1, row.option2, row.option3) if value]
    return "" if values == [ONLY_VARIANT] else " / ".join(values)


@dataclass(frozen=True)
class Choosable:
    """A variant as far as choosing goes: its values by option, and whether it can be bought."""

    id: int
    values: tuple[str, ...]
    is_available: bool


@dataclass(frozen=True)
class Choice:
    """One value of an option, and the variant that taking it leads to."""

    value: str
    handle: str
    variant_id: int
    #: Option handle -> value handle of that variant.
    query: Mapping[str, str]
    is_current: bool
    is_available: bool
    #: Values of the other options that taking it leads to, where no variant keeps the present ones.
    changes: tuple[str, ...]


@dataclass(frozen=True)
class OptionGroup:
    name: str
    handle: str
    #: The value chosen now.
    value: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Picker:
    """The chosen variant, and every option with its choices; none where there is one variant."""

    variant_id: int
    groups: tuple[OptionGroup, ...]
    #: Option handle -> value handle of the chosen variant.
    query: Mapping[str, str]
    #: Whether the address named any of its values.
    is_asked: bool = False


def pick(names: Sequence[str], variants: Sequence[Choosable], asked: Mapping[str, str]) -> Picker:
    """The variant that `asked` names by handles, as nearly as there is one.

    What is not known is passed over; among equals one that can be bought wins, then the first.
    """
    if _has_no_choice(variants):
        return Picker(variants[0].id, (), {})
    handles = _Handles(names, variants)
    wanted = [handles.value_of(i, asked.get(option)) for i, option in enumerate(handles.options)]
    current = _nearest(variants, wanted)
    groups = tuple(
        OptionGroup(
            name=name,
            handle=handles.options[i],
            value=current.values[i],
            choices=tuple(
                _choice(variants, current, i, value, handles) for value in handles.values[i]
            ),
        )
        for i, name in enumerate(names)
    )
    is_asked = any(value is not None for value in wanted)
    return Picker(current.id, groups, handles.query(current), is_asked)


def queries_of(names: Sequence[str], variants: Sequence[Choosable]) -> dict[int, Mapping[str, str]]:
    """By variant, what an address asks to show it; empty where there is nothing to choose."""
    if _has_no_choice(variants):
        return {variant.id: {} for variant in variants}
    handles = _Handles(names, variants)
    return {variant.id: handles.query(variant) for variant in variants}


def _has_no_choice(variants: Sequence[Choosable]) -> bool:
    return len(variants) == 1 and variants[0].values in ((), (ONLY_VARIANT,))


def _choice(
    variants: Sequence[Choosable], current: Choosable, i: int, value: str, handles: _Handles
) -> Choice:
    """Where taking `value` leads: the other values stay if a variant has them all."""
    wanted: list[str | None] = list(current.values)
    wanted[i] = value
    having = [variant for variant in variants if variant.values[i] == value]
    target = _nearest(having, wanted)
    return Choice(
        value=value,
        handle=handles.values[i][value],
        variant_id=target.id,
        query=handles.query(target),
        is_current=current.values[i] == value,
        is_available=target.is_available,
        changes=tuple(
            theirs
            for theirs, ours in zip(target.values, wanted, strict=False)
            if theirs and theirs != ours
        ),
    )


def _nearest(variants: Sequence[Choosable], wanted: Sequence[str | None]) -> Choosable:
    def score(variant: Choosable) -> tuple[int, bool]:
        same = sum(ours == theirs for ours, theirs in zip(variant.values, wanted, strict=False))
        return same, variant.is_available

    return max(variants, key=score)


class _Handles:
    """Address parts of the options and of each option's values, in the variants' order."""

    def __init__(self, names: Sequence[str], variants: Sequence[Choosable]) -> None:
        options = _handles_of(names)
        self.options = [options[name] for name in names]
        self.values = [
            _handles_of([variant.values[i] for variant in variants]) for i in range(len(names))
        ]

    def value_of(self, i: int, handle: str | None) -> str | None:
        found = (value for value, known in self.values[i].items() if known == handle)
        return next(found, None)

    def query(self, variant: Choosable) -> dict[str, str]:
        values = zip(self.options, self.values, variant.values, strict=False)
        return {option: handles[value] for option, handles, value in values}


def _handles_of(texts: Sequence[str]) -> dict[str, str]:
    handles: dict[str, str] = {}
    for text in dict.fromkeys(texts):
        handles[text] = free_handle(_handle_of(text), set(handles.values()))
    return handles


@lru_cache(maxsize=4096)
def _handle_of(text: str) -> str:
    return handle_from(text)
