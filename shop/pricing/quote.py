"""The one place where a bill is added up. Pure: facts in, a Quote out, with every step it took.

subtotal = sum of the lines (unit amount x quantity)
total    = subtotal - discount + shipping + tax that prices do not contain
           - tax that prices contain and the buyer need not pay + rounding
due      = total - gift cards
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shop.money import Money, total_of
from shop.pricing.bill import Bill, DiscountLine, GiftCardLine, TaxLine
from shop.pricing.discounts import Applied, Discount, DiscountItem, Refusal, apply
from shop.pricing.tax import (
    NO_TAX,
    STANDARD,
    ShippingTax,
    TaxAmount,
    TaxRules,
    by_rate,
    sum_of,
)


@dataclass(frozen=True)
class Item:
    """A line to be priced."""

    variant_id: int
    unit: Money
    quantity: int
    #: Names the rates; empty: not taxed.
    tax_category: str = STANDARD
    product_id: int = 0
    collection_ids: frozenset[int] = frozenset()
    is_discountable: bool = True


@dataclass(frozen=True)
class GiftCardBalance:
    """What a gift card could pay."""

    id: int
    balance: Money
    #: As GiftCardLine says.
    last_four: str = ""


@dataclass(frozen=True)
class GiftCardUse:
    id: int
    amount: Money
    last_four: str = ""


class StepKind(StrEnum):
    """What one step of the sum did."""

    GOODS = "goods"
    DISCOUNT = "discount"
    SHIPPING = "shipping"
    TAX = "tax"
    RELIEF = "relief"
    ROUNDING = "rounding"
    GIFT_CARD = "gift_card"


@dataclass(frozen=True)
class Step:
    """One step of the sum. `line` counts from 0; none: the delivery or the whole bill."""

    kind: StepKind
    amount: Money
    line: int | None = None
    #: Title of the discount, name of the tax, why there is relief, or a gift card's last four.
    name: str = ""
    #: What the amount was computed on, and how.
    base: Money | None = None
    rate_ppm: int = 0
    quantity: int = 0
    #: Whether the amount is inside a price already, so that the total does not move.
    is_contained: bool = False


@dataclass(frozen=True)
class QuoteLine:
    variant_id: int
    unit: Money
    quantity: int
    #: unit x quantity.
    subtotal: Money
    discount: Money
    #: What is to be paid for the line before any tax is added: subtotal - discount.
    total: Money
    taxes: tuple[TaxAmount, ...]

    @property
    def tax(self) -> Money:
        return sum_of(self.taxes, self.total.currency)


@dataclass(frozen=True)
class Quote:
    """A cart added up for a destination."""

    lines: tuple[QuoteLine, ...]
    subtotal: Money
    #: All that is taken off, the delivery's part included.
    discount: Money
    #: What the delivery costs before any discount.
    shipping: Money
    shipping_discount: Money
    #: Of the bill, one entry a rate; empty under relief.
    taxes: tuple[TaxAmount, ...]
    tax: Money
    #: Tax that the prices contain and the buyer need not pay.
    relief: Money
    rounding: Money
    total: Money
    gift_cards: tuple[GiftCardUse, ...]
    rules: TaxRules
    shares: Applied
    steps: tuple[Step, ...]

    @property
    def currency(self) -> str:
        return self.total.currency

    @property
    def due(self) -> Money:
        """What is left to pay when the gift cards have paid their part."""
        return self.bill.due

    @property
    def bill(self) -> Bill:
        currency = self.currency
        return Bill(
            subtotal=self.subtotal,
            discounts=tuple(
                DiscountLine(
                    share.discount.id, share.discount.title, share.discount.code, share.total
                )
                for share in self.shares.shares
            ),
            discount=self.discount,
            shipping=self.shipping,
            shipping_discount=self.shipping_discount,
            taxes=tuple(
                TaxLine(tax.rate.name, tax.rate.rate_ppm, tax.base, tax.amount)
                for tax in self.taxes
            ),
            tax=self.tax,
            is_tax_included=self.rules.is_included,
            relief=self.relief,
            relief_name=self.rules.relief,
            rounding=self.rounding,
            total=self.total,
            gift_card=total_of([use.amount for use in self.gift_cards], currency),
            gift_cards=tuple(GiftCardLine(use.last_four, use.amount) for use in self.gift_cards),
        )

    @property
    def refused(self) -> dict[int, Refusal]:
        return {discount.id: why for discount, why in self.shares.refused}


def quote(
    items: Sequence[Item],
    *,
    shipping: Money,
    tax: TaxRules = NO_TAX,
    discounts: Sequence[Discount] = (),
    gift_cards: Sequence[GiftCardBalance] = (),
    round_to: int = 1,
    least_due: int = 0,
) -> Quote:
    """Add up the bill.

    `round_to`: the total moves to the nearest multiple of so many minor units (5 for Swiss
    francs), half up. `least_due`: where gift cards do not pay all, they leave at least so many
    minor units, the least that can be paid by other means.
    """
    currency = shipping.currency
    shares = apply([discountable(item) for item in items], discounts, shipping=shipping)
    lines = tuple(
        _line(item, shares.of_line(index, currency), tax) for index, item in enumerate(items)
    )
    shipping_off = shares.of_shipping(currency)
    shipping_left = shipping - shipping_off
    shipping_taxes = _shipping_taxes(shipping_left, items, lines, tax)
    taxes = [each for line in lines for each in line.taxes] + shipping_taxes
    tax_sum = sum_of(taxes, currency)
    nothing = Money.zero(currency)
    subtotal = total_of([line.subtotal for line in lines], currency)
    discount = total_of([line.discount for line in lines], currency) + shipping_off
    relief = tax_sum if tax.relief and tax.is_included else nothing
    added = nothing if tax.is_included or tax.relief else tax_sum
    exact = subtotal - discount + shipping + added - relief
    total = exact.rounded_to(round_to)
    uses = _pay_by_gift_cards(total, gift_cards, least_due)
    return Quote(
        lines=lines,
        subtotal=subtotal,
        discount=discount,
        shipping=shipping,
        shipping_discount=shipping_off,
        taxes=() if tax.relief else by_rate(taxes),
        tax=nothing if tax.relief else tax_sum,
        relief=relief,
        rounding=total - exact,
        total=total,
        gift_cards=uses,
        rules=tax,
        shares=shares,
        steps=(
            *_line_steps(lines, shares, tax),
            *_shipping_steps(shipping, shares, shipping_taxes, tax),
            *_last_steps(total - exact, uses),
        ),
    )


def discountable(item: Item) -> DiscountItem:
    return DiscountItem(
        item.unit, item.quantity, item.product_id, item.collection_ids, item.is_discountable
    )


def _line(item: Item, discount: Money, tax: TaxRules) -> QuoteLine:
    subtotal = item.unit * item.quantity
    total = subtotal - discount
    return QuoteLine(
        variant_id=item.variant_id,
        unit=item.unit,
        quantity=item.quantity,
        subtotal=subtotal,
        discount=discount,
        total=total,
        taxes=tax.of(item.tax_category, total),
    )


def _shipping_taxes(
    shipping: Money, items: Sequence[Item], lines: Sequence[QuoteLine], tax: TaxRules
) -> list[TaxAmount]:
    if not shipping or tax.shipping is ShippingTax.NONE:
        return []
    if tax.shipping is ShippingTax.STANDARD:
        return list(tax.of(STANDARD, shipping))
    costs: dict[str, int] = {}
    for item, line in zip(items, lines, strict=True):
        costs[item.tax_category] = costs.get(item.tax_category, 0) + line.total.amount
    if not sum(costs.values()):
        costs = dict.fromkeys(costs or [STANDARD], 1)
    parts = shipping.split(list(costs.values()))
    return [
        each for category, part in zip(costs, parts, strict=True) for each in tax.of(category, part)
    ]


def _pay_by_gift_cards(
    total: Money, gift_cards: Sequence[GiftCardBalance], least_due: int
) -> tuple[GiftCardUse, ...]:
    """Each pays what it can, in the order given; all of the total, or not too near to all."""
    could_pay = sum(card.balance.amount for card in gift_cards)
    most = total.amount if could_pay >= total.amount else max(total.amount - least_due, 0)
    uses, left = [], Money(most, total.currency)
    for card in gift_cards:
        amount = min(card.balance, left, key=lambda money: money.amount)
        if amount.amount > 0:
            uses.append(GiftCardUse(card.id, amount, card.last_four))
            left -= amount
    return tuple(uses)


# The steps --------------------------------------------------------------------------------------


def _line_steps(lines: Sequence[QuoteLine], shares: Applied, tax: TaxRules) -> list[Step]:
    steps = []
    for index, line in enumerate(lines):
        steps.append(
            Step(StepKind.GOODS, line.subtotal, index, base=line.unit, quantity=line.quantity)
        )
        steps += [
            Step(StepKind.DISCOUNT, share.lines[index] * -1, index, name=share.discount.title)
            for share in shares.shares
            if share.lines[index]
        ]
        steps += [_tax_step(each, index, tax) for each in line.taxes]
    return steps


def _shipping_steps(
    shipping: Money, shares: Applied, taxes: Sequence[TaxAmount], tax: TaxRules
) -> list[Step]:
    steps = [Step(StepKind.SHIPPING, shipping)]
    steps += [
        Step(StepKind.DISCOUNT, share.shipping * -1, name=share.discount.title)
        for share in shares.shares
        if share.shipping
    ]
    return steps + [_tax_step(each, None, tax) for each in taxes]


def _tax_step(each: TaxAmount, line: int | None, tax: TaxRules) -> Step:
    """Under relief what prices contain is taken off, and what would be added is not."""
    amount, is_contained = each.amount, tax.is_included
    if tax.relief:
        amount = amount * (-1 if tax.is_included else 0)
        is_contained = False
    return Step(
        StepKind.RELIEF if tax.relief else StepKind.TAX,
        amount,
        line,
        name=tax.relief or each.rate.name,
        base=each.base,
        rate_ppm=each.rate.rate_ppm,
        is_contained=is_contained,
    )


def _last_steps(rounding: Money, uses: Sequence[GiftCardUse]) -> list[Step]:
    steps = [Step(StepKind.ROUNDING, rounding)] if rounding else []
    return steps + [Step(StepKind.GIFT_CARD, use.amount * -1, name=use.last_four) for use in uses]
