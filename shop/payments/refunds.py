"""Giving money back: what is asked of Stripe, and what its answers mean.

Every function runs inside the caller's transaction, with the order locked first. Amounts are held
by a conditional UPDATE of the payment, so that all refunds together never exceed what was paid.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from shop.extensions import db
from shop.gift_cards import queries as gift_card_queries
from shop.gift_cards import service as gift_cards
from shop.gift_cards.models import GiftCard
from shop.inventory import reservations
from shop.money import Money, total_of
from shop.orders import emails as order_emails
from shop.orders import fulfillments
from shop.orders import queries as order_queries
from shop.orders import service as orders
from shop.orders.models import Fulfillment, LineItem, Order
from shop.orders.service import EventKind, ReviewReason
from shop.orders.states import Move, OrderState, WrongState
from shop.payments import emails
from shop.payments import refund_queries as queries
from shop.payments.amounts import AmountNotExpressible, from_stripe
from shop.payments.bought_cards import BoughtCard, Voiding, voidings
from shop.payments.models import Payment
from shop.payments.queries import payments_of
from shop.payments.refund_models import (
    COUNTED,
    Refund,
    RefundLine,
    RefundMethod,
    RefundReason,
    RefundStatus,
)
from shop.payments.shares import MoreThanLeft, Portion, Share, cut, shares
from shop.payments.snapshots import RefundSnapshot

#: Orders whose money may be given back; a review is decided first.
REFUNDABLE = (OrderState.PAID, OrderState.CANCELED, OrderState.EXPIRED)
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


#: Stands for the order's gift cards among its payments.
GIFT_CARDS = 0


class NothingToRefund(Exception):
    """Nothing was chosen, or what was chosen is worth nothing."""


class RefundedMeanwhile(Exception):
    """Somebody else gave money back since the form was made."""


@dataclass(frozen=True, kw_only=True)
class RefundWish:
    """What staff decided to give back."""

    #: Units by line of the order.
    units: Mapping[int, int] = field(default_factory=dict)
    #: Lines whose units go back on the shelf.
    restock: frozenset[int] = frozenset()
    delivery: Money
    #: None: what units and delivery are worth.
    amount: Money | None = None
    #: None: from card payments first, then from the others, oldest first, then to gift cards;
    #: GIFT_CARDS: to those alone.
    payment_id: int | None = None
    #: None: the way it was paid. Else recorded as given by hand, or kept as store credit.
    method: RefundMethod | None = None
    reason: RefundReason = RefundReason.REQUESTED_BY_CUSTOMER
    note: str = ""
    is_told: bool = True
    #: Names one press of the button.
    press: str
    #: `refund_queries.version_of` what the form showed.
    version: str


@dataclass(frozen=True, kw_only=True)
class CancelWish:
    """How staff want a paid order to be called off."""

    reason: str
    #: Whether its goods go back on the shelf, and its money back to the buyer.
    restock: bool
    gives_back: bool
    is_told: bool
    press: str
    version: str


@dataclass(frozen=True)
class PlannedPart:
    """What one payment gives back; none: what goes back to gift cards."""

    payment: Payment | None
    amount: Money
    shares: Sequence[Share]


@dataclass(frozen=True)
class Plan:
    """What a wish comes to."""

    parts: Sequence[PlannedPart]
    shares: Sequence[Share]
    total: Money


def may_be_refunded(order: Order) -> bool:
    return order.state in REFUNDABLE


def plan(order: Order, refunds: Sequence[Refund], wish: RefundWish) -> Plan:
    """Work the wish out without writing anything. Raises NothingToRefund and MoreThanLeft."""
    parts = queries.portions_of(order, refunds)
    sources = _sources(order, wish)
    taken = shares(
        parts,
        units=wish.units,
        delivery=wish.delivery,
        amount=wish.amount,
        surplus=queries.surplus_of(order, payments_of(order.id), parts),
    )
    worth = total_of([share.amount for share in taken], order.currency)
    total = worth if wish.amount is None else wish.amount
    amounts = _spread(total, [left for _payment, left in sources])
    pieces = cut(taken, amounts)
    planned = [
        PlannedPart(payment, amount, piece)
        for (payment, _left), amount, piece in zip(sources, amounts, pieces, strict=True)
        if amount
    ]
    return Plan(planned, taken, total)


def voidings_of(order: Order, refunds: Sequence[Refund], taken: Sequence[Share]) -> list[Voiding]:
    """What the shares take off the gift cards that the order bought. `refunds`: those before."""
    lines = _gift_lines(order, taken)
    if not lines:
        return []
    parts = {part.line_id: part for part in queries.portions_of(order, refunds)}
    worth = {line.id: line.unit for line in order.lines}
    bought = gift_card_queries.bought_by(order.id)
    voided = gift_card_queries.voided(card.id for card in bought)
    return [
        voiding
        for share in taken
        if share.line_id in lines
        for voiding in voidings(
            parts[share.line_id],
            share,
            [
                BoughtCard(
                    card.id,
                    card.last_four,
                    worth[share.line_id],
                    order.money(voided.get(card.id, 0)),
                    card.balance,
                    card.is_active,
                )
                for card in bought
                if card.line_item_id == share.line_id
            ],
        )
    ]


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
            _move(order, refund, RefundStatus.SUCCEEDED)
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
        _move(order, refund, RefundStatus.SUCCEEDED)
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
    _move(order, refund, status, found.failure_code)
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
    _move(order, refund, RefundStatus.REJECTED, code)
    return refund


# Inside -----------------------------------------------------------------------------------------


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


def _sources(order: Order, wish: RefundWish) -> list[tuple[Payment | None, Money]]:
    """Payments that still hold money of the order's currency, then its gift cards, with what each
    can give, in the order they give it.
    """
    found = [one for one in payments_of(order.id) if one.left and one.currency == order.currency]
    found.sort(key=lambda one: (not one.is_by_stripe, one.id))
    sources: list[tuple[Payment | None, Money]] = [(one, one.left) for one in found]
    on_cards = gift_card_queries.refundable(order.id, order.currency)
    if on_cards:
        sources.append((None, on_cards))
    if wish.payment_id is None:
        return sources
    wanted = wish.payment_id or None
    return [(one, left) for one, left in sources if (one.id if one else None) == wanted]


def _spread(amount: Money, holds: Sequence[Money]) -> list[Money]:
    """Of each source in turn as much as it holds. Raises NothingToRefund and MoreThanLeft."""
    if amount.amount <= 0:
        raise NothingToRefund
    left = total_of(holds, amount.currency)
    if left < amount:
        raise MoreThanLeft(left)
    amounts, wanted = [], amount
    for most in holds:
        part = min(most, wanted, key=lambda money: money.amount)
        amounts.append(part)
        wanted -= part
    return amounts


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


def _free(refund: Refund) -> None:
    """Of a refund by Stripe: the others cannot fail."""
    db.session.execute(
        sa.update(Payment)
        .where(Payment.id == refund.payment_id)
        .values(refunded_amount=Payment.refunded_amount - refund.amount)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(db.session.get_one(Payment, refund.payment_id))


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
        _tell_failure(order, refund)
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


def _move(order: Order, refund: Refund, status: RefundStatus, code: str = "") -> None:
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
        _tell_failure(order, refund)
    db.session.flush()
    order.refunded_amount = queries.refunded_of(order)


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
    if not _gift_lines(order, taken):
        return []
    ids = sorted(card.id for card in gift_card_queries.bought_by(order.id))
    return [card for id_ in ids if (card := gift_cards.locked(id_)) is not None]


def _gift_lines(order: Order, taken: Sequence[Share]) -> set[int]:
    of_cards = {line.id for line in order.lines if line.is_gift_card}
    return of_cards & {share.line_id for share in taken if share.line_id is not None}


def _take_up_again(order: Order, refund: Refund) -> None:
    """It never began: its units are to be sent as before."""
    lines = {line.id: line for line in order.lines}
    for line in refund.lines:
        if line.line_item_id is not None:
            lines[line.line_item_id].removed_quantity -= line.unsent_quantity
    fulfillments.recount(order)


def _tell_failure(order: Order, refund: Refund) -> None:
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
