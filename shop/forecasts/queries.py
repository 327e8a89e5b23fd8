"""Reading what was sold by week, who bought when, and what was computed of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

import sqlalchemy as sa

from shop.catalog.models import Product, ProductStatus, Variant
from shop.extensions import db
from shop.forecasts.demand import Forecast, Method
from shop.forecasts.groups import AWAY, OFTEN, RECENT, Group
from shop.forecasts.models import ForecastSettings, GroupCount, VariantForecast
from shop.forecasts.reorder import Plan, days_left, proposal
from shop.inventory.models import StockItem
from shop.money import Money
from shop.orders.models import LineItem, Order
from shop.purchasing import queries as purchasing

#: Weeks of sales that forecasts look back on.
WEEKS = 110
PAGE_SIZE = 50


def plan() -> Plan:
    row = db.session.get(ForecastSettings, 1)
    return Plan(row.lead_days, row.review_days, row.service_percent) if row else Plan()


def weekly_sales(today: date, zone: tzinfo) -> dict[int, list[int]]:
    """Units by variant and week, oldest first; the last week ended yesterday. One query."""
    since = datetime.combine(today - timedelta(weeks=WEEKS), datetime.min.time(), zone)
    until = datetime.combine(today, datetime.min.time(), zone)
    rows = db.session.execute(
        sa.select(LineItem.variant_id, Order.paid_at, LineItem.quantity)
        .join(Order, Order.id == LineItem.order_id)
        .where(
            Order.paid_at >= since,
            Order.paid_at < until,
            LineItem.variant_id.is_not(None),
            sa.not_(LineItem.is_gift_card),
        )
        .execution_options(yield_per=5000)
    )
    found: dict[int, list[int]] = {}
    variant_id: Any
    paid_at: Any
    for variant_id, paid_at, quantity in rows:
        back = ((today - paid_at.astimezone(zone).date()).days - 1) // 7
        if 0 <= back < WEEKS:
            found.setdefault(variant_id, [0] * WEEKS)[WEEKS - 1 - back] += quantity
    return found


@dataclass(frozen=True)
class ForecastRow:
    variant_id: int
    product_id: int
    title: str
    options: str
    sku: str
    #: None: not counted.
    available: int | None
    #: Ordered from suppliers and not received yet.
    incoming: int
    method: str
    rate: float
    expected: float
    low: int
    high: int
    to_order: int
    days_left: int | None
    last_expected: float | None
    last_sold: int


@dataclass(frozen=True)
class Backtest:
    """How last month's forecast met what was sold, all variants together."""

    variants: int
    expected: float
    sold: int
    #: Sum of the variants' single errors, in units.
    wrong_by: float
    #: How many of them sold within the range that should hold four in five.
    inside: int
    computed_at: datetime | None

    @property
    def percent_inside(self) -> int:
        return round(self.inside * 100 / self.variants) if self.variants else 0

    @property
    def percent_wrong(self) -> int:
        """Of what was sold."""
        return round(self.wrong_by * 100 / self.sold) if self.sold else 0


def forecasts(plan_: Plan) -> list[ForecastRow]:
    """Of variants in the shop, what is most urgent first. Two queries."""
    rows = db.session.execute(
        sa.select(VariantForecast, Variant, Product.id, Product.title, StockItem)
        .join(Variant, Variant.id == VariantForecast.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .outerjoin(StockItem, StockItem.variant_id == Variant.id)
        .where(Product.status == ProductStatus.PUBLISHED)
    )
    coming = purchasing.units_incoming()
    found = [_row(*row, plan_, coming.get(row[1].id, 0)) for row in rows]
    return sorted(
        found,
        key=lambda row: (
            not row.to_order,
            row.days_left if row.days_left is not None else 10**6,
            -row.expected,
            row.variant_id,
        ),
    )


def _row(
    kept: VariantForecast,
    variant: Variant,
    product_id: int,
    title: str,
    stock: StockItem | None,
    plan_: Plan,
    incoming: int,
) -> ForecastRow:
    one = Forecast(Method(kept.method), kept.rate, kept.variance)
    available = stock.on_hand - stock.reserved if stock and stock.is_tracked else None
    options = (variant.option1, variant.option2, variant.option3)
    return ForecastRow(
        variant_id=variant.id,
        product_id=product_id,
        title=title,
        options=" / ".join(filter(None, options)),
        sku=variant.sku or "",
        available=available,
        incoming=incoming,
        method=kept.method,
        rate=kept.rate,
        expected=one.expected(plan_.days),
        low=one.least(plan_.days, 0.9),
        high=one.most(plan_.days, 0.9),
        to_order=proposal(
            needed=one.most(plan_.days, plan_.share), available=available, incoming=incoming
        ),
        days_left=days_left(available, kept.rate),
        last_expected=kept.last_expected,
        last_sold=kept.last_sold,
    )


def backtest() -> Backtest:
    """One query."""
    is_known = VariantForecast.last_expected.is_not(None)
    is_inside = VariantForecast.last_sold.between(
        VariantForecast.last_low, VariantForecast.last_high
    )
    off = sa.func.abs(VariantForecast.last_expected - VariantForecast.last_sold)
    row = db.session.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(VariantForecast.last_expected), 0.0),
            sa.func.coalesce(sa.func.sum(VariantForecast.last_sold), 0),
            sa.func.coalesce(sa.func.sum(off), 0.0),
            sa.func.coalesce(sa.func.sum(sa.case((is_inside, 1), else_=0)), 0),
            sa.func.max(VariantForecast.computed_at),
        ).where(is_known)
    ).one()
    return Backtest(row[0], float(row[1]), int(row[2]), float(row[3]), int(row[4]), row[5])


# Customers ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Customer:
    email: str
    name: str
    orders: int
    amount: Money
    last_at: datetime


def buyers(at: datetime, currency: str) -> Iterator[tuple[str, int, int, datetime, int]]:
    """Email address, orders and amount up to `at`, the last of them, and orders since."""
    before = Order.paid_at <= at
    own = sa.case((sa.and_(before, Order.currency == currency), Order.total_amount), else_=0)
    last = sa.func.max(sa.case((before, Order.paid_at)))
    rows = db.session.execute(
        sa.select(
            _address(),
            sa.func.sum(sa.case((before, 1), else_=0)),
            sa.func.sum(own),
            last,
            sa.func.sum(sa.case((before, 0), else_=1)),
        )
        .where(Order.paid_at.is_not(None), Order.email != "")
        .group_by(_address())
    )
    for email, orders, amount, last_at, since in rows:
        if orders:
            yield email, int(orders), int(amount), last_at, int(since)


def group_counts() -> dict[str, GroupCount]:
    return {row.group: row for row in db.session.scalars(sa.select(GroupCount))}


def members(group: Group, at: datetime, currency: str, page: int | None) -> list[Customer]:
    """Who has bought for the most, first. A page and one more; `page` none: all. One query."""
    own = sa.case((Order.currency == currency, Order.total_amount), else_=0)
    amount, last, count = sa.func.sum(own), sa.func.max(Order.paid_at), sa.func.count()
    query = (
        sa.select(_address(), sa.func.max(Order.name), count, amount, last)
        .where(Order.paid_at.is_not(None), Order.email != "")
        .group_by(_address())
        .having(*_is_in(group, at, last, count))
        .order_by(amount.desc(), _address())
    )
    if page is not None:
        query = query.limit(PAGE_SIZE + 1).offset((page - 1) * PAGE_SIZE)
    return [
        Customer(row[0], row[1], int(row[2]), Money(int(row[3]), currency), row[4])
        for row in db.session.execute(query)
    ]


def _is_in(
    group: Group, at: datetime, last: sa.ColumnElement[Any], count: sa.ColumnElement[int]
) -> Sequence[sa.ColumnElement[bool]]:
    """As groups.group_of says."""
    recent, away = at - timedelta(days=RECENT + 1), at - timedelta(days=AWAY + 1)
    between = sa.and_(last <= recent, last > away)
    return {
        Group.LOYAL: [last > recent, count >= OFTEN],
        Group.RETURNING: [last > recent, count.between(2, OFTEN - 1)],
        Group.NEW: [last > recent, count == 1],
        Group.SLIPPING: [between, count > 1],
        Group.ONCE: [between, count == 1],
        Group.GONE: [last <= away],
    }[group]


def _address() -> sa.ColumnElement[str]:
    return sa.func.lower(Order.email)
