"""Gift cards and store credit as staff list and find them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa

from shop import substrings
from shop.accounts.models import Account
from shop.admin.queries import PAGE_SIZE
from shop.extensions import db
from shop.gift_cards import codes
from shop.gift_cards.models import GiftCard, GiftCardEntry
from shop.money import Money
from shop.orders.models import LineItem, Order
from shop.paging import listed
from shop.substrings import Way
from shop.web.input import id_in


class CardFilter(StrEnum):
    ALL = ""
    ACTIVE = "active"
    USED_UP = "used_up"
    EXPIRED = "expired"
    DISABLED = "disabled"


@dataclass(frozen=True)
class LedgerLine:
    kind: str
    amount: Money
    balance: Money
    entry: GiftCardEntry
    #: None: nobody of the staff.
    by: str | None
    order_id: int | None
    order_number: int | None


def status_of(card: GiftCard, today: date) -> CardFilter:
    if not card.is_active:
        return CardFilter.DISABLED
    if card.expires_on is not None and card.expires_on < today:
        return CardFilter.EXPIRED
    return CardFilter.ACTIVE if card.balance_amount else CardFilter.USED_UP


def gift_cards(*, text: str, only: CardFilter, today: date, page: int) -> Sequence[GiftCard]:
    """A page, the newest first, and one more where another follows: one query, one more for a text.
    Found by email address, the last four, the whole code, or the number of the order that bought
    it.
    """
    ids = sa.select(GiftCard.id).where(*_conditions(text, only, today))
    newest = [GiftCard.id.desc()]
    return db.session.scalars(
        listed(sa.select(GiftCard), GiftCard.id, ids, newest, page, PAGE_SIZE)
    ).all()


def listing(*, text: str, only: CardFilter, today: date) -> sa.Select[GiftCard]:
    """The newest first."""
    rows = sa.select(GiftCard).where(*_conditions(text, only, today))
    return rows.order_by(GiftCard.id.desc())


def _conditions(text: str, only: CardFilter, today: date) -> list[sa.ColumnElement[bool]]:
    conditions = [_matches(text)] if text else []
    return conditions if only is CardFilter.ALL else [*conditions, _is(only, today)]


def ledger(card: GiftCard) -> list[LedgerLine]:
    """Newest first."""
    rows = db.session.execute(
        sa.select(GiftCardEntry, sa.func.coalesce(Account.name, Account.email), Order.number)
        .outerjoin(Account, Account.id == GiftCardEntry.account_id)
        .outerjoin(Order, Order.id == GiftCardEntry.order_id)
        .where(GiftCardEntry.gift_card_id == card.id)
        .order_by(GiftCardEntry.id.desc())
    ).all()
    return [
        LedgerLine(
            entry.kind,
            Money(entry.amount, card.currency),
            Money(entry.balance_amount, card.currency),
            entry,
            by,
            entry.order_id,
            number,
        )
        for entry, by, number in rows
    ]


def _matches(text: str) -> sa.ColumnElement[bool]:
    found: list[sa.ColumnElement[bool]] = [GiftCard.last_four == text.upper()]
    if code := codes.tidy(text):
        found.append(GiftCard.code_digest == codes.digest_of(code))
    if number := id_in(text):
        bought = sa.select(LineItem.id).join(Order).where(Order.number == number)
        found.append(GiftCard.line_item_id.in_(bought))
    ways = [Way(condition, sa.select(GiftCard.id).where(condition)) for condition in found]
    ways.append(substrings.holding(GiftCard, text))
    return substrings.narrowed(GiftCard.id, ways)


def _is(status: CardFilter, today: date) -> sa.ColumnElement[bool]:
    """As `status_of`. One query for those that are over."""
    is_active = GiftCard.is_active.is_(True)
    lasts = sa.or_(GiftCard.expires_on.is_(None), GiftCard.expires_on >= today)
    if status is CardFilter.DISABLED:
        return sa.not_(GiftCard.is_active)
    if status is CardFilter.EXPIRED:
        over = sa.and_(is_active, GiftCard.expires_on < today)
        return substrings.narrowed(GiftCard.id, [Way(over, sa.select(GiftCard.id).where(over))])
    if status is CardFilter.USED_UP:
        return sa.and_(is_active, lasts, GiftCard.balance_amount == 0)
    # In the words of its index.
    has_balance = sa.literal_column("gift_cards.balance_amount > 0", sa.Boolean)
    return sa.and_(is_active, lasts, has_balance)
