"""What happens to an order, one function each. Callers hold the order's row lock (`locked`)."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from shop import audit
from shop.clock import now
from shop.extensions import db
from shop.gift_cards import service as gift_cards
from shop.inventory import reservations
from shop.orders import emails, kept_lines, queries
from shop.orders.event_kinds import EventKind, ReviewReason
from shop.orders.models import LineItem, Order, OrderCounter, OrderEvent
from shop.orders.placement import Placement
from shop.orders.states import FulfillmentState, Move, OrderState, WrongState, next_state
from shop.pricing import discount_service as discounts


def place(
    placement: Placement,
    *,
    checkout_id: int,
    revision: int,
    expires_at: datetime,
    account_id: int | None = None,
) -> Order:
    """Freeze what was agreed and hold its stock, its discounts and what its gift cards pay until
    `expires_at`. `account_id`: of who is signed in; an address that was only typed may be
    anybody's, and claims its orders when it is proved.

    Raises inventory.OutOfStock, discounts.DiscountGone and gift_cards.GiftCardGone; the caller's
    transaction must then roll back.
    """
    order = _new_order(placement, checkout_id, revision, expires_at)
    order.account_id = account_id
    db.session.add(order)
    db.session.flush()
    db.session.execute(
        sa.insert(LineItem),
        [
            {
                "order_id": order.id,
                "position": position,
                "variant_id": line.variant_id,
                "title": line.title,
                "options": line.options,
                "sku": line.sku,
                "file": line.file,
                "unit_amount": line.unit.amount,
                "quantity": line.quantity,
                "discount_amount": line.discount.amount,
                "total_amount": line.total.amount,
                "tax_amount": line.tax.amount,
                "is_gift_card": line.is_gift_card,
                "backordered_quantity": line.backordered,
                "promised_on": line.promised_on if line.backordered else None,
            }
            for position, line in enumerate(placement.lines, start=1)
        ],
    )
    _take_discounts(order, [one.discount_id for one in placement.bill.discounts])
    gift_cards.spend(order.id, placement.gift_cards)
    reservations.reserve(order.id, placement.quantities, waiting=placement.backordered)
    note(order, EventKind.PLACED, total=order.total_amount, currency=order.currency)
    return order


def locked(order_id: int) -> Order:
    """The order as it is now, with its row locked until the transaction ends."""
    return db.session.execute(_LOCKED, {"id": order_id}).scalar_one()


def locked_with_lines(order_id: int) -> Order:
    return db.session.execute(_LOCKED_WITH_LINES, {"id": order_id}).scalar_one()


_LOCKED = (
    sa.select(Order)
    .where(Order.id == sa.bindparam("id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_LOCKED_WITH_LINES = _LOCKED.options(selectinload(Order.lines))


def mark_paid(order: Order, *, at: datetime, method: str = "", by: int | None = None) -> None:
    """The money is here: number the order, let its stock go, issue the gift cards that were bought,
    promise the confirmation.

    `by`: who of the staff says so, where nobody but staff can know. Raises WrongState where the
    order cannot be paid.
    """
    _become_paid(order, Move.PAY, at)
    by_card = {"gift_card": order.gift_card_amount} if order.gift_card_amount else {}
    note(order, EventKind.PAID, by=by, amount=order.due.amount, method=method, **by_card)


def accept(order: Order, *, by: int) -> None:
    """A person finds the reviewed order good: it is paid, and its stock goes.

    Raises WrongState, and OutOfStock or GiftCardGone where what was given back is gone meanwhile.
    """
    next_state(order.state, Move.ACCEPT)
    if not reservations.is_held(order.id):
        _hold_again(order)
    _become_paid(order, Move.ACCEPT, now())
    _reviewed(order, "accepted", by)


def call_off(order: Order, *, by: int) -> None:
    """A person calls the reviewed order off. Its money is given back by refunds, not here."""
    order.state = next_state(order.state, Move.CALL_OFF)
    _let_go(order)
    _reviewed(order, "called_off", by)


def dismiss_review(order: Order, *, by: int) -> None:
    """A person has dealt with what was flagged on an order whose state is not in doubt."""
    if order.state not in (OrderState.PAID, OrderState.CANCELED, OrderState.EXPIRED):
        raise WrongState(OrderState(order.state), Move.ACCEPT)
    _reviewed(order, "dismissed", by)


def retake_stock(order: Order) -> None:
    """Hold an expired order's stock again, since its money came late.

    Raises OutOfStock and GiftCardGone.
    """
    _hold_again(order)
    note(order, EventKind.STOCK_TAKEN_AGAIN)


def wait_for_money(order: Order, until: datetime) -> None:
    """The shopper transfers the money or brings it: the stock is held so long."""
    order.state = next_state(order.state, Move.WAIT_FOR_MONEY)
    order.expires_at = until
    note(order, EventKind.AWAITING_MONEY, pay_by=order.pay_by)
    emails.enqueue_awaiting_money(order)


def authorize(order: Order) -> None:
    """The bank holds the money until staff capture it: the stock stays held as long."""
    order.state = next_state(order.state, Move.AUTHORIZE)
    order.expires_at = None
    note(order, EventKind.AUTHORIZED, amount=order.due.amount)
    emails.enqueue_authorized(order)


def wait_for_bank(order: Order, *, attempt: int) -> None:
    """A delayed payment is under way: the stock stays held until the bank answers."""
    order.state = next_state(order.state, Move.WAIT_FOR_BANK)
    order.expires_at = None
    note(order, EventKind.AWAITING_BANK)
    emails.enqueue_awaiting_bank(order, attempt)


def bank_refused(order: Order, *, attempt: int, pay_until: datetime) -> None:
    """The delayed payment failed: the shopper may pay another way until `pay_until`."""
    order.state = next_state(order.state, Move.BANK_REFUSED)
    order.expires_at = pay_until
    note(order, EventKind.BANK_REFUSED)
    emails.enqueue_payment_failed(order, attempt)


def expire(order: Order) -> None:
    _end(order, Move.EXPIRE)
    note(order, EventKind.EXPIRED)


def cancel(order: Order, *, reason: str, by: int | None = None) -> None:
    """Call an unpaid order off and free its stock, its discounts and its gift cards."""
    _end(order, Move.CANCEL)
    note(order, EventKind.CANCELED, by=by, reason=reason)


def cancel_paid(order: Order, *, reason: str, by: int, restock: bool) -> None:
    """Call a paid order off of which nothing was sent; its money is given back by refunds.

    The order comes with its lines. Raises WrongState.
    """
    if not order.is_paid or any(line.fulfilled_quantity for line in order.lines):
        raise WrongState(OrderState(order.state), Move.CANCEL)
    order.state = next_state(order.state, Move.CANCEL)
    back: dict[int, int] = {}
    for line in order.lines:
        if line.variant_id is not None and line.unsent_quantity:
            back[line.variant_id] = back.get(line.variant_id, 0) + line.unsent_quantity
        line.removed_quantity = line.quantity - line.fulfilled_quantity
    order.fulfillment_state = FulfillmentState.NOTHING_TO_SEND
    reservations.restock(order.id, back if restock else {}, unsent=back, by=by)
    note(order, EventKind.CANCELED, by=by, reason=reason, paid=True, restocked=restock)


def flag(order: Order, reason: ReviewReason, **facts: Any) -> None:
    """Ask a person to look; the state moves to review where the order is not paid yet."""
    order.review_reason = reason
    if order.state != OrderState.PAID and order.state != OrderState.PAYMENT_REVIEW:
        order.state = next_state(order.state, Move.REVIEW)
        order.expires_at = None
    note(order, EventKind.REVIEW, reason=reason, **facts)


def note(order: Order, kind: EventKind, *, by: int | None = None, **data: Any) -> None:
    db.session.add(OrderEvent(order_id=order.id, kind=kind, data=data, account_id=by))
    if by is not None:
        # What a note says stands on the order alone.
        told = {} if kind == EventKind.NOTE else data
        audit.record(by, f"order.{kind}", subject_kind="order", subject_id=order.id, **told)


def extend(order: Order, until: datetime) -> None:
    """A new try to pay holds the stock as long as its payment page is open."""
    if order.state != OrderState.PENDING_PAYMENT:
        raise WrongState(OrderState(order.state), Move.PAY)
    order.expires_at = max(order.expires_at or until, until)


def claim(account_id: int, email: str) -> None:
    """Put the orders of an address into the history of the account that has proved it."""
    db.session.execute(
        sa.update(Order)
        .where(Order.account_id.is_(None), sa.func.lower(Order.email) == email)
        .values(account_id=account_id)
    )


#: Of these the shopper has heard, or money was on its way.
_PROMISED = (OrderState.AWAITING_MONEY, OrderState.AUTHORIZED, OrderState.PAYMENT_REVIEW)


def _end(order: Order, move: Move) -> None:
    """Without having been paid. Who may have sent money is told by mail."""
    was_promised = order.state in _PROMISED
    order.state = next_state(order.state, move)
    order.expires_at, order.review_reason = None, ""
    _let_go(order)
    if was_promised:
        emails.enqueue_ended(order)


def _take_discounts(order: Order, discount_ids: list[int]) -> None:
    if discount_ids:
        has_ordered = queries.has_ordered(order.email)
        discounts.take(order.id, order.email, discount_ids, has_ordered=has_ordered)


def _let_go(order: Order) -> None:
    discounts.release(order.id)
    gift_cards.give_back(order.id)
    reservations.release(order.id)


def _hold_again(order: Order) -> None:
    """Raises OutOfStock, also for a line whose variant is not in the catalog any more, and
    GiftCardGone.
    """
    quantities = _quantities(order.id)
    gone = quantities.pop(None, 0)
    if gone:
        raise reservations.OutOfStock(0, gone)
    discounts.take_again(
        order.id, order.email, [line["discount_id"] for line in order.discount_lines]
    )
    gift_cards.spend_again(order.id)
    reservations.reserve(
        order.id, {variant: held for variant, held in quantities.items() if variant}
    )


def _become_paid(order: Order, move: Move, at: datetime) -> None:
    order.state = next_state(order.state, move)
    reservations.sell(order.id)  # stock before the counter, as everywhere: one lock order
    order.number = _next_number()
    order.paid_at = at
    order.expires_at = None
    emails.enqueue_confirmation(order)
    _issue_gift_cards(order)


def _issue_gift_cards(order: Order) -> None:
    gift = gift_cards.Gift(
        email=order.gift_email or order.email,
        language=order.language,
        sender=order.name if order.gift_email else "",
        message=order.gift_message,
    )
    bought = sa.select(LineItem).where(LineItem.order_id == order.id, LineItem.is_gift_card)
    for line in db.session.scalars(bought.where(LineItem.unit_amount > 0)).all():
        for unit in range(1, line.quantity + 1):
            gift_cards.issue_bought(
                order.money(line.unit_amount),
                gift,
                order_id=order.id,
                line_item_id=line.id,
                unit=unit,
            )


def _reviewed(order: Order, decision: str, by: int) -> None:
    order.review_reason = ""
    note(order, EventKind.REVIEWED, by=by, decision=decision)


def _next_number() -> int:
    number = db.session.scalar(
        sa.update(OrderCounter)
        .where(OrderCounter.id == 1)
        .values(last_number=OrderCounter.last_number + 1)
        .returning(OrderCounter.last_number)
        .execution_options(synchronize_session=False)
    )
    if number is None:
        raise RuntimeError("the order counter's row is missing; run the migrations")
    return number


def _quantities(order_id: int) -> dict[int | None, int]:
    rows = db.session.execute(
        sa.select(LineItem.variant_id, LineItem.quantity).where(LineItem.order_id == order_id)
    ).all()
    return {row.variant_id: row.quantity for row in rows}


def _new_order(
    placement: Placement, checkout_id: int, revision: int, expires_at: datetime
) -> Order:
    buyer, bill = placement.buyer, placement.bill
    return Order(
        token=secrets.token_urlsafe(24),
        checkout_id=checkout_id,
        revision=revision,
        fingerprint=placement.fingerprint,
        state=OrderState.PENDING_PAYMENT,
        fulfillment_state=(
            FulfillmentState.NOTHING_TO_SEND
            if all(line.is_gift_card for line in placement.lines)
            else FulfillmentState.UNFULFILLED
        ),
        currency=bill.total.currency,
        subtotal_amount=bill.subtotal.amount,
        discount_amount=bill.discount.amount,
        shipping_amount=bill.shipping.amount,
        shipping_discount_amount=bill.shipping_discount.amount,
        tax_amount=bill.tax.amount,
        relief_amount=bill.relief.amount,
        relief_name=bill.relief_name if bill.relief else "",
        rounding_amount=bill.rounding.amount,
        total_amount=bill.total.amount,
        gift_card_amount=bill.gift_card.amount,
        is_tax_included=bill.is_tax_included,
        tax_lines=[kept_lines.kept(line) for line in bill.taxes],
        discount_lines=[kept_lines.kept(line) for line in bill.discounts],
        steps=[kept_lines.kept(step) for step in placement.steps],
        language=placement.language,
        email=buyer.email,
        **asdict(buyer.address),
        phone=buyer.phone,
        vat_number=buyer.vat_number,
        billing=asdict(placement.billing) if placement.billing else {},
        note=placement.note,
        gift_message=placement.gift_message,
        gift_email=placement.gift_email,
        shipping_name=placement.shipping_name,
        shipping_min_days=placement.shipping_min_days,
        shipping_max_days=placement.shipping_max_days,
        collect_from=placement.collect_from,
        pay_by=placement.pay_by,
        instructions=placement.offline.instructions if placement.offline else "",
        placed_at=now(),
        expires_at=expires_at,
    )
