"""What becomes of gift cards whose price is given back: they pay so much less. Pure.

A card of which some is spent cannot be taken back whole; staff see how much is missing before they
give its price back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from shop.money import Money
from shop.payments.shares import Portion, Share


@dataclass(frozen=True)
class BoughtCard:
    """A card of the line, as it stands."""

    id: int
    last_four: str
    #: When it was new, and what of that was taken off since.
    worth: Money
    voided: Money
    balance: Money
    is_active: bool


@dataclass(frozen=True)
class Voiding:
    card: BoughtCard
    #: What is taken off its balance.
    amount: Money
    #: What would be taken off, had none of it been spent.
    wanted: Money
    #: Whether it pays nothing any more.
    ends: bool

    @property
    def missing(self) -> Money:
        """Spent already: it is given back all the same."""
        return self.wanted - self.amount


def voidings(part: Portion, share: Share, cards: Sequence[BoughtCard]) -> list[Voiding]:
    """`part`: the line's, before `share` is taken. As many cards end as pieces are given back, the
    fullest first, and all of them once nothing is left of the price; what is given back beyond
    that is taken off the others.
    """
    still_good = [card for card in cards if card.is_active or card.balance]
    fullest = sorted(still_good, key=lambda card: (-card.balance.amount, card.id))
    if share.amount == part.left:
        return [_ended(card) for card in fullest]
    ended, others = fullest[: share.quantity], fullest[share.quantity :]
    beyond = _face_value(part, share, cards) - _worth(ended, share.amount.currency)
    return [*map(_ended, ended), *_taken_off(others, beyond)]


def _face_value(part: Portion, share: Share, cards: Sequence[BoughtCard]) -> Money:
    """Of what is given back: rounding and discounts may have moved the price of it."""
    whole = _worth(cards, share.amount.currency)
    return whole.share(Fraction(share.amount.amount, part.amount.amount)) if part.amount else whole


def _taken_off(cards: Sequence[BoughtCard], amount: Money) -> list[Voiding]:
    found, left = [], amount
    for card in cards:
        if left.amount <= 0:
            break
        part = min(card.balance, left, key=lambda money: money.amount)
        found.append(Voiding(card, part, part, ends=False))
        left -= part
    if found and left.amount > 0:
        last = found.pop()
        found.append(Voiding(last.card, last.amount, last.wanted + left, ends=False))
    return found


def _ended(card: BoughtCard) -> Voiding:
    return Voiding(card, card.balance, card.worth - card.voided, ends=True)


def _worth(cards: Sequence[BoughtCard], currency: str) -> Money:
    return sum((card.worth for card in cards), start=Money.zero(currency))
