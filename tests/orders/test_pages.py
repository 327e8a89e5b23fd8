"""A shopper's own order in each of its states."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.clock import now
from shop.extensions import db
from shop.orders import service as orders
from shop.orders.event_kinds import ReviewReason
from shop.orders.models import LineItem, Order
from shop.orders.urls import order_link
from shop.outbox.models import OutboxMessage
from shop.payments import settlement
from shop.payments.gateway import PaymentsUnreachable
from shop.payments.models import AttemptStatus, Payment, PaymentAttempt
from shop.payments.params import Shop
from tests.factories import make_gift_card, make_order, make_store, make_variant, stock_of
from tests.fakes import FakeGateway
from tests.pages import Page, read

SHOP = Shop("Fettle", "till", "https://shop.example/return", "https://shop.example/back")
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def view(client: FlaskClient, order: Order) -> Page:
    answer = client.get(f"/orders/{order_link(order.token)}")
    assert answer.status_code == 200
    return read(answer.text)


def open_attempt(order: Order, **values: object) -> PaymentAttempt:
    defaults = {
        "order_id": order.id,
        "ordinal": 1,
        "amount": order.total_amount,
        "currency": order.currency,
        "params": {},
        "idempotency_key": f"order-{order.id}",
        "status": AttemptStatus.OPEN,
        "session_id": f"cs_{order.id}",
        "url": "https://pay.example/1",
        "expires_at": now() + timedelta(minutes=35),
    }
    attempt = PaymentAttempt(**(defaults | values))
    db.session.add(attempt)
    db.session.flush()
    return attempt


def add_payment(order: Order) -> None:
    attempt = open_attempt(order, status=AttemptStatus.PAID)
    db.session.add(
        Payment(
            order_id=order.id,
            attempt_id=attempt.id,
            provider_payment_id=f"pi_{order.id}",
            amount=order.total_amount,
            currency=order.currency,
            method="card",
            method_label="Visa 4242",
        )
    )
    db.session.flush()


@pytest.fixture
def order(app: Flask) -> Order:
    make_store()
    return make_order(make_variant(unit_amount=3400), quantity=2)


@pytest.mark.parametrize("path", ["", "/reviews"])
@pytest.mark.parametrize("prefix", ["/orders", "/checkout/back", "/checkout/return"])
def test_half_a_link_says_how_to_find_the_order(
    client: FlaskClient, order: Order, prefix: str, path: str
) -> None:
    link = order_link(order.token)

    answer = client.get(f"{prefix}/{link[:-4]}{path if prefix == '/orders' else ''}")

    assert answer.status_code == 404
    assert "Please open the whole link from the email once more" in read(answer.text).text
    assert order.email not in answer.text


def test_what_a_gift_card_left_is_paid_once_it_is(client: FlaskClient, app: Flask) -> None:
    make_store()
    order = make_order(make_variant(unit_amount=3400), gift_cards=[make_gift_card(1000)])
    assert "To pay £28.50" in view(client, order).text

    orders.mark_paid(order, at=now())

    assert "Paid £28.50" in view(client, order).text


@time_machine.travel(MONDAY, tick=False)
def test_a_paid_order_thanks_and_says_what_happens_next(client: FlaskClient, app: Flask) -> None:
    make_store()
    order = make_order(make_variant(unit_amount=3400), quantity=2, paid=True)
    add_payment(order)

    page = view(client, order)

    assert page.title == "Thank you, Ines. | Fettle"
    assert f"Order {order.number} Paid 23 November 2026" in page.text
    assert "A confirmation is on its way to ines@example.com." in page.text
    assert "Your order should arrive Wed 25 to Thu 26 Nov." in page.text
    assert "Tuesday mug Cobalt FT-MUG-COB" in page.text
    assert "Subtotal £68.00 Delivery Standard £4.50 Total £72.50 Including VAT £12.08" in page.text
    assert "Ines Rowan 14 Alder Row Leeds LS6 2AB United Kingdom" in page.text
    assert "Visa 4242, £72.50" in page.text
    (form,) = page.having("form")  # nothing is left to pay: it keeps the details
    assert str(form["action"]).endswith("/account")


def test_an_unpaid_order_can_be_paid_for_as_long_as_it_is_kept(
    client: FlaskClient, order: Order
) -> None:
    order.expires_at = now() + timedelta(minutes=50)
    open_attempt(order, expires_at=now() + timedelta(minutes=30, seconds=30))

    page = view(client, order)

    assert page.title == "Not paid yet | Fettle"
    assert "You have not been charged." in page.text
    # The payment page closes before the stock is let go, and needs two minutes to be filled in.
    assert "We keep them for another 28 minutes." in page.text
    assert "Pay £72.50 now" in page.text
    actions = [form["action"] for form in page.having("form", method="post")]
    address = f"/orders/{order_link(order.token)}"
    assert actions == [f"{address}/pay", f"{address}/cancellation"]
    assert page.having("meta", http_equiv="refresh") == []


def test_an_order_whose_bank_refused_can_be_paid_another_way(
    client: FlaskClient, order: Order
) -> None:
    orders.wait_for_bank(order, attempt=1)
    orders.bank_refused(order, attempt=1, pay_until=now() + timedelta(hours=24))

    page = view(client, order)

    assert "Your bank did not make the payment, so nothing was charged." in page.text
    assert "We keep them for another 24 hours." in page.text
    assert "Pay £72.50 now" in page.text


def test_a_confirmation_is_on_its_way_until_it_is_sent(client: FlaskClient, app: Flask) -> None:
    make_store()
    order = make_order(paid=True)
    assert "A confirmation is on its way to ines@example.com." in view(client, order).text

    db.session.execute(sa.update(OutboxMessage).values(sent_at=now()))

    text = view(client, order).text
    assert "We have sent a confirmation to ines@example.com." in text
    assert "on its way to" not in text


def test_an_authorized_order_is_not_being_packed(client: FlaskClient, order: Order) -> None:
    orders.authorize(order)

    text = view(client, order).text

    assert "Your bank has set the money aside" in text
    assert "Being packed" not in text


# The shopper does not want it any more ------------------------------------------------------------


def call_off(client: FlaskClient, order: Order) -> int:
    answer = client.post(f"/orders/{order_link(order.token)}/cancellation")
    db.session.expire_all()
    return answer.status_code


def test_an_order_that_waits_for_a_transfer_is_called_off_by_its_shopper(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    make_store()
    mug, card = make_variant(unit_amount=3400, on_hand=10), make_gift_card(1000)
    order = make_order(mug, gift_cards=[card])
    orders.wait_for_money(order, now() + timedelta(days=7))
    assert "Call the order off" in view(client, order).text

    assert call_off(client, order) == 303

    assert (order.state, stock_of(mug), card.balance_amount) == ("canceled", (10, 0), 1000)
    assert "This order was called off" in view(client, order).title
    assert call_off(client, order) == 303
    assert order.state == "canceled"


def test_a_payment_page_is_closed_with_the_order(
    client: FlaskClient, order: Order, gateway: FakeGateway
) -> None:
    db.session.commit()
    settlement.start(order.id, gateway, SHOP)

    assert call_off(client, order) == 303

    assert order.state == "canceled"
    assert [session.status for session in gateway.sessions.values()] == ["expired"]


def test_what_was_paid_in_the_last_second_is_not_called_off(
    client: FlaskClient, order: Order, gateway: FakeGateway
) -> None:
    db.session.commit()
    settlement.start(order.id, gateway, SHOP)
    (session_id,) = gateway.sessions
    gateway.pay(session_id)

    assert call_off(client, order) == 303

    assert order.state == "paid"
    assert "Your order is not called off" in view(client, order).text


def test_without_an_answer_nothing_is_called_off(
    client: FlaskClient, order: Order, gateway: FakeGateway
) -> None:
    db.session.commit()
    settlement.start(order.id, gateway, SHOP)
    gateway.failure = PaymentsUnreachable("no answer")

    assert call_off(client, order) == 503

    assert order.state == "pending_payment"


def test_a_paid_order_is_not_called_off_by_its_link(client: FlaskClient, app: Flask) -> None:
    make_store()
    order = make_order(paid=True)

    assert call_off(client, order) == 303

    assert order.state == "paid"
    assert "cannot be called off here any more" in view(client, order).text


def test_an_order_that_waits_for_word_looks_again_by_itself(
    client: FlaskClient, order: Order
) -> None:
    open_attempt(order, payment_intent_id="pi_1")

    page = view(client, order)

    assert page.title == "We are waiting to hear of your payment | Fettle"
    assert page.having("meta", http_equiv="refresh", content="5") != []
    assert "You need not pay again." in page.text
    assert page.having("form") == []


def test_an_order_at_the_bank_says_that_nothing_more_is_needed(
    client: FlaskClient, order: Order
) -> None:
    orders.wait_for_bank(order, attempt=1)

    page = view(client, order)

    assert page.title == "We are waiting for your bank | Fettle"
    assert "nothing more is needed from you" in page.text
    assert page.having("form") == []
    assert page.having("meta", http_equiv="refresh") == []


def test_an_order_in_review_need_not_be_paid_again(client: FlaskClient, order: Order) -> None:
    add_payment(order)
    orders.flag(order, ReviewReason.AMOUNT_DIFFERS)

    page = view(client, order)

    assert page.title == "We have your payment and are looking at it | Fettle"
    assert "You need not pay again." in page.text
    assert "hello@fettle.example" in page.text
    assert page.having("form") == []


def test_a_paid_order_under_review_is_still_paid(client: FlaskClient, app: Flask) -> None:
    make_store()
    order = make_order(paid=True)
    orders.flag(order, ReviewReason.PAID_TWICE)

    page = view(client, order)

    assert page.title == "Thank you, Ines. | Fettle"
    assert "There is something about this payment that we want to check." in page.text


@pytest.mark.parametrize(
    ("end", "title"),
    [
        (orders.expire, "The time to pay ran out"),
        (lambda order: orders.cancel(order, reason="shopper"), "This order was called off"),
    ],
)
def test_an_order_that_ended_unpaid_charged_nothing_and_leads_to_the_basket(
    client: FlaskClient, order: Order, end: Callable[[Order], None], title: str
) -> None:
    end(order)

    page = view(client, order)

    assert page.title == f"{title} | Fettle"
    assert "You have not been charged." in page.text
    assert page.having("a", class_="button button--primary", href="/cart") != []
    assert page.having("form") == []


def test_tax_that_was_added_stands_before_the_total(client: FlaskClient, order: Order) -> None:
    order.is_tax_included, order.tax_amount, order.total_amount = False, 1450, 8700
    order.tax_lines = [{"name": "VAT", "rate_ppm": 200_000, "base": 7250, "amount": 1450}]

    page = view(client, order)

    assert "Delivery Standard £4.50 VAT £14.50 Total £87.00" in page.text
    assert "Including" not in page.text


def test_hostile_names_and_titles_are_text(client: FlaskClient, order: Order) -> None:
    attack = "<script>alert(1)</script>"
    order.name = order.city = attack
    line = db.session.scalars(db.select(LineItem).where(LineItem.order_id == order.id)).one()
    line.title = line.options = attack
    orders.mark_paid(order, at=now())

    answer = client.get(f"/orders/{order_link(order.token)}")

    assert attack not in answer.text
    assert f"Thank you, {attack}." in read(answer.text).text


def test_a_reload_shows_the_same_order(client: FlaskClient, order: Order) -> None:
    assert view(client, order).text == view(client, order).text


def test_an_order_is_kept_out_of_caches_and_search_engines(
    client: FlaskClient, order: Order
) -> None:
    answer = client.get(f"/orders/{order_link(order.token)}")

    assert "no-store" in answer.headers["Cache-Control"]
    assert len(read(answer.text).having("meta", name="robots", content="noindex")) == 1


def test_a_link_that_the_shop_did_not_sign_shows_nothing(client: FlaskClient, order: Order) -> None:
    link = order_link(order.token)

    answers = [client.get(f"/orders/{wrong}") for wrong in (link[:-1], order.token, str(order.id))]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
