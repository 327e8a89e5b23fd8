"""How much of something will be sold in the weeks to come, and how sure that is. Pure.

Each variant is forecast by the method that would have been least wrong about its own last months.
What may come is a negative binomial distribution around it, as wide as those errors were: counts
are whole, never negative, and more often far above than far below.

Sources: R. Teunter, A. Syntetos, M. Babai, "Intermittent demand: linking forecasting to inventory
obsolescence", EJOR 2011; R. Hyndman, G. Athanasopoulos, "Forecasting: principles and practice".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

#: Weeks of sales without which nothing is forecast.
LEAST_WEEKS = 4
#: Weeks that methods are compared over, each by what they knew four weeks before it.
TESTED_WEEKS, AHEAD = 12, 4
YEAR = 52
ALPHAS = (0.1, 0.2, 0.35)
#: No week is certain: so many units squared of error at the least, per unit sold.
_LEAST_SPREAD = 1.0


class Method(StrEnum):
    #: The mean of the last weeks.
    MEAN = "mean"
    #: Newer weeks count more.
    SMOOTHED = "smoothed"
    #: How often times how much, where most weeks sell nothing.
    SELDOM = "seldom"
    #: The same weeks a year ago, as much more or less as the last weeks were.
    YEAR_AGO = "year_ago"


#: Units by week, oldest first, and how many weeks ahead: the mean of those weeks.
Rate = Callable[[Sequence[int], int], float]


@dataclass(frozen=True)
class Forecast:
    method: Method
    #: Units a week.
    rate: float
    #: Variance of one week's units around it.
    variance: float

    def expected(self, days: int) -> float:
        return self.rate * days / 7

    def most(self, days: int, share: float) -> int:
        """So many or fewer are sold in `days`, in `share` of all cases."""
        return quantile(self.expected(days), self.variance * days / 7, share)

    def least(self, days: int, share: float) -> int:
        """So many or more are sold, in `share` of all cases."""
        return quantile(self.expected(days), self.variance * days / 7, 1 - share)


def forecast(weeks: Sequence[int]) -> Forecast | None:
    """`weeks`: units sold by week, oldest first, the last one whole. None: too little is known."""
    sold = _since_first_sale(weeks)
    if len(sold) < LEAST_WEEKS:
        return None
    errors = {method: _errors(sold, rate) for method, rate in METHODS.items()}
    order = list(METHODS)
    best = min(order, key=lambda method: (_mean_square(errors[method]), order.index(method)))
    rate = max(0.0, METHODS[best](sold, AHEAD))
    spread = _mean_square(errors[best]) if errors[best] else rate
    return Forecast(best, rate, max(spread, rate * _LEAST_SPREAD))


def _errors(sold: Sequence[int], rate: Rate) -> list[float]:
    """Of single weeks, each forecast by what was known AHEAD weeks before."""
    found = []
    for week in range(max(LEAST_WEEKS + AHEAD, len(sold) - TESTED_WEEKS), len(sold)):
        known = sold[: week - AHEAD]
        found.append(sold[week] - max(0.0, rate(known, AHEAD)))
    return found


def _mean_square(errors: Sequence[float]) -> float:
    return sum(error * error for error in errors) / len(errors) if errors else 0.0


def _since_first_sale(weeks: Sequence[int]) -> Sequence[int]:
    first = next((place for place, units in enumerate(weeks) if units), len(weeks))
    return weeks[first:]


# Methods ------------------------------------------------------------------------------------


def mean(sold: Sequence[int], _ahead: int) -> float:
    last = sold[-8:]
    return sum(last) / len(last)


def smoothed(sold: Sequence[int], _ahead: int) -> float:
    """With the weight that would have been least wrong about the next week so far."""
    return min((_smooth(sold, alpha) for alpha in ALPHAS), key=lambda found: found[1])[0]


def seldom(sold: Sequence[int], _ahead: int) -> float:
    """Teunter, Syntetos and Babai: the chance of a sale sinks in each week without one."""
    chance = sum(1 for units in sold[:8] if units) / len(sold[:8])
    size = next((float(units) for units in sold if units), 0.0)
    for units in sold:
        chance += 0.1 * ((1.0 if units else 0.0) - chance)
        if units:
            size += 0.2 * (units - size)
    return chance * size


def year_ago(sold: Sequence[int], ahead: int) -> float:
    if len(sold) < YEAR + 8:
        return mean(sold, ahead)
    then = sold[len(sold) - YEAR : len(sold) - YEAR + ahead]
    before, now = sum(sold[-YEAR - 8 : -YEAR]), sum(sold[-8:])
    growth = min(3.0, max(1 / 3, (now + 1) / (before + 1)))
    return sum(then) / len(then) * growth


METHODS: dict[Method, Rate] = {
    Method.MEAN: mean,
    Method.SMOOTHED: smoothed,
    Method.SELDOM: seldom,
    Method.YEAR_AGO: year_ago,
}


def _smooth(sold: Sequence[int], alpha: float) -> tuple[float, float]:
    """The level, and the sum of its squared errors."""
    level, wrong = sum(sold[:4]) / len(sold[:4]), 0.0
    for units in sold:
        wrong += (units - level) ** 2
        level += alpha * (units - level)
    return level, wrong


# Distribution -------------------------------------------------------------------------------


def quantile(mean_: float, variance: float, share: float) -> int:
    """The least whole number that is not passed in `share` of all cases: negative binomial, or
    Poisson where nothing is wider.
    """
    if mean_ <= 0:
        return 0
    if mean_ > 2_000:  # there both are a normal distribution, and adding up takes long
        return max(0, math.ceil(mean_ + _normal(share) * math.sqrt(max(variance, mean_))))
    below, chance, number = 0.0, _first_chance(mean_, variance), 0
    size = _size(mean_, variance)
    while True:
        below += chance
        if below >= share or number > 20_000:
            return number
        number += 1
        chance *= mean_ / number if size is None else _next_ratio(mean_, size, number)


def _size(mean_: float, variance: float) -> float | None:
    return mean_ * mean_ / (variance - mean_) if variance > mean_ * 1.0001 else None


def _first_chance(mean_: float, variance: float) -> float:
    size = _size(mean_, variance)
    if size is None:
        return max(math.exp(-mean_), 1e-300)
    return max(math.exp(size * math.log(size / (size + mean_))), 1e-300)


def _next_ratio(mean_: float, size: float, number: int) -> float:
    return (number - 1 + size) / number * (mean_ / (size + mean_))


def _normal(share: float) -> float:
    """Quantile of the standard normal distribution, by halving."""
    low, high = -8.0, 8.0
    for _step in range(60):
        middle = (low + high) / 2
        if (1 + math.erf(middle / math.sqrt(2))) / 2 < share:
            low = middle
        else:
            high = middle
    return high
