"""The only writer of stock. Each change is one conditional UPDATE, so that two at once cannot both
take the last unit; every change of what is on hand leaves a movement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from shop.extensions import db
from shop.inventory.models import (
    MovementReason,
    Reservation,
    ReservationState,
    StockItem,
    StockMovement,
)

#: Largest stock a shop may enter.
MAX_ON_HAND = 1_000_000


#: Told which variants' stock changed, at the end of each change and inside its transaction, when
#: all its rows are locked. Features to the right put themselves here: see create_app.
watchers: list[Callable[[Sequence[int]], None]] = []


class OutOfStock(Exception):
    def __init__(self, variant_id: int, wanted: int) -> None:
        self.variant_id, self.wanted = variant_id, wanted
        super().__init__(f"variant {variant_id}: {wanted} wanted, fewer available")


class StockChanged(Exception):
    """Somebody bought or counted meanwhile; carries what is on hand now."""

    def __init__(self, variant_id: int, on_hand: int) -> None:
        self.variant_id, self.on_hand = variant_id, on_hand
        super().__init__(f"variant {variant_id}: {on_hand} on hand now")


class BelowReserved(Exception):
    """Fewer units than are promised to orders."""

    def __init__(self, variant_id: int, reserved: int) -> None:
        self.variant_id, self.reserved = variant_id, reserved
        super().__init__(f"variant {variant_id}: {reserved} reserved")


@dataclass(frozen=True)
class NewStock:
    variant_id: int
    on_hand: int
    is_tracked: bool


def create_stock(
    variant_id: int,
    *,
    on_hand: int,
    is_tracked: bool = True,
    reason: MovementReason = MovementReason.INITIAL,
) -> None:
    db.session.add(StockItem(variant_id=variant_id, on_hand=on_hand, is_tracked=is_tracked))
    db.session.flush()
    if on_hand:
        _note(variant_id, on_hand, reason)
    _tell([variant_id])


def create_stocks(stocks: Sequence[NewStock], *, reason: MovementReason) -> None:
    """Like `create_stock` for many variants, in a few statements."""
    db.session.add_all(
        StockItem(variant_id=new.variant_id, on_hand=new.on_hand, is_tracked=new.is_tracked)
        for new in stocks
    )
    for new in stocks:
        if new.on_hand:
            _note(new.variant_id, new.on_hand, reason)
    db.session.flush()
    _tell([new.variant_id for new in stocks])


def set_tracked(variant_id: int, is_tracked: bool) -> None:
    """Raises BelowReserved where tracking would begin with more promised than there is."""
    updated = db.session.scalar(
        sa.update(StockItem)
        .where(StockItem.variant_id == variant_id)
        .where(sa.or_(sa.not_(sa.literal(is_tracked)), StockItem.reserved <= StockItem.on_hand))
        .values(is_tracked=is_tracked)
        .returning(StockItem.variant_id)
        .execution_options(synchronize_session=False)
    )
    if updated is None:
        raise BelowReserved(variant_id, _current(variant_id).reserved)
    _tell([variant_id])


def set_on_hand(
    variant_id: int,
    quantity: int,
    *,
    expected: int | None = None,
    reason: MovementReason = MovementReason.ADJUSTMENT,
    by: int | None = None,
) -> None:
    """Set what is in the building. `expected` is what the person saw; a sale meanwhile raises
    StockChanged instead of being overwritten. Raises BelowReserved below what is promised.
    """
    item = _locked(variant_id)
    if expected is not None and item.on_hand != expected:
        raise StockChanged(variant_id, item.on_hand)
    if item.is_tracked and quantity < item.reserved:
        raise BelowReserved(variant_id, item.reserved)
    if quantity == item.on_hand:
        return
    _note(variant_id, quantity - item.on_hand, reason, account_id=by)
    item.on_hand = quantity
    db.session.flush()
    _tell([variant_id])


def reserve(order_id: int, quantities: Mapping[int, int]) -> None:
    """Hold the units for the order, all of them or none: raises OutOfStock at the first that
    cannot be held, and the caller's transaction must roll back.
    """
    for variant_id in sorted(quantities):  # one lock order: two carts cannot deadlock
        quantity = quantities[variant_id]
        held = db.session.scalar(
            sa.update(StockItem)
            .where(StockItem.variant_id == variant_id)
            .where(
                sa.or_(
                    sa.not_(StockItem.is_tracked),
                    StockItem.on_hand - StockItem.reserved >= quantity,
                )
            )
            .values(reserved=StockItem.reserved + quantity)
            .returning(StockItem.variant_id)
            .execution_options(synchronize_session=False)
        )
        if held is None:
            raise OutOfStock(variant_id, quantity)
        _hold(order_id, variant_id, quantity)
    _tell(sorted(quantities))


def release(order_id: int) -> None:
    """Give the order's held units back; a second call finds none and changes nothing."""
    closed = _close(order_id, ReservationState.RELEASED)
    for variant_id, quantity in closed:
        _change(variant_id, reserved=-quantity, on_hand=0)
    _tell([variant_id for variant_id, _ in closed])


def sell(order_id: int) -> None:
    """The order's held units leave the building, once."""
    for variant_id, quantity in _close(order_id, ReservationState.SOLD):
        _change(variant_id, reserved=-quantity, on_hand=-quantity)
        _note(variant_id, -quantity, MovementReason.SALE, order_id=order_id)


def restock(order_id: int, quantities: Mapping[int, int], *, by: int | None = None) -> None:
    """Sold units of the order are on the shelf again."""
    for variant_id in sorted(quantities):
        _change(variant_id, reserved=0, on_hand=quantities[variant_id])
        _note(
            variant_id,
            quantities[variant_id],
            MovementReason.RESTOCK,
            order_id=order_id,
            account_id=by,
        )
    _tell(sorted(quantities))


def is_held(order_id: int) -> bool:
    return (
        db.session.scalar(
            sa.select(Reservation.id)
            .where(Reservation.order_id == order_id, Reservation.state == ReservationState.HELD)
            .limit(1)
        )
        is not None
    )


def _tell(variant_ids: Sequence[int]) -> None:
    for watcher in watchers if variant_ids else ():
        watcher(variant_ids)


def _hold(order_id: int, variant_id: int, quantity: int) -> None:
    """A released reservation is taken up again when late money arrives."""
    revived = db.session.scalar(
        sa.update(Reservation)
        .where(Reservation.order_id == order_id, Reservation.variant_id == variant_id)
        .where(Reservation.state == ReservationState.RELEASED)
        .values(state=ReservationState.HELD, quantity=quantity)
        .returning(Reservation.id)
        .execution_options(synchronize_session=False)
    )
    if revived is None:
        db.session.add(Reservation(order_id=order_id, variant_id=variant_id, quantity=quantity))
        db.session.flush()


def _close(order_id: int, state: ReservationState) -> list[tuple[int, int]]:
    closed = db.session.execute(
        sa.update(Reservation)
        .where(Reservation.order_id == order_id, Reservation.state == ReservationState.HELD)
        .values(state=state)
        .returning(Reservation.variant_id, Reservation.quantity)
        .execution_options(synchronize_session=False)
    ).all()
    return sorted((variant_id, quantity) for variant_id, quantity in closed)


def _change(variant_id: int, *, reserved: int, on_hand: int) -> None:
    db.session.execute(
        sa.update(StockItem)
        .where(StockItem.variant_id == variant_id)
        .values(reserved=StockItem.reserved + reserved, on_hand=StockItem.on_hand + on_hand)
        .execution_options(synchronize_session=False)
    )


def _locked(variant_id: int) -> StockItem:
    return db.session.execute(
        sa.select(StockItem)
        .where(StockItem.variant_id == variant_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def _current(variant_id: int) -> StockItem:
    return db.session.get_one(StockItem, variant_id, populate_existing=True)


def _note(
    variant_id: int,
    quantity: int,
    reason: MovementReason,
    *,
    order_id: int | None = None,
    account_id: int | None = None,
) -> None:
    db.session.add(
        StockMovement(
            variant_id=variant_id,
            quantity=quantity,
            reason=reason,
            order_id=order_id,
            account_id=account_id,
        )
    )
