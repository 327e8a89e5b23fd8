"""Sending orders, handing them over, and calling paid ones off."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shop.catalog.models import Variant
from shop.clock import now
from shop.database import in_transaction
from shop.extensions import db
from shop.orders import fulfillments, letters
from shop.orders import service as orders
from shop.orders.fulfillment_models import Fulfillment
from shop.orders.fulfillments import MoreThanUnsent, Parcel
from shop.orders.links import link_of
from shop.orders.models import LineItem, Order, OrderEvent
from shop.orders.urls import order_url
from shop.outbox import mailer
from shop.outbox.models import OutboxMessage
from shop.payments import settlement
from shop.payments.gateway import PaymentRefused, PaymentsUnreachable
from shop.payments.params import Shop
from shop.web.config import settings
from tests.accounts.people import make_admin
from tests.admin.test_undo import undo_in
from tests.factories import make_order, make_store, make_variant, stock_of
from tests.fakes import FakeGateway

SHOP = Shop("Fettle", "till", "https://shop.example/return", "https://shop.example/back")


@pytest.fixture
def order(staff: FlaskClient, gateway: FakeGateway) -> Order:
    """Three mugs and a bottle, paid by card."""
    placed = make_order(make_variant(on_hand=10), make_variant(on_hand=5), quantity=3)
    db.session.commit()
    settlement.start(placed.id, gateway, SHOP)
    (session_id,) = gateway.sessions
    gateway.pay(session_id)
    settlement.settle(session_id, gateway)
    db.session.commit()
    return placed


def lines_of(order: Order) -> list[LineItem]:
    found = sa.select(LineItem).where(LineItem.order_id == order.id).order_by(LineItem.id)
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


def now_is(order: Order) -> Order:
    return db.session.get_one(Order, order.id, populate_existing=True)


def mails() -> list[str]:
    return list(db.session.scalars(sa.select(OutboxMessage.name).order_by(OutboxMessage.id)))


def kinds(order: Order) -> list[str]:
    found = sa.select(OrderEvent.kind).where(OrderEvent.order_id == order.id)
    return list(db.session.scalars(found.order_by(OrderEvent.id)))


def stock(order: Order) -> list[tuple[int, int]]:
    return [stock_of(db.session.get_one(Variant, line.variant_id)) for line in lines_of(order)]


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def filled(staff: FlaskClient, order: Order, **values: str) -> dict[str, str]:
    """The form as the page offers it, with changes."""
    page = staff.get(f"/admin/orders/{order.id}/fulfillments/new").text
    offered = dict(re.findall(r'name="(line-\d+-units)" value="(\d+)"', page))
    return hidden(page) | offered | {"told": "1"} | values


def send(staff: FlaskClient, order: Order, data: dict[str, str]) -> TestResponse:
    return staff.post(f"/admin/orders/{order.id}/fulfillments", data=data)


def parcels(order: Order) -> list[Fulfillment]:
    found = sa.select(Fulfillment).where(Fulfillment.order_id == order.id)
    return list(
        db.session.scalars(found.order_by(Fulfillment.id).execution_options(populate_existing=True))
    )


def test_an_order_is_sent_whole_with_its_tracking(staff: FlaskClient, order: Order) -> None:
    before = stock(order)

    answer = send(staff, order, filled(staff, order, carrier="Royal Mail", number="AB 12"))

    assert (answer.status_code, answer.location) == (303, f"/admin/orders/{order.id}")
    (parcel,) = parcels(order)
    assert parcel.tracking_url.endswith("/tracking-results/AB12")
    assert now_is(order).fulfillment_state == "fulfilled"
    assert [line.fulfilled_quantity for line in lines_of(order)] == [3, 3]
    assert stock(order) == before  # it fell when the order was paid
    assert mails() == ["order_confirmation", "order_fulfilled"]
    page = staff.get(f"/admin/orders/{order.id}").text
    for words in ("Maya Kerr sent 6 pieces", "AB 12", "Royal Mail", "Take back"):
        assert words in page
    assert "fulfillments/new" not in page


def test_parts_go_in_parcels_of_their_own(staff: FlaskClient, order: Order) -> None:
    first, second = (line.id for line in lines_of(order))

    send(
        staff,
        order,
        filled(staff, order) | {f"line-{first}-units": "1", f"line-{second}-units": ""},
    )

    assert now_is(order).fulfillment_state == "partly_fulfilled"
    rest = filled(staff, order)
    assert (rest[f"line-{first}-units"], rest[f"line-{second}-units"]) == ("2", "3")
    send(staff, order, rest)
    assert now_is(order).fulfillment_state == "fulfilled"
    assert len(parcels(order)) == 2


def test_a_double_press_sends_once(staff: FlaskClient, order: Order) -> None:
    first = lines_of(order)[0].id
    data = filled(staff, order) | {f"line-{first}-units": "1"}

    answers = [send(staff, order, data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(parcels(order)) == 1
    assert mails().count("order_fulfilled") == 1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"units": "4"}, "At most 3."),
        ({"units": "x"}, "Type a whole number."),
        ({"units": "0"}, "Pieces: Choose at least one piece."),
        ({"url": "javascript:alert(1)"}, "Type a whole address that begins with https://."),
        ({"carrier": "x" * 61}, "Use at most 60 characters."),
    ],
)
def test_what_cannot_be_sent_is_explained(
    staff: FlaskClient, order: Order, values: dict[str, str], sentence: str
) -> None:
    first, second = (line.id for line in lines_of(order))
    data = filled(staff, order) | values
    if "units" in values:
        data |= {f"line-{first}-units": values["units"], f"line-{second}-units": ""}

    page = send(staff, order, data)

    assert page.status_code == 422
    assert sentence in page.text
    assert parcels(order) == []
    assert [line.fulfilled_quantity for line in lines_of(order)] == [0, 0]


def test_only_a_paid_order_is_sent(staff: FlaskClient, gateway: FakeGateway) -> None:
    order = make_order()

    assert staff.get(f"/admin/orders/{order.id}/fulfillments/new").status_code == 409
    assert send(staff, order, {"press": "x"}).status_code == 409
    assert parcels(order) == []


def test_a_mistake_is_taken_back_once(staff: FlaskClient, order: Order) -> None:
    send(staff, order, filled(staff, order))
    (parcel,) = parcels(order)

    for _ in range(2):
        staff.post(f"/admin/orders/{order.id}/fulfillments/{parcel.id}/delete")

    assert now_is(order).fulfillment_state == "unfulfilled"
    assert [line.fulfilled_quantity for line in lines_of(order)] == [0, 0]
    assert kinds(order).count("fulfillment_undone") == 1
    assert letters.fulfilled({"fulfillment_id": parcel.id}) is None


def test_a_parcel_belongs_to_its_order(staff: FlaskClient, order: Order) -> None:
    send(staff, order, filled(staff, order))
    other = make_order(paid=True)
    (parcel,) = parcels(order)

    for action in ("delete", "pickup"):
        address = f"/admin/orders/{other.id}/fulfillments/{parcel.id}/{action}"
        assert staff.post(address).status_code == 404
    assert now_is(order).fulfillment_state == "fulfilled"


def test_an_order_to_collect_is_made_ready_and_fetched(staff: FlaskClient, order: Order) -> None:
    now_is(order).collect_from = "14 Alder Row, Leeds"
    db.session.commit()

    send(staff, order, filled(staff, order))

    (parcel,) = parcels(order)
    assert (parcel.status, now_is(order).fulfillment_state) == ("ready", "ready")
    text, _html = mailer.render(letters.fulfilled({"fulfillment_id": parcel.id}))
    assert "waits for you here:" in text
    assert "14 Alder Row, Leeds" in text
    assert f"\n{order_url(order.token)}\n" in text

    for _ in range(2):
        staff.post(f"/admin/orders/{order.id}/fulfillments/{parcel.id}/pickup")

    assert now_is(order).fulfillment_state == "fulfilled"
    assert kinds(order).count("picked_up") == 1


def test_the_last_unit_is_sent_once_by_two_at_once(own_database: Flask) -> None:
    with own_database.app_context():
        make_store()
        order = make_order(make_variant(), paid=True)
        staff, order_id = make_admin().id, order.id
        line = lines_of(order)[0].id
        db.session.commit()

    def press(name: str) -> int:
        with own_database.app_context():
            try:
                in_transaction(
                    lambda: fulfillments.fulfill(
                        orders.locked(order_id), {line: 1}, Parcel(),
                        press=name, by=staff, is_told=True,
                    )
                )  # fmt: skip
            except MoreThanUnsent:
                return 0
            return 1

    with ThreadPoolExecutor(8) as threads:
        sent = list(threads.map(press, "abcdefgh"))

    assert sum(sent) == 1
    with own_database.app_context():
        assert len(parcels(db.session.get_one(Order, order_id))) == 1
        assert mails().count("order_fulfilled") == 1


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_shopper_reads_of_the_parcel(
    staff: FlaskClient, client: FlaskClient, order: Order, language: str
) -> None:
    now_is(order).language = language
    first = lines_of(order)[0].id
    data = filled(staff, order, carrier="DHL", number="0034") | {f"line-{first}-units": "1"}
    send(staff, order, data)
    (parcel,) = parcels(order)

    text, html = mailer.render(letters.fulfilled({"fulfillment_id": parcel.id}))
    page = client.get(f"/orders/{link_of(order.token, settings().secret_keys)}").text

    assert f"\n{order_url(order.token)}\n" in text  # nothing stuck to it
    on_its_way = "It is on its way" if language == "en" else "unterwegs"
    assert on_its_way in text
    for words in (text, html, page):
        assert "DHL" in words
        assert "https://www.dhl.com/en/home/tracking.html?tracking-id=0034" in words


# Cancellation ------------------------------------------------------------------------------------


def cancel(staff: FlaskClient, order: Order, **values: str) -> TestResponse:
    page = staff.get(f"/admin/orders/{order.id}/cancellation/new").text
    data = hidden(page) | {"reason": "customer"} | values
    return staff.post(f"/admin/orders/{order.id}/cancellation", data=data, follow_redirects=True)


def test_a_paid_order_is_canceled_with_its_goods_and_its_money(
    staff: FlaskClient, order: Order, gateway: FakeGateway
) -> None:
    page = cancel(staff, order, restock="1", refund="1", told="1")

    total = now_is(order).total_amount
    assert "Order canceled." in page.text
    assert (now_is(order).state, now_is(order).refunded_amount) == ("canceled", total)
    assert [refund.amount for refund in gateway.refunds.values()] == [total]
    assert stock(order) == [(10, 0), (5, 0)]
    assert mails() == ["order_confirmation", "order_canceled"]
    assert "Maya Kerr canceled the paid order" in page.text
    message = db.session.scalars(
        sa.select(OutboxMessage).where(OutboxMessage.name == "order_canceled")
    ).one()
    text, _html = mailer.render(letters.canceled(message.payload))
    assert "You get £208.50 back, the way you paid." in text
    assert f"\n{order_url(order.token)}\n" in text


def test_a_paid_order_may_be_canceled_without_either(
    staff: FlaskClient, order: Order, gateway: FakeGateway
) -> None:
    cancel(staff, order)

    assert (now_is(order).state, now_is(order).refunded_amount) == ("canceled", 0)
    assert gateway.refunds == {}
    assert stock(order) == [(7, 0), (2, 0)]
    assert mails() == ["order_confirmation"]
    assert "Refund" in staff.get(f"/admin/orders/{order.id}").text


def test_a_double_press_cancels_once(
    staff: FlaskClient, order: Order, gateway: FakeGateway
) -> None:
    page = staff.get(f"/admin/orders/{order.id}/cancellation/new").text
    data = hidden(page) | {"reason": "customer", "refund": "1", "restock": "1", "told": "1"}

    answers = [staff.post(f"/admin/orders/{order.id}/cancellation", data=data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(gateway.refunds) == 1
    assert stock(order) == [(10, 0), (5, 0)]
    assert kinds(order).count("canceled") == 1


def test_what_was_sent_is_not_canceled(
    staff: FlaskClient, order: Order, gateway: FakeGateway
) -> None:
    page = staff.get(f"/admin/orders/{order.id}/cancellation/new").text
    send(staff, order, filled(staff, order))

    answer = staff.post(
        f"/admin/orders/{order.id}/cancellation", data=hidden(page) | {"refund": "1"}
    )

    assert answer.status_code == 409
    assert "Refund it instead." in answer.text
    assert (now_is(order).state, gateway.refunds) == ("paid", {})
    assert staff.get(f"/admin/orders/{order.id}/cancellation/new").status_code == 409


def no_answer() -> None:
    raise PaymentsUnreachable("no answer")


def disputed() -> None:
    raise PaymentRefused("no", code="charge_disputed")


@pytest.mark.parametrize(
    ("fault", "sentence", "amount"),
    [
        (no_answer, "Stripe did not answer; the shop asks again by itself", None),
        (disputed, "the cardholder disputes that payment. No money moved.", 0),
    ],
)
def test_a_canceled_order_whose_money_does_not_go_back_says_so(
    staff: FlaskClient,
    order: Order,
    gateway: FakeGateway,
    fault: Any,
    sentence: str,
    amount: int | None,
) -> None:
    gateway.meanwhile = fault

    page = cancel(staff, order, refund="1")

    assert sentence in page.text
    assert now_is(order).state == "canceled"
    assert now_is(order).refunded_amount == (now_is(order).total_amount if amount is None else 0)


def delivery(staff: FlaskClient, order: Order, parcel: Fulfillment, told: str) -> TestResponse:
    path = f"/admin/orders/{order.id}/fulfillments/{parcel.id}/delivery"
    return staff.post(path, data={"delivered": told}, follow_redirects=True)


def test_a_parcel_is_marked_as_delivered_which_its_buyer_sees(
    staff: FlaskClient, order: Order, app: Flask
) -> None:
    send(staff, order, filled(staff, order))
    assert "Expected" in staff.get(f"/admin/orders/{order.id}").text
    (parcel,) = parcels(order)

    page = delivery(staff, order, parcel, "1").text

    (parcel,) = parcels(order)
    assert parcel.delivered_at is not None
    assert "Marked as delivered." in page
    assert "Maya Kerr wrote down that a parcel was delivered" in page
    assert "Expected" not in page.split('class="steps"')[1].split("</ol>")[0]
    with app.test_client() as buyer:
        theirs = buyer.get(order_url(order.token)).text
    assert "Delivered" in theirs
    assert "With you" not in theirs
    assert "delivered on" in theirs


def test_a_delivery_is_told_once_and_taken_back(staff: FlaskClient, order: Order) -> None:
    send(staff, order, filled(staff, order))
    (parcel,) = parcels(order)

    page = delivery(staff, order, parcel, "1").text
    again = delivery(staff, order, parcel, "1").text
    assert "Nothing was changed: somebody was faster" in again
    assert kinds(order).count("delivered") == 1

    assert staff.post(undo_in(page)).status_code == 303
    assert parcels(order)[0].delivered_at is None
    assert kinds(order)[-1] == "delivery_undone"
    assert staff.post(undo_in(page)).status_code == 409

    delivery(staff, order, parcel, "1")
    assert "Noted: it is not delivered." in delivery(staff, order, parcel, "0").text
    assert parcels(order)[0].delivered_at is None


def test_what_is_fetched_or_taken_back_is_not_delivered(staff: FlaskClient, order: Order) -> None:
    send(staff, order, filled(staff, order))
    (parcel,) = parcels(order)
    staff.post(f"/admin/orders/{order.id}/fulfillments/{parcel.id}/delete")

    assert "Nothing was changed" in delivery(staff, order, parcel, "1").text

    assert parcels(order)[0].delivered_at is None
    assert "delivered" not in kinds(order)


def test_the_timeline_tells_the_mails_that_went_out_or_failed(
    staff: FlaskClient, order: Order
) -> None:
    send(staff, order, filled(staff, order))
    address = f"/admin/orders/{order.id}"
    assert "Mail sent" not in staff.get(address).text
    confirmation, sent = db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id))
    confirmation.sent_at, sent.parked_at = now(), now()
    db.session.commit()

    page = staff.get(address).text

    assert "Mail sent: Confirmation of an order" in page
    assert "Mail could not be sent: Order sent, or ready to be fetched" in page


def test_a_line_leads_to_its_product_while_that_is_there(staff: FlaskClient, order: Order) -> None:
    first, second = lines_of(order)
    products = [db.session.get_one(Variant, line.variant_id).product_id for line in (first, second)]
    second.variant_id = None
    db.session.commit()

    page = staff.get(f"/admin/orders/{order.id}").text

    assert f'href="/admin/products/{products[0]}"' in page
    assert f'href="/admin/products/{products[1]}"' not in page
