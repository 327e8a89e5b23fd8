"""Giving money back: what is asked of Stripe, and what its answers mean.

Every function runs inside the caller's transaction, with the order locked first. Amounts are held
by a conditional UPDATE of the payment, so that all refunds together never exceed what was paid.

refund_plan.py works out what a wish comes to, refund_effects.py what follows from Stripe's answers.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from shop.extensions import db
from shop.money import Money
from shop.orders import emails as order_emails
from shop.orders import fulfillments
from shop.orders import queries as order_queries
from shop.orders import service as orders
from shop.orders.fulfillment_models import Fulfillment
from shop.orders.models import LineItem, Order
from shop.orders.states import Move, OrderState, WrongState
from shop.payments import refund_queries as queries
from shop.payments.amounts import AmountNotExpressible, from_stripe
from shop.payments.models import Payment
from shop.payments.queries import payments_of
from shop.payments.refund_effects import move, tell_failure
from shop.payments.refund_models import (
    COUNTED,
    Refund,
    RefundLine,
    RefundMethod,
    RefundReason,
    RefundStatus,
)
from shop.payments.refund_plan import (
    CancelWish,
    NothingToRefund,
    PlannedPart,
    RefundWish,
    may_be_refunded,
    plan,
)
from shop.payments.shares import MoreThanLeft, Portion, Share, shares
from shop.payments.snapshots import RefundSnapshot


class RefundedMeanwhile(Exception):
    """Somebody else gave money back since the form was made."""


def request(order_id: int, wish: RefundWish, *, by: int) -> list[Refund]:
    """Write the refunds down, one for each payment that gives, and hold their amounts.

    The same press returns what it made before. Raises WrongState, RefundedMeanwhile,
    NothingToRefund and MoreThanLeft.
    """
    order, refunds = _order_and_refunds(order_id)
    made = [refund for refund in refunds if (refund.press or "").startswith(f"{wish.press}:")]
    if made:
        return made
    if not may_be_refunded(order):
        raise WrongState(OrderState(order.state), Move.CALL_OFF)
    if wish.version != queries.version_of(refunds):
        raise RefundedMeanwhile
    planned = plan(order, refunds, wish)
    made = [
        _write(order, given, wish, f"{wish.press}:{at}", by)
        for at, given in enumerate(planned.parts)
    ]
    order.refunded_amount = queries.refunded_of(order)
    fulfillments.recount(order)
    for refund in made:
        if refund.method != RefundMethod.STRIPE:
            move(order, refund, RefundStatus.SUCCEEDED)
    return made


def request_misfit(order_id: int, payment_id: int, *, press: str, by: int) -> list[Refund]:
    """Write down that money in another currency than its order's goes back, all that is left of it:
    no line of the order has a share in it.

    The same press returns what it made before. Raises WrongState and NothingToRefund.
    """
    order, refunds = _order_and_refunds(order_id)
    made = [refund for refund in refunds if refund.press == f"{press}:0"]
    if made:
        return made
    if not may_be_refunded(order):
        raise WrongState(OrderState(order.state), Move.CALL_OFF)
    payment = next((one for one in payments_of(order_id) if one.id == payment_id), None)
    if payment is None or payment.currency == order.currency or not payment.left:
        raise NothingToRefund
    wish = RefundWish(delivery=Money.zero(order.currency), press=press, version="")
    refund = _write(order, PlannedPart(payment, payment.left, ()), wish, f"{press}:0", by)
    if refund.method != RefundMethod.STRIPE:
        move(order, refund, RefundStatus.SUCCEEDED)
    return [refund]


def cancel(order_id: int, wish: CancelWish, *, by: int) -> list[Refund]:
    """Call a paid order off of which nothing was sent, and write down what is given back of it.

    The same press returns what it made before. Raises WrongState and RefundedMeanwhile.
    """
    order, refunds = _order_and_refunds(order_id)
    made = [refund for refund in refunds if (refund.press or "").startswith(f"{wish.press}:")]
    if made:
        return made
    if wish.version != queries.version_of(refunds):
        raise RefundedMeanwhile
    orders.cancel_paid(order, reason=wish.reason, by=by, restock=wish.restock)
    left = queries.left_of(order, payments_of(order_id))
    if wish.gives_back and left:
        made = request(order_id, _all_of(order, refunds, wish, left), by=by)
    if wish.is_told:
        order_emails.enqueue_canceled(order, sum(refund.amount for refund in made))
    return made


def apply(found: RefundSnapshot, store_id: str) -> Refund | None:
    """Bring our row up to what Stripe tells of a refund; one made in its dashboard gets a row.

    None for a payment of another shop. Raises MoreThanLeft where a refund that Stripe has not
    answered yet still holds the amount.
    """
    payment = queries.payment_of_intent(found.payment_intent_id)
    if payment is None:
        return None
    order, refunds = _order_and_refunds(payment.order_id)
    refund = _ours(found, refunds, store_id)
    status = RefundStatus(found.status)
    if refund is None:
        refund = _from_dashboard(order, payment, found, refunds)
        if refund is None:
            return None
    refund.provider_refund_id = found.id
    move(order, refund, status, found.failure_code)
    return refund


def undo_fulfillment(order: Order, fulfillment: Fulfillment, *, by: int) -> None:
    """A parcel was a mistake: its units are to be sent again, but for those whose price was given
    back. The caller holds the order's lock; doing it again changes nothing.
    """
    fulfillments.undo(order, fulfillment, by=by)
    order, refunds = _order_and_refunds(order.id)
    for line in order.lines:
        _remove_refunded(line, [one for one in refunds if one.is_counted])
    fulfillments.recount(order)


def _remove_refunded(line: LineItem, refunds: Sequence[Refund]) -> None:
    """Units given back are not with the buyer and not to be sent. Noted on the refund, so that they
    are taken up again where it fails at once.
    """
    taken = [one for refund in refunds for one in refund.lines if one.line_item_id == line.id]
    left = sum(one.quantity for one in taken) - line.fulfilled_quantity - line.removed_quantity
    for one in reversed(taken):
        more = max(0, min(left, one.quantity - one.unsent_quantity))
        one.unsent_quantity += more
        line.removed_quantity += more
        left -= more


def reject(refund_id: int, code: str) -> Refund:
    """Stripe said no: nothing moved, and the amount is free again."""
    found = db.session.get_one(Refund, refund_id)
    order, refunds = _order_and_refunds(found.order_id)
    refund = next(one for one in refunds if one.id == refund_id)
    move(order, refund, RefundStatus.REJECTED, code)
    return refund


def _order_and_refunds(order_id: int) -> tuple[Order, list[Refund]]:
    """Locked, as they are now."""
    order = orders.locked(order_id)
    with_lines = order_queries.order_with_lines(order_id)
    return with_lines or order, queries.refunds_of(order_id)


def _all_of(order: Order, refunds: Sequence[Refund], wish: CancelWish, left: Money) -> RefundWish:
    """Everything that is left; the mail of the cancellation tells of it."""
    parts = queries.portions_of(order, refunds)
    return RefundWish(
        units={part.line_id: part.units_left for part in parts if part.line_id is not None},
        delivery=next(part.left for part in parts if part.line_id is None),
        amount=left,
        reason=(
            RefundReason.FRAUDULENT
            if wish.reason == "fraud"
            else RefundReason.REQUESTED_BY_CUSTOMER
        ),
        is_told=False,
        press=wish.press,
        version=wish.version,
    )


def _write(order: Order, planned: PlannedPart, wish: RefundWish, press: str, by: int) -> Refund:
    if planned.payment is not None:
        _hold(planned.payment, planned.amount)
    refund = Refund(
        order_id=order.id,
        payment_id=planned.payment.id if planned.payment else None,
        method=_method(planned.payment, wish),
        status=RefundStatus.REQUESTED,
        amount=planned.amount.amount,
        currency=planned.amount.currency,
        reason=wish.reason,
        note=wish.note,
        is_told=wish.is_told,
        press=press,
        account_id=by,
    )
    db.session.add(refund)
    _add_lines(order, refund, planned.shares, wish.restock)
    return refund


def _method(payment: Payment | None, wish: RefundWish) -> RefundMethod:
    if payment is None:
        return RefundMethod.GIFT_CARD
    if wish.method is not None:
        return wish.method
    return RefundMethod.STRIPE if payment.is_by_stripe else RefundMethod.BY_HAND


def _add_lines(
    order: Order, refund: Refund, taken: Sequence[Share], restock: frozenset[int] = frozenset()
) -> None:
    db.session.flush()
    parts = {
        part.line_id: part for part in queries.portions_of(order, queries.refunds_of(order.id))
    }
    lines = {line.id: line for line in order.lines}
    for share in taken:
        unsent = _remove(lines[share.line_id], share.quantity) if share.line_id else 0
        db.session.add(
            RefundLine(
                refund_id=refund.id,
                line_item_id=share.line_id,
                quantity=share.quantity,
                restocked_quantity=share.quantity if share.line_id in restock else 0,
                unsent_quantity=unsent,
                amount=share.amount.amount,
                taxes=_taxes(parts[share.line_id], share.amount),
            )
        )
    db.session.flush()
    db.session.refresh(refund, ["lines"])


def _taxes(part: Portion, amount: Money) -> list[dict[str, object]]:
    return [
        {"name": name, "rate_ppm": rate_ppm, "amount": tax.amount}
        for (name, rate_ppm), tax in part.taxes_of(amount).items()
    ]


def _remove(line: LineItem, quantity: int) -> int:
    """What is given back and not sent yet need not be sent; how many units that are."""
    unsent = min(quantity, line.unsent_quantity)
    line.removed_quantity += unsent
    return unsent


def _hold(payment: Payment, amount: Money) -> None:
    """Raises MoreThanLeft."""
    held = db.session.scalar(
        sa.update(Payment)
        .where(Payment.id == payment.id, Payment.refunded_amount + amount.amount <= Payment.amount)
        .values(refunded_amount=Payment.refunded_amount + amount.amount)
        .returning(Payment.id)
        .execution_options(synchronize_session=False)
    )
    if held is None:
        db.session.refresh(payment)
        raise MoreThanLeft(payment.left)
    db.session.refresh(payment)


def _ours(found: RefundSnapshot, refunds: Sequence[Refund], store_id: str) -> Refund | None:
    """By Stripe's id, else by the id that we gave it: its answer may be on the way still."""
    known = next((one for one in refunds if one.provider_refund_id == found.id), None)
    if known is not None or found.metadata.get("store") != store_id:
        return known
    named = found.metadata.get("refund_id", "")
    return next(
        (one for one in refunds if str(one.id) == named and one.provider_refund_id is None), None
    )


def _from_dashboard(
    order: Order, payment: Payment, found: RefundSnapshot, refunds: Sequence[Refund]
) -> Refund | None:
    """Its shares are taken from the whole order, since nobody said for what it is."""
    try:
        amount = from_stripe(found.amount, found.currency)
    except AmountNotExpressible:
        return None
    if amount.amount <= 0 or amount.currency != payment.currency:
        return None
    refund = Refund(
        order_id=order.id,
        payment_id=payment.id,
        method=RefundMethod.STRIPE,
        status=RefundStatus.REQUESTED,
        amount=amount.amount,
        currency=amount.currency,
        provider_refund_id=found.id,
    )
    taken = _shares_of_any(order, amount, refunds)
    if found.status not in COUNTED:  # over before the shop heard of it: its amount is free
        refund.status, refund.failure_code, taken = found.status, found.failure_code[:80], []
        tell_failure(order, refund)
    else:
        _hold(payment, amount)
    db.session.add(refund)
    _add_lines(order, refund, taken)
    return refund


def _shares_of_any(order: Order, amount: Money, refunds: Sequence[Refund]) -> list[Share]:
    if amount.currency != order.currency:
        return []
    parts = queries.portions_of(order, refunds)
    surplus = queries.surplus_of(order, payments_of(order.id), parts)
    try:
        return shares(
            parts, units={}, delivery=Money.zero(order.currency), amount=amount, surplus=surplus
        )
    except MoreThanLeft:
        return []
