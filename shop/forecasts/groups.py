"""Customers by when they last bought, how often, and for how much. Pure.

Fixed borders, not shares of all customers: a name means the same next month.
"""

from __future__ import annotations

from enum import StrEnum

#: Days since the last order.
RECENT, AWAY = 90, 365
#: Orders in all.
OFTEN = 4


class Group(StrEnum):
    """In the order in which a merchant would write to them."""

    #: Often, and lately.
    LOYAL = "loyal"
    #: Two or three times, and lately.
    RETURNING = "returning"
    #: Once, and lately.
    NEW = "new"
    #: More than once, and not for a while.
    SLIPPING = "slipping"
    #: Once, and not for a while.
    ONCE = "once"
    #: Not for a year.
    GONE = "gone"


def group_of(*, days_since: int, orders: int) -> Group:
    if days_since > AWAY:
        return Group.GONE
    if days_since > RECENT:
        return Group.SLIPPING if orders > 1 else Group.ONCE
    if orders >= OFTEN:
        return Group.LOYAL
    return Group.RETURNING if orders > 1 else Group.NEW
