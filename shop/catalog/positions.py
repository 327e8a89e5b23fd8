"""The places of rows that stand in an order by hand, such as a product's pictures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from shop.extensions import db


class Placed(Protocol):
    position: int


def number(rows: Iterable[Placed]) -> None:
    """From one on, in this order."""
    for position, row in enumerate(rows, start=1):
        row.position = position
    db.session.flush()
