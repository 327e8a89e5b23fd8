"""What discounts take off a cart. Pure: the cart and the discounts in, each line's share out.

Stacking: discounts that combine are taken together, in the order of Kind and each from what the
one before has left; one that does not combine stands alone. Of these ways the shopper gets the one
that takes most off; where two take the same, the one with the code that was typed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from shop.money import Money, total_of

PPM = 1_000_000


class Kind(StrEnum):
    """In the order in which they are taken."""

    BUY_X_GET_Y = "buy_x_get_y"
    PERCENTAGE = "percentage"
    AMOUNT = "amount"
    FREE_SHIPPING = "free_shipping"


class Refusal(StrEnum):
    """Why a discount takes nothing off this cart."""

    BELOW_MINIMUM = "below_minimum"
    TOO_FEW = "too_few"
    NOTHING_FITS = "nothing_fits"
    BETTER_WITHOUT = "better_without"
    FREE_ALREADY = "free_already"


@dataclass(frozen=True)
class Goods:
    """The products and collections something is about; neither named: everything."""

    product_ids: frozenset[int] = frozenset()
    collection_ids: frozenset[int] = frozenset()

    def has(self, item: DiscountItem) -> bool:
        if not self.product_ids and not self.collection_ids:
            return True
        return item.product_id in self.product_ids or bool(
            item.collection_ids & self.collection_ids
        )


EVERYTHING = Goods()


@dataclass(frozen=True)
class DiscountItem:
    """A cart's line as discounts see it."""

    unit: Money
    quantity: int
    product_id: int = 0
    collection_ids: frozenset[int] = frozenset()
    #: Gift cards are sold for what they are worth.
    is_discountable: bool = True


@dataclass(frozen=True)
class Tier:
    """From this much on, this is taken off; the highest that is reached counts."""

    #: In the cart's minor units.
    from_amount: int
    #: Parts per million for a percentage, minor units for an amount.
    value: int


@dataclass(frozen=True)
class Discount:
    """A discount whose dates, limits and customers were already found to allow it."""

    id: int
    title: str
    kind: Kind
    #: What was typed; empty: it applies by itself.
    code: str = ""
    #: Parts per million for a percentage, minor units of the cart's currency for an amount.
    value: int = 0
    goods: Goods = EVERYTHING
    #: Of the goods it is about: what they cost, and how many there are.
    minimum_amount: int = 0
    minimum_quantity: int = 0
    #: In place of `value`; in rising order.
    tiers: tuple[Tier, ...] = ()
    #: Buy so many of `goods`, get so many of `get_goods` at `value` ppm off; so often at the most.
    buy_quantity: int = 0
    get_quantity: int = 0
    get_goods: Goods = EVERYTHING
    most_times: int = 0
    combines: bool = True


@dataclass(frozen=True)
class Share:
    """What one discount takes off: of each line, and of the delivery."""

    discount: Discount
    lines: tuple[Money, ...]
    shipping: Money

    @property
    def total(self) -> Money:
        return total_of(self.lines, self.shipping.currency) + self.shipping


@dataclass(frozen=True)
class Applied:
    """The shares that count, in the order they were taken, and why the others do not."""

    shares: tuple[Share, ...]
    refused: tuple[tuple[Discount, Refusal], ...]

    def of_line(self, index: int, currency: str) -> Money:
        return total_of([share.lines[index] for share in self.shares], currency)

    def of_shipping(self, currency: str) -> Money:
        return total_of([share.shipping for share in self.shares], currency)


def apply(
    items: Sequence[DiscountItem], discounts: Sequence[Discount], *, shipping: Money
) -> Applied:
    """The best way for the shopper, by the stacking rule above. Nothing falls below zero."""
    ways = [[one] for one in discounts if not one.combines]
    ways.insert(0, [one for one in discounts if one.combines])
    taken = [_take(items, way, shipping) for way in ways]
    best = max(taken, key=_worth)
    used = {share.discount.id for share in best.shares}
    return Applied(
        best.shares,
        tuple((one, _refusal(items, one, shipping)) for one in discounts if one.id not in used),
    )


@dataclass(frozen=True)
class Missing:
    """What a cart lacks for a discount."""

    amount: Money
    quantity: int


def missing(items: Sequence[DiscountItem], discount: Discount, currency: str) -> Missing:
    fitting = _fitting(items, discount)
    return Missing(
        Money(max(0, _least(discount) - _cost(fitting)), currency),
        max(0, discount.minimum_quantity - sum(item.quantity for item in fitting)),
    )


def _worth(way: Applied) -> tuple[int, bool]:
    return (
        sum(share.total.amount for share in way.shares),
        any(share.discount.code for share in way.shares),
    )


def _refusal(items: Sequence[DiscountItem], discount: Discount, shipping: Money) -> Refusal:
    """Its own fault where it has one, else that another way takes more off."""
    fault = _fault(items, discount)
    if fault:
        return fault
    if _take(items, [discount], shipping).shares:
        return Refusal.BETTER_WITHOUT
    is_free = discount.kind is Kind.FREE_SHIPPING
    return Refusal.FREE_ALREADY if is_free else Refusal.NOTHING_FITS


def _take(items: Sequence[DiscountItem], way: Sequence[Discount], shipping: Money) -> Applied:
    left = [item.unit * item.quantity for item in items]
    left_shipping, shares = shipping, []
    order = list(Kind)
    for discount in sorted(way, key=lambda one: (order.index(one.kind), one.id)):
        if _fault(items, discount):
            continue
        share = _share(items, discount, left, left_shipping)
        if not share.total:
            continue
        left = [amount - off for amount, off in zip(left, share.lines, strict=True)]
        left_shipping -= share.shipping
        shares.append(share)
    return Applied(tuple(shares), ())


def _fault(items: Sequence[DiscountItem], discount: Discount) -> Refusal | None:
    fitting = _fitting(items, discount)
    if not fitting:
        return Refusal.NOTHING_FITS
    if _cost(fitting) < _least(discount):
        return Refusal.BELOW_MINIMUM
    if sum(item.quantity for item in fitting) < discount.minimum_quantity:
        return Refusal.TOO_FEW
    return None


def _fitting(items: Sequence[DiscountItem], discount: Discount) -> list[DiscountItem]:
    return [item for item in items if item.is_discountable and discount.goods.has(item)]


def _cost(items: Sequence[DiscountItem]) -> int:
    """Before any discount, in minor units."""
    return sum((item.unit * item.quantity).amount for item in items)


def _least(discount: Discount) -> int:
    lowest_tier = discount.tiers[0].from_amount if discount.tiers else 0
    return max(discount.minimum_amount, lowest_tier)


def _share(
    items: Sequence[DiscountItem], discount: Discount, left: Sequence[Money], shipping: Money
) -> Share:
    nothing = Money.zero(shipping.currency)
    if discount.kind is Kind.FREE_SHIPPING:
        return Share(discount, tuple(nothing for _ in items), shipping)
    fits = [item.is_discountable and discount.goods.has(item) for item in items]
    open_ = [amount if fit else nothing for amount, fit in zip(left, fits, strict=True)]
    if discount.kind is Kind.BUY_X_GET_Y:
        lines = _given_away(items, discount, left)
    elif discount.kind is Kind.PERCENTAGE:
        rate = Fraction(min(_value(items, discount), PPM), PPM)
        lines = [amount.share(rate) for amount in open_]
    else:
        lines = _spread(_value(items, discount), open_)
    return Share(discount, tuple(lines), nothing)


def _value(items: Sequence[DiscountItem], discount: Discount) -> int:
    """Of the highest tier that the cart reaches, by what its goods cost before any discount."""
    if not discount.tiers:
        return discount.value
    cost = _cost(_fitting(items, discount))
    return max((tier for tier in discount.tiers if tier.from_amount <= cost),
               key=lambda tier: tier.from_amount).value  # fmt: skip


def _spread(amount: int, open_: Sequence[Money]) -> list[Money]:
    """The amount over the lines in proportion to what is left of each, and never more than that."""
    currency = open_[0].currency
    whole = total_of(open_, currency)
    if not whole:
        return list(open_)
    off = Money(min(amount, whole.amount), currency)
    return off.split([line.amount for line in open_])


def _given_away(
    items: Sequence[DiscountItem], discount: Discount, left: Sequence[Money]
) -> list[Money]:
    off = [Money.zero(amount.currency) for amount in left]
    rate = Fraction(min(discount.value, PPM), PPM)
    for index, quantity in _given(items, discount).items():
        share = (items[index].unit * quantity).share(rate)
        off[index] = min(share, left[index], key=lambda amount: amount.amount)
    return off


def _given(items: Sequence[DiscountItem], discount: Discount) -> Counter[int]:
    """Units given by line: the dearest count as bought, the cheapest are given, each only once."""
    dearest = sorted(range(len(items)), key=lambda index: (-items[index].unit.amount, index))
    free = Counter({i: item.quantity for i, item in enumerate(items) if item.is_discountable})
    given: Counter[int] = Counter()
    times = 0
    while not discount.most_times or times < discount.most_times:
        bought = _pick(items, dearest, free, discount.goods, discount.buy_quantity)
        got = _pick(items, dearest[::-1], free - bought, discount.get_goods, discount.get_quantity)
        if bought.total() < discount.buy_quantity or not 0 < got.total() == discount.get_quantity:
            return given
        free -= bought + got
        given += got
        times += 1
    return given


def _pick(
    items: Sequence[DiscountItem],
    order: Sequence[int],
    free: Counter[int],
    goods: Goods,
    count: int,
) -> Counter[int]:
    """The first `count` free units that fit; fewer where there are not as many."""
    picked: Counter[int] = Counter()
    for index in order:
        if count and goods.has(items[index]) and free[index]:
            picked[index] = min(count, free[index])
            count -= picked[index]
    return picked
