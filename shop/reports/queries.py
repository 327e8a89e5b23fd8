"""What was sold and given back in a period, over time and by what; and what was searched for.
Every currency stands apart. Taxes and payments are in money_queries.py.

A sale belongs to the moment its order was paid, a refund to the moment it was asked for. Net sales
are the totals of orders less what was given back of them; docs/reports.md tells how that meets the
payments.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from shop.catalog.models import Collection, CollectionProduct, Product, Variant
from shop.extensions import db
from shop.orders.models import LineItem, Order
from shop.payments.refund_models import COUNTED, Refund, RefundLine
from shop.reports.periods import Bucket, Period
from shop.reports.sums import entries_of, instant_of, instant_text, number_of, sum_of, text_of
from shop.search.models import SearchedWords

_Rows = sa.Select[*tuple[Any, ...]]


@dataclass
class Sales:
    """Sums in minor units of one currency."""

    orders: int = 0
    #: Goods at their prices, before discounts.
    gross: int = 0
    discounts: int = 0
    shipping: int = 0
    #: Tax that prices do not contain.
    added_tax: int = 0
    #: Rounding, less tax that buyers need not pay.
    other: int = 0
    #: What the orders come to.
    total: int = 0
    #: Of the orders, given back.
    refunds: int = 0
    #: In the total, less that of refunds.
    tax: int = 0

    @property
    def net(self) -> int:
        return self.total - self.refunds

    @property
    def average(self) -> int:
        """Of an order, before refunds; half a unit up."""
        return (2 * self.total + self.orders) // (2 * self.orders) if self.orders else 0

    def __add__(self, other: Sales) -> Sales:
        return Sales(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Sales)))


def total_of(parts: Iterable[Sales]) -> Sales:
    return sum(parts, start=Sales())


@dataclass(frozen=True)
class Returned:
    """One line of a refund, or its part of the delivery."""

    at: datetime
    currency: str
    amount: int
    quantity: int
    #: Name, rate in ppm and amount.
    taxes: Sequence[Mapping[str, Any]]
    line_item_id: int | None
    country: str
    is_tax_included: bool

    @property
    def tax(self) -> int:
        return sum(int(tax["amount"]) for tax in self.taxes)


# Over time ----------------------------------------------------------------------------------


def sales(buckets: Sequence[Bucket]) -> dict[str, list[Sales]]:
    """By currency, one entry a bucket. The buckets must be in order. Two queries."""
    if not buckets:
        return {}
    back = returned(buckets[0].since, buckets[-1].until)
    taken = [(each.at, each.currency, Sales(refunds=each.amount, tax=-each.tax)) for each in back]
    return _by_bucket(buckets, _sums(), taken)


def net_sales(buckets: Sequence[Bucket]) -> dict[str, list[Sales]]:
    """As `sales`, of nothing but orders, their totals and refunds: quicker in a long period."""
    wanted = [column for column in _sums() if column.name in ("orders", "total")]
    rows = db.session.execute(
        sa.select(Refund.created_at, Refund.currency, RefundLine.amount)
        .join(RefundLine, RefundLine.refund_id == Refund.id)
        .where(*_is_counted(buckets[0].since, buckets[-1].until))
    )
    return _by_bucket(buckets, wanted, [(at, code, Sales(refunds=sum_)) for at, code, sum_ in rows])


def _by_bucket(
    buckets: Sequence[Bucket],
    sums: Sequence[sa.Label[Any]],
    taken: Iterable[tuple[datetime, str, Sales]],
) -> dict[str, list[Sales]]:
    """`taken`: what refunds took, when and in which currency."""
    found: dict[str, list[Sales]] = {}

    def of(currency: str) -> list[Sales]:
        return found.setdefault(currency, [Sales() for _ in buckets])

    for n, currency, *values in db.session.execute(_sold(buckets, sums)):
        names = (column.name for column in sums)
        of(currency)[n] += Sales(**dict(zip(names, values, strict=True)))
    starts = [bucket.since for bucket in buckets]
    for at, currency, part in taken:
        place = bisect_right(starts, at) - 1
        if place >= 0 and at < buckets[place].until:
            of(currency)[place] += part
    return found


def _sold(buckets: Sequence[Bucket], sums: Sequence[sa.Label[Any]]) -> sa.Select[Any]:
    cut = _cte(buckets)
    return (
        sa.select(cut.c.n, Order.currency, *sums)
        .join_from(cut, Order, _is_in(cut))
        .group_by(cut.c.n, Order.currency)
    )


def _cte(buckets: Sequence[Bucket]) -> sa.CTE:
    """In one parameter: a statement with VALUES is compiled anew each time that it is asked."""
    rows = [
        {"n": n, "since": instant_text(bucket.since), "until": instant_text(bucket.until)}
        for n, bucket in enumerate(buckets)
    ]
    entry = entries_of(sa.literal(rows, sa.JSON))
    return sa.select(
        number_of(entry, "n").label("n"),
        instant_of(entry, "since").label("since"),
        instant_of(entry, "until").label("until"),
    ).cte("buckets")


def _is_in(cut: sa.CTE) -> sa.ColumnElement[bool]:
    return sa.and_(Order.paid_at >= cut.c.since, Order.paid_at < cut.c.until)


def _sums() -> list[sa.Label[Any]]:
    """All from one index, ix_orders_sales: no order's row is read."""
    added = sa.case((Order.is_tax_included, 0), else_=Order.tax_amount)
    return [
        sa.func.count().label("orders"),
        sum_of(Order.subtotal_amount).label("gross"),
        sum_of(Order.discount_amount).label("discounts"),
        sum_of(Order.shipping_amount).label("shipping"),
        sum_of(added).label("added_tax"),
        sum_of(Order.rounding_amount - Order.relief_amount).label("other"),
        sum_of(Order.total_amount).label("total"),
        sum_of(Order.tax_amount).label("tax"),
    ]


def returned(since: datetime, until: datetime) -> list[Returned]:
    """What refunds of the period took from orders; those that failed took nothing. One query."""
    rows = db.session.execute(
        sa.select(
            Refund.created_at,
            Refund.currency,
            RefundLine.amount,
            RefundLine.quantity,
            RefundLine.taxes,
            RefundLine.line_item_id,
            Order.country,
            Order.is_tax_included,
        )
        .join(RefundLine, RefundLine.refund_id == Refund.id)
        .join(Order, Order.id == Refund.order_id)
        .where(*_is_counted(since, until))
    )
    return [Returned(*row) for row in rows]


def _is_counted(since: datetime, until: datetime) -> list[sa.ColumnElement[bool]]:
    return [Refund.created_at >= since, Refund.created_at < until, Refund.status.in_(COUNTED)]


# By what ------------------------------------------------------------------------------------


@dataclass
class Sold:
    """Of one product, variant or collection, in one currency."""

    key: str
    title: str
    note: str
    currency: str
    orders: int = 0
    units: int = 0
    gross: int = 0
    discounts: int = 0
    total: int = 0
    returned_units: int = 0
    returned: int = 0

    @property
    def net(self) -> int:
        return self.total - self.returned


def by_product(period: Period) -> list[Sold]:
    """What is not in the catalog any more is told by its old title. The best first. Two queries."""
    key = sa.case(
        (Product.id.is_not(None), sa.cast(Product.id, sa.String)), else_="-" + LineItem.title
    )
    title = sa.func.coalesce(sa.func.min(Product.title), sa.func.min(LineItem.title))
    return _by(period, key, title, sa.literal(""))


def by_variant(period: Period) -> list[Sold]:
    key = sa.case(
        (Variant.id.is_not(None), sa.cast(Variant.id, sa.String)),
        else_="-" + LineItem.title + LineItem.options,
    )
    title = sa.func.coalesce(sa.func.min(Product.title), sa.func.min(LineItem.title))
    options, sku = sa.func.min(LineItem.options), sa.func.min(LineItem.sku)
    separator = sa.case((sa.or_(options == "", sku == ""), ""), else_=", ")
    return _by(period, key, title, options + separator + sku)


def by_collection(period: Period) -> list[Sold]:
    """A product in two collections counts in both. Those in none are left out."""
    key = sa.cast(Collection.id, sa.String)
    return _by(period, key, sa.func.min(Collection.title), sa.literal(""), is_by_collection=True)


def _by(
    period: Period,
    key: sa.ColumnElement[str],
    title: sa.ColumnElement[str],
    note: sa.ColumnElement[str],
    *,
    is_by_collection: bool = False,
) -> list[Sold]:
    named = (key.label("key"), title.label("title"), note.label("note"))
    sold = _with_catalog(_sold_lines(period, named), is_by_collection)
    rows = {
        (row.key, row.currency): Sold(*row)
        for row in db.session.execute(sold.group_by(sa.text("key"), Order.currency))
    }
    back = _with_catalog(_returned_lines(period, named), is_by_collection)
    for row in db.session.execute(back.group_by(sa.text("key"), Refund.currency)):
        one = rows.setdefault(
            (row.key, row.currency), Sold(row.key, row.title, row.note, row.currency)
        )
        one.returned_units, one.returned = row.units, row.amount
    return sorted(rows.values(), key=lambda one: (-one.net, one.title, one.key))


def _with_catalog(query: _Rows, is_by_collection: bool) -> _Rows:
    """With the products of the lines as the catalog has them now."""
    query = query.outerjoin(Variant, Variant.id == LineItem.variant_id).outerjoin(
        Product, Product.id == Variant.product_id
    )
    if is_by_collection:
        query = query.join(CollectionProduct, CollectionProduct.product_id == Product.id).join(
            Collection, Collection.id == CollectionProduct.collection_id
        )
    return query


def _sold_lines(period: Period, named: Iterable[sa.Label[str]]) -> _Rows:
    return (
        sa.select(
            *named,
            Order.currency,
            sa.func.count(sa.distinct(Order.id)),
            sum_of(LineItem.quantity),
            sum_of(LineItem.unit_amount * LineItem.quantity),
            sum_of(LineItem.discount_amount),
            sum_of(LineItem.total_amount),
        )
        .select_from(Order)
        .join(LineItem, LineItem.order_id == Order.id)
        .where(Order.paid_at >= period.since, Order.paid_at < period.until)
    )


def _returned_lines(period: Period, named: Iterable[sa.Label[str]]) -> _Rows:
    return (
        sa.select(
            *named,
            Refund.currency,
            sum_of(RefundLine.quantity).label("units"),
            sum_of(RefundLine.amount).label("amount"),
        )
        .select_from(Refund)
        .join(RefundLine, RefundLine.refund_id == Refund.id)
        .join(LineItem, LineItem.id == RefundLine.line_item_id)
        .where(*_is_counted(period.since, period.until))
    )


@dataclass
class CountrySales:
    country: str
    currency: str
    sales: Sales


def by_country(period: Period) -> list[CountrySales]:
    """Where the goods went. Two queries."""
    rows = db.session.execute(
        sa.select(Order.country, Order.currency, *_sums())
        .where(Order.paid_at >= period.since, Order.paid_at < period.until)
        .group_by(Order.country, Order.currency)
    )
    found = {
        (row.country, row.currency): Sales(
            row.orders, row.gross, row.discounts, row.shipping, row.added_tax, row.other,
            row.total, 0, row.tax,
        )
        for row in rows
    }  # fmt: skip
    for each in returned(period.since, period.until):
        before = found.setdefault((each.country, each.currency), Sales())
        found[each.country, each.currency] = before + Sales(refunds=each.amount, tax=-each.tax)
    rows_found = [CountrySales(*key, one) for key, one in found.items()]
    return sorted(rows_found, key=lambda one: (-one.sales.net, one.country))


@dataclass(frozen=True)
class DiscountUse:
    title: str
    code: str
    currency: str
    orders: int
    amount: int
    #: What those orders come to.
    total: int


def by_discount(period: Period) -> list[DiscountUse]:
    entry = entries_of(Order.discount_lines)
    title, code = text_of(entry, "title"), text_of(entry, "code")
    rows = db.session.execute(
        sa.select(
            title.label("discount_title"),
            code.label("discount_code"),
            Order.currency,
            sa.func.count(),
            sum_of(number_of(entry, "amount")).label("amount"),
            sum_of(Order.total_amount),
        )
        .select_from(Order)
        .join(entry, sa.true())
        .where(
            Order.paid_at >= period.since,
            Order.paid_at < period.until,
            Order.discount_amount > 0,
        )
        .group_by(sa.text("discount_title"), sa.text("discount_code"), Order.currency)
    )
    return sorted((DiscountUse(*row) for row in rows), key=lambda one: (-one.amount, one.title))


# Searches -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class SearchCount:
    words: str
    searches: int
    found: int


def searches(first: date, last: date, limit: int) -> list[SearchCount]:
    """The most searched first; the most that the latest day's search found. One query."""
    rows = db.session.execute(
        sa.select(
            SearchedWords.words,
            sa.func.sum(SearchedWords.searches).label("searches"),
            sa.func.max(SearchedWords.found),
        )
        .where(SearchedWords.searched_on.between(first, last))
        .group_by(SearchedWords.words)
        .order_by(sa.text("searches DESC"), SearchedWords.words)
        .limit(limit)
    )
    return [SearchCount(row[0], int(row[1]), row[2]) for row in rows]
