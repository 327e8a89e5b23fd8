"""What is known of one variant's stock: its ledger, what is promised, and which orders wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from shop.accounts.models import Account
from shop.admin.inventory_queries import PAGE_SIZE
from shop.extensions import db
from shop.inventory.models import Reservation, ReservationState, StockMovement
from shop.orders.models import LineItem, Order
from shop.orders.states import OrderState
from shop.paging import listed


@dataclass(frozen=True)
class LedgerLine:
    """A movement, with what was on hand after it."""

    movement: StockMovement
    balance: int
    #: None: nobody of the staff.
    by: str | None
    order_number: int | None


@dataclass(frozen=True)
class Promises:
    """Where a variant's units are promised, beside its counters."""

    #: Paid for, and neither sent nor waiting for stock: they stand in the building.
    to_send: int
    waiting: Sequence[Waiting] = field(default=())


@dataclass(frozen=True)
class Waiting:
    """An order that waits for units of a variant."""

    order_id: int
    number: int | None
    name: str
    placed_at: datetime
    units: int
    promised_on: date | None
    is_paid: bool


#: Waiting orders that a variant's page names.
MAX_WAITING = 20


def ledger(variant_id: int, on_hand: int, page: int) -> list[LedgerLine]:
    """A page and one more where another follows, the newest first: two queries."""
    found = db.session.execute(
        sa.select(StockMovement, sa.func.coalesce(Account.name, Account.email), Order.number)
        .outerjoin(Account, Account.id == StockMovement.account_id)
        .outerjoin(Order, Order.id == StockMovement.order_id)
        .where(StockMovement.variant_id == variant_id)
        .order_by(StockMovement.id.desc())
        .limit(PAGE_SIZE + 1)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    balance = on_hand
    if found and page > 1:
        newer = sa.select(sa.func.sum(StockMovement.quantity)).where(
            StockMovement.variant_id == variant_id, StockMovement.id > found[0][0].id
        )
        balance -= int(db.session.scalar(newer) or 0)
    lines = []
    for movement, by, number in found:
        lines.append(LedgerLine(movement, balance, by, number))
        balance -= movement.quantity
    return lines


def promises(variant_id: int) -> Promises:
    """Two queries."""
    return Promises(to_send(variant_id), waiting_orders(variant_id, limit=MAX_WAITING))


def to_send(variant_id: int) -> int:
    """Units of paid orders that are neither sent nor waiting for stock."""
    return unsent_by_variant(LineItem.variant_id == variant_id).get(variant_id, 0)


def unsent_by_variant(which: sa.ColumnElement[bool]) -> dict[int, int]:
    """Units of paid orders that are here and not sent yet: they left the counter, not the shelf."""
    left = LineItem.quantity - LineItem.fulfilled_quantity - LineItem.removed_quantity
    waits = sa.func.coalesce(Reservation.waiting, 0)
    found = db.session.execute(
        sa.select(LineItem.variant_id, sa.func.sum(left - waits))
        .join(Order, Order.id == LineItem.order_id)
        .outerjoin(
            Reservation,
            sa.and_(
                Reservation.order_id == LineItem.order_id,
                Reservation.variant_id == LineItem.variant_id,
                Reservation.state == ReservationState.SOLD,
            ),
        )
        .where(which, Order.state == OrderState.PAID, left > waits)
        .group_by(LineItem.variant_id)
    )
    return {row[0]: int(row[1]) for row in found if row[0] is not None}


def waiting_orders(variant_id: int, *, limit: int) -> list[Waiting]:
    """The oldest first: what comes in goes to them in this order."""
    found = db.session.execute(
        _waiting().where(Reservation.variant_id == variant_id).order_by(Reservation.id).limit(limit)
    ).all()
    return [_as_waiting(row) for row in found]


@dataclass(frozen=True)
class WaitingRow:
    """An order that waits for a variant, as the list of all of them shows it."""

    variant_id: int
    order: Waiting


def all_waiting(page: int) -> list[WaitingRow]:
    """A page and one more where another follows, the oldest first."""
    ids = sa.select(Reservation.id).where(_WAITS)
    query = listed(_waiting(), Reservation.id, ids, [Reservation.id], page, PAGE_SIZE)
    return [WaitingRow(row.variant_id, _as_waiting(row)) for row in db.session.execute(query)]


#: In the words of its index.
_WAITS = sa.literal_column("reservations.waiting > 0", sa.Boolean)


def _waiting() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Reservation.variant_id,
            Reservation.order_id,
            Reservation.waiting,
            Reservation.state,
            Order.number,
            Order.name,
            Order.placed_at,
            LineItem.promised_on,
        )
        .join(Order, Order.id == Reservation.order_id)
        .outerjoin(
            LineItem,
            sa.and_(
                LineItem.order_id == Reservation.order_id,
                LineItem.variant_id == Reservation.variant_id,
            ),
        )
        .where(_WAITS)
    )


def _as_waiting(row: Any) -> Waiting:
    return Waiting(
        order_id=row.order_id,
        number=row.number,
        name=row.name,
        placed_at=row.placed_at,
        units=row.waiting,
        promised_on=row.promised_on,
        is_paid=row.state == ReservationState.SOLD,
    )
