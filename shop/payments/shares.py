"""What of an order a refund gives back, to the cent, taxes included. Pure.

An order's total falls into portions: one for each line, one for the delivery. Every refund takes
its shares from portions, and a share's tax is what the portion's tax grows to at that point, less
what was given back of it before. So refunds in any order add up to exactly what was paid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from shop.money import Money, step, total_of
from shop.pricing.bill import Bill
from shop.pricing.quote import Step, StepKind

#: Name and rate in parts per million.
TaxKey = tuple[str, int]
#: Kinds of steps that belong to the whole bill.
_LAST_STEPS = (StepKind.ROUNDING, StepKind.GIFT_CARD)


class MoreThanLeft(Exception):
    """More than can still be given back; carries what can."""

    def __init__(self, left: Money) -> None:
        self.left = left
        super().__init__(f"only {left} can still be given back")


@dataclass(frozen=True)
class SoldLine:
    id: int
    quantity: int
    total: Money
    tax: Money


@dataclass(frozen=True)
class Given:
    """What of a portion was given back so far."""

    quantity: int
    amount: Money
    taxes: Mapping[TaxKey, Money] = field(default_factory=dict)


@dataclass(frozen=True)
class Portion:
    """What was to be paid for one line, or for the delivery (`line_id` none), taxes included."""

    line_id: int | None
    quantity: int
    amount: Money
    taxes: Mapping[TaxKey, Money]
    given: Given

    @property
    def left(self) -> Money:
        return self.amount - self.given.amount

    @property
    def units_left(self) -> int:
        return self.quantity - self.given.quantity

    def worth(self, units: int) -> Money:
        """Of so many further units: their share of what is left, so that the last one takes the
        rest. What was held back of one unit is not paid out with the next.
        """
        if units <= 0:
            return Money.zero(self.amount.currency)
        of_left = self.left.share(Fraction(units, self.units_left))
        each = self.amount.share(Fraction(1, self.quantity))
        if each * self.quantity < self.amount:
            each += Money(step(each.currency), each.currency)
        most = each * units
        return min(of_left, most, key=lambda money: money.amount)

    def taxes_of(self, amount: Money) -> dict[TaxKey, Money]:
        """The taxes in the next `amount` that is given back of this portion."""
        if not self.amount:
            return {}
        part = Fraction((self.given.amount + amount).amount, self.amount.amount)
        nothing = Money.zero(amount.currency)
        grown = {
            key: tax.share(part) - self.given.taxes.get(key, nothing)
            for key, tax in self.taxes.items()
        }
        # A refund that failed leaves a gap, which may be a cent wide.
        return {key: tax for key, tax in grown.items() if tax.amount > 0}


@dataclass(frozen=True)
class Share:
    """What a refund takes from one portion."""

    line_id: int | None
    quantity: int
    amount: Money


def portions(
    bill: Bill, steps: Sequence[Step], lines: Sequence[SoldLine], given: Mapping[int | None, Given]
) -> list[Portion]:
    """They add up to the bill's total, whose rounding is spread over them."""
    nothing = Given(0, Money.zero(bill.total.currency))
    parts = _from_steps(bill, steps, lines) if steps else _from_sums(bill, lines)
    if bill.rounding:
        rounded = bill.total.split([part.amount.amount for part in parts])
        parts = [replace(part, amount=money) for part, money in zip(parts, rounded, strict=True)]
    return [replace(part, given=given.get(part.line_id, nothing)) for part in parts]


def shares(
    parts: Sequence[Portion],
    *,
    units: Mapping[int, int],
    delivery: Money,
    amount: Money | None = None,
    surplus: Money,
) -> list[Share]:
    """What is taken from which portion to give `amount` back; without it, what `units` (by line)
    and `delivery` are worth.

    An amount below their worth is spread over them; one above comes first from `surplus` (money
    beyond the order's total, which has no share) and then from all that is left.

    Raises MoreThanLeft.
    """
    chosen = [_chosen(part, units, delivery) for part in parts]
    worth = total_of([share.amount for share in chosen], delivery.currency)
    wanted = worth if amount is None else amount
    if wanted < worth:
        return _with_amounts(chosen, wanted.split([share.amount.amount for share in chosen]))
    rest = max(wanted - worth - surplus, Money.zero(wanted.currency), key=lambda m: m.amount)
    if not rest:
        return [share for share in chosen if share.quantity or share.amount]
    left = [part.left - share.amount for part, share in zip(parts, chosen, strict=True)]
    most = total_of(left, wanted.currency)
    if most < rest:
        raise MoreThanLeft(worth + surplus + most)
    more = rest.split([money.amount for money in left])
    amounts = [share.amount + extra for share, extra in zip(chosen, more, strict=True)]
    return _with_amounts(chosen, amounts)


def cut(taken: Sequence[Share], amounts: Sequence[Money]) -> list[list[Share]]:
    """The shares of one decision, for each of the payments that give a part of it back. Units go
    with the first part of their share.
    """
    pieces: list[list[Share]] = []
    waiting = list(taken)
    for amount in amounts:
        piece, room = [], amount
        while waiting and (room or not waiting[0].amount):
            share = waiting.pop(0)
            part = min(share.amount, room, key=lambda money: money.amount)
            piece.append(replace(share, amount=part))
            room -= part
            if part < share.amount:
                waiting.insert(0, Share(share.line_id, 0, share.amount - part))
        pieces.append(piece)
    return pieces


def _chosen(part: Portion, units: Mapping[int, int], delivery: Money) -> Share:
    if part.line_id is None:
        if part.left < delivery:
            raise MoreThanLeft(part.left)
        return Share(None, 0, delivery)
    quantity = units.get(part.line_id, 0)
    if quantity > part.units_left:
        raise MoreThanLeft(part.left)
    return Share(part.line_id, quantity, part.worth(quantity))


def _with_amounts(taken: Sequence[Share], amounts: Sequence[Money]) -> list[Share]:
    changed = [replace(share, amount=money) for share, money in zip(taken, amounts, strict=True)]
    return [share for share in changed if share.quantity or share.amount]


def _from_steps(bill: Bill, steps: Sequence[Step], lines: Sequence[SoldLine]) -> list[Portion]:
    nothing = Money.zero(bill.total.currency)

    def part(at: int | None, line_id: int | None, quantity: int) -> Portion:
        of_part = [one for one in steps if one.line == at and one.kind not in _LAST_STEPS]
        moved = [one.amount for one in of_part if not one.is_contained]
        taxes: dict[TaxKey, Money] = {}
        for one in of_part:
            if one.kind == StepKind.TAX:
                key = (one.name, one.rate_ppm)
                taxes[key] = taxes.get(key, nothing) + one.amount
        amount = total_of(moved, nothing.currency)
        return Portion(line_id, quantity, amount, taxes, Given(0, nothing))

    goods = [part(at, line.id, line.quantity) for at, line in enumerate(lines)]
    return [*goods, part(None, None, 0)]


def _from_sums(bill: Bill, lines: Sequence[SoldLine]) -> list[Portion]:
    """For orders that kept no steps: those had one tax at most."""
    nothing = Money.zero(bill.total.currency)
    one_tax = bill.taxes[0] if bill.taxes else None
    key = (one_tax.name, one_tax.rate_ppm) if one_tax else ("", 0)

    def part(line_id: int | None, quantity: int, total: Money, tax: Money) -> Portion:
        amount = total if bill.is_tax_included else total + tax
        return Portion(line_id, quantity, amount, {key: tax} if tax else {}, Given(0, nothing))

    goods = [part(line.id, line.quantity, line.total, line.tax) for line in lines]
    of_goods = total_of([line.tax for line in lines], nothing.currency)
    delivery = bill.shipping - bill.shipping_discount
    return [*goods, part(None, 0, delivery, bill.tax - of_goods)]
