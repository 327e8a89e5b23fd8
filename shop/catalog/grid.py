"""The variants of a product as the grid of its options' values: what a change of the options does
to them. Rules only; shop/catalog/variants.py writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

#: One value for each option, in their order; empty for a product without options.
Cell = tuple[str, ...]

#: More are a price list, not a choice.
MAX_CELLS = 250


class TwoAlike(Exception):
    """Two variants would be one: what told them apart is gone."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        super().__init__(f"two variants would be {cell}")


class TooManyCells(Exception):
    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(f"{count} combinations, at most {MAX_CELLS}")


@dataclass(frozen=True)
class ValuePlan:
    now: str
    #: What it is called so far; none for a new one.
    was: str | None = None


@dataclass(frozen=True)
class OptionPlan:
    name: str
    values: tuple[ValuePlan, ...]
    #: The place of the option so far, from 0; none for a new one, of which all variants that there
    #: are get the first value.
    was: int | None = None


@dataclass(frozen=True)
class Grid:
    """All combinations in their order, with the id of the variant that is there so far."""

    cells: Mapping[Cell, int | None]
    #: Variants with a value that goes.
    dropped: tuple[int, ...]
    #: Combinations with a value that is new.
    fresh: frozenset[Cell]


def plan(options: Sequence[OptionPlan], variants: Mapping[int, Cell]) -> Grid:
    """`variants`: the values of each so far, by id. Raises TwoAlike, TooManyCells."""
    count = prod(len(option.values) for option in options)
    if count > MAX_CELLS:
        raise TooManyCells(count)
    cells: dict[Cell, int | None] = dict.fromkeys(
        product(*([value.now for value in option.values] for option in options))
    )
    dropped: list[int] = []
    for variant_id, values in variants.items():
        cell = _moved(options, values)
        if cell is None:
            dropped.append(variant_id)
        elif cells[cell] is not None:
            raise TwoAlike(cell)
        else:
            cells[cell] = variant_id
    return Grid(cells, tuple(dropped), frozenset(cell for cell in cells if _is_new(options, cell)))


def nearest(cell: Cell, others: Mapping[Cell, int | None]) -> int | None:
    """The variant that shares most values with it, the first of several; none where there are no
    variants.
    """
    filled = {other: id_ for other, id_ in others.items() if id_ is not None}
    if not filled:
        return None
    closest = max(filled, key=lambda other: sum(a == b for a, b in zip(cell, other, strict=True)))
    return filled[closest]


def _moved(options: Sequence[OptionPlan], values: Cell) -> Cell | None:
    cell: list[str] = []
    for option in options:
        if option.was is None:
            cell.append(option.values[0].now)
            continue
        now = [value.now for value in option.values if value.was == values[option.was]]
        if not now:
            return None
        cell.append(now[0])
    return tuple(cell)


def _is_new(options: Sequence[OptionPlan], cell: Cell) -> bool:
    """Of a new option, the first value is the one that all variants get, so it is not news."""
    for option, value in zip(options, cell, strict=True):
        known = [plan.now for plan in option.values if plan.was is not None]
        if value not in (known if option.was is not None else [option.values[0].now]):
            return True
    return False
