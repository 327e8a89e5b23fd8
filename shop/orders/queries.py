"""Reading orders."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from shop.extensions import db
from shop.orders.fulfillment_models import Fulfillment
from shop.orders.models import LineItem, Order
from shop.orders.states import FulfillmentStatus, OrderState

_WHOLE = (
    selectinload(Order.lines),
    selectinload(Order.events),
    selectinload(Order.fulfillments).selectinload(Fulfillment.lines),
)
_BOUGHT = (
    OrderState.PAID,
    OrderState.AWAITING_BANK,
    OrderState.AWAITING_MONEY,
    OrderState.AUTHORIZED,
    OrderState.PAYMENT_REVIEW,
)
_EXPIRING = (OrderState.PENDING_PAYMENT, OrderState.AWAITING_MONEY)


def order_by_token(token: str) -> Order | None:
    """With its lines and events."""
    return _one(Order.token == token)


def order_with_lines(order_id: int) -> Order | None:
    """With its lines and events."""
    return _one(Order.id == order_id)


def parcel(fulfillment_id: int) -> Fulfillment | None:
    """With its lines and its order's; none where it was taken back."""
    return db.session.scalar(
        sa.select(Fulfillment)
        .where(Fulfillment.id == fulfillment_id, Fulfillment.status != FulfillmentStatus.UNDONE)
        .options(
            selectinload(Fulfillment.lines),
            selectinload(Fulfillment.order).selectinload(Order.lines),
        )
        .execution_options(populate_existing=True)
    )


def order_by_number(number: int, email: str) -> Order | None:
    """Of these two together; letters of the address count alike in either case."""
    return db.session.scalars(
        sa.select(Order).where(Order.number == number, sa.func.lower(Order.email) == email.lower())
    ).first()


def latest_of_checkout(checkout_id: int) -> Order | None:
    return db.session.scalars(_LATEST, {"checkout_id": checkout_id}).first()


def unpaid_of_checkout(checkout_id: int) -> int | None:
    """The id of its latest order, where that waits to be paid on the payment page."""
    latest = db.session.execute(_LATEST_STATE, {"checkout_id": checkout_id}).first()
    is_unpaid = latest is not None and latest.state == OrderState.PENDING_PAYMENT
    return latest.id if latest is not None and is_unpaid else None


def order_of_account(account_id: int, order_id: int) -> Order | None:
    """With its lines and events; none where it is somebody else's."""
    return _one(sa.and_(Order.id == order_id, Order.account_id == account_id))


def orders_of_account(account_id: int, *, limit: int, offset: int = 0) -> list[Order]:
    """Newest first, with their lines; what was given up before it was paid is left out."""
    is_dead = Order.state.in_((OrderState.EXPIRED, OrderState.CANCELED))
    return list(
        db.session.scalars(
            sa.select(Order)
            .where(Order.account_id == account_id, sa.or_(~is_dead, Order.number.is_not(None)))
            .order_by(Order.id.desc())
            .limit(limit)
            .offset(offset)
            .options(selectinload(Order.lines))
        )
    )


def fulfillment(fulfillment_id: int) -> Fulfillment | None:
    """With its lines."""
    return db.session.scalar(
        sa.select(Fulfillment)
        .where(Fulfillment.id == fulfillment_id)
        .options(selectinload(Fulfillment.lines))
        .execution_options(populate_existing=True)
    )


def has_ordered(email: str) -> bool:
    """Whether an order of this address is paid, or its money is on the way."""
    return bool(db.session.scalar(_HAS_ORDERED, {"email": email.lower()}))


def overdue_order_ids(at: datetime, limit: int = 1000) -> list[int]:
    """Unpaid orders whose time to pay has run out."""
    return list(
        db.session.scalars(
            sa.select(Order.id)
            .where(Order.state.in_(_EXPIRING), Order.expires_at <= at)
            .order_by(Order.expires_at)
            .limit(limit)
        )
    )


def _one(condition: sa.ColumnElement[bool]) -> Order | None:
    return db.session.scalars(
        sa.select(Order).where(condition).options(*_WHOLE).execution_options(populate_existing=True)
    ).first()


def unsent_units(variant_id: int) -> int:
    """Of paid orders: units of the variant that are still to be sent."""
    left = LineItem.quantity - LineItem.fulfilled_quantity - LineItem.removed_quantity
    units = (
        sa.select(sa.func.sum(left))
        .join(Order, Order.id == LineItem.order_id)
        .where(LineItem.variant_id == variant_id, Order.state == OrderState.PAID)
    )
    return int(db.session.scalar(units) or 0)


# The statements, built once: every step of a checkout runs them.

_OF_CHECKOUT = Order.checkout_id == sa.bindparam("checkout_id")
_LATEST = (
    sa.select(Order)
    .where(_OF_CHECKOUT)
    .order_by(Order.revision.desc())
    .limit(1)
    .options(selectinload(Order.lines))
    .execution_options(populate_existing=True)
)
_LATEST_STATE = (
    sa.select(Order.id, Order.state).where(_OF_CHECKOUT).order_by(Order.revision.desc()).limit(1)
)
_HAS_ORDERED = sa.select(
    sa.exists().where(sa.func.lower(Order.email) == sa.bindparam("email"), Order.state.in_(_BOUGHT))
)
