"""Many who buy at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial

from flask import Flask

from shop.database import in_transaction, transaction
from shop.orders import service as orders
from shop.orders.placement import Placement
from shop.payments.service import reservation_until
from tests.factories import make_checkout

THREADS = 10


def place_at_once(
    app: Flask, placements: Sequence[Placement], refusal: type[Exception]
) -> list[str]:
    """What each was told, sorted: "placed", or "gone" where it was refused so."""
    with app.app_context(), transaction():
        checkouts = [make_checkout().id for _ in placements]
    told: list[str] = []
    start = threading.Barrier(THREADS)

    def place(number: int) -> None:
        orders.place(
            placements[number],
            checkout_id=checkouts[number],
            revision=1,
            expires_at=reservation_until(),
        )

    def buy(numbers: range) -> None:
        start.wait()
        for number in numbers:
            with app.app_context():
                try:
                    in_transaction(partial(place, number))
                    told.append("placed")
                except refusal:
                    told.append("gone")

    count = len(placements)
    threads = [
        threading.Thread(target=buy, args=(range(at, count, THREADS),)) for at in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)
