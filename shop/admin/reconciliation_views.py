"""From net sales to the money that came, and beside it what Stripe's books say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin.access import bp
from shop.admin.report_views import asked_period, period_args, period_facts
from shop.admin.report_words import method_name
from shop.extensions import db
from shop.money import Money
from shop.payments.amounts import AmountNotExpressible, from_stripe, to_stripe
from shop.payments.gateway import PaymentsError, gateway
from shop.payments.models import Payment
from shop.payments.refund_models import Refund, RefundMethod, RefundStatus
from shop.payments.snapshots import BalanceEntry
from shop.reports import money_queries
from shop.reports.matching import Difference, Ours, differences, summed
from shop.reports.periods import Period, Preset

#: Longer periods hold more lines than a page can wait for.
MAX_DAYS = 31
MAX_ENTRIES = 3000
#: Stripe books a charge a moment after it succeeded, and the shop hears of it in between.
MARGIN = timedelta(hours=12)
CHARGES = ("charge", "payment")
REFUNDS = ("refund", "payment_refund", "refund_failure", "payment_failure_refund")


@dataclass(frozen=True)
class Balance:
    """What Stripe's balance says of one currency, in the period."""

    currency: str
    charges: Money
    refunds: Money
    fees: Money
    #: Disputes, adjustments and fees of their own.
    other: Money
    payouts: Money
    #: What the shop says of the same.
    our_charges: Money
    our_refunds: Money


@dataclass(frozen=True)
class Comparison:
    balances: Sequence[Balance]
    differences: Sequence[Difference]
    is_cut: bool


@bp.get("/reports/reconciliation")
def reconciliation() -> ResponseReturnValue:
    period = asked_period(Preset.WEEK)
    comparison, complaint = None, ""
    if request.args.get("compare"):
        comparison, complaint = _compared(period)
    return render_template(
        "admin/reconciliation.html",
        bridges=money_queries.bridge(period),
        methods=money_queries.by_method(period.since, period.until),
        comparison=comparison,
        complaint=complaint,
        max_days=MAX_DAYS,
        address=period_args(period),
        in_money=_in_money,
        own=Money,
        method_name=method_name,
        **period_facts(period),
    )


def _compared(period: Period) -> tuple[Comparison | None, str]:
    if period.days > MAX_DAYS:
        return None, _(
            "Choose %(days)s days or fewer to compare: Stripe tells its lines a hundred at a time.",
            days=MAX_DAYS,
        )
    db.session.rollback()  # nothing is held open while Stripe is asked
    try:
        entries = gateway().balance(period.since - MARGIN, period.until + MARGIN, most=MAX_ENTRIES)
    except PaymentsError:
        return None, _("Stripe does not answer. Nothing was changed; try again in a minute.")
    return _comparison(period, entries), ""


def _comparison(period: Period, entries: Sequence[BalanceEntry]) -> Comparison:
    charges = summed(
        (entry.payment_intent_id, entry.amount, entry.currency.upper())
        for entry in entries
        if entry.type in CHARGES and entry.payment_intent_id
    )
    refunds = summed(
        (entry.refund_id, -entry.amount, entry.currency.upper())
        for entry in entries
        if entry.type in REFUNDS and entry.refund_id
    )
    ours, our_refunds = _payments(period), _refunds(period)
    found = differences(
        ours=ours, theirs=charges, known=_known_payments(list(charges)), is_refund=False
    )
    found += differences(
        ours=our_refunds, theirs=refunds, known=_known_refunds(list(refunds)), is_refund=True
    )
    inside = [entry for entry in entries if period.since <= entry.at < period.until]
    return Comparison(
        _balances(inside, ours, our_refunds), found, is_cut=len(entries) >= MAX_ENTRIES
    )


def _balances(
    entries: Sequence[BalanceEntry], ours: Sequence[Ours], our_refunds: Sequence[Ours]
) -> list[Balance]:
    codes = sorted({entry.currency.upper() for entry in entries} | {one.currency for one in ours})
    found = []
    for code in codes:
        own = [entry for entry in entries if entry.currency.upper() == code]

        def sum_of(*types: str, own: list[BalanceEntry] = own, code: str = code) -> Money:
            return _in_money(sum(entry.amount for entry in own if entry.type in types), code)

        rest = [entry for entry in own if entry.type not in (*CHARGES, *REFUNDS, "payout")]
        found.append(
            Balance(
                currency=code,
                charges=sum_of(*CHARGES),
                refunds=sum_of(*REFUNDS) * -1,
                fees=_in_money(sum(entry.fee for entry in own), code),
                other=_in_money(sum(entry.amount for entry in rest), code),
                payouts=sum_of("payout") * -1,
                our_charges=_in_money(sum(o.amount for o in ours if o.currency == code), code),
                our_refunds=_in_money(
                    sum(o.amount for o in our_refunds if o.currency == code), code
                ),
            )
        )
    return found


def _payments(period: Period) -> list[Ours]:
    return _ours(
        sa.select(Payment.provider_payment_id, Payment.order_id, Payment.amount, Payment.currency)
        .where(
            Payment.received_at >= period.since,
            Payment.received_at < period.until,
            Payment.provider_payment_id.startswith("pi_", autoescape=True),
        )
        .order_by(Payment.id)
    )


def _known_payments(numbers: Sequence[str]) -> dict[str, Ours]:
    found = _ours(
        sa.select(
            Payment.provider_payment_id, Payment.order_id, Payment.amount, Payment.currency
        ).where(Payment.provider_payment_id.in_(numbers))
    )
    return {one.number: one for one in found}


def _refunds(period: Period) -> list[Ours]:
    """Those that Stripe has taken on."""
    return _ours(
        sa.select(Refund.provider_refund_id, Refund.order_id, Refund.amount, Refund.currency)
        .where(
            Refund.created_at >= period.since,
            Refund.created_at < period.until,
            Refund.method == RefundMethod.STRIPE,
            Refund.status.in_([RefundStatus.PENDING, RefundStatus.SUCCEEDED]),
            Refund.provider_refund_id.is_not(None),
        )
        .order_by(Refund.id)
    )


def _known_refunds(numbers: Sequence[str]) -> dict[str, Ours]:
    """A failed one gave nothing back, here as there."""
    failed = Refund.status.in_([RefundStatus.FAILED, RefundStatus.CANCELED])
    found = _ours(
        sa.select(
            Refund.provider_refund_id,
            Refund.order_id,
            sa.case((failed, 0), else_=Refund.amount),
            Refund.currency,
        ).where(Refund.provider_refund_id.in_(numbers))
    )
    return {one.number: one for one in found}


def _ours(query: Any) -> list[Ours]:
    return [
        Ours(row[0], row[1], _at_stripe(row[2], row[3]), row[3])
        for row in db.session.execute(query)
    ]


def _at_stripe(amount: int, currency: str) -> int:
    try:
        return to_stripe(Money(amount, currency))
    except AmountNotExpressible:
        return amount


def _in_money(amount: int, currency: str) -> Money:
    """Of an amount in Stripe's units."""
    try:
        return from_stripe(amount, currency)
    except AmountNotExpressible:
        return Money(amount, currency)
