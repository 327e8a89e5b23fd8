"""The figures on the admin's home page, for a period and the one before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from shop.catalog.models import Product, Variant
from shop.catalog.queries import is_of_published
from shop.extensions import db
from shop.inventory.models import StockItem
from shop.inventory.queries import FREE, PROMISED, is_low
from shop.money import Money
from shop.orders.models import LineItem, Order
from shop.orders.states import refund_extent
from shop.payments.models import Payment
from shop.reports.models import KeptSeller
from shop.reports.periods import Bucket, Period, Preset
from shop.reports.queries import Sales, net_sales, total_of
from shop.reports.sums import sum_of
from shop.traffic.queries import visitors
from shop.traffic.steps import Step

SHOWN_ORDERS, SHOWN_PRODUCTS = 8, 6
#: So long that the worker counts what sold best in it.
KEPT = Preset.QUARTER


@dataclass(frozen=True)
class Stat:
    """One figure: now, before, and by column of the period."""

    value: int
    before: int
    series: Sequence[int]

    @property
    def change(self) -> int | None:
        """In percent of before, rounded; none where there was nothing."""
        if not self.before:
            return None
        return round((self.value - self.before) * 100 / abs(self.before))


@dataclass(frozen=True)
class RecentOrder:
    id: int
    number: int | None
    name: str
    placed_at: datetime
    state: str
    review_reason: str
    total_amount: int
    currency: str
    refunded_amount: int

    @property
    def total(self) -> Money:
        return Money(self.total_amount, self.currency)

    @property
    def refund_extent(self) -> str:
        return refund_extent(self.refunded_amount, self.total_amount)


@dataclass(frozen=True)
class LastPayment:
    order_id: int
    number: int | None
    amount: Money
    label: str
    at: datetime


@dataclass(frozen=True)
class BestSeller:
    product_id: int
    title: str
    units: int
    total: Money


@dataclass(frozen=True)
class LowStock:
    """One variant that runs out."""

    variant_id: int
    title: str
    options: str
    available: int


@dataclass(frozen=True)
class Figures:
    period: Period
    currency: str
    net: Stat
    orders: Stat
    average: Stat
    #: Different visitors, by day summed.
    visitors: Stat
    #: Net sales of the period in the shop's other currencies.
    elsewhere: Sequence[Money]

    @property
    def conversion(self) -> float | None:
        """Paid orders by visitors, in percent; none where nobody was counted."""
        return _share(self.orders.value, self.visitors.value)

    @property
    def conversion_before(self) -> float | None:
        return _share(self.orders.before, self.visitors.before)

    @property
    def conversion_series(self) -> list[float]:
        pairs = zip(self.orders.series, self.visitors.series, strict=True)
        return [_share(orders, visits) or 0.0 for orders, visits in pairs]


def figures(period: Period, currency: str, at: datetime) -> Figures:
    """Three queries. A period that is not over yet is compared up to the same time before."""
    before = period.before
    limit = at - timedelta(days=period.days) if at < period.until else before.until
    earlier = Bucket(before.since, max(before.since, min(before.until, limit)), before.first)
    found = net_sales([earlier, *period.buckets])
    own = found.pop(currency, [Sales()] * (len(period.buckets) + 1))
    now_, then = total_of(own[1:]), own[0]
    counted = visitors(before.first, period.last)
    seen = _by_bucket(counted, period)
    return Figures(
        period=period,
        currency=currency,
        net=Stat(now_.net, then.net, [each.net for each in own[1:]]),
        orders=Stat(
            sum(total_of(parts[1:]).orders for parts in (own, *found.values())),
            sum(parts[0].orders for parts in (own, *found.values())),
            [sum(column) for column in zip(
                *([each.orders for each in parts[1:]] for parts in (own, *found.values())),
                strict=True,
            )],
        ),
        average=Stat(now_.average, then.average, [each.average for each in own[1:]]),
        visitors=Stat(sum(seen), _visits(counted, before.first, before.last), seen),
        elsewhere=[
            Money(total_of(parts[1:]).net, code)
            for code, parts in sorted(found.items())
            if total_of(parts[1:]) != Sales()
        ],
    )  # fmt: skip


def last_orders() -> list[RecentOrder]:
    """The newest, paid or not. One query."""
    rows = db.session.execute(
        sa.select(
            Order.id, Order.number, Order.name, Order.placed_at, Order.state,
            Order.review_reason, Order.total_amount, Order.currency, Order.refunded_amount,
        )
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(SHOWN_ORDERS)
    )  # fmt: skip
    return [RecentOrder(*row) for row in rows]


def last_payment() -> LastPayment | None:
    row = db.session.execute(
        sa.select(
            Payment.order_id, Order.number, Payment.amount, Payment.currency,
            Payment.method_label, Payment.received_at,
        )
        .join(Order, Order.id == Payment.order_id)
        .order_by(Payment.received_at.desc(), Payment.id.desc())
        .limit(1)
    ).first()  # fmt: skip
    return LastPayment(row[0], row[1], Money(row[2], row[3]), row[4], row[5]) if row else None


def best_sellers(period: Period, currency: str) -> list[BestSeller]:
    """By what they brought, before refunds. One query.

    In a long period as the worker counted last.
    """
    is_kept = period.preset is KEPT
    return kept_sellers(currency) if is_kept else counted_sellers(period, currency)


def kept_sellers(currency: str) -> list[BestSeller]:
    rows = db.session.execute(
        sa.select(Product.id, Product.title, KeptSeller.units, KeptSeller.amount)
        .join(KeptSeller, KeptSeller.product_id == Product.id)
        .where(KeptSeller.currency == currency)
        .order_by(KeptSeller.amount.desc(), Product.id)
    )
    return _sellers(rows, currency)


def counted_sellers(period: Period, currency: str) -> list[BestSeller]:
    """Of every line that was paid in the period."""
    best = (
        sa.select(
            Variant.product_id,
            sum_of(LineItem.quantity).label("units"),
            sum_of(LineItem.total_amount).label("brought"),
        )
        .select_from(Order)
        .join(LineItem, LineItem.order_id == Order.id)
        .join(Variant, Variant.id == LineItem.variant_id)
        .where(
            Order.paid_at >= period.since,
            Order.paid_at < period.until,
            Order.currency == currency,
        )
        .group_by(Variant.product_id)
        .order_by(sa.text("brought DESC"), Variant.product_id)
        .limit(SHOWN_PRODUCTS)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(Product.id, Product.title, best.c.units, best.c.brought)
        .join(best, best.c.product_id == Product.id)
        .order_by(best.c.brought.desc(), Product.id)
    )
    return _sellers(rows, currency)


def _sellers(rows: Iterable[Any], currency: str) -> list[BestSeller]:
    return [
        BestSeller(id_, title, units, Money(sum_, currency)) for id_, title, units, sum_ in rows
    ]


def low_stock() -> list[LowStock]:
    """Those in the shop with the fewest left. One query."""
    options = (Variant.option1, Variant.option2, Variant.option3)
    # Where nothing is promised an index has them in order; the rest are few.
    parts = [
        sa.select(StockItem.variant_id, FREE.label("free"))
        .where(is_low(), part, is_of_published())
        .order_by(first, StockItem.variant_id)
        .limit(SHOWN_PRODUCTS)
        .subquery()
        for part, first in ((sa.not_(PROMISED), StockItem.on_hand), (PROMISED, FREE))
    ]
    both = sa.union_all(*(sa.select(part) for part in parts)).subquery()
    fewest = sa.select(both.c.variant_id).order_by(both.c.free).limit(SHOWN_PRODUCTS)
    rows = db.session.execute(
        sa.select(Variant.id, FREE, Product.title, *options)
        .join(Variant, Variant.product_id == Product.id)
        .join(StockItem, StockItem.variant_id == Variant.id)
        .where(Variant.id.in_(fewest))
        .order_by(FREE, Variant.id)
    )
    return [
        LowStock(variant_id, title, " / ".join(filter(None, values)), left)
        for variant_id, left, title, *values in rows
    ]


def _by_bucket(counted: dict[tuple[date, str], int], period: Period) -> list[int]:
    """Days are what is counted: hours of a day all tell the day's, once."""
    if period.days == 1:
        whole = _visits(counted, period.first, period.last)
        return [whole, *([0] * (len(period.buckets) - 1))]
    firsts = [bucket.day for bucket in period.buckets]
    ends = [*firsts[1:], period.last + timedelta(days=1)]
    return [
        _visits(counted, first, end - timedelta(days=1))
        for first, end in zip(firsts, ends, strict=True)
    ]


def _visits(counted: dict[tuple[date, str], int], first: date, last: date) -> int:
    return sum(
        number
        for (day, step), number in counted.items()
        if step == Step.VISIT and first <= day <= last
    )


def _share(part: int, whole: int) -> float | None:
    return part * 100 / whole if whole else None
