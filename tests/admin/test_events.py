from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.clock import now
from shop.extensions import db
from shop.orders.models import Order, OrderEvent
from shop.payments import events, settlement
from shop.payments.gateway import PaymentsUnreachable
from shop.payments.health import Light, Sign, health
from shop.payments.models import Payment, PaymentAttempt, ReconcileMark, StripeEvent
from tests.factories import make_order
from tests.fakes import FakeGateway, event
from tests.payments.test_settlement import SHOP

LEDGER = "/admin/settings/payments/events"


def make_event(event_id: str = "evt_1", **values: Any) -> StripeEvent:
    made = StripeEvent(
        **{
            "id": event_id, "type": "charge.dispute.created", "is_live": False, "payload": {},
            "status": "done", "created_at": now(),
        }
        | values
    )  # fmt: skip
    db.session.add(made)
    db.session.commit()
    return made


@pytest.fixture
def paid(staff: FlaskClient, gateway: FakeGateway) -> Order:
    """An order that an event told to be paid."""
    order = make_order()
    db.session.commit()
    settlement.start(order.id, gateway, SHOP)
    session_id = db.session.scalars(sa.select(PaymentAttempt.session_id)).one() or ""
    gateway.pay(session_id)
    happened = event("checkout.session.completed", gateway.sessions[session_id])
    events.receive(happened, gateway)
    return order


def moved() -> tuple[int, int]:
    """Payments, and lines on orders."""
    return (
        db.session.scalar(sa.select(sa.func.count()).select_from(Payment)) or 0,
        db.session.scalar(sa.select(sa.func.count()).select_from(OrderEvent)) or 0,
    )


def test_a_ledger_without_events_says_what_belongs_there(staff: FlaskClient) -> None:
    page = staff.get(LEDGER).text

    assert "No events yet" in page
    assert "Sandbox: a stand-in on this machine" in page


def test_the_ledger_tells_what_was_made_of_an_event(staff: FlaskClient, paid: Order) -> None:
    row = db.session.scalars(sa.select(StripeEvent)).one()

    listed, page = staff.get(LEDGER).text, staff.get(f"{LEDGER}/evt_1").text

    assert (row.verdict, row.order_id, row.is_fetched) == ("paid", paid.id, False)
    for text in (listed, page):
        assert "The order is paid." in text
        assert f'href="/admin/orders/{paid.id}"' in text
    assert "&#34;type&#34;: &#34;checkout.session.completed&#34;" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("show=failed", {"evt_broken"}),
        ("show=done", {"evt_1"}),
        ("type=refund.failed", {"evt_broken"}),
        ("q=re_7", {"evt_broken"}),
        ("q=evt_1", {"evt_1"}),
        ("q=1001", {"evt_1"}),
        ("q=nothing", set()),
        ("show=nonsense&type=nonsense", {"evt_1", "evt_broken"}),
    ],
)
def test_the_ledger_is_narrowed(
    staff: FlaskClient, paid: Order, query: str, found: set[str]
) -> None:
    paid.number = 1001
    make_event("evt_broken", type="refund.failed", object_id="re_7", status="failed")

    page = staff.get(f"{LEDGER}?{query}").text

    assert {each for each in ("evt_1", "evt_broken") if f'/{each}"' in page} == found


def test_the_ledger_asks_a_fixed_number_of_questions(
    staff: FlaskClient, count_queries: object
) -> None:
    for number in range(30):
        make_event(f"evt_{number}")

    with count_queries() as statements:
        staff.get(LEDGER)

    # Three that every page asks, one for the list, two for the light.
    assert len(statements) == 6


def test_replaying_a_finished_event_changes_nothing_twice(
    staff: FlaskClient, paid: Order, gateway: FakeGateway
) -> None:
    before = moved()

    responses = [staff.post(f"{LEDGER}/evt_1/replay") for _ in range(2)]

    assert [response.status_code for response in responses] == [303, 303]
    assert moved() == before
    row = db.session.scalars(sa.select(StripeEvent)).one()
    assert (row.status, row.verdict, row.attempts) == ("done", "paid", 3)
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "stripe_event.replayed")
    ).all()
    assert [entry.data for entry in entries] == [{"event": "evt_1", "status": ["done", "done"]}] * 2


def test_a_failed_event_is_taken_in_by_replaying_it(
    staff: FlaskClient, gateway: FakeGateway
) -> None:
    order = make_order()
    db.session.commit()
    settlement.start(order.id, gateway, SHOP)
    session_id = db.session.scalars(sa.select(PaymentAttempt.session_id)).one() or ""
    gateway.pay(session_id)
    happened = event("checkout.session.completed", gateway.sessions[session_id])
    gateway.failure = PaymentsUnreachable("away")
    with pytest.raises(PaymentsUnreachable):
        events.receive(happened, gateway)

    away = staff.post(f"{LEDGER}/evt_1/replay", follow_redirects=True).text
    gateway.failure = None
    back = staff.post(f"{LEDGER}/evt_1/replay", follow_redirects=True).text

    assert "Stripe does not answer just now." in away
    assert "Taken in again." in back
    db.session.refresh(order)
    assert order.is_paid
    assert db.session.scalars(sa.select(StripeEvent.status)).one() == "done"


def test_a_finished_event_stays_finished_while_stripe_is_away(
    staff: FlaskClient, paid: Order, gateway: FakeGateway
) -> None:
    gateway.failure = PaymentsUnreachable("away")

    staff.post(f"{LEDGER}/evt_1/replay")

    row = db.session.scalars(sa.select(StripeEvent)).one()
    assert (row.status, row.verdict, row.attempts) == ("done", "paid", 1)


def test_what_is_told_once_is_not_told_again(staff: FlaskClient, gateway: FakeGateway) -> None:
    make_event()

    page, response = staff.get(f"{LEDGER}/evt_1").text, staff.post(f"{LEDGER}/evt_1/replay")

    assert "It cannot be replayed" in page
    assert response.status_code == 409
    assert moved() == (0, 0)
    assert db.session.scalars(sa.select(AuditEntry.id)).all() == []


# The light --------------------------------------------------------------------------------------


def test_the_light_is_green_while_nothing_is_wrong(staff: FlaskClient, paid: Order) -> None:
    assert (health().light, health().signs) == (Light.OK, [])
    assert "Payments arrive" in staff.get("/admin").text


def test_the_light_claims_nothing_before_the_first_event(staff: FlaskClient) -> None:
    page = staff.get("/admin").text

    assert "No payment yet" in page
    assert "Payments arrive" not in page


def test_a_failed_event_turns_the_light_red(staff: FlaskClient) -> None:
    make_event(status="failed", error="<b>oh</b>")

    page = staff.get("/admin").text

    assert health().light is Light.BAD
    assert "1 event failed. Open it to see why" in page
    assert "&lt;b&gt;oh&lt;/b&gt;" in page


def test_a_page_that_is_over_but_not_settled_turns_the_light_red(
    staff: FlaskClient, gateway: FakeGateway
) -> None:
    order = make_order()
    db.session.commit()
    settlement.start(order.id, gateway, SHOP)
    attempt = db.session.scalars(sa.select(PaymentAttempt)).one()
    assert health().light is Light.OK
    attempt.created_at = now() - timedelta(hours=2)
    db.session.commit()

    assert health().signs == [Sign.UNSETTLED]
    assert f'href="/admin/orders/{order.id}"' in staff.get(LEDGER).text


def test_a_bank_may_take_days(staff: FlaskClient, gateway: FakeGateway) -> None:
    order = make_order()
    db.session.commit()
    settlement.start(order.id, gateway, SHOP)
    attempt = db.session.scalars(sa.select(PaymentAttempt)).one()
    attempt.status, attempt.created_at = "awaiting_bank", now() - timedelta(days=3)
    db.session.commit()

    assert health().signs == []
    assert "waiting for the bank" in staff.get(LEDGER).text


def test_events_that_had_to_be_asked_for_are_a_sign(staff: FlaskClient) -> None:
    make_event("evt_old", received_at=now() - timedelta(hours=5))
    make_event("evt_new", is_fetched=True)

    assert (health().light, health().signs) == (Light.WARN, [Sign.NOT_DELIVERED])
    assert "Look in Stripe whether its webhook leads here" in staff.get(LEDGER).text


def test_a_worker_that_does_not_ask_is_a_sign(staff: FlaskClient) -> None:
    db.session.add(ReconcileMark(complete_until=now() - timedelta(hours=1)))
    db.session.commit()

    assert health().signs == [Sign.NOT_ASKED]
    assert "Does it run, and does Stripe answer?" in staff.get("/admin").text
