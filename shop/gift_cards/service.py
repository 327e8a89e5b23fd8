"""The only writer of gift cards, store credit and their ledger. A balance changes by one
conditional UPDATE and leaves an entry in the same transaction, so that two orders cannot spend the
same money. Locks: the order's row first, then discounts, then cards in the order of their ids, then
stock.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.extensions import db
from shop.gift_cards import codes, queries
from shop.gift_cards.models import CardKind, EntryKind, GiftCard, GiftCardEntry
from shop.money import MAX_AMOUNT, Money
from shop.outbox import service as outbox
from shop.pricing.quote import GiftCardUse
from shop.store import queries as store
from shop.web.config import settings

MAIL = "gift_card"


class GiftCardGone(Exception):
    """The card cannot pay that much: spent meanwhile, disabled, or expired."""

    def __init__(self, card_id: int) -> None:
        self.card_id = card_id
        super().__init__(f"gift card {card_id} cannot pay that")


class MoreThanSpent(Exception):
    """More would go back to an order's cards than they have paid of it."""


class TooMuch(Exception):
    """The balance would be larger than the shop can handle."""


class CodeLost(Exception):
    """The secret key that the code was worked out of is not among the shop's any more."""


@dataclass(frozen=True, kw_only=True)
class Gift:
    """Who gets a card, and what it comes with."""

    #: Empty: it is sent to nobody.
    email: str = ""
    language: str = "en"
    sender: str = ""
    message: str = ""
    note: str = ""
    expires_on: date | None = None


# New cards and more credit -----------------------------------------------------------------------


def issue(amount: Money, gift: Gift, *, by: int | None = None) -> GiftCard:
    """A card from staff; its code goes to the address, where there is one."""
    card = _new_card(CardKind.GIFT_CARD, amount.currency, gift)
    _move(card.id, amount.amount, EntryKind.ISSUED, by=by, note=gift.note)
    _promise_mail(card)
    _record(card, "issued", by, amount=amount.amount, currency=amount.currency)
    return card


def issue_bought(
    amount: Money, gift: Gift, *, order_id: int, line_item_id: int, unit: int
) -> GiftCard:
    """The card of one unit of a paid line; the table refuses a second one."""
    card = _new_card(CardKind.GIFT_CARD, amount.currency, gift)
    card.line_item_id, card.unit = line_item_id, unit
    _move(card.id, amount.amount, EntryKind.ISSUED, order_id=order_id)
    _promise_mail(card)
    return card


def give_credit(
    email: str,
    amount: Money,
    *,
    key: str | None = None,
    language: str = "en",
    note: str = "",
    order_id: int | None = None,
    by: int | None = None,
) -> GiftCard:
    """Store credit for an email address, on top of what it has; it is told by mail.

    The same `key` gives once, however often it is asked. Raises TooMuch.
    """
    card = _credit_card(email.lower(), amount.currency, language)
    if key is not None and _entries(card.id, key):
        return card
    if card.balance_amount + amount.amount > MAX_AMOUNT:
        raise TooMuch
    entry = _move(
        card.id, amount.amount, EntryKind.ISSUED, order_id=order_id, key=key, by=by, note=note
    )
    _promise_mail(card, f":{entry.id}")
    _record(card, "credited", by, amount=amount.amount, currency=amount.currency)
    return card


# Orders ------------------------------------------------------------------------------------------


def spend(order_id: int, uses: Iterable[GiftCardUse]) -> None:
    """Take what the order's bill says from its cards: held from now on.

    Raises GiftCardGone; the caller's transaction must then roll back.
    """
    for use in sorted(uses, key=lambda use: use.id):
        _move(use.id, -use.amount.amount, EntryKind.SPENT, *_is_good(use.amount), order_id=order_id)


def give_back(order_id: int) -> None:
    """The order died unpaid. Doing it again changes nothing."""
    for card_id, amount in sorted(queries.held_by(order_id).items()):
        _move(card_id, amount, EntryKind.RETURNED, order_id=order_id)


def spend_again(order_id: int) -> None:
    """For an order that comes back to life: what it gave back is taken again, also of a card that
    ended meanwhile. Raises GiftCardGone where it is spent.
    """
    held = queries.held_by(order_id)
    for card_id, amount in sorted(_first_spent(order_id).items()):
        if card_id not in held:
            _move(card_id, -amount, EntryKind.SPENT, order_id=order_id)


def refund_to(
    order_id: int, amount: Money, *, key: str, by: int | None = None
) -> tuple[GiftCardUse, ...]:
    """Give some of what a paid order spent from its cards back to them; tells to which, how much.

    The caller holds the order's lock. In as many parts as one likes: the same `key` gives back
    once, and tells again what it did. Raises MoreThanSpent beyond `queries.refundable`.
    """
    done = _refunded(order_id, key)
    if done:
        return done
    left, parts = amount.amount, {}
    for card_id, spent in queries.held_by(order_id).items():
        parts[card_id] = min(spent, left)
        left -= parts[card_id]
    if left:
        raise MoreThanSpent
    for card_id, part in sorted(parts.items()):
        if part:
            _move(card_id, part, EntryKind.REFUNDED, order_id=order_id, key=key, by=by)
    return _refunded(order_id, key)


def void(card: GiftCard, most: Money, *, order_id: int, key: str, by: int | None = None) -> Money:
    """Take so much off a bought card, since its price was given back, or what is left of it. Tells
    how much that was; the caller holds the card's lock.
    """
    amount = min(card.balance, most, key=lambda money: money.amount)
    if amount:
        _move(card.id, -amount.amount, EntryKind.VOIDED, order_id=order_id, key=key, by=by)
    return amount


# What staff do with a card -----------------------------------------------------------------------


def locked(card_id: int) -> GiftCard | None:
    return db.session.execute(
        sa.select(GiftCard)
        .where(GiftCard.id == card_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def set_active(card: GiftCard, is_active: bool, *, by: int | None) -> None:
    """Orders that are placed keep what they hold of it."""
    card.is_active = is_active
    _record(card, "enabled" if is_active else "disabled", by)


def change(card: GiftCard, *, note: str, expires_on: date | None, by: int) -> None:
    card.note, card.expires_on = note, expires_on
    _record(card, "changed", by, expires_on=expires_on.isoformat() if expires_on else None)


def send_again(card: GiftCard, email: str, *, by: int) -> None:
    """The same code once more, to this address from now on; store credit stays its owner's.

    Raises CodeLost.
    """
    code_of(card)
    if not card.is_store_credit:
        card.email = email.lower()
    _promise_mail(card, f":{secrets.token_hex(8)}")
    _record(card, "sent_again", by, email=card.email)


def code_of(card: GiftCard) -> str:
    """Raises CodeLost."""
    for secret in reversed(settings().secret_keys):
        code = codes.code_of(card.seed, secret)
        if codes.digest_of(code) == card.code_digest:
            return code
    raise CodeLost


# Inside ------------------------------------------------------------------------------------------


def _new_card(kind: CardKind, currency: str, gift: Gift) -> GiftCard:
    seed = secrets.token_hex(16)
    code = codes.code_of(seed, settings().secret_key)
    card = GiftCard(
        kind=kind,
        currency=currency,
        seed=seed,
        code_digest=codes.digest_of(code),
        last_four=code[-4:],
        email=gift.email.lower(),
        language=gift.language,
        sender=gift.sender,
        message=gift.message,
        note=gift.note,
        expires_on=gift.expires_on,
    )
    db.session.add(card)
    db.session.flush()
    return card


def _credit_card(email: str, currency: str, language: str) -> GiftCard:
    """The one of the address, locked; made where there is none."""
    found = queries.store_credit_of(email, currency)
    if found is None:
        try:
            with db.session.begin_nested():
                return _new_card(
                    CardKind.STORE_CREDIT, currency, Gift(email=email, language=language)
                )
        except sa.exc.IntegrityError:  # somebody gave the first credit at the same moment
            found = queries.store_credit_of(email, currency)
    card = locked(found.id) if found is not None else None
    if card is None:
        raise RuntimeError("the store credit could not be made")
    return card


def _move(
    card_id: int,
    amount: int,
    kind: EntryKind,
    *conditions: Any,
    order_id: int | None = None,
    key: str | None = None,
    by: int | None = None,
    note: str = "",
) -> GiftCardEntry:
    """The one place where a balance changes. Raises GiftCardGone."""
    balance = db.session.scalar(
        sa.update(GiftCard)
        .where(GiftCard.id == card_id, GiftCard.balance_amount >= -amount, *conditions)
        .values(balance_amount=GiftCard.balance_amount + amount)
        .returning(GiftCard.balance_amount)
        .execution_options(synchronize_session="fetch")
    )
    if balance is None:
        raise GiftCardGone(card_id)
    entry = GiftCardEntry(
        gift_card_id=card_id,
        kind=kind,
        amount=amount,
        balance_amount=balance,
        order_id=order_id,
        key=key,
        account_id=by,
        note=note,
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def _is_good(amount: Money) -> tuple[Any, ...]:
    return (
        GiftCard.is_active,
        GiftCard.currency == amount.currency,
        sa.or_(
            GiftCard.expires_on.is_(None),
            GiftCard.expires_on >= queries.today_of(store.current()),
        ),
    )


def _first_spent(order_id: int) -> dict[int, int]:
    """Minor units by card that the order was placed with."""
    rows = db.session.execute(
        sa.select(GiftCardEntry.gift_card_id, GiftCardEntry.amount)
        .where(GiftCardEntry.order_id == order_id, GiftCardEntry.kind == EntryKind.SPENT)
        .order_by(GiftCardEntry.id.desc())
    )
    return {row.gift_card_id: -row.amount for row in rows}


def _refunded(order_id: int, key: str) -> tuple[GiftCardUse, ...]:
    rows = db.session.execute(
        sa.select(GiftCardEntry.amount, GiftCard)
        .join(GiftCard, GiftCard.id == GiftCardEntry.gift_card_id)
        .where(
            GiftCardEntry.order_id == order_id,
            GiftCardEntry.key == key,
            GiftCardEntry.kind == EntryKind.REFUNDED,
        )
        .order_by(GiftCardEntry.id)
    ).all()
    return tuple(
        GiftCardUse(
            card.id,
            Money(amount, card.currency),
            "" if card.is_store_credit else card.last_four,
        )
        for amount, card in rows
    )


def _entries(card_id: int, key: str) -> Sequence[int]:
    return db.session.scalars(
        sa.select(GiftCardEntry.id).where(
            GiftCardEntry.gift_card_id == card_id, GiftCardEntry.key == key
        )
    ).all()


def _promise_mail(card: GiftCard, once_more: str = "") -> None:
    if card.email:
        outbox.enqueue(
            channel=outbox.EMAIL,
            name=MAIL,
            payload={"gift_card_id": card.id},
            dedupe_key=f"{MAIL}:{card.id}{once_more}",
        )


def _record(card: GiftCard, action: str, by: int | None, **data: Any) -> None:
    audit.record(
        by,
        f"gift_card.{action}",
        subject_kind="gift_card",
        subject_id=card.id,
        last_four=card.last_four,
        **data,
    )
