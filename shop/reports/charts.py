"""Geometry of the charts: numbers in, SVG paths out. Pure; templates draw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

#: Units of the drawings' own coordinates.
WIDTH, HEIGHT = 720, 220
SPARK_WIDTH, SPARK_HEIGHT = 120, 32
#: Steps of a scale, times a power of ten.
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Bar:
    """One column, from the base line."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Tick:
    """A line across the chart, and its value."""

    y: float
    value: float


@dataclass(frozen=True)
class Scale:
    low: float
    high: float
    step: float

    def y(self, value: float) -> float:
        return _short(HEIGHT - (value - self.low) / (self.high - self.low) * HEIGHT)

    @property
    def ticks(self) -> list[Tick]:
        count = round((self.high - self.low) / self.step)
        values = [self.low + self.step * number for number in range(count + 1)]
        return [Tick(self.y(value), value) for value in values]


def scale_of(values: Sequence[float]) -> Scale:
    """From nought, or below it where values are, to a round number above the highest."""
    high, low = max(0, *values, 0), min(0, *values, 0)
    if high == low:
        return Scale(0, 1, 1)
    rough = (high - low) / 4
    power = 10.0 ** floor(log10(rough))
    step = next(each * power for each in _STEPS if each * power >= rough)
    top, bottom = -(-high // step) * step, low // step * step
    return Scale(bottom, top, step)


def bars(values: Sequence[float], scale: Scale) -> list[Bar]:
    """One for each value, side by side over the whole width."""
    if not values:
        return []
    slot = WIDTH / len(values)
    width = min(48.0, slot * 0.72)
    base = scale.y(0)
    found = []
    for place, value in enumerate(values):
        top = scale.y(value)
        x = slot * place + (slot - width) / 2
        found.append(Bar(_short(x), min(top, base), _short(width), _short(abs(base - top))))
    return found


def line(values: Sequence[float], scale: Scale) -> str:
    """A path through the middle of each column."""
    slot = WIDTH / max(1, len(values))
    return _path([(slot * (place + 0.5), scale.y(value)) for place, value in enumerate(values)])


def sparkline(values: Sequence[float]) -> str:
    """A path as high as its own highest value."""
    if len(values) < 2:
        return ""
    high, low = max(values), min(0, *values)
    reach = (high - low) or 1
    step = SPARK_WIDTH / (len(values) - 1)
    inner = SPARK_HEIGHT - 4
    return _path(
        [
            (step * place, 2 + inner - (value - low) / reach * inner)
            for place, value in enumerate(values)
        ]
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "".join(
        f"{'L' if number else 'M'}{_short(x):g} {_short(y):g}"
        for number, (x, y) in enumerate(points)
    )


def _short(value: float) -> float:
    return round(value, 1)
