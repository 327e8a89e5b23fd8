"""What to order now, so that enough is there until the order after this one has come. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """How the merchant orders."""

    #: From the order to the shelf.
    lead_days: int = 14
    #: Between two looks at what to order.
    review_days: int = 14
    #: In so many of a hundred cases nothing runs out before the next delivery.
    service_percent: int = 95

    @property
    def days(self) -> int:
        return self.lead_days + self.review_days

    @property
    def share(self) -> float:
        return self.service_percent / 100


def proposal(*, needed: int, available: int | None, incoming: int) -> int:
    """Units to order. `needed`: until the next order has come. `available` none: not counted."""
    if available is None:
        return 0
    return max(0, needed - available - incoming)


def days_left(available: int | None, rate: float) -> int | None:
    """Until nothing is left at this many units a week; none where nothing sells or counts."""
    if available is None or rate <= 0:
        return None
    return int(max(0, available) * 7 / rate)
