"""The ledger of Stripe's events, as staff read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from shop.admin.queries import PAGE_SIZE
from shop.extensions import db
from shop.orders.models import Order
from shop.paging import listed
from shop.payments.events import EVENTS
from shop.payments.models import StripeEvent
from shop.web.input import id_in


class EventFilter(StrEnum):
    ALL = ""
    DONE = "done"
    IGNORED = "ignored"
    FAILED = "failed"


@dataclass(frozen=True)
class EventRow:
    id: str
    type: str
    status: str
    verdict: str
    order_id: int | None
    #: None: the order has no number yet, or there is no order.
    number: int | None
    is_fetched: bool
    attempts: int
    error: str
    received_at: datetime


_COLUMNS = (
    StripeEvent.id,
    StripeEvent.type,
    StripeEvent.status,
    StripeEvent.verdict,
    StripeEvent.order_id,
    Order.number,
    StripeEvent.is_fetched,
    StripeEvent.attempts,
    StripeEvent.error,
    StripeEvent.received_at,
)


def events(*, text: str, only: EventFilter, type_: str, page: int) -> list[EventRow]:
    """A page, newest first, and one more where another follows. `text`: the whole id of an event or
    of what it is about, or an order's number.
    """
    query = sa.select(StripeEvent.id)
    if only:
        query = query.where(StripeEvent.status == only)
    if type_ in EVENTS:
        query = query.where(StripeEvent.type == type_)
    if text:
        query = query.where(_is_about(text))
    newest = [StripeEvent.received_at.desc(), StripeEvent.id.desc()]
    columns = sa.select(*_COLUMNS).outerjoin(Order, Order.id == StripeEvent.order_id)
    rows = db.session.execute(listed(columns, StripeEvent.id, query, newest, page, PAGE_SIZE))
    return [EventRow(**row._mapping) for row in rows]


def event(event_id: str) -> tuple[StripeEvent, Order | None] | None:
    """With the order that it is about."""
    row = db.session.execute(
        sa.select(StripeEvent, Order)
        .outerjoin(Order, Order.id == StripeEvent.order_id)
        .where(StripeEvent.id == event_id)
        .execution_options(populate_existing=True)
    ).first()
    return (row[0], row[1]) if row else None


def has_events() -> bool:
    return db.session.scalar(sa.select(StripeEvent.id).limit(1)) is not None


def _is_about(text: str) -> sa.ColumnElement[bool]:
    if number := id_in(text.removeprefix("#")):
        of_order = sa.select(Order.id).where(Order.number == number)
        return StripeEvent.order_id.in_(of_order)
    return sa.or_(StripeEvent.id == text, StripeEvent.object_id == text)
