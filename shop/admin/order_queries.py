"""The list of orders: what it can be narrowed to, and its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from shop import substrings
from shop.admin.queries import IS_TO_REVIEW, IS_TO_SEND, IS_UNPAID
from shop.database import spelled
from shop.desk import queries as desk
from shop.extensions import db
from shop.money import Money
from shop.orders.models import Order, OrderTag
from shop.orders.states import FulfillmentState, OrderState, refund_extent
from shop.orders.tags import tags_of
from shop.paging import listed
from shop.substrings import Way
from shop.web.input import id_in

PAGE_SIZE = 25
AREA = "orders"
#: Rows that an export reads at a time.
CHUNK = 1000


class OrderFilter(StrEnum):
    """The views that are one click away."""

    ALL = ""
    SEND = "send"
    PAID = "paid"
    UNPAID = "unpaid"
    REVIEW = "review"
    REFUNDED = "refunded"
    CLOSED = "closed"


@dataclass(frozen=True)
class OrderSearch:
    """What an address asks for; its parts narrow each other."""

    text: str = ""
    only: OrderFilter = OrderFilter.ALL
    sent: FulfillmentState | None = None
    since: date | None = None
    until: date | None = None
    #: Its days were given the wrong way round.
    is_swapped: bool = field(default=False, compare=False)
    country: str = ""
    tag: str = ""
    #: Of marked rows; empty: all.
    ids: tuple[int, ...] = ()

    @property
    def is_narrowed(self) -> bool:
        """Beyond view and text."""
        return bool(self.sent or self.since or self.until or self.country or self.tag)

    def as_args(self) -> dict[str, Any]:
        """The address's parts."""
        return {
            "q": self.text or None,
            "show": self.only or None,
            "sent": self.sent,
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "country": self.country or None,
            "tag": self.tag or None,
        }


@dataclass(frozen=True)
class OrderRow:
    id: int
    number: int | None
    placed_at: datetime
    name: str
    email: str
    country: str
    state: str
    fulfillment_state: str
    is_collected: bool
    review_reason: str
    total_amount: int
    currency: str
    refunded_amount: int
    tags: Sequence[str] = field(default=(), compare=False)

    @property
    def total(self) -> Money:
        return Money(self.total_amount, self.currency)

    @property
    def refund_extent(self) -> str:
        return refund_extent(self.refunded_amount, self.total_amount)


_COLUMNS = (
    Order.id,
    Order.number,
    Order.placed_at,
    Order.name,
    Order.email,
    Order.country,
    Order.state,
    Order.fulfillment_state,
    (Order.collect_from != "").label("is_collected"),
    Order.review_reason,
    Order.total_amount,
    Order.currency,
    Order.refunded_amount,
)


def orders(search: OrderSearch, page: int) -> list[OrderRow]:
    """A page and one more where another follows: two queries, one more for a text and for a tag."""
    ids = sa.select(Order.id).where(*_conditions(search))
    newest = [Order.placed_at.desc(), Order.id.desc()]
    listing = listed(sa.select(*_COLUMNS), Order.id, ids, newest, page, PAGE_SIZE)
    rows = db.session.execute(listing).all()
    tags = tags_of([row.id for row in rows]) if rows else {}
    return [OrderRow(**row._mapping, tags=tags.get(row.id, ())) for row in rows]


def views(account_id: int) -> Sequence[Any]:
    """Saved ones, as shop.desk.queries.views tells them, by name."""
    return db.session.execute(desk.views(account_id, AREA).order_by("name", "id")).all()


def has_orders() -> bool:
    return db.session.scalar(sa.select(Order.id).limit(1)) is not None


def to_export(search: OrderSearch) -> Iterator[tuple[Order, Sequence[str]]]:
    """Every order that fits with its tags, newest first, a chunk at a time."""
    below: int | None = None
    while True:
        query = sa.select(Order).where(*_conditions(search)).order_by(Order.id.desc())
        if below is not None:
            query = query.where(Order.id < below)
        chunk = db.session.scalars(query.limit(CHUNK)).all()
        tags = tags_of([order.id for order in chunk]) if chunk else {}
        for order in chunk:
            yield order, tags.get(order.id, ())
        if len(chunk) < CHUNK:
            return
        below = chunk[-1].id
        db.session.expunge_all()


def _conditions(search: OrderSearch) -> list[sa.ColumnElement[bool]]:
    conditions = list(_VIEWS[search.only])
    if search.text:
        conditions.append(_matches(search.text))
    if search.sent:
        conditions += [
            Order.state == OrderState.PAID,
            Order.fulfillment_state == search.sent,
        ]
    if search.since:
        conditions.append(Order.placed_at >= _midnight(search.since))
    if search.until:
        conditions.append(Order.placed_at < _midnight(search.until + timedelta(days=1)))
    if search.country:
        conditions.append(Order.country == search.country)
    if search.tag:
        conditions.append(_is_tagged(search.tag.lower()))
    if search.ids:
        conditions.append(Order.id.in_(search.ids))
    return conditions


_VIEWS: dict[OrderFilter, list[sa.ColumnElement[bool]]] = {
    OrderFilter.ALL: [],
    OrderFilter.SEND: [IS_TO_SEND],
    OrderFilter.PAID: [Order.state == OrderState.PAID],
    OrderFilter.UNPAID: [IS_UNPAID],
    OrderFilter.REVIEW: [IS_TO_REVIEW],
    OrderFilter.REFUNDED: [sa.literal_column("orders.refunded_amount > 0", sa.Boolean)],
    OrderFilter.CLOSED: [spelled(Order.state, OrderState.EXPIRED, OrderState.CANCELED)],
}


def _midnight(day: date) -> datetime:
    """UTC, as all instants of the shop are told."""
    return datetime.combine(day, time(), UTC)


def _matches(text: str) -> sa.ColumnElement[bool]:
    if number := id_in(text.removeprefix("#")):
        return Order.number == number
    if text[:1] in ("R", "r") and (order_id := id_in(text[1:])):
        return Order.id == order_id
    return substrings.holds(Order, text)


def _is_tagged(tag: str) -> sa.ColumnElement[bool]:
    tagged = sa.select(OrderTag.order_id).where(OrderTag.tag == tag)
    has_tag = sa.exists().where(OrderTag.order_id == Order.id, OrderTag.tag == tag)
    return substrings.narrowed(Order.id, [Way(has_tag, tagged)])
