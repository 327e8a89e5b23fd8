"""What was sold, given back and paid in a period. Every currency stands apart.

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
from shop.extensions import UtcDateTime, db
from shop.orders.models import LineItem, Order
from shop.payments.models import Payment
from shop.payments.refund_models import COUNTED, Refund, RefundLine, RefundMethod
from shop.reports.periods import Bucket, Period
from shop.search.models import SearchedWords

#: Methods that take money out of the shop's hands; the others keep it as credit.
MONEY_BACK = (RefundMethod.STRIPE, RefundMethod.BY_HAND)


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
    found: dict[str, list[Sales]] = {}
    if not buckets:
        return found

    def of(currency: str) -> list[Sales]:
        return found.setdefault(currency, [Sales() for _ in buckets])

    for row in db.session.execute(_sold(buckets)):
        of(row.currency)[row.n] += Sales(
            row.orders, row.gross, row.discounts, row.shipping, row.added_tax, row.other,
            row.total, 0, row.tax,
        )  # fmt: skip
    starts = [bucket.since for bucket in buckets]
    for each in returned(buckets[0].since, buckets[-1].until):
        place = bisect_right(starts, each.at) - 1
        if place >= 0 and each.at < buckets[place].until:
            of(each.currency)[place] += Sales(refunds=each.amount, tax=-each.tax)
    return found


def _sold(buckets: Sequence[Bucket]) -> sa.Select[Any]:
    cut = _cte(buckets)
    return (
        sa.select(cut.c.n, Order.currency, *_sums())
        .join_from(cut, Order, _is_in(cut))
        .group_by(cut.c.n, Order.currency)
    )


def _cte(buckets: Sequence[Bucket]) -> sa.CTE:
    columns = (
        sa.column("n", sa.Integer),
        sa.column("since", UtcDateTime),
        sa.column("until", UtcDateTime),
    )
    rows = [(n, bucket.since, bucket.until) for n, bucket in enumerate(buckets)]
    return sa.values(*columns, name="cut").data(rows).cte("buckets")


def _is_in(cut: sa.CTE) -> sa.ColumnElement[bool]:
    return sa.and_(Order.paid_at >= cut.c.since, Order.paid_at < cut.c.until)


def _sums() -> list[sa.Label[Any]]:
    """All from one index, ix_orders_sales: no order's row is read."""
    added = sa.case((Order.is_tax_included, 0), else_=Order.tax_amount)
    return [
        sa.func.count().label("orders"),
        _sum(Order.subtotal_amount).label("gross"),
        _sum(Order.discount_amount).label("discounts"),
        _sum(Order.shipping_amount).label("shipping"),
        _sum(added).label("added_tax"),
        _sum(Order.rounding_amount - Order.relief_amount).label("other"),
        _sum(Order.total_amount).label("total"),
        _sum(Order.tax_amount).label("tax"),
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
        .where(
            Refund.created_at >= since,
            Refund.created_at < until,
            Refund.status.in_(COUNTED),
        )
    )
    return [Returned(*row) for row in rows]


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
    def with_catalog(query: Any) -> Any:
        query = query.outerjoin(Variant, Variant.id == LineItem.variant_id).outerjoin(
            Product, Product.id == Variant.product_id
        )
        if is_by_collection:
            query = query.join(CollectionProduct, CollectionProduct.product_id == Product.id).join(
                Collection, Collection.id == CollectionProduct.collection_id
            )
        return query

    gross = LineItem.unit_amount * LineItem.quantity
    sold = with_catalog(
        sa.select(
            key.label("key"),
            title.label("title"),
            note.label("note"),
            Order.currency,
            sa.func.count(sa.distinct(Order.id)),
            _sum(LineItem.quantity),
            _sum(gross),
            _sum(LineItem.discount_amount),
            _sum(LineItem.total_amount),
        )
        .select_from(Order)
        .join(LineItem, LineItem.order_id == Order.id)
    )
    sold = sold.where(Order.paid_at >= period.since, Order.paid_at < period.until)
    rows = {
        (row.key, row.currency): Sold(*row)
        for row in db.session.execute(sold.group_by(sa.text("key"), Order.currency))
    }
    back = with_catalog(
        sa.select(
            key.label("key"), title.label("title"), note.label("note"), Refund.currency,
            _sum(RefundLine.quantity).label("units"), _sum(RefundLine.amount).label("amount"),
        )
        .select_from(Refund)
        .join(RefundLine, RefundLine.refund_id == Refund.id)
        .join(LineItem, LineItem.id == RefundLine.line_item_id)
    )  # fmt: skip
    back = back.where(
        Refund.created_at >= period.since,
        Refund.created_at < period.until,
        Refund.status.in_(COUNTED),
    )
    for row in db.session.execute(back.group_by(sa.text("key"), Refund.currency)):
        one = rows.setdefault(
            (row.key, row.currency), Sold(row.key, row.title, row.note, row.currency)
        )
        one.returned_units, one.returned = row.units, row.amount
    return sorted(rows.values(), key=lambda one: (-one.net, one.title, one.key))


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
    entry = _entries(Order.discount_lines)
    title, code = _text(entry, "title"), _text(entry, "code")
    rows = db.session.execute(
        sa.select(
            title.label("discount_title"),
            code.label("discount_code"),
            Order.currency,
            sa.func.count(),
            _sum(_number(entry, "amount")).label("amount"),
            _sum(Order.total_amount),
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


@dataclass
class TaxRow:
    country: str
    name: str
    rate_ppm: int
    currency: str
    #: Without the tax.
    base: int = 0
    tax: int = 0
    returned_base: int = 0
    returned_tax: int = 0

    @property
    def due(self) -> int:
        return self.tax - self.returned_tax

    @property
    def percent(self) -> str:
        return f"{self.rate_ppm / 10_000:g}"


def taxes(period: Period) -> list[TaxRow]:
    """By country, name and rate, as the orders froze them; less what refunds gave back."""
    entry = _entries(Order.tax_lines)
    name, rate = _text(entry, "name"), _number(entry, "rate_ppm")
    rows = db.session.execute(
        sa.select(
            Order.country,
            name.label("tax_name"),
            rate.label("tax_rate"),
            Order.currency,
            _sum(_number(entry, "base")),
            _sum(_number(entry, "amount")),
        )
        .select_from(Order)
        .join(entry, sa.true())
        .where(Order.paid_at >= period.since, Order.paid_at < period.until)
        .group_by(Order.country, sa.text("tax_name"), sa.text("tax_rate"), Order.currency)
    )
    found = {tuple(row[:4]): TaxRow(*row) for row in rows}
    for each in returned(period.since, period.until):
        for tax in each.taxes:
            key = (each.country, str(tax["name"]), int(tax["rate_ppm"]), each.currency)
            row = found.setdefault(key, TaxRow(*key))
            row.returned_tax += int(tax["amount"])
            row.returned_base += each.amount - each.tax
    return sorted(found.values(), key=lambda row: (row.country, -row.due, row.name))


@dataclass
class MethodSums:
    """Of one way money came, in one currency."""

    method: str
    currency: str
    is_by_stripe: bool
    payments: int = 0
    received: int = 0
    refunds: int = 0
    returned: int = 0

    @property
    def net(self) -> int:
        return self.received - self.returned


def by_method(since: datetime, until: datetime) -> list[MethodSums]:
    """Money in, and what of it went back by Stripe or by hand. Two queries."""
    is_by_stripe = Payment.provider_payment_id.startswith("pi_", autoescape=True)
    by_stripe = sa.func.coalesce(is_by_stripe, sa.false())
    received = db.session.execute(
        sa.select(
            Payment.method, Payment.currency, by_stripe.label("by_stripe"),
            sa.func.count(), _sum(Payment.amount),
        )
        .where(Payment.received_at >= since, Payment.received_at < until)
        .group_by(Payment.method, Payment.currency, sa.text("by_stripe"))
    )  # fmt: skip
    found = {
        (row[0], row[1], bool(row[2])): MethodSums(row[0], row[1], bool(row[2]), row[3], row[4])
        for row in received
    }
    given_back = db.session.execute(
        sa.select(
            Payment.method, Refund.currency, Refund.method == RefundMethod.STRIPE,
            sa.func.count(), _sum(Refund.amount),
        )
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Refund.created_at >= since,
            Refund.created_at < until,
            Refund.status.in_(COUNTED),
            Refund.method.in_(MONEY_BACK),
        )
        .group_by(Payment.method, Refund.currency, Refund.method)
    )  # fmt: skip
    for row in given_back:
        key = (row[0], row[1], bool(row[2]))
        one = found.setdefault(key, MethodSums(*key))
        one.refunds, one.returned = one.refunds + row[3], one.returned + row[4]
    return sorted(found.values(), key=lambda one: (-one.net, one.method))


@dataclass(frozen=True)
class Bridge:
    """How net sales come to the money that came, in one currency."""

    currency: str
    net_sales: int
    #: Of the orders, paid by gift cards and store credit; less what went back to them.
    by_gift_cards: int
    #: Given back as store credit: sales went down, the money stayed.
    kept_as_credit: int
    #: Payments beyond what was due: orders in review, paid twice, paid at another time.
    beyond: int
    money: int


def bridge(period: Period) -> list[Bridge]:
    """By currency. `beyond` is what came less what was due, so the two ends always meet."""
    sold = {
        currency: total_of(parts)
        for currency, parts in sales([Bucket(period.since, period.until, period.first)]).items()
    }
    in_period = (Order.paid_at >= period.since, Order.paid_at < period.until)
    cards = _by_currency(
        sa.select(Order.currency, _sum(Order.gift_card_amount)).where(*in_period), Order.currency
    )
    is_counted = (
        Refund.created_at >= period.since,
        Refund.created_at < period.until,
        Refund.status.in_(COUNTED),
    )
    back = {
        (row[0], row[1]): int(row[2])
        for row in db.session.execute(
            sa.select(Refund.currency, Refund.method, _sum(Refund.amount))
            .where(*is_counted)
            .group_by(Refund.currency, Refund.method)
        )
    }
    lines = _by_currency(
        sa.select(Refund.currency, _sum(RefundLine.amount))
        .join(RefundLine, RefundLine.refund_id == Refund.id)
        .where(*is_counted),
        Refund.currency,
    )
    received = _by_currency(
        sa.select(Payment.currency, _sum(Payment.amount)).where(
            Payment.received_at >= period.since, Payment.received_at < period.until
        ),
        Payment.currency,
    )
    found = []
    for currency in sorted({*sold, *received, *(key[0] for key in back)}):
        of = {method: back.get((currency, method), 0) for method in RefundMethod}
        one = sold.get(currency, Sales())
        by_cards = cards.get(currency, 0) - of[RefundMethod.GIFT_CARD]
        due = one.total - cards.get(currency, 0)
        surplus_back = sum(of.values()) - lines.get(currency, 0)
        found.append(
            Bridge(
                currency,
                one.net,
                by_cards,
                of[RefundMethod.STORE_CREDIT],
                received.get(currency, 0) - due - surplus_back,
                received.get(currency, 0) - sum(of[method] for method in MONEY_BACK),
            )
        )
    return found


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


# Inside -------------------------------------------------------------------------------------


def _sum(column: Any) -> sa.ColumnElement[int]:
    """A whole number on both databases: PostgreSQL sums large ones into a decimal."""
    return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), sa.BigInteger)


def _by_currency(query: Any, currency: Any) -> dict[str, int]:
    return {row[0]: int(row[1]) for row in db.session.execute(query.group_by(currency))}


def _entries(column: Any) -> sa.TableValuedAlias:
    """The entries of a JSON list, one a row."""
    if db.engine.dialect.name == "postgresql":
        return sa.func.json_array_elements(column).table_valued(
            sa.column("value", sa.JSON), name="entry"
        )
    return sa.func.json_each(column).table_valued(sa.column("value", sa.JSON), name="entry")


def _text(entry: sa.TableValuedAlias, name: str) -> sa.ColumnElement[str]:
    if db.engine.dialect.name == "postgresql":
        return sa.func.json_extract_path_text(entry.c.value, name)
    return sa.func.json_extract(entry.c.value, f"$.{name}")


def _number(entry: sa.TableValuedAlias, name: str) -> sa.ColumnElement[int]:
    return sa.cast(_text(entry, name), sa.BigInteger)
