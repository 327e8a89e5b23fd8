from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.forecasts.demand import AHEAD, Method, forecast, quantile
from shop.forecasts.groups import Group, group_of
from shop.forecasts.reorder import days_left, proposal

WEEKS = st.lists(st.integers(0, 500), max_size=110)


@given(WEEKS)
def test_no_history_makes_a_senseless_forecast(weeks: list[int]) -> None:
    found = forecast(weeks)

    if found is not None:
        assert math.isfinite(found.rate)
        assert math.isfinite(found.variance)
        assert found.rate >= 0
        assert 0 <= found.least(28, 0.9) <= found.most(28, 0.9)
        assert found.rate <= 3 * max(weeks) + 1


def test_four_weeks_of_sales_are_the_least() -> None:
    assert forecast([0] * 50 + [3, 2, 4]) is None
    assert forecast([0] * 50 + [3, 2, 4, 3]) is not None


def test_what_sells_evenly_is_expected_to_go_on() -> None:
    found = forecast([10] * 60)

    assert found is not None
    assert found.rate == pytest.approx(10, abs=0.2)
    assert found.expected(28) == pytest.approx(40, abs=1)


def test_what_has_stopped_selling_is_expected_less_and_less() -> None:
    found = forecast([8] * 40 + [0] * 20)

    assert found is not None
    assert found.rate < 1.5


def test_a_yearly_wave_is_foreseen_from_the_year_before() -> None:
    wave = [round(30 + 25 * math.sin(2 * math.pi * week / 52)) for week in range(110)]
    found = forecast(wave[:100])

    assert found is not None
    assert found.method is Method.YEAR_AGO
    assert found.expected(28) == pytest.approx(sum(wave[100:104]), rel=0.3)


@pytest.mark.parametrize("rate", [0.4, 3.0, 25.0])
def test_ranges_hold_about_as_often_as_they_say(rate: float) -> None:
    """Sales by chance around a steady rate: four in five months lie between the two ends."""
    source, inside, tries = random.Random(3), 0, 200
    for _ in range(tries):
        weeks = [_poisson(source, rate) for _week in range(60)]
        found, month = forecast(weeks), sum(_poisson(source, rate) for _week in range(AHEAD))
        assert found is not None
        inside += found.least(28, 0.9) <= month <= found.most(28, 0.9)

    assert 0.72 <= inside / tries <= 0.97


def _poisson(source: random.Random, rate: float) -> int:
    limit, number, product = math.exp(-rate), 0, source.random()
    while product > limit:
        number, product = number + 1, product * source.random()
    return number


@pytest.mark.parametrize(
    ("mean", "variance", "share", "expected"),
    [
        (0, 0, 0.95, 0),
        (1, 1, 0.9, 2),  # Poisson: P(2 or fewer) = 0.920
        (4, 4, 0.95, 8),  # Poisson: P(8 or fewer) = 0.979, P(7 or fewer) = 0.949
        (4, 12, 0.95, 11),  # negative binomial of size 2: P(11 or fewer) = 0.964
    ],
)
def test_quantiles_are_those_of_the_tables(
    mean: float, variance: float, share: float, expected: int
) -> None:
    assert quantile(mean, variance, share) == expected


@given(st.floats(0.01, 5_000), st.floats(0, 50_000), st.floats(0.5, 0.98))
def test_more_certainty_takes_more_units(mean: float, variance: float, share: float) -> None:
    assert quantile(mean, variance, share) <= quantile(mean, variance, share + 0.01)


def test_what_is_there_and_on_its_way_is_not_ordered_again() -> None:
    assert proposal(needed=20, available=5, incoming=4) == 11
    assert proposal(needed=20, available=30, incoming=0) == 0
    assert proposal(needed=20, available=-3, incoming=0) == 23
    assert proposal(needed=20, available=None, incoming=0) == 0
    assert (days_left(10, 5.0), days_left(0, 5.0), days_left(5, 0.0)) == (14, 0, None)


@pytest.mark.parametrize(
    ("days", "orders", "group"),
    [
        (0, 1, Group.NEW), (90, 1, Group.NEW), (91, 1, Group.ONCE), (30, 2, Group.RETURNING),
        (30, 4, Group.LOYAL), (91, 4, Group.SLIPPING), (365, 2, Group.SLIPPING),
        (366, 9, Group.GONE),
    ],
)  # fmt: skip
def test_customers_are_grouped_by_when_and_how_often(days: int, orders: int, group: Group) -> None:
    assert group_of(days_since=days, orders=orders) is group
