"""Whatever happens to a variant: its counters, movements and reservations agree."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any

import hypothesis.strategies as st
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings

from shop.extensions import db
from shop.inventory import reservations
from shop.inventory import service as inventory
from shop.inventory.models import (
    Backorders,
    MovementReason,
    Reservation,
    StockItem,
    StockMovement,
)
from tests.factories import make_order, make_variant

REFUSALS = (
    reservations.OutOfStock,
    inventory.BelowReserved,
    inventory.StockChanged,
    inventory.LimitTaken,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.integers(1, 4)),
        st.tuples(st.sampled_from(["sell", "release", "call_off"]), st.integers(0, 5)),
        st.tuples(st.just("add"), st.integers(-4, 6)),
        st.tuples(st.just("set"), st.integers(0, 8)),
        st.tuples(st.just("limit"), st.integers(0, 6)),
    ),
    max_size=14,
)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, first=st.integers(0, 4))
def test_counters_are_what_movements_and_reservations_add_up_to(
    app: Flask, steps: list[tuple[str, int]], first: int
) -> None:
    variant = make_variant(on_hand=first)
    others = make_variant(on_hand=100)
    ids: list[int] = []
    for name, number in steps:
        with suppress(*REFUSALS), db.session.begin_nested():
            take(name, number, variant.id, others, ids)
        check(variant.id)


def take(name: str, number: int, variant_id: int, others: Any, ids: list[int]) -> None:
    if name == "order":
        order_id = make_order(others).id
        reservations.reserve(order_id, {variant_id: number})
        ids.append(order_id)
    elif name == "sell" and ids:
        reservations.sell(ids[number % len(ids)])
    elif name == "release" and ids:
        reservations.release(ids[number % len(ids)])
    elif name == "call_off" and ids:
        call_off(ids[number % len(ids)], variant_id, is_restocked=number % 2 == 0)
    elif name == "add":
        inventory.add_on_hand(variant_id, number, reason=MovementReason.CORRECTION, by=None)
    elif name == "set":
        inventory.set_on_hand(variant_id, number)
    elif name == "limit":
        kind = Backorders.BACKORDER if number else Backorders.NONE
        inventory.set_backorders(variant_id, kind, limit=number, promised_on=None, by=None)


def call_off(order_id: int, variant_id: int, *, is_restocked: bool) -> None:
    """Once: a line is not called off twice."""
    found = db.session.scalar(
        sa.select(Reservation).where(
            Reservation.order_id == order_id,
            Reservation.variant_id == variant_id,
            Reservation.state == "sold",
        )
    )
    if found is None or order_id in CALLED_OFF:
        return
    CALLED_OFF.add(order_id)
    units = {variant_id: found.quantity}
    reservations.restock(order_id, units if is_restocked else {}, unsent=units)


CALLED_OFF: set[int] = set()


def check(variant_id: int) -> None:
    db.session.flush()
    item = db.session.get_one(StockItem, variant_id, populate_existing=True)
    moved = db.session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(StockMovement.quantity), 0)).where(
            StockMovement.variant_id == variant_id
        )
    )
    held, waiting = Counter[str](), 0
    for row in db.session.execute(
        sa.select(Reservation.state, Reservation.quantity, Reservation.waiting).where(
            Reservation.variant_id == variant_id
        )
    ):
        held[row.state] += row.quantity
        waiting += row.waiting
    assert item.on_hand == moved
    assert item.reserved == held["held"]
    assert item.reserved <= item.on_hand + item.backorder_limit
    assert waiting == max(0, item.reserved - item.on_hand)
