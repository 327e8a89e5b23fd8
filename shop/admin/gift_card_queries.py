"""Gift cards and store credit as staff list and find them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa

from shop.accounts.models import Account
from shop.admin.queries import PAGE_SIZE
from shop.extensions import db
from shop.gift_cards import codes
from shop.gift_cards.models import GiftCard, GiftCardEntry
from shop.money import Money
from shop.orders.models import LineItem, Order
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
    """A page, the newest first, and one more where another follows. Found by e-mail address, the
    last four, the whole code, or the number of the order that bought it.
    """
    rows = listing(text=text, only=only, today=today)
    return db.session.scalars(rows.limit(PAGE_SIZE + 1).offset((page - 1) * PAGE_SIZE)).all()


def listing(*, text: str, only: CardFilter, today: date) -> sa.Select[GiftCard]:
    """The newest first."""
    rows = sa.select(GiftCard).order_by(GiftCard.id.desc())
    if text:
        rows = rows.where(sa.or_(*_matches(text)))
    if only is not CardFilter.ALL:
        rows = rows.where(_status(today) == only)
    return rows


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


def _matches(text: str) -> list[sa.ColumnElement[bool]]:
    found = [
        GiftCard.email.contains(text.lower(), autoescape=True),
        GiftCard.last_four == text.upper(),
    ]
    if code := codes.tidy(text):
        found.append(GiftCard.code_digest == codes.digest_of(code))
    if number := id_in(text):
        bought = sa.select(LineItem.id).join(Order).where(Order.number == number)
        found.append(GiftCard.line_item_id.in_(bought))
    return found


def _status(today: date) -> sa.ColumnElement[str]:
    """As `status_of`."""
    return sa.case(
        (sa.not_(GiftCard.is_active), CardFilter.DISABLED.value),
        (GiftCard.expires_on < today, CardFilter.EXPIRED.value),
        (GiftCard.balance_amount == 0, CardFilter.USED_UP.value),
        else_=CardFilter.ACTIVE.value,
    )
