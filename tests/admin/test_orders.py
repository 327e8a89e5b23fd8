from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.accounts.models import Account
from shop.clock import now
from shop.extensions import db
from shop.orders import service as orders
from shop.orders.event_kinds import EventKind, ReviewReason
from shop.orders.models import Order, OrderEvent
from shop.payments import settlement
from shop.payments.gateway import PaymentsUnreachable
from shop.payments.models import PaymentAttempt
from shop.payments.params import Shop
from tests.factories import make_checkout, make_order, make_placement, make_variant, stock_of
from tests.fakes import FakeGateway

SHOP = Shop("Fettle", "till", "https://shop.example/return", "https://shop.example/back")


def order_of(name: str, email: str, *, paid: bool = False) -> Order:
    order = orders.place(
        make_placement(make_variant(), name=name, email=email),
        checkout_id=make_checkout().id,
        revision=1,
        expires_at=now(),
    )
    if paid:
        orders.mark_paid(order, at=now())
    db.session.flush()
    return order


def with_page(order: Order, gateway: FakeGateway) -> str:
    """The order's payment page is open; its session's id."""
    db.session.commit()
    settlement.start(order.id, gateway, SHOP)
    db.session.commit()
    return (
        db.session.scalars(
            sa.select(PaymentAttempt.session_id).where(PaymentAttempt.order_id == order.id)
        ).one()
        or ""
    )


def events_of(order: Order) -> list[OrderEvent]:
    return list(
        db.session.scalars(
            sa.select(OrderEvent).where(OrderEvent.order_id == order.id).order_by(OrderEvent.id)
        )
    )


def state_of(order: Order) -> str:
    return db.session.get_one(Order, order.id, populate_existing=True).state


def links_in(page: str) -> int:
    return page.count('<th scope="row"><a href="/admin/orders/')


# The list


def test_a_new_shop_is_told_what_will_stand_here(staff: FlaskClient) -> None:
    assert "No orders yet" in staff.get("/admin/orders").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Ann Lee", "Bob Ray", "Cy Day", "Di Fox"]),
        ("show=paid", ["Ann Lee"]),
        ("show=unpaid", ["Bob Ray"]),
        ("show=closed", ["Cy Day"]),
        ("show=review", ["Di Fox"]),
        ("show=nonsense", ["Ann Lee", "Bob Ray", "Cy Day", "Di Fox"]),
        ("q=1001", ["Ann Lee"]),
        ("q=%231001", ["Ann Lee"]),
        ("q=99999999999999999999", []),
        ("q=bob", ["Bob Ray"]),
        ("q=BOB%40EXAMPLE", ["Bob Ray"]),
        ("q=%25", []),
        ("q=_", []),
        ("q='--", []),
        ("q=lee&show=unpaid", []),
    ],
)
def test_orders_are_found(staff: FlaskClient, query: str, found: list[str]) -> None:
    db.session.execute(sa.text("UPDATE order_counters SET last_number = 1000"))
    order_of("Ann Lee", "ann@example.com", paid=True)
    order_of("Bob Ray", "bob@example.com")
    orders.cancel(order_of("Cy Day", "cy@example.com"), reason="shopper")
    orders.flag(order_of("Di Fox", "di@example.com"), ReviewReason.AMOUNT_DIFFERS)

    page = staff.get(f"/admin/orders?{query}").text

    names = ["Ann Lee", "Bob Ray", "Cy Day", "Di Fox"]
    assert [name for name in names if name in page] == found
    assert links_in(page) == len(found)
    assert ("No order matches" in page) is (not found)


def test_the_list_has_pages_and_asks_one_question(staff: FlaskClient, count_queries: Any) -> None:
    variant = make_variant(on_hand=100)
    for _ in range(27):
        make_order(variant)

    with count_queries() as statements:
        first = staff.get("/admin/orders").text
    second = staff.get("/admin/orders?page=2").text

    assert (links_in(first), links_in(second)) == (25, 2)
    assert 'href="/admin/orders?page=2"' in first
    # Three that every page asks, one for the list, one for its tags, one for the saved views.
    assert len(statements) == 6


@pytest.mark.parametrize("page", ["0", "-2", "-0", "x", "1e9", "9999999", "٢", "2"])
def test_pages_that_are_not_there_are_not_found(staff: FlaskClient, page: str) -> None:
    make_order()

    assert staff.get("/admin/orders", query_string={"page": page}).status_code == 404


# The page of one


def test_a_paid_order_shows_lines_money_and_people(
    staff: FlaskClient, gateway: FakeGateway
) -> None:
    order = make_order(make_variant(unit_amount=3400), quantity=2)
    session = with_page(order, gateway)
    gateway.pay(session)
    settlement.settle(session, gateway)

    page = staff.get(f"/admin/orders/{order.id}").text

    for words in (
        "Tuesday mug", "FT-MUG-COB", "£34.00", "£68.00", "£72.50", "Including VAT 20%", "£12.08",
        "Visa 4242", "Ines Rowan", "14 Alder Row", "LS6 2AB", "United Kingdom",
        "Payment of £72.50 received", "Order placed in the online shop", "2 items to pack",
    ):  # fmt: skip
        assert words in page
    assert f'href="http://127.0.0.1:8001/_sandbox/payments/{session}"' in page
    assert 'cancellation"' not in page
    assert "/payment-check" not in page


def test_every_kind_of_event_has_words(staff: FlaskClient) -> None:
    order = make_order()
    for kind in EventKind:
        orders.note(order, kind, amount=100, reason="x", code="card_declined", text="hello")

    page = staff.get(f"/admin/orders/{order.id}").text

    assert page.count('class="timeline__entry') == len(EventKind) + 1
    for kind in EventKind:
        assert kind.replace("_", " ").capitalize() not in page.split('id="timeline"')[1]


@pytest.mark.parametrize("reason", list(ReviewReason))
def test_every_reason_to_look_says_what_to_do(staff: FlaskClient, reason: ReviewReason) -> None:
    order = make_order()
    orders.flag(order, reason)

    page = staff.get(f"/admin/orders/{order.id}").text

    assert "This order needs your decision" in page
    assert "in Stripe" in page
    assert "efund" in page


def test_what_shoppers_typed_is_never_markup(staff: FlaskClient) -> None:
    order = order_of("<script>alert(1)</script>", '"><img src=x onerror=1>@example.com')
    orders.note(order, EventKind.NOTE, text="<svg onload=1>")

    for path in (f"/admin/orders/{order.id}", "/admin/orders"):
        page = staff.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<svg onload" not in page


def test_the_page_asks_a_fixed_number_of_questions(
    staff: FlaskClient, admin: Account, count_queries: Any
) -> None:
    order = make_order(make_variant(), make_variant(), make_variant())
    admin_id = admin.id
    for _ in range(5):
        orders.note(order, EventKind.NOTE, by=admin_id, text="hello")
    address = f"/admin/orders/{order.id}"
    db.session.commit()

    with count_queries() as statements:
        staff.get(address)

    # Account, shop, menu; order, lines, events, parcels, refunds, names, payments, attempts,
    # tags, what waits for stock; mails, products.
    assert len(statements) == 15


# What staff do


def test_a_note_stands_in_the_timeline_with_its_author(staff: FlaskClient, admin: Account) -> None:
    order = make_order()

    response = staff.post(
        f"/admin/orders/{order.id}/notes", data={"text": " Wool only.\r\n\r\nYes "}
    )

    assert (response.status_code, response.location) == (303, f"/admin/orders/{order.id}")
    note = events_of(order)[-1]
    assert (note.kind, note.data, note.account_id) == (
        "note", {"text": "Wool only.\n\nYes"}, admin.id,
    )  # fmt: skip
    assert "Maya Kerr added a note" in staff.get(response.location).text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "Type a note first."), ("  \n ", "Type a note first."), ("x" * 2001, "at most 2,000")],
)
def test_an_unusable_note_is_kept_as_typed(staff: FlaskClient, text: str, sentence: str) -> None:
    order = make_order()

    response = staff.post(f"/admin/orders/{order.id}/notes", data={"text": text})

    assert response.status_code == 422
    assert sentence in response.text
    assert text.strip() in response.text
    assert [event.kind for event in events_of(order)] == ["placed"]


def test_checking_with_stripe_finds_a_payment_nobody_told_of(
    staff: FlaskClient, gateway: FakeGateway
) -> None:
    order = make_order()
    gateway.pay(with_page(order, gateway))

    response = staff.post(f"/admin/orders/{order.id}/payment-check", follow_redirects=True)

    assert "Stripe says: paid." in response.text
    assert state_of(order) == "paid"


def test_checking_an_open_page_changes_nothing(staff: FlaskClient, gateway: FakeGateway) -> None:
    order = make_order()
    with_page(order, gateway)

    response = staff.post(f"/admin/orders/{order.id}/payment-check", follow_redirects=True)

    assert "The payment page is still open." in response.text
    assert state_of(order) == "pending_payment"


def test_an_order_without_a_payment_page_has_nothing_to_check(
    staff: FlaskClient, gateway: FakeGateway
) -> None:
    order = make_order()

    assert staff.post(f"/admin/orders/{order.id}/payment-check").status_code == 409
    assert gateway.created == []


@pytest.mark.parametrize("action", ["payment-check", "cancellation"])
def test_when_stripe_is_silent_nothing_moves(
    staff: FlaskClient, gateway: FakeGateway, action: str
) -> None:
    variant = make_variant(on_hand=5)
    order = make_order(variant)
    with_page(order, gateway)
    gateway.failure = PaymentsUnreachable("timeout")

    response = staff.post(f"/admin/orders/{order.id}/{action}", follow_redirects=True)

    assert "Stripe could not be asked. Nothing was changed" in response.text
    assert state_of(order) == "pending_payment"
    assert stock_of(variant) == (5, 1)


def test_canceling_closes_the_payment_page_and_frees_the_stock(
    staff: FlaskClient, admin: Account, gateway: FakeGateway
) -> None:
    variant = make_variant(on_hand=5)
    order = make_order(variant, quantity=2)
    session = with_page(order, gateway)

    response = staff.post(f"/admin/orders/{order.id}/cancellation", follow_redirects=True)

    assert "Order canceled." in response.text
    assert "Maya Kerr canceled the order" in response.text
    assert state_of(order) == "canceled"
    assert gateway.sessions[session].status == "expired"
    assert stock_of(variant) == (5, 0)


def test_an_order_paid_in_the_last_second_is_not_canceled(
    staff: FlaskClient, gateway: FakeGateway
) -> None:
    variant = make_variant(on_hand=5)
    order = make_order(variant)
    gateway.pay(with_page(order, gateway))

    response = staff.post(f"/admin/orders/{order.id}/cancellation", follow_redirects=True)

    assert "Not canceled: the payment arrived" in response.text
    assert state_of(order) == "paid"
    assert stock_of(variant) == (4, 0)


def test_a_paid_order_cannot_be_canceled(staff: FlaskClient, gateway: FakeGateway) -> None:
    order = make_order(paid=True)

    assert staff.post(f"/admin/orders/{order.id}/cancellation").status_code == 409
    assert state_of(order) == "paid"


@pytest.mark.parametrize(
    ("decision", "state", "left"),
    [("accept", "paid", (4, 0)), ("call_off", "canceled", (5, 0))],
)
def test_a_reviewed_order_is_decided_on_its_page(
    staff: FlaskClient, decision: str, state: str, left: tuple[int, int]
) -> None:
    variant = make_variant(on_hand=5)
    order = make_order(variant)
    orders.flag(order, ReviewReason.AMOUNT_DIFFERS)
    assert 'value="accept"' in staff.get(f"/admin/orders/{order.id}").text

    staff.post(f"/admin/orders/{order.id}/review", data={"decision": decision})

    assert state_of(order) == state
    assert stock_of(variant) == left
    assert "needs your decision" not in staff.get(f"/admin/orders/{order.id}").text


@pytest.mark.parametrize(("decision", "status"), [("", 422), ("x", 422), ("accept", 409)])
def test_only_a_review_can_be_decided(staff: FlaskClient, decision: str, status: int) -> None:
    order = make_order()

    answer = staff.post(f"/admin/orders/{order.id}/review", data={"decision": decision})

    assert answer.status_code == status
    assert state_of(order) == "pending_payment"


def test_stripes_dashboard_is_linked_in_its_own_mode(
    staff: FlaskClient, gateway: FakeGateway
) -> None:
    order = make_order()
    session = with_page(order, gateway)
    gateway.pay(session)
    settlement.settle(session, gateway)
    settings = staff.application.extensions["settings"]

    for key, address in [
        ("sk_test_real", f"https://dashboard.stripe.com/test/payments/pi_{session}"),
        ("sk_live_real", f"https://dashboard.stripe.com/payments/pi_{session}"),
    ]:
        staff.application.extensions["settings"] = replace(settings, stripe_secret_key=key)
        try:
            assert f'href="{address}"' in staff.get(f"/admin/orders/{order.id}").text
        finally:
            staff.application.extensions["settings"] = settings
