"""Giving money back, once, whatever happens in between."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from shop.clock import now
from shop.database import transaction
from shop.extensions import db
from shop.money import Money
from shop.orders import fulfillments
from shop.orders import service as orders
from shop.orders.event_kinds import ReviewReason
from shop.orders.fulfillment_models import Fulfillment
from shop.orders.fulfillments import Parcel
from shop.orders.models import Order
from shop.orders.states import WrongState
from shop.orders.urls import order_url
from shop.outbox import mailer
from shop.payments import events, letters, refund_queries, refunding, refunds, settlement
from shop.payments.gateway import PaymentRefused, PaymentsUnreachable
from shop.payments.models import EventStatus, Payment
from shop.payments.reconcile import reconcile
from shop.payments.refund_models import RefundMethod, RefundStatus
from shop.payments.refund_plan import NothingToRefund, RefundWish
from shop.payments.refunds import RefundedMeanwhile
from shop.payments.shares import MoreThanLeft
from tests.accounts.people import make_admin
from tests.factories import make_order, make_store, make_variant
from tests.fakes import FakeGateway, event
from tests.payments.refunding import (
    SHOP,
    give,
    held,
    kinds,
    line_of,
    mails,
    nothing_moved,
    pay,
    pounds,
    refunds_of,
    stock,
    tell,
    wish,
)

# By line -----------------------------------------------------------------------------------------


def test_a_unit_is_given_back_with_its_tax_and_goes_on_the_shelf(
    order: Order, gateway: FakeGateway, staff: int
) -> None:
    line = line_of(order).id

    (refund,) = give(order, gateway, staff, units={line: 1}, restock=frozenset({line}))

    db.session.refresh(order)
    assert (refund.status, refund.amount, refund.currency) == ("succeeded", 3400, "GBP")
    assert [(one.quantity, one.amount, one.taxes) for one in refund.lines] == [
        (1, 3400, [{"name": "VAT", "rate_ppm": 200_000, "amount": 567}])
    ]
    (asked,) = gateway.refunds.values()
    assert (asked.amount, asked.metadata) == (
        3400, {"order_id": str(order.id), "refund_id": str(refund.id), "store": "till"},
    )  # fmt: skip
    assert (order.refunded_amount, held(order)) == (3400, [3400])
    assert stock(order) == (9, 0)
    assert line_of(order).removed_quantity == 1
    assert kinds(order)[-1] == "refunded"
    assert mails() == ["order_confirmation", "order_refunded"]


def test_what_is_not_put_back_is_not_counted(
    order: Order, gateway: FakeGateway, staff: int
) -> None:
    give(order, gateway, staff, units={line_of(order).id: 2}, is_told=False)

    assert stock(order) == (8, 0)
    assert mails() == ["order_confirmation"]


def test_all_in_three_steps_is_all_that_was_paid(
    order: Order, gateway: FakeGateway, staff: int
) -> None:
    line = line_of(order).id
    give(order, gateway, staff, units={line: 1})
    give(order, gateway, staff, amount=pounds(100))
    give(order, gateway, staff, units={line: 1}, delivery=pounds(438), amount=pounds(3750))

    db.session.refresh(order)
    assert sum(refund.amount for refund in refunds_of(order)) == 7250
    assert order.refunded_amount == order.total_amount
    taxes = [tax["amount"] for one in refunds_of(order) for part in one.lines for tax in part.taxes]
    assert sum(taxes) == order.tax_amount
    with pytest.raises(MoreThanLeft):
        give(order, gateway, staff, amount=pounds(1))
    assert len(gateway.refunds) == 3


# Refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"units": {"line": 3}}, MoreThanLeft),
        ({"delivery": Money(451, "GBP")}, MoreThanLeft),
        ({"amount": Money(7251, "GBP")}, MoreThanLeft),
        ({}, NothingToRefund),
        ({"amount": Money(0, "GBP")}, NothingToRefund),
        ({"amount": Money(100, "GBP"), "version": "0"}, None),
        ({"amount": Money(100, "GBP"), "version": "1-suc"}, RefundedMeanwhile),
    ],
)
def test_what_cannot_be_given_back_moves_nothing(
    order: Order, gateway: FakeGateway, staff: int, values: dict[str, Any], refusal: Any
) -> None:
    if "units" in values:
        values = {"units": {line_of(order).id: 3}}
    if refusal is None:
        give(order, gateway, staff, **values)
        return

    with pytest.raises(refusal):
        give(order, gateway, staff, **values)

    nothing_moved(order, gateway)


def test_a_reviewed_order_is_decided_before_it_is_refunded(
    app: Flask, gateway: FakeGateway, staff: int
) -> None:
    order = make_order(make_variant(on_hand=10), quantity=2)
    pay(order, gateway, amount_total=7000)

    with pytest.raises(WrongState):
        give(order, gateway, staff, amount=pounds(100))
    assert gateway.refunds == {}

    with transaction():
        orders.call_off(orders.locked(order.id), by=staff)
    give(order, gateway, staff, amount=pounds(7000))

    assert held(order) == [7000]


def test_what_stripe_refuses_moves_nothing(order: Order, gateway: FakeGateway, staff: int) -> None:
    line = line_of(order).id

    def refuse() -> None:
        raise PaymentRefused("disputed", code="charge_disputed")

    gateway.meanwhile = refuse

    (refund,) = give(order, gateway, staff, units={line: 1}, restock=frozenset({line}))

    db.session.refresh(order)
    assert (refund.status, refund.failure_code) == ("rejected", "charge_disputed")
    assert (order.refunded_amount, held(order), order.review_reason) == (0, [0], "")
    assert line_of(order).removed_quantity == 0
    assert stock(order) == (8, 0)
    assert kinds(order)[-1] == "refund_rejected"
    assert mails() == ["order_confirmation"]


def test_the_database_refuses_more_than_was_paid(order: Order) -> None:
    for statement in (
        "UPDATE payments SET refunded_amount = amount + 1",
        "UPDATE orders SET refunded_amount = total_amount + 1",
        "UPDATE line_items SET removed_quantity = quantity + 1",
    ):
        with pytest.raises(sa.exc.IntegrityError), db.session.begin_nested():
            db.session.execute(sa.text(statement))


# Twice, and crashes ------------------------------------------------------------------------------


def test_the_same_press_refunds_once(order: Order, gateway: FakeGateway, staff: int) -> None:
    same = wish(order, amount=pounds(1000))

    made = [refunding.refund(order.id, same, gateway, by=staff)[0].id for _ in range(3)]

    assert len(set(made)) == len(gateway.refunds) == 1
    assert held(order) == [1000]
    assert mails().count("order_refunded") == 1


def test_two_staff_at_once_do_not_both_refund(
    order: Order, gateway: FakeGateway, staff: int
) -> None:
    first, second = (wish(order, amount=pounds(1000)) for _ in range(2))
    refunding.refund(order.id, first, gateway, by=staff)

    with pytest.raises(RefundedMeanwhile):
        refunding.refund(order.id, second, gateway, by=staff)

    assert len(gateway.refunds) == 1
    assert held(order) == [1000]


def test_twenty_presses_at_once_refund_once(own_database: Flask) -> None:
    gateway = FakeGateway()
    with own_database.app_context():
        make_store()
        order = make_order(make_variant(unit_amount=3400, on_hand=10), quantity=2)
        pay(order, gateway)
        staff, order_id = make_admin().id, order.id
        db.session.commit()
        wishes = [wish(order, amount=pounds(5000))] * 10
        wishes += [wish(order, amount=pounds(5000)) for _ in range(10)]

    def press(one: RefundWish) -> int:
        with own_database.app_context():
            try:
                return len(refunding.refund(order_id, one, gateway, by=staff))
            except (RefundedMeanwhile, MoreThanLeft):
                return 0

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(press, wishes))

    with own_database.app_context():
        assert [refund.amount for refund in gateway.refunds.values()] == [5000]
        assert held(db.session.get_one(Order, order_id)) == [5000]
        assert len(refund_queries.refunds_of(order_id)) == 1
        assert mails().count("order_refunded") == 1


def no_answer() -> None:
    raise PaymentsUnreachable("no answer")


def test_a_refund_without_an_answer_is_asked_for_again_with_the_same_key(
    order: Order, gateway: FakeGateway, staff: int
) -> None:
    gateway.meanwhile = no_answer
    with pytest.raises(PaymentsUnreachable):
        give(order, gateway, staff, amount=pounds(1000))
    assert [refund.status for refund in refunds_of(order)] == ["requested"]
    assert held(order) == [1000]
    gateway.meanwhile = None

    for _ in range(2):
        report = reconcile(gateway, settling_time=timedelta(0))

    assert report.failures == []
    assert [refund.status for refund in refunds_of(order)] == ["succeeded"]
    assert len(gateway.refunds) == 1
    assert mails().count("order_refunded") == 1


def test_an_old_request_is_looked_for_before_it_is_repeated(
    order: Order, gateway: FakeGateway, staff: int
) -> None:
    """Stripe has made the refund and, a day later, forgotten the key; the answer was lost."""
    gateway.meanwhile = no_answer
    with pytest.raises(PaymentsUnreachable):
        give(order, gateway, staff, amount=pounds(1000))
    (refund,) = refunds_of(order)
    (session_id,) = gateway.sessions
    metadata = {"order_id": str(order.id), "refund_id": str(refund.id), "store": "till"}
    gateway.refund_in_dashboard(f"pi_{session_id}", 1000, metadata=metadata)
    gateway.meanwhile = None

    with time_machine.travel(now() + timedelta(days=2)):
        reconcile(gateway)

    assert len(gateway.refunds) == 1
    assert [one.status for one in refunds_of(order)] == ["succeeded"]


def test_stripes_event_may_be_here_before_its_answer(
    order: Order, gateway: FakeGateway, staff: int
) -> None:
    gateway.meanwhile = no_answer
    with pytest.raises(PaymentsUnreachable):
        give(order, gateway, staff, amount=pounds(1000))
    gateway.meanwhile = None
    (refund,) = refunds_of(order)
    (session_id,) = gateway.sessions
    metadata = {"order_id": str(order.id), "refund_id": str(refund.id), "store": "till"}
    made = gateway.refund_in_dashboard(f"pi_{session_id}", 1000, metadata=metadata)

    tell(gateway, "refund.created", made)

    assert [(one.id, one.status) for one in refunds_of(order)] == [(refund.id, "succeeded")]
    assert held(order) == [1000]


# What Stripe tells -------------------------------------------------------------------------------


def test_a_refund_in_the_dashboard_flows_back_once(order: Order, gateway: FakeGateway) -> None:
    (session_id,) = gateway.sessions
    made = gateway.refund_in_dashboard(f"pi_{session_id}", 1450)

    for kind in ("refund.created", "charge.refunded", "refund.updated"):
        assert tell(gateway, kind, made) is EventStatus.DONE

    db.session.refresh(order)
    (refund,) = refunds_of(order)
    assert (refund.status, refund.amount, refund.account_id) == ("succeeded", 1450, None)
    assert sum(line.amount for line in refund.lines) == 1450
    assert (order.refunded_amount, held(order)) == (1450, [1450])
    assert kinds(order)[-1] == "refunded_at_stripe"
    assert kinds(order).count("refunded_at_stripe") == 1
    assert mails() == ["order_confirmation"]


def test_an_own_refund_is_not_booked_twice(order: Order, gateway: FakeGateway, staff: int) -> None:
    give(order, gateway, staff, amount=pounds(1000))
    (made,) = gateway.refunds

    tell(gateway, "refund.created", made)
    tell(gateway, "charge.refunded", made)

    assert len(refunds_of(order)) == 1
    assert held(order) == [1000]
    assert mails().count("order_refunded") == 1


def test_a_refund_that_fails_later_is_a_task_and_frees_its_amount(
    order: Order, gateway: FakeGateway, staff: int
) -> None:
    give(order, gateway, staff, amount=pounds(7250))
    (made,) = gateway.refunds
    gateway.end_refund(made, "failed", "expired_or_canceled_card")

    for kind in ("refund.failed", "charge.refund.updated"):
        tell(gateway, kind, made)

    db.session.refresh(order)
    (refund,) = refunds_of(order)
    assert (refund.status, refund.failure_code) == ("failed", "expired_or_canceled_card")
    assert (order.refunded_amount, held(order)) == (0, [0])
    assert (order.state, order.review_reason) == ("paid", ReviewReason.REFUND_FAILED)
    assert kinds(order).count("refund_failed") == 1

    give(order, gateway, staff, amount=pounds(7250), method=RefundMethod.BY_HAND)

    db.session.refresh(order)
    assert [one.method for one in refunds_of(order)] == ["stripe", "by_hand"]
    assert order.refunded_amount == 7250
    assert len(gateway.refunds) == 1


def test_a_pending_refund_ends_by_its_event_and_never_goes_back(
    order: Order, gateway: FakeGateway, staff: int
) -> None:
    gateway.refund_status = "pending"
    (refund,) = give(order, gateway, staff, amount=pounds(1000))
    assert (refund.status, held(order)) == ("pending", [1000])
    (made,) = gateway.refunds
    gateway.end_refund(made, "succeeded")
    tell(gateway, "refund.updated", made)

    gateway.end_refund(made, "pending")  # an answer that was overtaken
    tell(gateway, "refund.updated", made)

    assert [one.status for one in refunds_of(order)] == ["succeeded"]
    assert mails().count("order_refunded") == 1


def test_a_refund_of_another_application_is_ignored(order: Order, gateway: FakeGateway) -> None:
    happened = event("refund.created", id="re_other", payment_intent="pi_other", amount=100)

    assert events.receive(happened, gateway) is EventStatus.IGNORED
    nothing_moved(order, gateway)


def test_money_that_was_given_back_before_the_shop_knew_of_it(
    app: Flask, gateway: FakeGateway
) -> None:
    order = make_order(make_variant(unit_amount=3400, on_hand=10), quantity=2)
    db.session.commit()
    settlement.start(order.id, gateway, SHOP)
    (session_id,) = gateway.sessions
    gateway.pay(session_id)
    made = gateway.refund_in_dashboard(f"pi_{session_id}", 7250)

    assert tell(gateway, "charge.refunded", made) is EventStatus.DONE

    db.session.refresh(order)
    assert (order.state, order.refunded_amount) == ("paid", 7250)


def test_a_dashboard_refund_passes_one_that_stripe_will_refuse(
    order: Order, gateway: FakeGateway, staff: int
) -> None:
    gateway.meanwhile = no_answer
    with pytest.raises(PaymentsUnreachable):
        give(order, gateway, staff, amount=pounds(7000))
    gateway.meanwhile = None
    (session_id,) = gateway.sessions
    made = gateway.refund_in_dashboard(f"pi_{session_id}", 7250)

    tell(gateway, "charge.refunded", made)

    assert [(one.status, one.amount) for one in refunds_of(order)] == [
        ("rejected", 7000), ("succeeded", 7250),
    ]  # fmt: skip
    assert held(order) == [7250]


# Several payments --------------------------------------------------------------------------------


@pytest.fixture
def paid_twice(order: Order, gateway: FakeGateway) -> Order:
    (session_id,) = gateway.sessions
    first = db.session.scalars(sa.select(Payment).where(Payment.order_id == order.id)).one()
    db.session.add(
        Payment(
            order_id=order.id, attempt_id=first.attempt_id, provider_payment_id="pi_second",
            amount=7250, currency="GBP", method="card",
        )
    )  # fmt: skip
    gateway.sessions["cs_second"] = gateway.sessions[session_id]
    gateway.change("cs_second", payment_intent_id="pi_second")
    db.session.commit()
    return order


def test_the_second_payment_of_an_order_goes_back_whole_and_the_order_stays_paid(
    paid_twice: Order, gateway: FakeGateway, staff: int
) -> None:
    second = db.session.scalars(
        sa.select(Payment.id).where(Payment.provider_payment_id == "pi_second")
    ).one()

    (refund,) = give(paid_twice, gateway, staff, amount=pounds(7250), payment_id=second)

    db.session.refresh(paid_twice)
    assert refund.lines == []
    assert held(paid_twice) == [0, 7250]
    assert paid_twice.refunded_amount == 0


def test_one_decision_may_take_from_two_payments(
    paid_twice: Order, gateway: FakeGateway, staff: int
) -> None:
    made = give(paid_twice, gateway, staff, amount=pounds(10_000))

    db.session.refresh(paid_twice)
    assert [(one.amount, one.status) for one in made] == [(7250, "succeeded"), (2750, "succeeded")]
    assert held(paid_twice) == [7250, 2750]
    assert paid_twice.refunded_amount == 2750
    assert sum(line.amount for one in made for line in one.lines) == 2750


def test_every_status_is_one_that_stripe_knows() -> None:
    assert {"pending", "requires_action", "succeeded", "failed", "canceled"} <= set(RefundStatus)


# Money in another currency, and parcels taken back -----------------------------------------------


def test_money_in_another_currency_goes_back_whole_and_once(
    app: Flask, gateway: FakeGateway, staff: int
) -> None:
    order = make_order(make_variant(unit_amount=3400, on_hand=10), quantity=2)
    pay(order, gateway, currency="eur")
    orders.call_off(orders.locked(order.id), by=staff)
    db.session.commit()
    (payment_id,) = db.session.scalars(sa.select(Payment.id)).all()
    with pytest.raises(NothingToRefund):
        refunding.refund_misfit(order.id, payment_id + 1, gateway, press="0", by=staff)

    for _ in range(2):
        (refund,) = refunding.refund_misfit(order.id, payment_id, gateway, press="a", by=staff)

    assert (refund.status, refund.total) == ("succeeded", Money(7250, "EUR"))
    assert [(one.amount, one.currency) for one in gateway.refunds.values()] == [(7250, "eur")]
    db.session.refresh(order)
    assert (held(order), order.refunded_amount, refund.lines) == ([7250], 0, [])
    with pytest.raises(NothingToRefund):
        refunding.refund_misfit(order.id, payment_id, gateway, press="b", by=staff)


def send_all(order: Order, staff: int, quantity: int) -> int:
    with transaction():
        units = {line_of(order).id: quantity}
        parcel = fulfillments.fulfill(
            orders.locked(order.id), units, Parcel(), press=secrets.token_hex(4), by=staff,
            is_told=False,
        )  # fmt: skip
        return parcel.id


def take_back(order: Order, parcel_id: int, staff: int) -> None:
    with transaction():
        parcel = db.session.get_one(Fulfillment, parcel_id)
        refunds.undo_fulfillment(orders.locked(order.id), parcel, by=staff)
    db.session.refresh(order)


@pytest.mark.parametrize(
    ("refunded", "unsent", "state"), [(2, 0, "nothing_to_send"), (1, 1, "unfulfilled")]
)
def test_refunded_pieces_of_a_parcel_that_is_taken_back_are_not_sent_again(
    order: Order, gateway: FakeGateway, staff: int, refunded: int, unsent: int, state: str
) -> None:
    parcel_id = send_all(order, staff, 2)
    give(order, gateway, staff, units={line_of(order).id: refunded})

    for _ in range(2):
        take_back(order, parcel_id, staff)

    assert (line_of(order).unsent_quantity, order.fulfillment_state) == (unsent, state)


def test_one_refunded_piece_stays_with_the_parcel_that_is_still_out(
    order: Order, gateway: FakeGateway, staff: int
) -> None:
    send_all(order, staff, 1)
    second = send_all(order, staff, 1)
    give(order, gateway, staff, units={line_of(order).id: 1})

    take_back(order, second, staff)

    assert line_of(order).unsent_quantity == 1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "back to Visa 4242."),
        ({"method": RefundMethod.BY_HAND}, "We have given you money back for your order"),
    ],
)
def test_the_shopper_reads_what_was_given_back(
    order: Order, gateway: FakeGateway, staff: int, values: dict[str, Any], sentence: str
) -> None:
    make_store()
    line = line_of(order).id

    (refund,) = give(order, gateway, staff, units={line: 1}, delivery=pounds(450), **values)

    text, html = mailer.render(letters.refunded({"refund_id": refund.id}))
    told = " ".join(text.split())
    assert sentence in told
    for words in ("1 x Tuesday mug: £34.00", "Delivery: £4.50", "Given back: £38.50", "£6.42"):
        assert words in told
    assert f"\n{order_url(order.token)}\n" in text
    assert "£38.50" in html


def test_no_mail_tells_of_a_refund_that_failed_before_it_was_sent(
    order: Order, gateway: FakeGateway, staff: int
) -> None:
    (refund,) = give(order, gateway, staff, amount=pounds(1000))
    (made,) = gateway.refunds
    gateway.end_refund(made, "failed")
    tell(gateway, "refund.failed", made)

    assert letters.refunded({"refund_id": refund.id}) is None
