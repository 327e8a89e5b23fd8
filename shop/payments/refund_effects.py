"""What follows when a refund moves on: goods on the shelf, gift cards, mails, amounts set free.

Inside the caller's transaction, with the order locked first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa

from shop.extensions import db
from shop.gift_cards import queries as gift_card_queries
from shop.gift_cards import service as gift_cards
from shop.gift_cards.models import GiftCard
from shop.inventory import reservations
from shop.orders import fulfillments
from shop.orders import service as orders
from shop.orders.event_kinds import EventKind, ReviewReason
from shop.orders.models import Order
from shop.orders.states import OrderState
from shop.payments import emails
from shop.payments import refund_queries as queries
from shop.payments.models import Payment
from shop.payments.refund_models import Refund, RefundMethod, RefundStatus
from shop.payments.refund_plan import gift_lines, voidings_of
from shop.payments.shares import Share

#: An answer that was overtaken by a newer one changes nothing.
_RANK = {
    RefundStatus.REQUESTED: 0,
    RefundStatus.PENDING: 1,
    RefundStatus.REQUIRES_ACTION: 2,
    RefundStatus.SUCCEEDED: 3,
    RefundStatus.FAILED: 4,
    RefundStatus.CANCELED: 4,
    RefundStatus.REJECTED: 4,
}


def move(order: Order, refund: Refund, status: RefundStatus, code: str = "") -> None:
    """Forward only, each effect once."""
    before = RefundStatus(refund.status)
    if _RANK[status] <= _RANK[before]:
        return
    refund.status, refund.failure_code = status, code[:80]
    if before is RefundStatus.REQUESTED:
        if refund.is_counted:
            _take_effect(order, refund)
        else:
            _take_up_again(order, refund)
    if not refund.is_counted:
        _free(refund)
        tell_failure(order, refund)
    db.session.flush()
    order.refunded_amount = queries.refunded_of(order)


def _free(refund: Refund) -> None:
    """Of a refund by Stripe: the others cannot fail."""
    db.session.execute(
        sa.update(Payment)
        .where(Payment.id == refund.payment_id)
        .values(refunded_amount=Payment.refunded_amount - refund.amount)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(db.session.get_one(Payment, refund.payment_id))


def _take_effect(order: Order, refund: Refund) -> None:
    """Stripe has it, or staff did it: goods go back on the shelf, and people are told."""
    variants = {line.id: line.variant_id for line in order.lines}
    back, unsent = Counter[int](), Counter[int]()
    for line in refund.lines:
        variant_id = variants.get(line.line_item_id or 0)
        if variant_id is not None:
            back[variant_id] += line.restocked_quantity
            unsent[variant_id] += line.unsent_quantity
    reservations.restock(order.id, +back, unsent=unsent, by=refund.account_id)
    _give_to_cards(order, refund)
    _end_bought_cards(order, refund)
    is_ours = refund.press is not None
    orders.note(
        order,
        EventKind.REFUNDED if is_ours else EventKind.REFUNDED_AT_STRIPE,
        by=refund.account_id,
        amount=refund.amount,
        currency=refund.currency,
        refund=refund.id,
        method=refund.method,
    )
    if refund.is_told and refund.method != RefundMethod.STORE_CREDIT:  # which has a mail of its own
        emails.enqueue_refunded(refund)


def _give_to_cards(order: Order, refund: Refund) -> None:
    key, by = f"refund:{refund.id}", refund.account_id
    if refund.method == RefundMethod.GIFT_CARD:
        gift_cards.refund_to(order.id, refund.total, key=key, by=by)
    if refund.method == RefundMethod.STORE_CREDIT:
        gift_cards.give_credit(
            order.email, refund.total, key=key, language=order.language, order_id=order.id, by=by
        )


def _end_bought_cards(order: Order, refund: Refund) -> None:
    """Cards whose price is given back pay so much less."""
    taken = [
        Share(line.line_item_id, line.quantity, refund.share_of(line)) for line in refund.lines
    ]
    others = [one for one in queries.refunds_of(order.id) if one.id != refund.id]
    bought = {card.id: card for card in _locked_cards(order, taken)}
    by = refund.account_id
    for voiding in voidings_of(order, others, taken):
        card = bought[voiding.card.id]
        gift_cards.void(card, voiding.amount, order_id=order.id, key=f"void:{refund.id}", by=by)
        if voiding.ends and card.is_active:
            gift_cards.set_active(card, False, by=by)


def _locked_cards(order: Order, taken: Sequence[Share]) -> list[GiftCard]:
    """Nobody spends them meanwhile; in the order of their ids, as everywhere."""
    if not gift_lines(order, taken):
        return []
    ids = sorted(card.id for card in gift_card_queries.bought_by(order.id))
    return [card for id_ in ids if (card := gift_cards.locked(id_)) is not None]


def _take_up_again(order: Order, refund: Refund) -> None:
    """It never began: its units are to be sent as before."""
    lines = {line.id: line for line in order.lines}
    for line in refund.lines:
        if line.line_item_id is not None:
            lines[line.line_item_id].removed_quantity -= line.unsent_quantity
    fulfillments.recount(order)


def tell_failure(order: Order, refund: Refund) -> None:
    """A refund that failed later is a task for staff: the shopper was told of money that did not
    arrive.
    """
    is_rejected = refund.status == RefundStatus.REJECTED
    orders.note(
        order,
        EventKind.REFUND_REJECTED if is_rejected else EventKind.REFUND_FAILED,
        by=refund.account_id if is_rejected else None,
        amount=refund.amount,
        currency=refund.currency,
        code=refund.failure_code,
    )
    if is_rejected:
        return
    if order.state != OrderState.PAYMENT_REVIEW:
        order.review_reason = ReviewReason.REFUND_FAILED
