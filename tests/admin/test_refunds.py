"""The form that gives money back."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shop.extensions import db
from shop.gift_cards import service as gift_cards
from shop.gift_cards.queries import bought_by
from shop.money import MAX_AMOUNT, Money
from shop.orders import service as orders
from shop.orders.event_kinds import ReviewReason
from shop.orders.models import LineItem, Order
from shop.payments import events
from shop.payments.gateway import PaymentRefused, PaymentsUnreachable
from shop.payments.models import Payment
from shop.payments.refund_models import Refund
from shop.pricing.quote import GiftCardUse
from tests.factories import make_order, make_variant
from tests.fakes import FakeGateway, event
from tests.payments.refunding import pay


@pytest.fixture
def order(staff: FlaskClient, gateway: FakeGateway) -> Order:
    """Two mugs at 34.00 with VAT 20 % inside, delivery 4.50: 72.50, paid by card."""
    placed = make_order(make_variant(unit_amount=3400, on_hand=10), quantity=2)
    pay(placed, gateway)
    return placed


def line_of(order: Order) -> int:
    return db.session.scalars(sa.select(LineItem.id).where(LineItem.order_id == order.id)).one()


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def refunded(order: Order) -> int:
    return db.session.get_one(Order, order.id, populate_existing=True).refunded_amount


def send(staff: FlaskClient, order: Order, **values: str) -> TestResponse:
    return staff.post(f"/admin/orders/{order.id}/refunds", data=values)


def work_out(
    staff: FlaskClient, order: Order, **values: str
) -> tuple[TestResponse, dict[str, str]]:
    """The page with the sum, and what its form sends."""
    new = staff.get(f"/admin/orders/{order.id}/refunds/new").text
    data = fields_of(new) | {"reason": "requested_by_customer", "told": "1"} | values
    page = send(staff, order, **data)
    return page, data | fields_of(page.text)


def test_the_sum_is_seen_before_money_moves(
    staff: FlaskClient, order: Order, gateway: FakeGateway
) -> None:
    line = line_of(order)

    page, data = work_out(staff, order, **{f"line-{line}-units": "1", "delivery": "4.50"})

    assert page.status_code == 200
    for words in (
        "You give back £38.50", "1 × Tuesday mug: £34.00", "Delivery: £4.50",
        "£34.00 + £4.50 = £38.50", "VAT 20% in it: £6.42", "£38.50 to Visa 4242",
    ):  # fmt: skip
        assert words in page.text
    assert gateway.refunds == {}

    done = send(staff, order, **data)

    assert (done.status_code, done.location) == (303, f"/admin/orders/{order.id}")
    assert [refund.amount for refund in gateway.refunds.values()] == [3850]
    shown = staff.get(f"/admin/orders/{order.id}").text
    for words in (
        "£38.50 given back", "Partly refunded", "Maya Kerr gave £38.50 back", "1 × Tuesday mug",
        "How this refund comes about",
    ):  # fmt: skip
        assert words in shown


def test_a_spent_gift_card_is_told_before_its_price_is_given_back(
    staff: FlaskClient, gateway: FakeGateway
) -> None:
    order = make_order(make_variant(unit_amount=3400), sells_gift_cards=True)
    pay(order, gateway)
    (card,) = bought_by(order.id)
    other = make_order(make_variant(unit_amount=100))
    gift_cards.spend(other.id, [GiftCardUse(card.id, Money(1000, "GBP"))])
    db.session.commit()
    line = f"line-{line_of(order)}-units"

    page, data = work_out(staff, order, **{line: "1"})

    words = f"Gift card ending in {card.last_four}: £10.00 of it is spent already."
    assert words in page.text
    assert "the £24.00 that is left on it is taken off" in page.text
    db.session.refresh(card)
    assert (card.balance_amount, card.is_active) == (2400, True)

    send(staff, order, **data)

    db.session.refresh(card)
    assert (card.balance_amount, card.is_active) == (0, False)
    ledger = staff.get(f"/admin/gift-cards/{card.id}").text
    assert "Taken off: its price was given back" in ledger


def test_money_in_another_currency_is_given_back_on_the_orders_page(
    staff: FlaskClient, gateway: FakeGateway
) -> None:
    order = make_order(make_variant(unit_amount=3400), quantity=2)
    pay(order, gateway, currency="eur")
    (payment_id,) = db.session.scalars(sa.select(Payment.id)).all()
    address = f"/admin/orders/{order.id}/payments/{payment_id}/refunds"
    assert staff.post(address, data={"press": "a"}).status_code == 409  # decide first
    assert gateway.refunds == {}
    staff.post(f"/admin/orders/{order.id}/review", data={"decision": "call_off"})
    page = staff.get(f"/admin/orders/{order.id}").text
    assert "€72.50 received" in page
    assert "Yes, give €72.50 back" in page
    assert f"/admin/orders/{order.id}/refunds/new" not in page

    for _ in range(2):
        assert staff.post(address, data={"press": "a"}).status_code == 303

    assert [one.amount for one in gateway.refunds.values()] == [7250]
    page = staff.get(f"/admin/orders/{order.id}").text
    assert "Maya Kerr gave €72.50 back" in page
    assert "Yes, give" not in page


def test_everything_that_is_left_is_one_click(
    staff: FlaskClient, order: Order, gateway: FakeGateway
) -> None:
    page = staff.get(f"/admin/orders/{order.id}/refunds/new?all=1").text

    assert 'value="4.50"' in page
    assert re.search(rf'name="line-{line_of(order)}-units" value="2"', page)


def test_a_sum_that_was_not_seen_is_shown_again(
    staff: FlaskClient, order: Order, gateway: FakeGateway
) -> None:
    _, data = work_out(staff, order, amount="10")

    page = send(staff, order, **(data | {"amount": "11"}))

    assert page.status_code == 200
    assert "You give back £11.00" in page.text
    assert gateway.refunds == {}


def test_a_double_press_gives_back_once(
    staff: FlaskClient, order: Order, gateway: FakeGateway
) -> None:
    _, data = work_out(staff, order, amount="72.50")

    answers = [send(staff, order, **data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(gateway.refunds) == 1
    assert "Nothing was given back a second time" in staff.get(f"/admin/orders/{order.id}").text


def test_the_second_of_two_staff_sees_what_the_first_gave(
    staff: FlaskClient, order: Order, gateway: FakeGateway
) -> None:
    (_, first), (_, second) = (work_out(staff, order, amount="10") for _ in range(2))
    send(staff, order, **first)

    page = send(staff, order, **second)

    assert page.status_code == 409
    assert "Somebody gave money back meanwhile" in page.text
    assert "£62.50 can still be given back" in page.text
    assert refunded(order) == 1000

    again = send(staff, order, **(second | fields_of(page.text)))

    assert again.status_code == 200  # the sum is worked out anew
    assert "You give back £10.00" in again.text


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("amount", "72.51", "At most £72.50 can still be given back."),
        ("amount", "-1", "Type an amount like"),
        ("amount", "1.234", "Type an amount like"),
        ("delivery", "4.51", "At most £4.50 can still be given back."),
        ("units", "3", "At most 2."),
        ("units", "x", "Type a whole number."),
        ("units", "٢", "Type a whole number."),
        ("units", "-1", "Type a whole number."),
        ("amount", "", "Choose pieces, a part of the delivery, or an amount."),
        ("reason", "because", "Choose why it is given back."),
    ],
)
def test_what_cannot_be_given_back_is_explained(
    staff: FlaskClient, order: Order, gateway: FakeGateway, field: str, text: str, sentence: str
) -> None:
    name = f"line-{line_of(order)}-units" if field == "units" else field

    page, _ = work_out(staff, order, **{name: text})

    assert page.status_code == 422
    assert sentence in page.text
    assert gateway.refunds == {}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Refund)) == 0


def test_a_reviewed_order_is_decided_first(staff: FlaskClient, gateway: FakeGateway) -> None:
    order = make_order()
    pay(order, gateway, amount_total=100)
    address = f"/admin/orders/{order.id}/refunds"

    answers = [
        staff.get(f"{address}/new"),
        staff.post(address, data={"amount": "1", "seen": "100"}),
    ]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "Decide first" in answers[0].text
    assert gateway.refunds == {}
    assert "/refunds/new" not in staff.get(f"/admin/orders/{order.id}").text


@pytest.mark.parametrize("is_paid", [True, False])
def test_an_order_without_money_has_nothing_to_give_back(
    staff: FlaskClient, gateway: FakeGateway, is_paid: bool
) -> None:
    order = make_order(paid=is_paid)

    assert staff.get(f"/admin/orders/{order.id}/refunds/new").status_code == 409
    assert staff.post(f"/admin/orders/{order.id}/refunds").status_code == 409


def test_when_stripe_does_not_answer_the_shop_asks_again_later(
    staff: FlaskClient, order: Order, gateway: FakeGateway
) -> None:
    _, data = work_out(staff, order, amount="10")
    gateway.failure = PaymentsUnreachable("timeout")

    page = staff.post(f"/admin/orders/{order.id}/refunds", data=data, follow_redirects=True).text

    assert "Stripe did not answer." in page
    assert "Stripe is asked" in page
    assert refunded(order) == 1000


def test_what_stripe_refuses_is_told(
    staff: FlaskClient, order: Order, gateway: FakeGateway
) -> None:
    _, data = work_out(staff, order, amount="10")

    def refuse() -> None:
        raise PaymentRefused("no", code="charge_disputed")

    gateway.meanwhile = refuse

    page = staff.post(f"/admin/orders/{order.id}/refunds", data=data, follow_redirects=True).text

    assert "the cardholder disputes that payment. No money moved." in page
    assert refunded(order) == 0


def test_money_given_back_by_hand_is_written_down(
    staff: FlaskClient, order: Order, gateway: FakeGateway
) -> None:
    _, data = work_out(staff, order, amount="10", method="by_hand", note="Cash at the market")

    send(staff, order, **data)

    page = staff.get(f"/admin/orders/{order.id}").text
    assert gateway.refunds == {}
    assert refunded(order) == 1000
    assert "By hand" in page
    assert "Cash at the market" in page


def test_a_failed_refund_stands_among_what_needs_a_decision(
    staff: FlaskClient, order: Order
) -> None:
    orders.locked(order.id).review_reason = ReviewReason.REFUND_FAILED

    assert "A refund came back" in staff.get(f"/admin/orders/{order.id}").text
    assert "Ines Rowan" in staff.get("/admin/orders?show=review").text

    staff.post(f"/admin/orders/{order.id}/review", data={"decision": "dismiss"})

    assert "A refund came back" not in staff.get(f"/admin/orders/{order.id}").text


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("expired_or_canceled_card", "the card has expired or was canceled"),
        ("lost_or_stolen_card", "the card is lost or stolen"),
        ("some_new_reason", "some new reason"),
    ],
)
def test_why_a_refund_failed_is_told_in_words(
    staff: FlaskClient, order: Order, gateway: FakeGateway, code: str, words: str
) -> None:
    _, data = work_out(staff, order, amount="10")
    staff.post(f"/admin/orders/{order.id}/refunds", data=data)
    (made,) = gateway.refunds
    gateway.end_refund(made, "failed", code)
    found = gateway.refunds[made]
    failed = event("refund.failed", id=made, payment_intent=found.payment_intent_id,
                   amount=found.amount, currency=found.currency)  # fmt: skip
    events.receive(failed, gateway)

    page = staff.get(f"/admin/orders/{order.id}").text

    assert page.count(words) == 2  # beside the refund, and in the timeline


def test_more_credit_than_a_balance_can_hold_is_not_given(staff: FlaskClient, order: Order) -> None:
    credit = gift_cards.give_credit(order.email, Money(MAX_AMOUNT, "GBP"))
    _, data = work_out(staff, order, amount="10", method="store_credit")

    page = send(staff, order, **data)

    assert page.status_code == 422
    assert "That is more than one balance can hold." in page.text
    db.session.refresh(credit)
    assert (credit.balance_amount, refunded(order)) == (MAX_AMOUNT, 0)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Refund)) == 0
