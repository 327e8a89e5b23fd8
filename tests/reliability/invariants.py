"""What must be true of the shop whenever it is at rest, whatever happened to it before."""

from __future__ import annotations

from collections import Counter
from email import message_from_bytes
from typing import Any

import sqlalchemy as sa

from shop.extensions import db
from shop.gift_cards import queries as gift_cards
from shop.inventory.models import MovementReason, Reservation, StockItem, StockMovement
from shop.orders.models import LineItem, Order, OrderCounter, OrderEvent
from shop.orders.states import Move, OrderState, next_state
from shop.outbox.models import OutboxMessage
from shop.payments.models import AttemptStatus, Payment, PaymentAttempt, StripeEvent
from shop.pricing.discount_models import DiscountUse, StoredDiscount
from tests.reliability.shop_processes import KEY, OLD_SECRET, SECRET, Shop

#: States in which an order may hold stock that it has not sold.
HOLDING = {OrderState.PENDING_PAYMENT, OrderState.AWAITING_BANK, OrderState.PAYMENT_REVIEW}
MOVES = {
    "paid": Move.PAY,
    "awaiting_bank": Move.WAIT_FOR_BANK,
    "bank_refused": Move.BANK_REFUSED,
    "expired": Move.EXPIRE,
    "canceled": Move.CANCEL,
}
#: Test cards and the test's own secrets have no business in a log.
CANARIES = ("4242424242424242", "4242 4242 4242 4242", KEY, SECRET, OLD_SECRET)


def check_invariants(shop: Shop, *, drained: bool = True) -> None:
    """All of them, against the sandbox's ledger; `drained`: the worker has had its turn."""
    ledger = shop.sandbox.ledger()
    with shop.app.app_context():
        db.session.rollback()
        orders = list(db.session.scalars(sa.select(Order).order_by(Order.id)))
        stock_adds_up(orders)
        money_and_orders_agree(ledger, orders)
        sums_agree(ledger, orders)
        gift_cards_add_up(orders)
        discounts_add_up(orders)
        only_listed_moves(orders)
        if drained:
            each_promise_is_kept(shop, orders)
        db.session.rollback()
    refunds_stay_within_payments(ledger)
    answers_are_fit(shop)


def stock_adds_up(orders: list[Order]) -> None:
    """I1: counters, movements, reservations and paid orders tell the same."""
    state = {order.id: order.state for order in orders}
    moved, sold_by_movement = _movements()
    reservations = list(db.session.scalars(sa.select(Reservation)))
    held, sold, waiting = Counter[int](), Counter[int](), Counter[int]()
    for reservation in reservations:
        waiting[reservation.variant_id] += reservation.waiting
        if reservation.state == "held":
            assert state[reservation.order_id] in HOLDING, f"order {reservation.order_id}"
            held[reservation.variant_id] += reservation.quantity
        if reservation.state == "sold":
            assert state[reservation.order_id] == OrderState.PAID
            sold[reservation.variant_id] += reservation.quantity
    ordered = _units_of_paid_orders()
    for item in db.session.scalars(sa.select(StockItem)):
        variant = item.variant_id
        assert item.on_hand == moved[variant], f"variant {variant}: movements"
        assert item.reserved == held[variant], f"variant {variant}: reservations"
        assert item.reserved >= 0
        assert not item.is_tracked or item.reserved <= item.on_hand + item.backorder_limit
        short = max(0, item.reserved - item.on_hand) if item.is_tracked else 0
        assert short == waiting[variant], f"variant {variant}: waiting"
        assert sold_by_movement[variant] == sold[variant] == ordered[variant]


def money_and_orders_agree(ledger: dict[str, Any], orders: list[Order]) -> None:
    """I2: each paid session has its payment and a paid order, or a person is asked; and no order
    is paid without money.
    """
    payments = {row.provider_payment_id: row for row in db.session.scalars(sa.select(Payment))}
    by_id = {order.id: order for order in orders}
    received = {s["payment_intent"] for s in ledger["sessions"] if s["payment_status"] == "paid"}
    for session in ledger["sessions"]:
        if session["payment_status"] != "paid":
            continue
        order = by_id[int(session["client_reference_id"])]
        assert session["payment_intent"] in payments or order.review_reason, session["id"]
        assert order.is_paid or order.review_reason, f"{session['id']}: order is {order.state}"
    assert payments.keys() <= received
    paid_orders = Counter(row.order_id for row in payments.values())
    for order in orders:
        if order.is_paid and order.due:
            assert paid_orders[order.id] >= 1, f"order {order.id} is paid by nothing"
            assert paid_orders[order.id] == 1 or order.review_reason == "paid_twice"
    numbers = sorted(order.number for order in orders if order.number is not None)
    last = db.session.scalar(sa.select(OrderCounter.last_number))
    assert last is not None
    assert numbers == list(range(last - len(numbers) + 1, last + 1)), "order numbers have gaps"
    assert all((order.number is not None) == order.is_paid for order in orders)


def sums_agree(ledger: dict[str, Any], orders: list[Order]) -> None:
    """I3: what was agreed, what Stripe was asked for, and what came is one sum."""
    sessions = {session["id"]: session for session in ledger["sessions"]}
    lines = Counter[int]()
    for line in db.session.scalars(sa.select(LineItem)):
        assert line.total_amount == line.unit_amount * line.quantity - line.discount_amount
        lines[line.order_id] += line.total_amount
    totals = {order.id: (order.due.amount, order.currency.lower()) for order in orders}
    for order in orders:
        bill = order.bill
        added = 0 if order.is_tax_included else order.tax_amount
        delivery = order.shipping_amount - order.shipping_discount_amount
        moved = order.rounding_amount - order.relief_amount
        assert order.total_amount == lines[order.id] + delivery + added + moved
        assert order.tax_amount == sum(tax.amount.amount for tax in bill.taxes)
        assert order.discount_amount == sum(line.amount.amount for line in bill.discounts)
    live = Counter[int]()
    for attempt in db.session.scalars(sa.select(PaymentAttempt)):
        assert attempt.amount == totals[attempt.order_id][0]
        live[attempt.order_id] += attempt.status in (AttemptStatus.CREATING, AttemptStatus.OPEN)
        if attempt.session_id is not None:
            session = sessions[attempt.session_id]
            assert (session["amount_total"], session["currency"]) == totals[attempt.order_id]
            assert session["client_reference_id"] == str(attempt.order_id)
    assert all(count <= 1 for count in live.values()), "two open payment pages for one order"
    payable = Counter(s["client_reference_id"] for s in sessions.values() if s["status"] == "open")
    assert all(count <= 1 for count in payable.values()), "two ways to pay one order"


def gift_cards_add_up(orders: list[Order]) -> None:
    """I11: a balance is what its ledger adds up to, an order's cards pay what its bill says, and a
    dead order holds nothing.
    """
    assert not list(gift_cards.wrong_balances())
    for order in orders:
        held = sum(gift_cards.held_by(order.id).values())
        if order.state in (OrderState.EXPIRED, OrderState.CANCELED):
            assert held == 0, f"order {order.id}"
        elif order.is_paid:
            assert 0 <= held <= order.gift_card_amount, f"order {order.id}"
        else:
            assert held == order.gift_card_amount, f"order {order.id}"


def discounts_add_up(orders: list[Order]) -> None:
    """I12: a discount counts the orders that carry it, no more of them than its limit, and a dead
    order carries none.
    """
    state = {order.id: order.state for order in orders}
    carried = Counter[int]()
    for use in db.session.scalars(sa.select(DiscountUse)):
        assert state[use.order_id] in HOLDING | {OrderState.PAID}, f"order {use.order_id}"
        carried[use.discount_id] += 1
    for discount in db.session.scalars(sa.select(StoredDiscount)):
        assert discount.used_count == carried[discount.id], f"discount {discount.id}"
        assert discount.limit_total is None or discount.used_count <= discount.limit_total


def refunds_stay_within_payments(ledger: dict[str, Any]) -> None:
    """I4."""
    for charge in ledger["charges"]:
        refunds = [r["amount"] for r in ledger["refunds"] if r["charge"] == charge["id"]]
        assert sum(refunds) <= charge["amount_captured"]


def each_promise_is_kept(shop: Shop, orders: list[Order]) -> None:
    """I6: one confirmation for each paid order, none for another, and nothing left behind."""
    promises = list(db.session.scalars(sa.select(OutboxMessage)))
    confirmed = Counter(
        row.payload["order_id"] for row in promises if row.name == "order_confirmation"
    )
    assert confirmed == Counter(order.id for order in orders if order.is_paid)
    late = [row.id for row in promises if row.sent_at is None and row.parked_at is None]
    assert not late, f"promises not kept: {late}"
    failed = db.session.scalars(sa.select(StripeEvent.id).where(StripeEvent.status == "failed"))
    assert not list(failed), "events that were never taken in"
    mails = [message_from_bytes(file.read_bytes()) for file in shop.mails]
    assert len({mail["Message-ID"] for mail in mails}) == len(mails)
    sent = sum(row.sent_at is not None and row.channel == "email" for row in promises)
    assert len(mails) == sent or shop.settings.mail_server


def only_listed_moves(orders: list[Order]) -> None:
    """I7: the history of every order can be played again and ends in its state."""
    history: dict[int, list[OrderEvent]] = {order.id: [] for order in orders}
    for event in db.session.scalars(sa.select(OrderEvent).order_by(OrderEvent.id)):
        history[event.order_id].append(event)
    for order in orders:
        assert [event.kind for event in history[order.id]].count("placed") == 1
        assert [event.kind for event in history[order.id]].count("paid") <= 1
        assert _played(history[order.id]) == order.state, f"order {order.id}"


def answers_are_fit(shop: Shop) -> None:
    """I9 and I10: no answer of 500 and above but the expected ones, no traceback, no secret."""
    faults = {
        (entry["method"], entry["path"], entry["status"])
        for entry in shop.requests_logged()
        if entry["status"] >= 500 and entry["status"] not in shop.expected_faults
    }
    assert not faults
    for name in ("web", "worker", "sandbox"):
        log = shop.log(name)
        assert not [word for word in CANARIES if word in log], f"a secret is in {name}'s log"
        assert '"unexpected error"' not in log, log[-3000:]


def _movements() -> tuple[Counter[int], Counter[int]]:
    """Sums by variant: of all movements, and of what sales took."""
    moved, sold = Counter[int](), Counter[int]()
    for movement in db.session.scalars(sa.select(StockMovement)):
        moved[movement.variant_id] += movement.quantity
        if movement.reason == MovementReason.SALE:
            sold[movement.variant_id] -= movement.quantity
    return moved, sold


def _units_of_paid_orders() -> Counter[int]:
    rows = db.session.execute(
        sa.select(LineItem.variant_id, LineItem.quantity)
        .join(Order, Order.id == LineItem.order_id)
        .where(Order.state == OrderState.PAID)
    )
    units = Counter[int]()
    for row in rows:
        units[row.variant_id] += row.quantity
    return units


def _played(history: list[OrderEvent]) -> OrderState:
    state = OrderState.PENDING_PAYMENT
    for event in history:
        if event.kind in MOVES:
            state = next_state(state, MOVES[event.kind])
        elif event.kind == "review" and state not in (OrderState.PAID, OrderState.PAYMENT_REVIEW):
            state = next_state(state, Move.REVIEW)
    return state
