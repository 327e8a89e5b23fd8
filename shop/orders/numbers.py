"""The numbers of paid orders: one after the other, from where the merchant lets them go on."""

from __future__ import annotations

import sqlalchemy as sa

from shop import audit
from shop.extensions import db
from shop.orders.models import OrderCounter

MAX_NUMBER = 999_999_999
CHANGED = "store.numbers_changed"


class NumberTaken(Exception):
    """Numbers only go up; `least` is the smallest that is free."""

    def __init__(self, least: int) -> None:
        self.least = least
        super().__init__(f"the next number is {least} or more")


def next_number() -> int:
    return (db.session.scalar(sa.select(OrderCounter.last_number)) or 0) + 1


def last_change() -> int | None:
    """Id of the entry in the audit trail that tells of the last time somebody let them go on."""
    return audit.last_id(CHANGED)


def go_on_with(number: int, *, by: int | None) -> None:
    """The next paid order gets it; those between are never given. Raises NumberTaken."""
    before = next_number()
    if number == before:
        return
    moved = db.session.scalar(
        sa.update(OrderCounter)
        .where(OrderCounter.id == 1, OrderCounter.last_number < number)
        .values(last_number=number - 1)
        .returning(OrderCounter.last_number)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        raise NumberTaken(next_number())
    audit.record(by, CHANGED, subject_kind="store", subject_id=1, number=[before, number])
