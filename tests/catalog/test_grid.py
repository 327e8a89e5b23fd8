from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.catalog.grid import (
    MAX_CELLS,
    OptionPlan,
    TooManyCells,
    TwoAlike,
    ValuePlan,
    nearest,
    plan,
)

GLAZE = OptionPlan("Glaze", (ValuePlan("Cobalt", "Cobalt"), ValuePlan("Heather", "Heather")), 0)
SIZE = OptionPlan("Size", (ValuePlan("S", "S"), ValuePlan("L", "L")), 1)
MUG = {1: ("Cobalt", "S"), 2: ("Cobalt", "L"), 3: ("Heather", "S")}


def option(name: str, *values: str | tuple[str, str], was: int | None = None) -> OptionPlan:
    """A value, or a pair of what it was and what it is now."""
    plans = [ValuePlan(v) if isinstance(v, str) else ValuePlan(v[1], v[0]) for v in values]
    return OptionPlan(name, tuple(plans), was)


def test_unchanged_options_keep_every_variant_where_it_is() -> None:
    grid = plan([GLAZE, SIZE], MUG)

    assert grid.cells == {
        ("Cobalt", "S"): 1,
        ("Cobalt", "L"): 2,
        ("Heather", "S"): 3,
        ("Heather", "L"): None,
    }
    assert (grid.dropped, grid.fresh) == ((), frozenset())


def test_a_renamed_value_keeps_its_variants() -> None:
    grid = plan([option("Glaze", ("Cobalt", "Blue"), ("Heather", "Heather"), was=0), SIZE], MUG)

    assert grid.cells["Blue", "L"] == 2
    assert (grid.dropped, grid.fresh) == ((), frozenset())


def test_values_can_swap_their_names() -> None:
    grid = plan([option("Glaze", ("Cobalt", "Heather"), ("Heather", "Cobalt"), was=0), SIZE], MUG)

    assert (grid.cells["Heather", "S"], grid.cells["Cobalt", "S"]) == (1, 3)


def test_a_new_value_makes_new_combinations() -> None:
    grid = plan([GLAZE, option("Size", ("S", "S"), ("L", "L"), "XL", was=1)], MUG)

    assert grid.fresh == {("Cobalt", "XL"), ("Heather", "XL")}
    assert grid.cells["Heather", "XL"] is None


def test_a_removed_value_drops_its_variants() -> None:
    grid = plan([option("Glaze", ("Cobalt", "Cobalt"), was=0), SIZE], MUG)

    assert grid.dropped == (3,)
    assert grid.cells == {("Cobalt", "S"): 1, ("Cobalt", "L"): 2}


def test_of_a_new_option_all_variants_get_the_first_value() -> None:
    grid = plan([GLAZE, SIZE, option("Handle", "with", "without")], MUG)

    assert grid.cells["Cobalt", "S", "with"] == 1
    assert ("Cobalt", "S", "without") in grid.fresh
    assert ("Heather", "L", "with") not in grid.fresh  # nobody sold that before either


def test_an_option_that_told_variants_apart_cannot_go() -> None:
    with pytest.raises(TwoAlike) as alike:
        plan([GLAZE], MUG)

    assert alike.value.cell == ("Cobalt",)


def test_the_last_option_can_go_with_one_variant_left() -> None:
    assert plan([], {7: ("Default Title",)}).cells == {(): 7}


def test_options_can_change_places() -> None:
    assert plan([SIZE, GLAZE], MUG).cells["L", "Cobalt"] == 2


def test_a_price_list_is_refused() -> None:
    many = option("Size", *(str(number) for number in range(MAX_CELLS + 1)))

    with pytest.raises(TooManyCells) as refusal:
        plan([many], {})

    assert refusal.value.count == MAX_CELLS + 1


def test_a_new_variant_is_like_its_nearest_neighbor() -> None:
    cells = {("Cobalt", "S"): 1, ("Cobalt", "L"): 2, ("Heather", "L"): None}

    assert nearest(("Heather", "L"), cells) == 2
    assert nearest(("Ash", "XL"), cells) == 1
    assert nearest(("Ash", "XL"), {}) is None


names = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True)


@given(names, names, names)
def test_no_variant_is_lost_or_doubled(
    first: list[str], second: list[str], kept: list[str]
) -> None:
    variants = dict(enumerate(((a, b) for a in first for b in second), start=1))
    values = [(value, value.upper()) for value in first if value in kept]
    grid = plan([option("A", *values, "new", was=0), option("B", *((b, b) for b in second), was=1)],
                variants)  # fmt: skip

    placed = [id_ for id_ in grid.cells.values() if id_ is not None]
    assert sorted([*placed, *grid.dropped]) == sorted(variants)
    assert all(grid.cells[cell] is None for cell in grid.fresh)
