"""What was owed in tax, and what money came and went in a period. Every currency stands apart.

docs/reports.md tells how net sales meet the payments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from shop.extensions import db
from shop.orders.models import Order
from shop.payments.models import Payment
from shop.payments.refund_models import COUNTED, Refund, RefundLine, RefundMethod
from shop.reports.periods import Bucket, Period
from shop.reports.queries import Sales, returned, sales, total_of
from shop.reports.sums import entries_of, number_of, sum_of, text_of

#: Methods that take money out of the shop's hands; the others keep it as credit.
MONEY_BACK = (RefundMethod.STRIPE, RefundMethod.BY_HAND)


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
    entry = entries_of(Order.tax_lines)
    name, rate = text_of(entry, "name"), number_of(entry, "rate_ppm")
    rows = db.session.execute(
        sa.select(
            Order.country,
            name.label("tax_name"),
            rate.label("tax_rate"),
            Order.currency,
            sum_of(number_of(entry, "base")),
            sum_of(number_of(entry, "amount")),
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
            sa.func.count(), sum_of(Payment.amount),
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
            sa.func.count(), sum_of(Refund.amount),
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
    cards, received = _paid_by_cards(period), _received(period)
    back, of_lines = _given_back(period), _given_back_of_lines(period)
    return [
        _bridge(
            currency,
            sold.get(currency, Sales()),
            by_cards=cards.get(currency, 0),
            back={method: back.get((currency, method), 0) for method in RefundMethod},
            back_of_lines=of_lines.get(currency, 0),
            received=received.get(currency, 0),
        )
        for currency in sorted({*sold, *received, *(key[0] for key in back)})
    ]


def _bridge(
    currency: str,
    sold: Sales,
    *,
    by_cards: int,
    back: Mapping[RefundMethod, int],
    back_of_lines: int,
    received: int,
) -> Bridge:
    due = sold.total - by_cards
    surplus_back = sum(back.values()) - back_of_lines
    return Bridge(
        currency,
        net_sales=sold.net,
        by_gift_cards=by_cards - back[RefundMethod.GIFT_CARD],
        kept_as_credit=back[RefundMethod.STORE_CREDIT],
        beyond=received - due - surplus_back,
        money=received - sum(back[method] for method in MONEY_BACK),
    )


def _paid_by_cards(period: Period) -> dict[str, int]:
    return _by_currency(
        sa.select(Order.currency, sum_of(Order.gift_card_amount)).where(
            Order.paid_at >= period.since, Order.paid_at < period.until
        ),
        Order.currency,
    )


def _received(period: Period) -> dict[str, int]:
    return _by_currency(
        sa.select(Payment.currency, sum_of(Payment.amount)).where(
            Payment.received_at >= period.since, Payment.received_at < period.until
        ),
        Payment.currency,
    )


def _given_back(period: Period) -> dict[tuple[str, str], int]:
    """By currency and method."""
    rows = db.session.execute(
        sa.select(Refund.currency, Refund.method, sum_of(Refund.amount))
        .where(*_is_counted(period))
        .group_by(Refund.currency, Refund.method)
    )
    return {(row[0], row[1]): int(row[2]) for row in rows}


def _given_back_of_lines(period: Period) -> dict[str, int]:
    """Without what was paid beyond the orders."""
    return _by_currency(
        sa.select(Refund.currency, sum_of(RefundLine.amount))
        .join(RefundLine, RefundLine.refund_id == Refund.id)
        .where(*_is_counted(period)),
        Refund.currency,
    )


def _is_counted(period: Period) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Refund.created_at >= period.since,
        Refund.created_at < period.until,
        Refund.status.in_(COUNTED),
    )


def _by_currency(query: Any, currency: Any) -> dict[str, int]:
    return {row[0]: int(row[1]) for row in db.session.execute(query.group_by(currency))}
