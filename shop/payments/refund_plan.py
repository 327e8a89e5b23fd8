"""What staff want to give back of an order, and what that comes to: which payment gives how much,
for which lines, and what it takes off the gift cards that the order bought. Reads only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shop.gift_cards import queries as gift_card_queries
from shop.money import Money, total_of
from shop.orders.models import Order
from shop.orders.states import OrderState
from shop.payments import refund_queries as queries
from shop.payments.bought_cards import BoughtCard, Voiding, voidings
from shop.payments.models import Payment
from shop.payments.queries import payments_of
from shop.payments.refund_models import Refund, RefundMethod, RefundReason
from shop.payments.shares import MoreThanLeft, Share, cut, shares

#: Orders whose money may be given back; a review is decided first.
REFUNDABLE = (OrderState.PAID, OrderState.CANCELED, OrderState.EXPIRED)

#: Stands for the order's gift cards among its payments.
GIFT_CARDS = 0


class NothingToRefund(Exception):
    """Nothing was chosen, or what was chosen is worth nothing."""


@dataclass(frozen=True, kw_only=True)
class RefundWish:
    """What staff decided to give back."""

    #: Units by line of the order.
    units: Mapping[int, int] = field(default_factory=dict)
    #: Lines whose units go back on the shelf.
    restock: frozenset[int] = frozenset()
    delivery: Money
    #: None: what units and delivery are worth.
    amount: Money | None = None
    #: None: from card payments first, then from the others, oldest first, then to gift cards;
    #: GIFT_CARDS: to those alone.
    payment_id: int | None = None
    #: None: the way it was paid. Else recorded as given by hand, or kept as store credit.
    method: RefundMethod | None = None
    reason: RefundReason = RefundReason.REQUESTED_BY_CUSTOMER
    note: str = ""
    is_told: bool = True
    #: Names one press of the button.
    press: str
    #: `refund_queries.version_of` what the form showed.
    version: str


@dataclass(frozen=True, kw_only=True)
class CancelWish:
    """How staff want a paid order to be called off."""

    reason: str
    #: Whether its goods go back on the shelf, and its money back to the buyer.
    restock: bool
    gives_back: bool
    is_told: bool
    press: str
    version: str


@dataclass(frozen=True)
class PlannedPart:
    """What one payment gives back; none: what goes back to gift cards."""

    payment: Payment | None
    amount: Money
    shares: Sequence[Share]


@dataclass(frozen=True)
class Plan:
    """What a wish comes to."""

    parts: Sequence[PlannedPart]
    shares: Sequence[Share]
    total: Money


def may_be_refunded(order: Order) -> bool:
    return order.state in REFUNDABLE


def plan(order: Order, refunds: Sequence[Refund], wish: RefundWish) -> Plan:
    """Work the wish out without writing anything. Raises NothingToRefund and MoreThanLeft."""
    parts = queries.portions_of(order, refunds)
    sources = _sources(order, wish)
    taken = shares(
        parts,
        units=wish.units,
        delivery=wish.delivery,
        amount=wish.amount,
        surplus=queries.surplus_of(order, payments_of(order.id), parts),
    )
    worth = total_of([share.amount for share in taken], order.currency)
    total = worth if wish.amount is None else wish.amount
    amounts = _spread(total, [left for _payment, left in sources])
    pieces = cut(taken, amounts)
    planned = [
        PlannedPart(payment, amount, piece)
        for (payment, _left), amount, piece in zip(sources, amounts, pieces, strict=True)
        if amount
    ]
    return Plan(planned, taken, total)


def voidings_of(order: Order, refunds: Sequence[Refund], taken: Sequence[Share]) -> list[Voiding]:
    """What the shares take off the gift cards that the order bought. `refunds`: those before."""
    lines = gift_lines(order, taken)
    if not lines:
        return []
    parts = {part.line_id: part for part in queries.portions_of(order, refunds)}
    worth = {line.id: line.unit for line in order.lines}
    bought = gift_card_queries.bought_by(order.id)
    voided = gift_card_queries.voided(card.id for card in bought)
    return [
        voiding
        for share in taken
        if share.line_id in lines
        for voiding in voidings(
            parts[share.line_id],
            share,
            [
                BoughtCard(
                    card.id,
                    card.last_four,
                    worth[share.line_id],
                    order.money(voided.get(card.id, 0)),
                    card.balance,
                    card.is_active,
                )
                for card in bought
                if card.line_item_id == share.line_id
            ],
        )
    ]


def _sources(order: Order, wish: RefundWish) -> list[tuple[Payment | None, Money]]:
    """Payments that still hold money of the order's currency, then its gift cards, with what each
    can give, in the order they give it.
    """
    found = [one for one in payments_of(order.id) if one.left and one.currency == order.currency]
    found.sort(key=lambda one: (not one.is_by_stripe, one.id))
    sources: list[tuple[Payment | None, Money]] = [(one, one.left) for one in found]
    on_cards = gift_card_queries.refundable(order.id, order.currency)
    if on_cards:
        sources.append((None, on_cards))
    if wish.payment_id is None:
        return sources
    wanted = wish.payment_id or None
    return [(one, left) for one, left in sources if (one.id if one else None) == wanted]


def _spread(amount: Money, holds: Sequence[Money]) -> list[Money]:
    """Of each source in turn as much as it holds. Raises NothingToRefund and MoreThanLeft."""
    if amount.amount <= 0:
        raise NothingToRefund
    left = total_of(holds, amount.currency)
    if left < amount:
        raise MoreThanLeft(left)
    amounts, wanted = [], amount
    for most in holds:
        part = min(most, wanted, key=lambda money: money.amount)
        amounts.append(part)
        wanted -= part
    return amounts


def gift_lines(order: Order, taken: Sequence[Share]) -> set[int]:
    of_cards = {line.id for line in order.lines if line.is_gift_card}
    return of_cards & {share.line_id for share in taken if share.line_id is not None}
