"""Payments that are authorized first and captured by staff."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from shop.admin import queries as admin
from shop.clock import now
from shop.extensions import db
from shop.orders import emails
from shop.orders import service as orders
from shop.orders.models import Order
from shop.orders.states import WrongState
from shop.orders.urls import order_link
from shop.outbox.models import OutboxMessage
from shop.payments import events, settlement
from shop.payments.gateway import PaymentRefused, PaymentsUnreachable
from shop.payments.models import Payment, PaymentAttempt, PaymentSettings
from shop.payments.params import Shop
from shop.payments.reconcile import reconcile
from shop.payments.verdicts import Verdict
from tests.accounts.people import be_signed_in, make_admin
from tests.factories import make_order, make_store, make_variant
from tests.fakes import FakeGateway, event
from tests.pages import read

SHOP = Shop("Fettle", "till", "https://shop.example/return", "https://shop.example/back")


@pytest.fixture
def gateway(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    fake = FakeGateway()
    for views in ("admin.order_views", "orders.views"):
        monkeypatch.setattr(f"shop.{views}.gateway", lambda: fake)
    return fake


@pytest.fixture
def order(app: Flask) -> Order:
    make_store()
    db.session.add(PaymentSettings(captures_manually=True, hold_days=7))
    order = make_order(make_variant(unit_amount=3400), quantity=2)
    db.session.commit()
    return order


@pytest.fixture
def held(order: Order, gateway: FakeGateway) -> str:
    """The bank holds the money; the session's id."""
    settlement.start(order.id, gateway, SHOP)
    (session_id,) = gateway.sessions
    gateway.authorize(session_id)
    assert settlement.settle(session_id, gateway) is Verdict.AUTHORIZED
    db.session.expire_all()
    return session_id


def mails() -> list[str]:
    return list(db.session.scalars(sa.select(OutboxMessage.name).order_by(OutboxMessage.id)))


def payments() -> list[int]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(Payment.amount)))


def stock(order: Order) -> tuple[int, int]:
    variant_id = db.session.scalar(
        sa.text("SELECT variant_id FROM line_items WHERE order_id = :id"), {"id": order.id}
    )
    found = db.session.execute(
        sa.text("SELECT on_hand, reserved FROM stock_items WHERE variant_id = :id"),
        {"id": variant_id},
    ).one()
    return found[0], found[1]


def test_the_page_asks_for_an_authorization_only_where_the_merchant_wants_it(
    order: Order, gateway: FakeGateway
) -> None:
    settlement.start(order.id, gateway, SHOP)

    assert gateway.created[0]["payment_intent_data"]["capture_method"] == "manual"


def test_an_authorized_order_holds_its_stock_and_nothing_is_charged(
    client: FlaskClient, order: Order, held: str
) -> None:
    assert (order.state, order.number, order.expires_at) == ("authorized", None, None)
    assert (payments(), stock(order)) == ([], (10, 2))
    assert mails() == [emails.AUTHORIZED]
    page = read(client.get(f"/orders/{order_link(order.token)}").text).text
    assert "Nothing has been charged yet" in page
    assert "Payment authorized" in page


def test_telling_it_twice_changes_nothing(order: Order, held: str, gateway: FakeGateway) -> None:
    assert settlement.settle(held, gateway) is Verdict.AUTHORIZED
    assert mails() == [emails.AUTHORIZED]


def test_capturing_takes_the_money_once(order: Order, held: str, gateway: FakeGateway) -> None:
    assert settlement.capture(order.id, gateway) is Verdict.PAID

    assert (payments(), stock(order)) == ([7250], (8, 0))
    assert (order.state, order.number) == ("paid", 1001)
    assert mails() == [emails.AUTHORIZED, emails.CONFIRMATION]
    with pytest.raises(WrongState):
        settlement.capture(order.id, gateway)
    assert payments() == [7250]


def test_a_capture_without_an_answer_is_pressed_again(
    order: Order, held: str, gateway: FakeGateway
) -> None:
    gateway.failure = PaymentsUnreachable("no answer")
    with pytest.raises(PaymentsUnreachable):
        settlement.capture(order.id, gateway)
    db.session.expire_all()
    assert (order.state, payments()) == ("authorized", [])
    gateway.failure = None

    settlement.capture(order.id, gateway)

    assert payments() == [7250]


def test_a_capture_whose_answer_was_lost_is_settled_by_the_reconciler(
    order: Order, held: str, gateway: FakeGateway
) -> None:
    intent = gateway.sessions[held].payment_intent_id
    gateway.capture(intent, idempotency_key="from the lost request")

    report = reconcile(gateway, settling_time=timedelta(0))

    assert (report.paid, payments(), order.state) == (1, [7250], "paid")


def test_letting_go_cancels_the_order_and_frees_the_stock(
    order: Order, held: str, gateway: FakeGateway
) -> None:
    staff = make_admin()
    db.session.commit()

    settlement.let_go(order.id, gateway, by=staff.id)

    db.session.expire_all()
    assert (order.state, payments(), stock(order)) == ("canceled", [], (10, 0))
    assert mails() == [emails.AUTHORIZED, emails.ENDED]


def test_an_authorization_that_the_bank_ends_cancels_the_order(
    order: Order, held: str, gateway: FakeGateway
) -> None:
    gateway.change(held, payment_intent_status="canceled")
    intent = gateway.sessions[held].payment_intent_id

    events.receive(event("payment_intent.canceled", id=intent), gateway)

    db.session.expire_all()
    assert (order.state, stock(order)) == ("canceled", (10, 0))
    with pytest.raises(WrongState):
        settlement.capture(order.id, gateway)


def test_a_capture_that_comes_too_late_is_refused_and_told(
    order: Order, held: str, gateway: FakeGateway
) -> None:
    gateway.change(held, payment_intent_status="canceled")

    with pytest.raises(PaymentRefused):
        settlement.capture(order.id, gateway)

    db.session.expire_all()
    assert (order.state, payments()) == ("canceled", [])


def test_events_in_any_order_end_in_paid(order: Order, gateway: FakeGateway) -> None:
    settlement.start(order.id, gateway, SHOP)
    (session_id,) = gateway.sessions
    gateway.authorize(session_id)
    intent = gateway.sessions[session_id].payment_intent_id
    gateway.capture(intent, idempotency_key="x")

    for number, kind in enumerate(
        ["payment_intent.succeeded", "payment_intent.amount_capturable_updated"]
    ):
        events.receive(event(kind, id=intent, event_id=f"evt_{number}"), gateway)

    assert (payments(), order.state) == ([7250], "paid")


def test_an_amount_that_does_not_fit_is_for_a_person(order: Order, gateway: FakeGateway) -> None:
    settlement.start(order.id, gateway, SHOP)
    (session_id,) = gateway.sessions
    gateway.authorize(session_id, amount_total=1)

    assert settlement.settle(session_id, gateway) is Verdict.REVIEW

    db.session.expire_all()
    assert (order.state, payments()) == ("payment_review", [])


@pytest.fixture
def in_review(order: Order, gateway: FakeGateway) -> str:
    """Its bank holds another amount than the order's."""
    settlement.start(order.id, gateway, SHOP)
    (session_id,) = gateway.sessions
    gateway.authorize(session_id, amount_total=7000)
    settlement.settle(session_id, gateway)
    db.session.expire_all()
    return session_id


def test_a_reviewed_authorization_is_let_go_of(
    order: Order, in_review: str, gateway: FakeGateway
) -> None:
    staff = make_admin()
    db.session.commit()

    settlement.let_go(order.id, gateway, by=staff.id)

    db.session.expire_all()
    assert (order.state, order.review_reason, payments()) == ("canceled", "", [])
    assert stock(order) == (10, 0)
    assert mails() == [emails.ENDED]
    with pytest.raises(WrongState):
        settlement.let_go(order.id, gateway, by=staff.id)


def test_a_reviewed_authorization_is_captured_and_then_decided(
    order: Order, in_review: str, gateway: FakeGateway
) -> None:
    assert settlement.capture(order.id, gateway) is Verdict.REVIEW

    db.session.expire_all()
    assert (order.state, order.review_reason) == ("payment_review", "amount_differs")
    assert payments() == [7000]


def test_a_canceled_orders_authorization_is_let_go_of_and_not_captured(
    order: Order, in_review: str, gateway: FakeGateway
) -> None:
    staff = make_admin()
    orders.call_off(orders.locked(order.id), by=staff.id)
    db.session.commit()
    with pytest.raises(WrongState):
        settlement.capture(order.id, gateway)

    settlement.let_go(order.id, gateway, by=staff.id)

    db.session.expire_all()
    assert (order.state, payments()) == ("canceled", [])
    assert gateway.sessions[in_review].payment_intent_status == "canceled"


# In the admin ------------------------------------------------------------------------------------


@pytest.fixture
def staff(client: FlaskClient) -> FlaskClient:
    account = make_admin(email="maya@example.com", name="Maya Kerr")
    db.session.commit()
    be_signed_in(client, account)
    return client


def test_staff_capture_on_the_orders_page(staff: FlaskClient, order: Order, held: str) -> None:
    page = read(staff.get(f"/admin/orders/{order.id}").text)
    assert "Capture £72.50" in page.text
    assert "authorized, to be captured before" in page.text

    answer = staff.post(f"/admin/orders/{order.id}/capture", follow_redirects=True)

    assert "Stripe says: paid." in read(answer.text).text
    assert payments() == [7250]
    assert staff.post(f"/admin/orders/{order.id}/capture").status_code == 409


def test_staff_let_go_on_the_orders_page(staff: FlaskClient, order: Order, held: str) -> None:
    staff.post(f"/admin/orders/{order.id}/authorization-cancellation")

    db.session.expire_all()
    assert (order.state, payments()) == ("canceled", [])
    assert "Maya Kerr canceled the order" in staff.get(f"/admin/orders/{order.id}").text


def test_staff_see_what_can_be_done_with_a_reviewed_authorization(
    client: FlaskClient, staff: FlaskClient, order: Order, in_review: str
) -> None:
    page = read(staff.get(f"/admin/orders/{order.id}").text).text
    assert "Capture the payment" in page
    assert "Yes, let go of the money" in page
    told = read(client.get(f"/orders/{order_link(order.token)}").text).text
    assert "Nothing has been charged yet." in told

    staff.post(f"/admin/orders/{order.id}/authorization-cancellation")

    db.session.expire_all()
    assert (order.state, payments()) == ("canceled", [])


def test_without_an_answer_staff_may_press_again(
    staff: FlaskClient, order: Order, held: str, gateway: FakeGateway
) -> None:
    gateway.failure = PaymentsUnreachable("no answer")

    answer = staff.post(f"/admin/orders/{order.id}/capture", follow_redirects=True)

    assert "Press again: the money is taken once" in read(answer.text).text
    assert payments() == []


def test_an_order_without_an_authorization_has_nothing_to_capture(
    staff: FlaskClient, order: Order
) -> None:
    for way in ("capture", "authorization-cancellation"):
        assert staff.post(f"/admin/orders/{order.id}/{way}").status_code == 409
    db.session.expire_all()
    assert (order.state, payments()) == ("pending_payment", [])


def test_authorizations_that_end_soon_are_a_task(
    staff: FlaskClient, order: Order, held: str
) -> None:
    assert admin.home().ending_authorizations == 0
    attempt = db.session.scalars(sa.select(PaymentAttempt)).one()
    attempt.capture_before = now() + timedelta(days=1)
    db.session.commit()

    assert "authorized payment ends soon" in read(staff.get("/admin").text).text


def test_an_order_whose_money_is_only_held_is_not_accepted(
    staff: FlaskClient, order: Order, gateway: FakeGateway
) -> None:
    settlement.start(order.id, gateway, SHOP)
    (session_id,) = gateway.sessions
    gateway.authorize(session_id, amount_total=1)
    settlement.settle(session_id, gateway)
    decision = f"/admin/orders/{order.id}/review"

    page = staff.post(decision, data={"decision": "accept"}, follow_redirects=True)

    assert "Not accepted: the bank only holds the money." in read(page.text).text
    db.session.expire_all()
    assert (order.state, payments(), stock(order)) == ("payment_review", [], (10, 2))

    gateway.pay(session_id, amount_total=1)  # in Stripe's dashboard
    settlement.settle(session_id, gateway)
    staff.post(decision, data={"decision": "accept"})

    db.session.expire_all()
    assert (order.state, payments(), stock(order)) == ("paid", [1], (8, 0))
