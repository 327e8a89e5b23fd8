"""Sending what was paid for, in one parcel or several, or handing it over. Callers hold the order's
row lock. Stock does not move here: it fell when the order was paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from shop.clock import now
from shop.extensions import db
from shop.inventory import queries as stock
from shop.inventory.models import Reservation
from shop.orders import emails
from shop.orders.event_kinds import EventKind
from shop.orders.fulfillment_models import Fulfillment, FulfillmentLine
from shop.orders.models import LineItem, Order
from shop.orders.service import note
from shop.orders.states import (
    FulfillmentStatus,
    OrderState,
    fulfillment_state,
)


class NotFulfillable(Exception):
    """The order is not paid, or was called off."""


class MoreThanUnsent(Exception):
    """More units than are left to send, or are here; carries how many are."""

    def __init__(self, line_item_id: int, unsent: int) -> None:
        self.line_item_id, self.unsent = line_item_id, unsent
        super().__init__(f"line {line_item_id}: {unsent} left to send")


class NothingToSend(Exception):
    """No unit was chosen, or none is left."""


@dataclass(frozen=True)
class Parcel:
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""


def fulfill(
    order: Order,
    units: Mapping[int, int],
    parcel: Parcel,
    *,
    press: str,
    by: int,
    is_told: bool,
) -> Fulfillment:
    """Units by line leave in one parcel, or stand ready to be fetched.

    The same `press` of a button is one fulfillment. Raises NotFulfillable, MoreThanUnsent and
    NothingToSend.
    """
    made = db.session.scalar(sa.select(Fulfillment).where(Fulfillment.press == press))
    if made is not None:
        return made
    if order.state != OrderState.PAID:
        raise NotFulfillable
    chosen = {line_id: quantity for line_id, quantity in sorted(units.items()) if quantity > 0}
    if not chosen:
        raise NothingToSend
    fulfillment = _pack(order, chosen, parcel, press=press, by=by)
    recount(order)
    note(
        order,
        EventKind.READY if order.collect_from else EventKind.SENT,
        by=by,
        fulfillment=fulfillment.id,
        units=sum(chosen.values()),
        carrier=parcel.carrier,
        number=parcel.tracking_number,
    )
    if is_told:
        emails.enqueue_fulfilled(fulfillment)
    return fulfillment


def _pack(
    order: Order, units: Mapping[int, int], parcel: Parcel, *, press: str, by: int
) -> Fulfillment:
    fulfillment = Fulfillment(
        order_id=order.id,
        status=FulfillmentStatus.READY if order.collect_from else FulfillmentStatus.SENT,
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        tracking_url=parcel.tracking_url,
        press=press,
        account_id=by,
    )
    db.session.add(fulfillment)
    db.session.flush()
    for line_id, quantity in units.items():
        _take(order.id, line_id, quantity)
        db.session.add(
            FulfillmentLine(fulfillment_id=fulfillment.id, line_item_id=line_id, quantity=quantity)
        )
    return fulfillment


def pick_up(order: Order, fulfillment: Fulfillment, *, by: int) -> None:
    """The buyer has fetched it. Doing it again changes nothing."""
    moved = db.session.scalar(
        sa.update(Fulfillment)
        .where(Fulfillment.id == fulfillment.id, Fulfillment.status == FulfillmentStatus.READY)
        .values(status=FulfillmentStatus.PICKED_UP, picked_up_at=now())
        .returning(Fulfillment.id)
    )
    if moved is not None:
        recount(order)
        note(order, EventKind.PICKED_UP, by=by, fulfillment=fulfillment.id)


def deliver(order: Order, fulfillment: Fulfillment, *, by: int, is_delivered: bool = True) -> bool:
    """Staff know that a parcel arrived or, to take that back, that it did not. Whether that was
    news; it is none of a parcel that is taken back, or is fetched by its buyer.
    """
    was_unknown = Fulfillment.delivered_at.is_(None)
    moved = db.session.scalar(
        sa.update(Fulfillment)
        .where(
            Fulfillment.id == fulfillment.id,
            Fulfillment.status == FulfillmentStatus.SENT,
            was_unknown if is_delivered else ~was_unknown,
        )
        .values(delivered_at=now() if is_delivered else None)
        .returning(Fulfillment.id)
    )
    if moved is None:
        return False
    kind = EventKind.DELIVERED if is_delivered else EventKind.DELIVERY_UNDONE
    note(order, kind, by=by, fulfillment=fulfillment.id)
    return True


def undo(order: Order, fulfillment: Fulfillment, *, by: int) -> None:
    """It was a mistake: its units are to be sent again. Doing it again changes nothing."""
    moved = db.session.scalar(
        sa.update(Fulfillment)
        .where(Fulfillment.id == fulfillment.id, Fulfillment.status != FulfillmentStatus.UNDONE)
        .values(status=FulfillmentStatus.UNDONE)
        .returning(Fulfillment.id)
    )
    if moved is None:
        return
    for line in db.session.scalars(
        sa.select(FulfillmentLine).where(FulfillmentLine.fulfillment_id == fulfillment.id)
    ):
        _add_fulfilled(order.id, line.line_item_id, -line.quantity)
    recount(order)
    note(order, EventKind.FULFILLMENT_UNDONE, by=by, fulfillment=fulfillment.id)


def recount(order: Order) -> None:
    """Bring the order's state up to its lines and parcels."""
    db.session.flush()
    lines = db.session.scalars(
        sa.select(LineItem)
        .where(LineItem.order_id == order.id)
        .execution_options(populate_existing=True)
    ).all()
    waits = sa.exists().where(
        Fulfillment.order_id == order.id, Fulfillment.status == FulfillmentStatus.READY
    )
    order.fulfillment_state = fulfillment_state(
        unsent=sum(line.unsent_quantity for line in lines),
        fulfilled=sum(line.fulfilled_quantity for line in lines),
        is_waiting=bool(db.session.scalar(sa.select(waits))),
    )


def unsent_of(order: Order) -> dict[int, int]:
    """Units that can be sent, by line; of an order with its lines. What waits for stock cannot."""
    waits = stock.waiting_of(order.id)
    left = {
        line.id: line.unsent_quantity - waits.get(line.variant_id or 0, 0) for line in order.lines
    }
    return {line_id: units for line_id, units in left.items() if units > 0}


def _take(order_id: int, line_id: int, quantity: int) -> None:
    if not _add_fulfilled(order_id, line_id, quantity):
        line = db.session.get(LineItem, line_id, populate_existing=True)
        waits = stock.waiting_of(order_id)
        unsent = line.unsent_quantity - waits.get(line.variant_id or 0, 0) if line else 0
        raise MoreThanUnsent(line_id, max(0, unsent))


def _add_fulfilled(order_id: int, line_id: int, quantity: int) -> bool:
    """One conditional UPDATE: two presses cannot both send the last unit, and nobody sends what has
    not come yet.
    """
    added = LineItem.fulfilled_quantity + quantity
    waits = sa.select(Reservation.waiting).where(
        Reservation.order_id == order_id, Reservation.variant_id == LineItem.variant_id
    )
    here = LineItem.quantity - sa.func.coalesce(waits.scalar_subquery(), 0)
    return (
        db.session.scalar(
            sa.update(LineItem)
            .where(
                LineItem.id == line_id,
                LineItem.order_id == order_id,
                ~LineItem.is_gift_card,
                sa.or_(sa.literal(quantity < 0), added + LineItem.removed_quantity <= here),
            )
            .values(fulfilled_quantity=added)
            .returning(LineItem.id)
            .execution_options(synchronize_session=False)
        )
        is not None
    )
