"""What the pages of customers and of the newsletter show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from shop import substrings
from shop.accounts.models import Account, account_roles
from shop.address_book.models import SavedAddress
from shop.address_book.queries import addresses_of
from shop.admin.queries import PAGE_SIZE
from shop.extensions import db
from shop.newsletter import queries as newsletter
from shop.newsletter.letters import unsubscribe_url
from shop.newsletter.models import Subscriber
from shop.orders.models import Order
from shop.paging import listed
from shop.reviews.queries import may_be_invited
from shop.web.input import id_in

#: Orders on a customer's page; the list of orders has the rest.
SHOWN_ORDERS = 20
#: Rows that an export reads at a time.
PART = 500


@dataclass(frozen=True)
class CustomerRow:
    id: int
    name: str
    email: str
    tags: str
    created_at: datetime
    order_count: int
    is_subscribed: bool


@dataclass(frozen=True)
class CustomerView:
    account: Account
    orders: Sequence[Order]
    order_count: int
    addresses: Sequence[SavedAddress]
    subscriber: Subscriber | None
    #: Whether they may be asked for reviews after an order.
    may_be_invited: bool


_NEWEST = (Account.id.desc(),)


def customers(*, text: str, page: int) -> list[CustomerRow]:
    """A page and one more where another follows: one query, one more for a text. `text`: a part of
    the name, the email or a tag, or the number of an order.
    """
    ids = sa.select(Account.id).where(*_conditions(text))
    listing = listed(_rows(), Account.id, ids, _NEWEST, page, PAGE_SIZE)
    return [CustomerRow(*row) for row in db.session.execute(listing)]


def all_customers(*, text: str) -> Iterator[CustomerRow]:
    """Newest first, read a part at a time."""
    below: int | None = None
    while True:
        query = _rows().where(*_conditions(text)).order_by(*_NEWEST)
        query = query if below is None else query.where(Account.id < below)
        rows = [CustomerRow(*row) for row in db.session.execute(query.limit(PART))]
        db.session.rollback()  # nothing is held open while the reader is slow
        yield from rows
        if len(rows) < PART:
            return
        below = rows[-1].id


def customer(account_id: int) -> CustomerView | None:
    """None where there is none, or it is one of the staff."""
    account = db.session.scalar(sa.select(Account).where(Account.id == account_id, _is_customer()))
    if account is None:
        return None
    is_theirs = Order.account_id == account.id
    return CustomerView(
        account=account,
        orders=db.session.scalars(
            sa.select(Order).where(is_theirs).order_by(Order.id.desc()).limit(SHOWN_ORDERS)
        ).all(),
        order_count=db.session.scalar(
            sa.select(sa.func.count()).select_from(Order).where(is_theirs)
        )
        or 0,
        addresses=addresses_of(account.id),
        subscriber=newsletter.by_email(account.email),
        may_be_invited=may_be_invited(account.email),
    )


class SubscriberFilter(StrEnum):
    ALL = ""
    SUBSCRIBED = "subscribed"
    ASKED = "asked"
    ENDED = "ended"


def subscribers(*, text: str, only: SubscriberFilter, page: int) -> list[Subscriber]:
    """A page and one more where another follows."""
    conditions = {
        SubscriberFilter.ALL: sa.true(),
        SubscriberFilter.SUBSCRIBED: newsletter.is_subscribed,
        SubscriberFilter.ASKED: sa.and_(
            Subscriber.confirmed_at.is_(None), Subscriber.unsubscribed_at.is_(None)
        ),
        SubscriberFilter.ENDED: Subscriber.unsubscribed_at.is_not(None),
    }
    ids = sa.select(Subscriber.id).where(
        conditions[only], substrings.holds(Subscriber, text) if text else sa.true()
    )
    newest = [Subscriber.id.desc()]
    return list(
        db.session.scalars(
            listed(sa.select(Subscriber), Subscriber.id, ids, newest, page, PAGE_SIZE)
        )
    )


#: Columns of the file for a mailing program.
SUBSCRIBER_COLUMNS = (
    "email", "language", "source", "asked_at", "confirmed_at", "unsubscribe_url",
)  # fmt: skip


def subscriber_cells() -> Iterator[tuple[str, ...]]:
    """Of all who get the newsletter; times in UTC."""
    for one in newsletter.subscribed():
        confirmed_at = one.confirmed_at.isoformat() if one.confirmed_at else ""
        yield (
            one.email, one.language, one.source, one.asked_at.isoformat(), confirmed_at,
            unsubscribe_url(one),
        )  # fmt: skip


def _is_customer() -> sa.ColumnElement[bool]:
    return Account.id.not_in(sa.select(account_roles.c.account_id))


def _matches(text: str) -> sa.ColumnElement[bool]:
    if number := id_in(text.removeprefix("#")):
        bought = Order.number == number
        return Account.id.in_(
            sa.select(Order.account_id).where(bought, Order.account_id.is_not(None))
        )
    return substrings.holds(Account, text)


def _conditions(text: str) -> list[sa.ColumnElement[bool]]:
    return [_is_customer(), *([_matches(text)] if text else [])]


def _rows() -> sa.Select[*tuple[Any, ...]]:
    """Columns of a CustomerRow."""
    order_count = (
        sa.select(sa.func.count())
        .where(Order.account_id == Account.id, Order.number.is_not(None))
        .scalar_subquery()
    )
    subscribed = sa.exists().where(Subscriber.email == Account.email, newsletter.is_subscribed)
    return sa.select(
        Account.id,
        Account.name,
        Account.email,
        Account.tags,
        Account.created_at,
        order_count,
        subscribed,
    )
