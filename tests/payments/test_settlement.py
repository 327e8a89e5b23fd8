from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from shop.clock import now
from shop.database import transaction
from shop.extensions import db
from shop.orders import service as orders
from shop.orders.event_kinds import EventKind, ReviewReason
from shop.orders.models import Order, OrderEvent
from shop.orders.queries import order_with_lines
from shop.orders.states import OrderState, WrongState
from shop.outbox.models import OutboxMessage
from shop.payments import events, settlement
from shop.payments.gateway import PaymentRefused, PaymentsUnreachable
from shop.payments.models import (
    AttemptStatus,
    Closing,
    EventStatus,
    Payment,
    PaymentAttempt,
    StripeEvent,
)
from shop.payments.params import Shop
from shop.payments.reconcile import Report, look_for_lost_money, reconcile
from shop.payments.service import PAGE_OPEN, RESERVATION_GRACE
from shop.payments.snapshots import SessionSnapshot
from shop.payments.verdicts import Verdict
from shop.protection.models import OrderSource
from shop.protection.rules import STRICT_HOLD, USUAL
from tests.accounts.people import make_admin
from tests.factories import make_order, make_variant, stock_of
from tests.fakes import FakeGateway, event

SHOP = Shop("Fettle", "till", "https://shop.example/return", "https://shop.example/back")


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def order(app: Flask) -> Order:
    variant = make_variant(unit_amount=3400, on_hand=10)
    placed = make_order(variant, quantity=2)
    db.session.commit()
    return placed


def start(order: Order, gateway: FakeGateway) -> str:
    """Open the payment page; returns its session's id."""
    settlement.start(order.id, gateway, SHOP)
    attempt = attempts_of(order)[-1]
    assert attempt.session_id is not None
    return attempt.session_id


def attempts_of(order: Order) -> list[PaymentAttempt]:
    return list(
        db.session.scalars(
            sa.select(PaymentAttempt)
            .where(PaymentAttempt.order_id == order.id)
            .order_by(PaymentAttempt.ordinal)
        )
    )


def payments_of(order: Order) -> list[Payment]:
    return list(db.session.scalars(sa.select(Payment).where(Payment.order_id == order.id)))


def mails() -> list[str]:
    return list(db.session.scalars(sa.select(OutboxMessage.name).order_by(OutboxMessage.id)))


def stock(order: Order) -> tuple[int, int]:
    variant_id = db.session.scalar(
        sa.text("SELECT variant_id FROM line_items WHERE order_id = :id").bindparams(id=order.id)
    )
    from shop.catalog.models import Variant

    return stock_of(db.session.get_one(Variant, variant_id))


def settle(session_id: str, gateway: FakeGateway) -> Verdict:
    return settlement.settle(session_id, gateway)


def receive(happened: object, gateway: FakeGateway) -> EventStatus:
    return events.receive(happened, gateway)


# Starting ----------------------------------------------------------------------------------------


def test_the_payment_page_asks_for_exactly_the_orders_total(
    order: Order, gateway: FakeGateway
) -> None:
    session_id = start(order, gateway)

    (params,) = gateway.created
    assert gateway.sessions[session_id].amount_total == order.total_amount == 7250
    assert params["client_reference_id"] == str(order.id)
    assert params["line_items"][0]["quantity"] == 2
    assert params["line_items"][0]["price_data"]["unit_amount"] == 3400
    assert params["payment_intent_data"]["metadata"]["order_id"] == str(order.id)
    assert "payment_method_types" not in params


def test_two_presses_open_one_page(order: Order, gateway: FakeGateway) -> None:
    first = start(order, gateway)
    second = start(order, gateway)

    assert first == second
    assert len(gateway.created) == 1


def test_a_request_without_an_answer_is_repeated_with_the_same_parameters(
    order: Order, gateway: FakeGateway
) -> None:
    gateway.failure = PaymentsUnreachable("no answer")
    with pytest.raises(PaymentsUnreachable):
        start(order, gateway)
    (attempt,) = attempts_of(order)
    frozen = attempt.params
    assert (attempt.status, attempt.session_id) == (AttemptStatus.CREATING, None)

    gateway.failure = None
    start(order, gateway)

    assert gateway.created == [frozen]
    assert [a.status for a in attempts_of(order)] == [AttemptStatus.OPEN]


def test_a_refused_page_leaves_the_order_to_be_tried_again(
    order: Order, gateway: FakeGateway
) -> None:
    gateway.failure = PaymentRefused("no", code="amount_too_small")
    with pytest.raises(PaymentRefused):
        start(order, gateway)
    gateway.failure = None

    start(order, gateway)

    assert [a.status for a in attempts_of(order)] == [AttemptStatus.FAILED, AttemptStatus.OPEN]
    assert stock(order) == (10, 2)


def test_the_reservation_outlives_the_page(order: Order, gateway: FakeGateway) -> None:
    start(order, gateway)

    (attempt,) = attempts_of(order)
    db.session.refresh(order)
    assert order.expires_at == attempt.expires_at + RESERVATION_GRACE
    assert attempt.params["expires_at"] == int(attempt.expires_at.timestamp())


def test_a_paid_order_has_no_payment_page(order: Order, gateway: FakeGateway) -> None:
    session_id = start(order, gateway)
    gateway.pay(session_id)
    settle(session_id, gateway)

    with pytest.raises(WrongState):
        start(order, gateway)

    assert len(gateway.created) == 1


# Settling ----------------------------------------------------------------------------------------


def test_a_paid_session_pays_the_order_once(order: Order, gateway: FakeGateway) -> None:
    session_id = start(order, gateway)
    gateway.pay(session_id)

    verdicts = [settle(session_id, gateway) for _ in range(3)]

    db.session.refresh(order)
    assert verdicts == [Verdict.PAID] * 3
    assert order.state == OrderState.PAID
    assert stock(order) == (8, 0)
    assert [payment.amount for payment in payments_of(order)] == [7250]
    assert mails() == ["order_confirmation"]


def test_an_open_session_changes_nothing(order: Order, gateway: FakeGateway) -> None:
    session_id = start(order, gateway)

    assert settle(session_id, gateway) is Verdict.OPEN

    db.session.refresh(order)
    assert order.state == OrderState.PENDING_PAYMENT
    assert stock(order) == (10, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"amount_total": 7249},
        {"currency": "eur"},
        {"client_reference_id": "999999"},
        {"metadata": {"order_id": "999999"}},
    ],
)
def test_a_payment_that_does_not_fit_is_never_the_orders(
    order: Order, gateway: FakeGateway, change: dict[str, object]
) -> None:
    session_id = start(order, gateway)
    gateway.pay(session_id, **change)

    assert settle(session_id, gateway) is Verdict.REVIEW

    db.session.refresh(order)
    assert order.state == OrderState.PAYMENT_REVIEW
    assert order.review_reason == ReviewReason.AMOUNT_DIFFERS
    received = gateway.sessions[session_id]
    assert [(p.amount, p.currency) for p in payments_of(order)] == [
        (received.amount_total, received.currency.upper())
    ]
    assert mails() == []
    assert stock(order) == (10, 2)


def test_what_a_person_decided_is_not_undone_by_settling_again(
    order: Order, gateway: FakeGateway
) -> None:
    session_id = start(order, gateway)
    gateway.pay(session_id, amount_total=7249)
    settle(session_id, gateway)
    with transaction():
        orders.call_off(orders.locked(order.id), by=make_admin().id)

    settle(session_id, gateway)

    db.session.refresh(order)
    assert (order.state, order.review_reason) == (OrderState.CANCELED, "")
    assert len(payments_of(order)) == 1


def test_an_overtaken_answer_changes_nothing(order: Order, gateway: FakeGateway) -> None:
    session_id = start(order, gateway)
    gateway.pay_by_bank(session_id)
    stale = gateway.sessions[session_id]
    settle(session_id, gateway)
    gateway.refuse_by_bank(session_id)
    settle(session_id, gateway)

    gateway.sessions[session_id] = stale
    settle(session_id, gateway)

    db.session.refresh(order)
    assert order.state == OrderState.PENDING_PAYMENT
    assert order.expires_at is not None


def test_after_a_refusal_the_day_is_kept_though_a_page_closes(
    order: Order, gateway: FakeGateway
) -> None:
    first = start(order, gateway)
    gateway.pay_by_bank(first)
    settle(first, gateway)
    gateway.refuse_by_bank(first)
    settle(first, gateway)
    second = start(order, gateway)

    gateway.change(second, status="expired")
    settle(second, gateway)

    db.session.refresh(order)
    assert order.state == OrderState.PENDING_PAYMENT
    assert stock(order) == (10, 2)
    assert start(order, gateway) not in (first, second)


def test_each_refusal_of_the_bank_is_told_once(order: Order, gateway: FakeGateway) -> None:
    for _ in range(2):
        session_id = start(order, gateway)
        gateway.pay_by_bank(session_id)
        settle(session_id, gateway)
        gateway.refuse_by_bank(session_id)
        settle(session_id, gateway)
        settle(session_id, gateway)

    assert mails().count("order_payment_failed") == 2


def test_a_page_that_is_nearly_over_is_replaced(order: Order, gateway: FakeGateway) -> None:
    first = start(order, gateway)

    with time_machine.travel(now() + PAGE_OPEN - timedelta(seconds=30), tick=False):
        second = start(order, gateway)

    db.session.refresh(order)
    assert (first, second) == ("cs_test_1", "cs_test_2")
    assert gateway.sessions[first].status == "expired"
    assert order.state == OrderState.PENDING_PAYMENT
    assert [a.status for a in attempts_of(order)] == [AttemptStatus.EXPIRED, AttemptStatus.OPEN]


def test_a_page_paid_in_its_last_seconds_is_not_replaced(
    order: Order, gateway: FakeGateway
) -> None:
    first = start(order, gateway)
    gateway.pay(first)

    with (
        time_machine.travel(now() + PAGE_OPEN - timedelta(seconds=30), tick=False),
        pytest.raises(WrongState),
    ):
        start(order, gateway)

    db.session.refresh(order)
    assert order.state == OrderState.PAID
    assert len(gateway.created) == 1


def test_a_page_that_stripe_knows_no_more_holds_no_stock(
    order: Order, gateway: FakeGateway
) -> None:
    start(order, gateway)
    gateway.sessions.clear()

    with time_machine.travel(now() + PAGE_OPEN + RESERVATION_GRACE * 2, tick=False):
        settlement.release_overdue(order.id, gateway)

    db.session.refresh(order)
    assert order.state == OrderState.EXPIRED
    assert stock(order) == (10, 0)


def declined(gateway: FakeGateway, session_id: str, number: int, card: str = "") -> None:
    method = {"payment_method": {"card": {"fingerprint": card}}} if card else {}
    thing = event(
        "payment_intent.payment_failed",
        event_id=f"evt_decline_{session_id}_{number}",
        id=f"pi_{session_id}",
        metadata=gateway.sessions[session_id].metadata,
        last_payment_error={"type": "card_error", "decline_code": "generic_decline"} | method,
    )
    receive(thing, gateway)


def test_a_page_is_closed_when_too_many_cards_were_declined(
    order: Order, gateway: FakeGateway
) -> None:
    session_id = start(order, gateway)

    for number in range(USUAL.declines_of_shopper - 1):
        declined(gateway, session_id, number)
    assert gateway.sessions[session_id].status == "open"
    declined(gateway, session_id, 99)

    assert gateway.sessions[session_id].status == "expired"
    assert (order.state, stock(order)) == (OrderState.CANCELED, (10, 0))
    assert db.session.scalars(
        sa.select(OrderEvent).order_by(OrderEvent.id.desc())
    ).first().data == {"reason": "declined"}


def test_one_decline_delivered_again_and_again_is_one(order: Order, gateway: FakeGateway) -> None:
    session_id = start(order, gateway)

    for _ in range(10):
        declined(gateway, session_id, 1)

    assert gateway.sessions[session_id].status == "open"


def test_a_worn_card_closes_the_page_of_whoever_tries_it(app: Flask, gateway: FakeGateway) -> None:
    mug = make_variant(on_hand=10)
    placed = [make_order(mug) for _ in range(USUAL.declines_of_card + 1)]
    db.session.commit()
    pages = [start(order, gateway) for order in placed]

    for number, page in enumerate(pages):
        declined(gateway, page, number, "fingerprint-1")

    states = [gateway.sessions[page].status for page in pages]
    assert states == ["open"] * (USUAL.declines_of_card - 1) + ["expired", "expired"]


def test_where_stripe_is_away_the_next_decline_closes_the_page(
    order: Order, gateway: FakeGateway
) -> None:
    session_id = start(order, gateway)
    for number in range(USUAL.declines_of_shopper - 1):
        declined(gateway, session_id, number)
    gateway.failure = PaymentsUnreachable("no answer")
    declined(gateway, session_id, 98)
    assert order.state == OrderState.PENDING_PAYMENT

    gateway.failure = None
    declined(gateway, session_id, 99)

    assert gateway.sessions[session_id].status == "expired"
    assert order.state == OrderState.CANCELED


def test_a_refusal_by_a_bank_is_no_declined_card(order: Order, gateway: FakeGateway) -> None:
    session_id = start(order, gateway)

    for number in range(10):
        thing = event(
            "payment_intent.payment_failed",
            event_id=f"evt_{number}",
            id="pi_1",
            metadata=gateway.sessions[session_id].metadata,
            last_payment_error={"type": "invalid_request_error", "code": "refused"},
        )
        receive(thing, gateway)

    assert gateway.sessions[session_id].status == "open"


def test_an_order_of_the_strict_rules_holds_its_stock_a_short_time(
    app: Flask, gateway: FakeGateway
) -> None:
    placed = make_order(make_variant(on_hand=1))
    placed.expires_at = now() + STRICT_HOLD
    db.session.add(OrderSource(order_id=placed.id, network="home", is_strict=True))
    db.session.commit()
    session_id = start(placed, gateway)
    with time_machine.travel(now() + STRICT_HOLD + timedelta(minutes=1)):
        assert placed.expires_at < now()
        settlement.release_overdue(placed.id, gateway)

    assert gateway.sessions[session_id].status == "expired"
    assert (placed.state, stock(placed)) == (OrderState.EXPIRED, (1, 0))


def test_another_shops_decline_on_the_same_account_is_not_ours(
    order: Order, gateway: FakeGateway
) -> None:
    start(order, gateway)
    theirs = {"order_id": str(order.id), "store": "another"}

    receive(event("payment_intent.payment_failed", id="pi_theirs", metadata=theirs), gateway)

    kinds = [event.kind for event in order_with_lines(order.id).events]
    assert kinds == ["placed", "payment_started"]


def test_late_money_for_what_is_not_in_the_catalog_any_more_is_reviewed(
    order: Order, gateway: FakeGateway
) -> None:
    session_id = start(order, gateway)
    gateway.change(session_id, status="expired")
    settle(session_id, gateway)
    db.session.execute(sa.text("UPDATE line_items SET variant_id = NULL"))
    db.session.commit()
    gateway.pay(session_id)

    assert settle(session_id, gateway) is Verdict.REVIEW

    db.session.refresh(order)
    assert order.review_reason == ReviewReason.STOCK_GONE


def test_a_session_of_the_other_mode_is_foreign(order: Order, gateway: FakeGateway) -> None:
    session_id = start(order, gateway)
    gateway.pay(session_id, is_live=True)

    assert settle(session_id, gateway) is Verdict.FOREIGN

    db.session.refresh(order)
    assert order.state == OrderState.PENDING_PAYMENT


def test_an_expired_session_gives_the_stock_back(order: Order, gateway: FakeGateway) -> None:
    session_id = start(order, gateway)
    gateway.change(session_id, status="expired")

    assert settle(session_id, gateway) is Verdict.EXPIRED

    db.session.refresh(order)
    assert order.state == OrderState.EXPIRED
    assert stock(order) == (10, 0)


def test_a_bank_debit_waits_and_is_then_paid(order: Order, gateway: FakeGateway) -> None:
    session_id = start(order, gateway)
    gateway.pay_by_bank(session_id)
    assert settle(session_id, gateway) is Verdict.WAITING_FOR_BANK
    db.session.refresh(order)
    assert (order.state, order.expires_at) == (OrderState.AWAITING_BANK, None)
    assert stock(order) == (10, 2)

    gateway.pay(session_id)
    assert settle(session_id, gateway) is Verdict.PAID

    assert stock(order) == (8, 0)
    assert mails() == ["order_awaiting_bank", "order_confirmation"]


def test_a_refused_bank_debit_may_be_paid_another_way(order: Order, gateway: FakeGateway) -> None:
    first = start(order, gateway)
    gateway.pay_by_bank(first)
    settle(first, gateway)
    gateway.refuse_by_bank(first)
    assert settle(first, gateway) is Verdict.FAILED
    db.session.refresh(order)
    assert order.state == OrderState.PENDING_PAYMENT
    assert mails() == ["order_awaiting_bank", "order_payment_failed"]

    second = start(order, gateway)
    gateway.pay(second)
    settle(second, gateway)

    db.session.refresh(order)
    assert order.state == OrderState.PAID
    assert stock(order) == (8, 0)


def test_late_money_takes_the_stock_again(order: Order, gateway: FakeGateway) -> None:
    session_id = start(order, gateway)
    gateway.change(session_id, status="expired")
    settle(session_id, gateway)
    gateway.pay(session_id)

    assert settle(session_id, gateway) is Verdict.PAID

    db.session.refresh(order)
    assert order.state == OrderState.PAID
    assert stock(order) == (8, 0)


def test_late_money_without_stock_is_for_a_person_to_decide(
    order: Order, gateway: FakeGateway
) -> None:
    session_id = start(order, gateway)
    gateway.change(session_id, status="expired")
    settle(session_id, gateway)
    db.session.execute(sa.text("UPDATE stock_items SET on_hand = 1"))
    db.session.commit()
    gateway.pay(session_id)

    assert settle(session_id, gateway) is Verdict.REVIEW

    db.session.refresh(order)
    assert order.state == OrderState.PAYMENT_REVIEW
    assert order.review_reason == ReviewReason.STOCK_GONE
    assert [payment.amount for payment in payments_of(order)] == [7250]
    assert stock(order) == (1, 0)


def test_money_for_a_canceled_order_is_kept_and_flagged(order: Order, gateway: FakeGateway) -> None:
    session_id = start(order, gateway)
    settlement.close(order.id, gateway, why=Closing.REPLACED)
    gateway.pay(session_id)

    assert settle(session_id, gateway) is Verdict.REVIEW

    db.session.refresh(order)
    assert order.review_reason == ReviewReason.PAID_AFTER_CANCELLATION
    assert len(payments_of(order)) == 1
    assert stock(order) == (10, 0)


# Closing -----------------------------------------------------------------------------------------


def test_closing_cancels_the_order_and_its_page(order: Order, gateway: FakeGateway) -> None:
    session_id = start(order, gateway)

    settlement.close(order.id, gateway, why=Closing.REPLACED)

    db.session.refresh(order)
    assert order.state == OrderState.CANCELED
    assert gateway.sessions[session_id].status == "expired"
    assert stock(order) == (10, 0)


@pytest.mark.parametrize("why", [Closing.REPLACED, Closing.STAFF])
def test_stripes_event_may_come_before_its_answer_to_the_shop(
    order: Order, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, why: Closing
) -> None:
    session_id = start(order, gateway)
    expire = gateway.expire_session

    def overtaken(expired_id: str) -> SessionSnapshot:
        answer = expire(expired_id)
        settle(expired_id, gateway)
        return answer

    monkeypatch.setattr(gateway, "expire_session", overtaken)

    left = settlement.close(order.id, gateway, why=why)

    assert left.state == OrderState.CANCELED
    is_told = (OrderEvent.order_id == order.id, OrderEvent.kind == EventKind.CANCELED)
    told = db.session.scalars(sa.select(OrderEvent.data).where(*is_told)).all()
    assert told == [{"reason": why}]
    assert gateway.sessions[session_id].status == "expired"
    assert stock(order) == (10, 0)


def test_an_order_that_was_paid_just_before_is_not_called_off(
    order: Order, gateway: FakeGateway
) -> None:
    session_id = start(order, gateway)
    gateway.pay(session_id)

    left = settlement.close(order.id, gateway, why=Closing.REPLACED)

    assert left.state == OrderState.PAID
    assert stock(order) == (8, 0)


def test_an_overdue_order_is_released_after_asking_stripe(
    order: Order, gateway: FakeGateway
) -> None:
    start(order, gateway)

    with time_machine.travel(now() + PAGE_OPEN + RESERVATION_GRACE * 2, tick=False):
        settlement.release_overdue(order.id, gateway)

    db.session.refresh(order)
    assert order.state == OrderState.EXPIRED
    assert stock(order) == (10, 0)


def test_without_stripes_word_the_stock_stays_held(order: Order, gateway: FakeGateway) -> None:
    start(order, gateway)
    gateway.failure = PaymentsUnreachable("no answer")

    with (
        time_machine.travel(now() + PAGE_OPEN + RESERVATION_GRACE * 2, tick=False),
        pytest.raises(PaymentsUnreachable),
    ):
        settlement.release_overdue(order.id, gateway)

    db.session.refresh(order)
    assert order.state == OrderState.PENDING_PAYMENT
    assert stock(order) == (10, 2)


# Events ------------------------------------------------------------------------------------------

COMPLETED = "checkout.session.completed"


def test_a_repeated_event_has_one_effect(order: Order, gateway: FakeGateway) -> None:
    session_id = start(order, gateway)
    gateway.pay(session_id)
    happened = event(COMPLETED, gateway.sessions[session_id])

    answers = [receive(happened, gateway) for _ in range(3)]

    assert answers == [EventStatus.DONE] * 3
    assert mails() == ["order_confirmation"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StripeEvent)) == 1


@pytest.mark.parametrize(
    "arrival",
    list(
        itertools.permutations(
            [COMPLETED, "checkout.session.expired", "payment_intent.succeeded",
             "payment_intent.payment_failed"]
        )
    ),
    ids=lambda types: "-".join(name.rpartition(".")[2][:4] for name in types),
)  # fmt: skip
def test_events_in_any_order_end_in_what_stripe_says_now(
    order: Order, gateway: FakeGateway, arrival: tuple[str, ...]
) -> None:
    session_id = start(order, gateway)
    gateway.pay(session_id)
    session = gateway.sessions[session_id]

    for number, name in enumerate(arrival):
        thing = {"id": session.payment_intent_id} if name.startswith("payment_intent") else {}
        receive(event(name, session, event_id=f"evt_{number}", **thing), gateway)

    db.session.refresh(order)
    assert order.state == OrderState.PAID
    assert mails() == ["order_confirmation"]
    assert len(payments_of(order)) == 1
    assert stock(order) == (8, 0)


def test_a_failed_event_is_recorded_and_taken_in_when_it_comes_again(
    order: Order, gateway: FakeGateway
) -> None:
    session_id = start(order, gateway)
    gateway.pay(session_id)
    happened = event(COMPLETED, gateway.sessions[session_id])
    gateway.failure = PaymentsUnreachable("no answer")
    with pytest.raises(PaymentsUnreachable):
        receive(happened, gateway)
    recorded = db.session.get_one(StripeEvent, "evt_1")
    assert recorded.status == EventStatus.FAILED
    assert mails() == []

    gateway.failure = None
    receive(happened, gateway)

    db.session.refresh(recorded)
    assert (recorded.status, recorded.attempts) == (EventStatus.DONE, 2)
    assert mails() == ["order_confirmation"]


def test_another_applications_event_is_ignored(order: Order, gateway: FakeGateway) -> None:
    session_id = start(order, gateway)
    gateway.sessions["cs_other"] = gateway.sessions[session_id].__class__(
        **{**gateway.sessions[session_id].__dict__, "id": "cs_other"}
    )
    gateway.pay("cs_other")

    assert receive(event(COMPLETED, id="cs_other"), gateway) == EventStatus.IGNORED

    db.session.refresh(order)
    assert order.state == OrderState.PENDING_PAYMENT


def test_an_event_finds_a_session_that_was_never_written_down(
    order: Order, gateway: FakeGateway
) -> None:
    """The process died between Stripe's answer and its own commit."""
    session_id = start(order, gateway)
    db.session.execute(
        sa.text("UPDATE payment_attempts SET session_id = NULL, url = '', status = 'creating'")
    )
    db.session.commit()
    gateway.pay(session_id)

    receive(event(COMPLETED, gateway.sessions[session_id]), gateway)

    db.session.refresh(order)
    assert order.state == OrderState.PAID
    assert len(gateway.created) == 1


# Reconciling -------------------------------------------------------------------------------------


def test_a_lost_webhook_is_made_good(order: Order, gateway: FakeGateway) -> None:
    session_id = start(order, gateway)
    gateway.pay(session_id)

    with time_machine.travel(now() + PAGE_OPEN, tick=False):
        report = reconcile(gateway)

    db.session.refresh(order)
    assert (report.checked, report.paid, report.failures) == (1, 1, [])
    assert order.state == OrderState.PAID
    assert mails() == ["order_confirmation"]


def test_missed_events_are_taken_in_once(order: Order, gateway: FakeGateway) -> None:
    session_id = start(order, gateway)
    gateway.pay(session_id)
    gateway.events = [event(COMPLETED, gateway.sessions[session_id])]

    first = reconcile(gateway)
    second = reconcile(gateway)

    assert (first.events, second.events) == (1, 0)
    assert mails() == ["order_confirmation"]


def test_money_without_an_order_is_told(app: Flask, gateway: FakeGateway, order: Order) -> None:
    session_id = start(order, gateway)
    gateway.pay(session_id)
    settle(session_id, gateway)
    gateway.sessions["cs_lost"] = gateway.sessions[session_id].__class__(
        **{**gateway.sessions[session_id].__dict__, "id": "cs_lost", "payment_intent_id": "pi_x"}
    )
    report = Report()

    look_for_lost_money(gateway, now(), report)

    assert report.unaccounted == ["cs_lost"]


def test_stripe_being_away_is_reported_and_changes_nothing(
    order: Order, gateway: FakeGateway
) -> None:
    start(order, gateway)
    gateway.failure = PaymentsUnreachable("no answer")

    with time_machine.travel(now() + PAGE_OPEN, tick=False):
        report = reconcile(gateway)

    db.session.refresh(order)
    assert len(report.failures) == 2
    assert order.state == OrderState.PENDING_PAYMENT
