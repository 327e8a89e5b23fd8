from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.reports import charts

VALUES = st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=60)


@given(VALUES)
def test_every_column_stands_inside_the_chart(values: list[int]) -> None:
    scale = charts.scale_of(values)

    for bar in charts.bars(values, scale):
        assert -0.1 <= bar.y <= bar.y + bar.height <= charts.HEIGHT + 0.2
        assert 0 <= bar.x <= bar.x + bar.width <= charts.WIDTH + 0.2
    assert 1 <= len(scale.ticks) <= 8


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0], [0, 1]),
        ([7], [0, 2, 4, 6, 8]),
        ([363_380], [0, 100_000, 200_000, 300_000, 400_000]),
        ([-50, 100], [-50, 0, 50, 100]),
    ],
)
def test_the_scale_has_round_numbers(values: list[int], ticks: list[float]) -> None:
    assert [tick.value for tick in charts.scale_of(values).ticks] == ticks


@given(VALUES)
def test_a_path_is_numbers_alone(values: list[int]) -> None:
    number = r"-?\d+(\.\d+)?(e[+-]?\d+)?"
    for path in (charts.sparkline(values), charts.line(values, charts.scale_of(values))):
        assert re.fullmatch(rf"(?:[ML]{number} {number})*", path)
