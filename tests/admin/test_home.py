from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient

from shop.clock import now
from shop.extensions import db
from shop.orders import service as orders
from shop.orders.service import ReviewReason
from shop.outbox.models import OutboxMessage
from shop.payments.models import StripeEvent
from tests.factories import make_order, make_product, make_variant


def make_parked(error: str = "connection refused") -> OutboxMessage:
    message = OutboxMessage(
        channel="email", name="order_confirmation", payload={}, dedupe_key="x", attempts=6,
        parked_at=now(), due_at=now() - timedelta(days=1), last_error=error,
    )  # fmt: skip
    db.session.add(message)
    db.session.flush()
    return message


def test_a_quiet_day_says_so(staff: FlaskClient) -> None:
    page = staff.get("/admin").text

    assert "Nothing needs you at the moment." in page
    assert "could not be sent" not in page


def test_home_counts_what_is_to_do(staff: FlaskClient) -> None:
    paid = make_order(make_variant(unit_amount=1000), paid=True)
    yesterday = make_order(make_variant(), paid=True)
    yesterday.paid_at = now() - timedelta(days=2)
    make_order(make_variant())
    orders.flag(paid, ReviewReason.PAID_TWICE)
    make_product(on_hand=3)
    make_product(published=False, on_hand=0)
    make_parked("<b>refused</b>")
    db.session.add(
        StripeEvent(
            id="evt_broken", type="checkout.session.completed", is_live=False, payload={},
            status="failed", error="OperationalError", created_at=now(),
        )
    )  # fmt: skip

    page = " ".join(staff.get("/admin").text.split())

    for count, words in [
        (1, "payment needs a decision"),
        (1, "variant is low or out of stock"),
        (1, "order waits for payment"),
        (1, "order paid today"),
    ]:
        assert (
            f'<b class="todo__count">{count}</b> <span class="todo__words">{words}</span>' in page
        )
    assert "£14.50 in all" in page
    assert "1 message could not be sent" in page
    assert "&lt;b&gt;refused&lt;/b&gt;" in page
    assert "evt_broken" in page


def test_home_asks_a_fixed_number_of_questions(staff: FlaskClient, count_queries: object) -> None:
    for _ in range(3):
        make_order(paid=True)
    make_parked()
    db.session.commit()

    with count_queries() as statements:  # type: ignore[operator]
        staff.get("/admin")

    # Two for the account and its roles, one for the shop, twelve for the page.
    assert len(statements) == 14
