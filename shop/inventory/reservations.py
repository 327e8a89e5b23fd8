"""Units promised to orders: held, given back, sold, and back on the shelf.

Like service.py, whose counters they share: each change is one conditional UPDATE.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from shop.database import upsert
from shop.extensions import db
from shop.inventory.models import MovementReason, Reservation, ReservationState, StockItem
from shop.inventory.queries import ALLOWANCE
from shop.inventory.service import (
    change_counters,
    give_to_waiting,
    locked_item,
    note_movement,
    tell_watchers,
    wait_for,
)


class OutOfStock(Exception):
    def __init__(self, variant_id: int, wanted: int) -> None:
        self.variant_id, self.wanted = variant_id, wanted
        super().__init__(f"variant {variant_id}: {wanted} wanted, fewer available")


def reserve(
    order_id: int, quantities: Mapping[int, int], *, waiting: Mapping[int, int] | None = None
) -> None:
    """Hold the units for the order, all of them or none: raises OutOfStock at the first that
    cannot be held, and the caller's transaction must roll back.

    `waiting`: by variant, how many of the units the buyer knows to be sent later; more than these
    do not wait. None: as many as the variant allows.
    """
    reserved: list[dict[str, int]] = []
    for variant_id in sorted(quantities):  # one lock order: two carts cannot deadlock
        quantity = quantities[variant_id]
        agreed = quantity if waiting is None else waiting.get(variant_id, 0)
        held = db.session.execute(
            sa.update(StockItem)
            .where(StockItem.variant_id == variant_id)
            .where(sa.or_(sa.not_(StockItem.is_tracked), _has(quantity, agreed)))
            .values(reserved=StockItem.reserved + quantity)
            .returning(StockItem.on_hand, StockItem.reserved, StockItem.is_tracked)
            .execution_options(synchronize_session=False)
        ).first()
        if held is None:
            raise OutOfStock(variant_id, quantity)
        short = held.reserved - held.on_hand if held.is_tracked else 0
        waiting_units = min(quantity, max(0, short))
        held_units = {"variant_id": variant_id, "quantity": quantity, "waiting": waiting_units}
        reserved.append({"order_id": order_id, **held_units})
    _hold(reserved)
    tell_watchers(sorted(quantities))


def release(order_id: int) -> None:
    """Give the order's held units back; a second call finds none and changes nothing."""
    closed = _close(order_id, ReservationState.RELEASED)
    for variant_id, quantity in closed:
        change_counters(variant_id, reserved=-quantity, on_hand=0)
        give_to_waiting(variant_id)
    tell_watchers([variant_id for variant_id, _ in closed])


def sell(order_id: int) -> None:
    """The order's held units leave the building, once. Those that wait for stock are owed: on hand
    falls below zero by them.
    """
    for variant_id, quantity in _close(order_id, ReservationState.SOLD):
        change_counters(variant_id, reserved=-quantity, on_hand=-quantity)
        note_movement(variant_id, -quantity, MovementReason.SALE, order_id=order_id)


def restock(
    order_id: int,
    quantities: Mapping[int, int],
    *,
    unsent: Mapping[int, int] | None = None,
    by: int | None = None,
) -> None:
    """Sold units of the order are on the shelf again.

    `unsent`: units by variant that are not to be sent any more. What of them waits for stock was
    never here: nobody owes it any longer, whether or not the rest goes back on the shelf.
    """
    ended = {variant_id: units for variant_id, units in (unsent or {}).items() if units}
    touched = sorted({*quantities, *ended})
    for variant_id in touched:
        locked_item(variant_id)  # before its reservations, as everywhere: one lock order
        owed = _end_waiting(order_id, variant_id, ended.get(variant_id, 0))
        back = max(quantities.get(variant_id, 0), owed)
        if not back:
            continue
        change_counters(variant_id, reserved=0, on_hand=back)
        note_movement(variant_id, back, MovementReason.RESTOCK, order_id=order_id, account_id=by)
        give_to_waiting(variant_id)
    tell_watchers(touched)


def is_held(order_id: int) -> bool:
    return (
        db.session.scalar(
            sa.select(Reservation.id)
            .where(Reservation.order_id == order_id, Reservation.state == ReservationState.HELD)
            .limit(1)
        )
        is not None
    )


def _has(quantity: int, agreed: int) -> sa.ColumnElement[bool]:
    """Whether the units can be promised, `agreed` of them at most without being here."""
    free = StockItem.on_hand - StockItem.reserved
    within = free + ALLOWANCE >= quantity
    return within if agreed >= quantity else sa.and_(within, free >= quantity - agreed)


def _hold(reserved: list[dict[str, int]]) -> None:
    """One statement. A released reservation is taken up again when late money arrives; raises
    RuntimeError where one is held or sold already.
    """
    if not reserved:
        return
    statement = upsert(Reservation)
    new = statement.excluded
    held = db.session.scalars(
        statement.on_conflict_do_update(
            index_elements=["order_id", "variant_id"],
            set_={
                "state": ReservationState.HELD,
                "quantity": new.quantity,
                "waiting": new.waiting,
            },
            where=Reservation.state == ReservationState.RELEASED,
        ).returning(Reservation.id),
        reserved,
    ).all()
    if len(held) < len(reserved):
        raise RuntimeError("the order's units are reserved already")


def _close(order_id: int, state: ReservationState) -> list[tuple[int, int]]:
    """Variants and units. What is given back waits for nothing any more; what is sold waits on."""
    _lock_stock_of(order_id)
    values: dict[str, object] = {"state": state}
    if state is ReservationState.RELEASED:
        values["waiting"] = 0
    closed = db.session.execute(
        sa.update(Reservation)
        .where(Reservation.order_id == order_id, Reservation.state == ReservationState.HELD)
        .values(**values)
        .returning(Reservation.variant_id, Reservation.quantity)
        .execution_options(synchronize_session=False)
    ).all()
    return sorted((variant_id, quantity) for variant_id, quantity in closed)


def _lock_stock_of(order_id: int) -> None:
    """Stock before reservations: what comes in locks both in this order too."""
    held = sa.select(Reservation.variant_id).where(
        Reservation.order_id == order_id, Reservation.state == ReservationState.HELD
    )
    db.session.execute(
        sa.select(StockItem.variant_id)
        .where(StockItem.variant_id.in_(held))
        .order_by(StockItem.variant_id)
        .with_for_update()
    ).all()


def _end_waiting(order_id: int, variant_id: int, units: int) -> int:
    """How many of the units waited; they do not any more."""
    if not units:
        return 0
    found = db.session.execute(
        sa.select(Reservation.id, Reservation.waiting)
        .where(Reservation.order_id == order_id, Reservation.variant_id == variant_id)
        .where(Reservation.state == ReservationState.SOLD, Reservation.waiting > 0)
    ).first()
    ended = min(units, found.waiting) if found else 0
    if found and ended:
        wait_for(found.id, found.waiting - ended)
    return ended
