"""The lowest price before a reduction, as Article 6a of Directive 98/6/EC wants it told. Pure.

A reduction begins when its price is first shown. While the price only falls, it is the same
reduction; a rise, or a time at the full price, begins another. The 30 days count back from its
beginning. Prices that nobody could see, of a draft, are no prices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(days=30)


@dataclass(frozen=True)
class PriceState:
    """From `at` until the next one. Amounts in minor units."""

    unit_amount: int
    compare_at_amount: int | None
    is_public: bool
    at: datetime

    @property
    def is_reduced(self) -> bool:
        return self.compare_at_amount is not None and self.compare_at_amount > self.unit_amount


def lowest_before_reduction(states: Sequence[PriceState]) -> int | None:
    """`states` oldest first, the last one is now. None: no reduction, or no price before it."""
    ends = [*(state.at for state in states[1:]), None]
    shown = [
        (state, end)
        for state, end in zip(states, ends, strict=False)
        if state.is_public and (end is None or state.at < end)
    ]
    if not shown or not shown[-1][0].is_reduced or shown[-1][1] is not None:
        return None
    start = _start_of_reduction([state for state, _end in shown])
    since = shown[start][0].at - WINDOW
    before = [state.unit_amount for state, end in shown[:start] if end is not None and end > since]
    return min(before, default=None)


def _start_of_reduction(states: Sequence[PriceState]) -> int:
    start = len(states) - 1
    while (
        start
        and states[start - 1].is_reduced
        and states[start - 1].unit_amount >= states[start].unit_amount
    ):
        start -= 1
    return start
