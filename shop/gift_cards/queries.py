"""What cards are worth, and to whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa

from shop.clock import now
from shop.extensions import db
from shop.gift_cards import codes
from shop.gift_cards.models import CardKind, EntryKind, GiftCard, GiftCardEntry
from shop.money import Money
from shop.pricing.queries import delivery_calendar
from shop.pricing.quote import GiftCardBalance
from shop.store.queries import Store

#: Entries of an order that bought the card; the others are of one that spends it.
_OF_BUYING = (EntryKind.ISSUED, EntryKind.VOIDED)


class NotUsable(StrEnum):
    """Why a card pays nothing."""

    DISABLED = "disabled"
    EXPIRED = "expired"
    OTHER_CURRENCY = "other_currency"
    EMPTY = "empty"


@dataclass(frozen=True)
class PresentedCard:
    """A card that a shopper wants to pay with."""

    id: int
    #: Empty: it is store credit.
    last_four: str
    #: With what the shopper's own unpaid order holds of it.
    balance: Money
    expires_on: date | None = None
    refusal: NotUsable | None = None

    @property
    def as_balance(self) -> GiftCardBalance:
        return GiftCardBalance(self.id, self.balance, self.last_four)


def card_of_code(typed: str) -> GiftCard | None:
    """One query; none for what cannot be a code."""
    code = codes.tidy(typed)
    if not code:
        return None
    return db.session.scalars(
        sa.select(GiftCard).where(GiftCard.code_digest == codes.digest_of(code))
    ).first()


def presented(
    card_ids: Sequence[int], shop: Store, unpaid_order_id: int | None = None
) -> tuple[PresentedCard, ...]:
    """In the order given; what is unknown is left out. No query where none is given, two where an
    unpaid order may hold some of them.
    """
    if not card_ids:
        return ()
    rows = db.session.scalars(
        sa.select(GiftCard)
        .where(GiftCard.id.in_(card_ids))
        .execution_options(populate_existing=True)
    ).all()
    held = held_by(unpaid_order_id) if unpaid_order_id is not None else {}
    found = {row.id: present(row, shop, held.get(row.id, 0)) for row in rows}
    return tuple(found[card_id] for card_id in dict.fromkeys(card_ids) if card_id in found)


def present(card: GiftCard, shop: Store, held: int = 0) -> PresentedCard:
    """`held`: minor units of it that the shopper's own unpaid order holds."""
    balance = Money(card.balance_amount + held, card.currency)
    return PresentedCard(
        card.id,
        "" if card.is_store_credit else card.last_four,
        balance,
        card.expires_on,
        _refusal(card, balance, shop),
    )


def _refusal(card: GiftCard, balance: Money, shop: Store) -> NotUsable | None:
    if not card.is_active:
        return NotUsable.DISABLED
    if card.expires_on is not None and card.expires_on < today_of(shop):
        return NotUsable.EXPIRED
    if card.currency != shop.selling.code:
        return NotUsable.OTHER_CURRENCY
    return None if balance else NotUsable.EMPTY


def today_of(shop: Store) -> date:
    return delivery_calendar(shop).today(now())


def held_by(order_id: int) -> dict[int, int]:
    """Minor units by card that the order has spent and not got back."""
    rows = db.session.execute(
        sa.select(GiftCardEntry.gift_card_id, -sa.func.sum(GiftCardEntry.amount))
        .where(GiftCardEntry.order_id == order_id, GiftCardEntry.kind.not_in(_OF_BUYING))
        .group_by(GiftCardEntry.gift_card_id)
        .order_by(sa.func.min(GiftCardEntry.id))
    )
    return {row[0]: int(row[1]) for row in rows if row[1]}


def refundable(order_id: int, currency: str) -> Money:
    """What `service.refund_to` can still give back of the order."""
    return Money(sum(held_by(order_id).values()), currency)


def store_credit_of(email: str, currency: str) -> GiftCard | None:
    return db.session.scalars(
        sa.select(GiftCard)
        .where(
            GiftCard.kind == CardKind.STORE_CREDIT,
            GiftCard.email == email.lower(),
            GiftCard.currency == currency,
        )
        .execution_options(populate_existing=True)
    ).first()


def store_credits_of(email: str) -> Sequence[GiftCard]:
    """In every currency of which some is left."""
    return db.session.scalars(
        sa.select(GiftCard)
        .where(
            GiftCard.kind == CardKind.STORE_CREDIT,
            GiftCard.email == email.lower(),
            GiftCard.balance_amount > 0,
        )
        .order_by(GiftCard.currency)
    ).all()


def ledger_of(card_id: int) -> Sequence[GiftCardEntry]:
    """Newest first."""
    return db.session.scalars(
        sa.select(GiftCardEntry)
        .where(GiftCardEntry.gift_card_id == card_id)
        .order_by(GiftCardEntry.id.desc())
    ).all()


def bought_by(order_id: int) -> Sequence[GiftCard]:
    """The cards that were issued for the order."""
    return db.session.scalars(
        sa.select(GiftCard)
        .join(GiftCardEntry, GiftCardEntry.gift_card_id == GiftCard.id)
        .where(GiftCardEntry.order_id == order_id, GiftCard.line_item_id.is_not(None))
        .where(GiftCardEntry.kind == EntryKind.ISSUED)
        .order_by(GiftCard.id)
        .execution_options(populate_existing=True)
    ).all()


def voided(card_ids: Iterable[int]) -> dict[int, int]:
    """Minor units by card that were taken off since its price was given back."""
    rows = db.session.execute(
        sa.select(GiftCardEntry.gift_card_id, -sa.func.sum(GiftCardEntry.amount))
        .where(
            GiftCardEntry.gift_card_id.in_(list(card_ids)),
            GiftCardEntry.kind == EntryKind.VOIDED,
        )
        .group_by(GiftCardEntry.gift_card_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def wrong_balances() -> Sequence[int]:
    """Ids of cards whose balance is not what their ledger adds up to; none, always."""
    return db.session.scalars(
        sa.select(GiftCard.id)
        .outerjoin(GiftCardEntry, GiftCardEntry.gift_card_id == GiftCard.id)
        .group_by(GiftCard.id)
        .having(sa.func.coalesce(sa.func.sum(GiftCardEntry.amount), 0) != GiftCard.balance_amount)
    ).all()


def issued_with(card: GiftCard) -> Money:
    """What was on it when it was new."""
    first = db.session.scalar(
        sa.select(GiftCardEntry.amount)
        .where(GiftCardEntry.gift_card_id == card.id, GiftCardEntry.kind == EntryKind.ISSUED)
        .order_by(GiftCardEntry.id)
        .limit(1)
    )
    return Money(first or 0, card.currency)


def is_given_back(card: GiftCard) -> bool:
    """Whether what was put on it last came back for an order; spending it changes nothing."""
    order_id = db.session.scalar(
        sa.select(GiftCardEntry.order_id)
        .where(GiftCardEntry.gift_card_id == card.id, GiftCardEntry.kind == EntryKind.ISSUED)
        .order_by(GiftCardEntry.id.desc())
        .limit(1)
    )
    return order_id is not None
