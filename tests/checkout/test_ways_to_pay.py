"""Orders that are paid without a payment page: by transfer, in cash, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from shop.accounts.models import Account
from shop.catalog.models import Variant
from shop.extensions import db
from shop.orders import emails
from shop.orders.letters import LETTERS
from shop.orders.models import Order
from shop.orders.urls import order_link
from shop.outbox import mailer
from shop.outbox.models import OutboxMessage
from shop.payments.models import Payment, PaymentAttempt, PaymentSettings
from shop.worker import release_overdue
from tests.accounts.people import be_signed_in, make_admin
from tests.factories import DETAILS, make_rates, make_store, make_variant, stock_of
from tests.fakes import FakeGateway
from tests.pages import Page, read

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

IBAN = "Fettle Pottery\nIBAN GB33 BUKB 2020 1555 5555 55"


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


def offer(**settings: object) -> None:
    usual = {
        "takes_bank_transfer": True, "bank_transfer_text": IBAN, "takes_cash": True,
        "cash_text": "Open from nine to five.", "hold_days": 7, "captures_manually": False,
    }  # fmt: skip
    db.session.add(PaymentSettings(**(usual | settings)))
    db.session.commit()


@pytest.fixture
def mug(client: FlaskClient, gateway: FakeGateway) -> Variant:
    make_store()
    make_rates(shipping=450, free_from=None)
    mug = make_variant(unit_amount=3400)
    client.post("/cart/lines", data={"variant_id": mug.id})
    return mug


def review(client: FlaskClient) -> Page:
    assert client.post("/checkout", data=DETAILS).status_code == 303
    return read(client.get("/checkout/payment").text)


def order_by(client: FlaskClient, pay_by: str) -> Order:
    total = review(client).value("total")
    answer = client.post("/checkout/payment", data={"total": total, "pay_by": pay_by})
    assert answer.status_code == 303
    order = db.session.scalars(sa.select(Order)).one()
    assert answer.location == f"/orders/{order_link(order.token)}"
    return order


def shown(client: FlaskClient, order: Order) -> str:
    return read(client.get(f"/orders/{order_link(order.token)}").text).text


def mails() -> list[str]:
    return list(db.session.scalars(sa.select(OutboxMessage.name).order_by(OutboxMessage.id)))


def mail(order: Order, kind: str) -> tuple[str, str]:
    text, html = mailer.render(LETTERS[kind]({"order_id": order.id}))
    return " ".join(text.split()), read(html).text


def count(model: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@pytest.fixture
def staff(client: FlaskClient) -> Account:
    account = make_admin(email="maya@example.com", name="Maya Kerr")
    db.session.commit()
    be_signed_in(client, account)
    return account


# The choice --------------------------------------------------------------------------------------


def test_without_a_choice_there_is_no_question(client: FlaskClient, mug: Variant) -> None:
    page = review(client)

    assert page.having("input", name="pay_by") == []
    assert "Pay £38.50" in page.text


def test_card_comes_first_and_cash_only_with_collecting(client: FlaskClient, mug: Variant) -> None:
    offer()
    page = review(client)
    assert [a["value"] for a in page.having("input", name="pay_by")] == ["card", "bank_transfer"]
    assert page.chosen("pay_by") == "card"
    assert "Order for £38.50" in page.text

    db.session.execute(sa.text("UPDATE shipping_rates SET is_pickup = true"))
    db.session.commit()

    page = review(client)
    assert [a["value"] for a in page.having("input", name="pay_by")] == [
        "card", "bank_transfer", "cash",
    ]  # fmt: skip


def test_the_choice_is_kept_when_the_delivery_is_changed(client: FlaskClient, mug: Variant) -> None:
    offer()
    rate = review(client).chosen("shipping_rate_id")

    data = {"shipping_rate_id": rate, "note": "", "pay_by": "bank_transfer"}
    client.post("/checkout/delivery", data=data)

    assert read(client.get("/checkout/payment").text).chosen("pay_by") == "bank_transfer"


@pytest.mark.parametrize("pay_by", ["cash", "bank_transfer", "gold", ""])
def test_what_is_not_offered_is_refused(
    client: FlaskClient, mug: Variant, gateway: FakeGateway, pay_by: str
) -> None:
    total = review(client).value("total")

    answer = client.post("/checkout/payment", data={"total": total, "pay_by": pay_by})

    assert answer.status_code == 409
    assert "That way to pay is not offered. You have not been charged." in read(answer.text).text
    assert (count(Order), gateway.created, stock_of(mug)[1]) == (0, [], 0)


def test_cards_are_paid_on_stripes_page_as_before(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    offer()
    total = review(client).value("total")

    answer = client.post("/checkout/payment", data={"total": total, "pay_by": "card"})

    assert answer.location.startswith("https://pay.example/")


# By bank transfer --------------------------------------------------------------------------------


def test_an_order_by_transfer_waits_with_its_stock_and_tells_how_to_pay(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    offer(hold_days=5)

    order = order_by(client, "bank_transfer")

    assert (order.state, order.number) == ("awaiting_money", None)
    assert order.expires_at == MONDAY + timedelta(days=5)
    assert stock_of(mug) == (10, 1)
    assert (gateway.created, count(PaymentAttempt)) == ([], 0)
    assert mails() == [emails.AWAITING_MONEY]
    told = shown(client, order)
    for words in (told, *mail(order, emails.AWAITING_MONEY)):
        assert f"Please transfer £38.50 and write R{order.id} as the reference." in words
        assert "IBAN GB33 BUKB 2020 1555 5555 55" in words
        assert "28 November 2026" in words
    assert "You have not been charged." in told
    assert f"Amount £38.50 Reference of the transfer R{order.id}" in told
    assert "basket is empty" in client.get("/cart").text


def test_pressing_twice_orders_once(client: FlaskClient, mug: Variant) -> None:
    offer()
    total = review(client).value("total")
    data = {"total": total, "pay_by": "bank_transfer"}
    with client.session_transaction() as kept:
        before = dict(kept)
    first = client.post("/checkout/payment", data=data)
    with client.session_transaction() as kept:
        kept.update(before)  # the other press was on its way with the same basket

    second = client.post("/checkout/payment", data=data)

    assert second.location == first.location
    assert (count(Order), mails()) == (1, [emails.AWAITING_MONEY])


def test_who_comes_back_from_the_card_page_may_transfer_instead(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    offer()
    total = review(client).value("total")
    client.post("/checkout/payment", data={"total": total, "pay_by": "card"})

    client.post("/checkout/payment", data={"total": total, "pay_by": "bank_transfer"})

    states = list(db.session.scalars(sa.select(Order.state).order_by(Order.id)))
    assert states == ["canceled", "awaiting_money"]
    assert [session.status for session in gateway.sessions.values()] == ["expired"]
    assert stock_of(mug) == (10, 1)


def test_staff_mark_it_as_paid_once(client: FlaskClient, mug: Variant, staff: Account) -> None:
    offer()
    order = order_by(client, "bank_transfer")
    page = read(client.get(f"/admin/orders/{order.id}").text)
    assert f"£38.50 arrived for R{order.id}." in page.text

    first = client.post(f"/admin/orders/{order.id}/payments")
    second = client.post(f"/admin/orders/{order.id}/payments")

    assert (first.status_code, second.status_code) == (303, 409)
    db.session.expire_all()
    assert (order.state, order.number, order.expires_at) == ("paid", 1001, None)
    payment = db.session.scalars(sa.select(Payment)).one()
    assert (payment.amount, payment.method, payment.recorded_by) == (
        3850,
        "bank_transfer",
        staff.id,
    )
    assert (payment.attempt_id, payment.provider_payment_id) == (None, None)
    assert stock_of(mug) == (9, 0)
    assert mails() == [emails.AWAITING_MONEY, emails.CONFIRMATION]
    admin = read(client.get(f"/admin/orders/{order.id}").text).text
    assert "Maya Kerr wrote down that £38.50 arrived" in admin
    assert "written down by Maya Kerr" in admin
    assert "Bank transfer, £38.50" in shown(client, order)


@pytest.mark.parametrize("paid", [False, True])
def test_only_orders_that_wait_for_money_can_be_marked(
    client: FlaskClient, mug: Variant, staff: Account, paid: bool
) -> None:
    total = review(client).value("total")
    client.post("/checkout/payment", data={"total": total})
    order = db.session.scalars(sa.select(Order)).one()

    answer = client.post(f"/admin/orders/{order.id}/payments")

    assert answer.status_code == 409
    db.session.expire_all()
    assert (order.state, count(Payment)) == ("pending_payment", 0)


def test_canceling_frees_the_stock_and_tells_the_shopper(
    client: FlaskClient, mug: Variant, staff: Account
) -> None:
    offer()
    order = order_by(client, "bank_transfer")

    client.post(f"/admin/orders/{order.id}/cancellation")

    db.session.expire_all()
    assert (order.state, stock_of(mug)) == ("canceled", (10, 0))
    assert mails() == [emails.AWAITING_MONEY, emails.ENDED]
    for words in mail(order, emails.ENDED):
        assert "Nothing was charged, and nothing is owed." in words


def test_an_order_that_is_not_paid_in_time_ends_and_late_money_takes_it_up_again(
    client: FlaskClient, mug: Variant, staff: Account
) -> None:
    offer()
    order = order_by(client, "bank_transfer")
    with time_machine.travel(MONDAY + timedelta(days=7, minutes=-1), tick=False):
        release_overdue()
        db.session.expire_all()
        assert order.state == "awaiting_money"
    with time_machine.travel(MONDAY + timedelta(days=7, minutes=1), tick=False):
        release_overdue()
        db.session.expire_all()
        assert (order.state, stock_of(mug)) == ("expired", (10, 0))
        assert mails() == [emails.AWAITING_MONEY, emails.ENDED]
    be_signed_in(client, staff)

    assert client.post(f"/admin/orders/{order.id}/payments").status_code == 303

    db.session.expire_all()
    assert (order.state, stock_of(mug)) == ("paid", (9, 0))


def test_late_money_for_what_is_sold_meanwhile_is_not_taken(
    client: FlaskClient, mug: Variant, staff: Account
) -> None:
    offer()
    order = order_by(client, "bank_transfer")
    db.session.execute(sa.text("UPDATE orders SET expires_at = :at"), {"at": MONDAY - timedelta(9)})
    db.session.commit()
    release_overdue()
    db.session.execute(sa.text("UPDATE stock_items SET on_hand = 0"))
    db.session.commit()

    page = read(client.post(f"/admin/orders/{order.id}/payments", follow_redirects=True).text)

    assert "Not marked as paid" in page.text
    db.session.expire_all()
    assert (order.state, count(Payment)) == ("expired", 0)


def test_staff_find_the_order_by_its_reference(
    client: FlaskClient, mug: Variant, staff: Account
) -> None:
    offer()
    order = order_by(client, "bank_transfer")

    assert "Ines Rowan" in client.get(f"/admin/orders?q=r{order.id}").text
    assert "Ines Rowan" not in client.get(f"/admin/orders?q=R{order.id + 1}").text


# In cash -----------------------------------------------------------------------------------------


def test_cash_is_brought_along(client: FlaskClient, mug: Variant) -> None:
    offer()
    db.session.execute(sa.text("UPDATE shipping_rates SET is_pickup = true"))
    db.session.commit()

    order = order_by(client, "cash")

    assert (order.state, order.pay_by) == ("awaiting_money", "cash")
    assert f"Please bring £38.50 in cash when you collect your order. Say R{order.id} there." in (
        shown(client, order)
    )
    assert "Open from nine to five." in shown(client, order)


# Nothing to pay, too little, too much ------------------------------------------------------------


def fill(client: FlaskClient, unit_amount: int) -> None:
    make_store()
    make_rates(shipping=0, free_from=None)
    client.post("/cart/lines", data={"variant_id": make_variant(unit_amount=unit_amount).id})


def test_what_costs_nothing_is_ordered_and_nobody_is_charged(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    fill(client, 0)
    offer()
    page = review(client)
    assert "There is nothing to pay, and nothing is charged." in page.text
    assert page.having("input", name="pay_by") == []

    answer = client.post("/checkout/payment", data={"total": "0"})

    order = db.session.scalars(sa.select(Order)).one()
    assert answer.location == f"/orders/{order_link(order.token)}"
    assert (order.state, order.number, order.total_amount) == ("paid", 1001, 0)
    assert (gateway.created, count(Payment), count(PaymentAttempt)) == ([], 0, 0)
    assert mails() == [emails.CONFIRMATION]
    told = shown(client, order)
    assert "Nothing to pay" in told
    for words in (told, *mail(order, emails.CONFIRMATION)):
        assert "There was nothing to pay, and nothing was charged." in words
    be_signed_in(client, make_admin())
    assert "Nothing was to be paid" in client.get(f"/admin/orders/{order.id}").text


@pytest.mark.parametrize(
    ("unit_amount", "words"),
    [
        (29, "A card can pay £0.30 or more. Put something more into your basket to reach that."),
        (100_000_000, "That is more than a card can pay at once."),
    ],
)
def test_what_no_card_can_pay_is_told_before_anything_is_sent(
    client: FlaskClient, gateway: FakeGateway, unit_amount: int, words: str
) -> None:
    fill(client, unit_amount)

    page = review(client)

    assert words in page.text
    assert "You have not been charged." in page.text
    assert "Pay £" not in page.text
    answer = client.post("/checkout/payment", data={"total": str(unit_amount)})
    assert answer.status_code == 409
    assert words in read(answer.text).text
    assert (count(Order), gateway.created) == (0, [])


def test_the_least_that_a_card_can_pay_is_paid(client: FlaskClient, gateway: FakeGateway) -> None:
    fill(client, 30)
    review(client)

    assert client.post("/checkout/payment", data={"total": "30"}).status_code == 303


def test_what_is_too_little_for_a_card_can_be_transferred(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    fill(client, 29)
    offer()
    page = review(client)
    assert [a["value"] for a in page.having("input", name="pay_by")] == ["bank_transfer"]

    answer = client.post("/checkout/payment", data={"total": "29", "pay_by": "bank_transfer"})

    assert answer.status_code == 303
    assert db.session.scalars(sa.select(Order.state)).one() == "awaiting_money"


# Settings ----------------------------------------------------------------------------------------


def test_the_merchant_switches_ways_on(client: FlaskClient, mug: Variant, staff: Account) -> None:
    data = {"takes_bank_transfer": "1", "bank_transfer_text": IBAN, "hold_days": "10"}

    assert client.post("/admin/settings/payments", data=data).status_code == 303

    kept = db.session.scalars(sa.select(PaymentSettings)).one()
    assert (kept.takes_bank_transfer, kept.takes_cash, kept.hold_days) == (True, False, 10)
    page = read(client.get("/admin/settings/payments").text)
    assert page.having("input", name="takes_bank_transfer", checked="")
    assert "IBAN" in page.text
    # Switched off again: what is not sent is not ticked.
    client.post("/admin/settings/payments", data={"hold_days": "10"})
    db.session.expire_all()
    assert kept.takes_bank_transfer is False


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"takes_bank_transfer": "1"}, "Say where the money goes"),
        ({"hold_days": "0"}, "Type a whole number from 1 to 60."),
        ({"hold_days": "many"}, "Type a whole number from 1 to 60."),
        ({"cash_text": "x" * 2001}, "Use at most 2,000 characters."),
    ],
)
def test_settings_that_cannot_work_are_refused(
    client: FlaskClient, mug: Variant, staff: Account, changes: dict[str, str], words: str
) -> None:
    answer = client.post("/admin/settings/payments", data={"hold_days": "7"} | changes)

    assert answer.status_code == 422
    assert words in read(answer.text).text
    assert count(PaymentSettings) == 0
