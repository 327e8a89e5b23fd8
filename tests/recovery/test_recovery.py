"""A checkout that was left: who is reminded, of what, once, and what comes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.address_book import service as address_book
from shop.cart.cart import Cart
from shop.catalog.models import Variant
from shop.checkout.models import Checkout
from shop.clock import now
from shop.database import in_transaction
from shop.extensions import db
from shop.inventory import service as inventory
from shop.orders import service as orders
from shop.orders.urls import order_link
from shop.outbox import mailer
from shop.outbox.models import OutboxMessage
from shop.outbox.worker import Claimed
from shop.payments.models import Closing, PaymentAttempt
from shop.recovery import links, queries
from shop.recovery import service as recovery
from shop.recovery.letters import LETTERS
from shop.recovery.models import AbandonedCheckout, RefusedAddress
from shop.recovery.worker import count_figures
from shop.web.config import settings
from tests.accounts.people import be_signed_in, make_account, make_admin
from tests.checkout.test_pages import DETAILS
from tests.factories import (
    BUYER,
    make_checkout,
    make_order,
    make_rates,
    make_store,
    make_variant,
)
from tests.fakes import FakeGateway
from tests.pages import read

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
AFTER = timedelta(hours=2)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def mug(app: Flask) -> Variant:
    make_store()
    make_rates("GB")
    recovery.change({"is_on": True}, by=None)
    mug = make_variant(unit_amount=3400, on_hand=10)
    db.session.commit()
    return mug


def leave(client: FlaskClient, mug: Variant, *, remind: bool = True, **changes: str) -> None:
    """Up to the second screen, and away."""
    client.post("/cart/lines", data={"variant_id": mug.id, "quantity": 2})
    ticked = {"remind": "1"} if remind else {}
    assert client.post("/checkout", data=DETAILS | changes | ticked).status_code == 303


def rows() -> list[AbandonedCheckout]:
    return list(db.session.scalars(sa.select(AbandonedCheckout).order_by(AbandonedCheckout.id)))


def messages() -> list[OutboxMessage]:
    found = sa.select(OutboxMessage).where(OutboxMessage.name == recovery.LETTER)
    return list(db.session.scalars(found.order_by(OutboxMessage.id)))


def remind_after(clock: time_machine.Traveller, pause: timedelta = AFTER) -> int:
    db.session.commit()
    clock.shift(pause)
    return in_transaction(recovery.remind)


def basket_path(row: AbandonedCheckout) -> str:
    return links.basket_url(row.id).removeprefix(settings().url)


# Asking ------------------------------------------------------------------------------------------


def test_the_box_is_offered_where_the_shop_reminds_and_is_not_ticked(
    client: FlaskClient, mug: Variant
) -> None:
    client.post("/cart/lines", data={"variant_id": mug.id})

    (box,) = read(client.get("/checkout").text).having("input", name="remind")
    assert "checked" not in box

    recovery.change({"is_on": False}, by=None)
    assert read(client.get("/checkout").text).having("input", name="remind") == []


def test_without_the_tick_nothing_is_kept(client: FlaskClient, mug: Variant) -> None:
    leave(client, mug, remind=False)

    assert rows() == []


def test_the_tick_keeps_what_a_reminder_needs(client: FlaskClient, mug: Variant) -> None:
    leave(client, mug, email="Ines@Example.com")

    (row,) = rows()
    assert (row.email, row.cart, row.sent_at) == ("ines@example.com", f"{mug.id:x}.2", None)
    (box,) = read(client.get("/checkout").text).having("input", name="remind")
    assert "checked" in box


def test_taking_the_tick_away_takes_it_back(client: FlaskClient, mug: Variant) -> None:
    leave(client, mug)

    leave(client, mug, remind=False)

    assert rows() == []


def test_who_has_nothing_to_type_is_offered_the_reminder_where_they_pay(
    client: FlaskClient, mug: Variant
) -> None:
    account = make_account(email="ines@example.com")
    address_book.add(account.id, BUYER.address)
    be_signed_in(client, account)
    client.post("/cart/lines", data={"variant_id": mug.id})
    assert client.get("/checkout").status_code == 303
    page = read(client.get("/checkout/payment").text)
    assert "Remind me once by email if I do not finish" in page.text
    assert rows() == []

    client.post("/checkout/reminder", data={"wanted": "yes"})

    assert [row.email for row in rows()] == ["ines@example.com"]
    assert "Do not remind me" in client.get("/checkout/payment").text
    client.post("/checkout/reminder", data={"wanted": "no"})
    assert rows() == []


def test_a_shop_that_does_not_remind_keeps_nothing(client: FlaskClient, mug: Variant) -> None:
    recovery.change({"is_on": False}, by=None)

    leave(client, mug)

    assert rows() == []


# Reminding ---------------------------------------------------------------------------------------


def test_one_mail_once_when_the_time_has_come(
    client: FlaskClient, mug: Variant, clock: time_machine.Traveller
) -> None:
    leave(client, mug)

    assert remind_after(clock, AFTER - timedelta(minutes=1)) == 0
    assert remind_after(clock, timedelta(minutes=1)) == 1
    assert [remind_after(clock) for _ in range(3)] == [0, 0, 0]

    assert len(messages()) == 1


def test_the_mail_tells_what_it_is_about_and_how_to_end_it(
    client: FlaskClient, mug: Variant, clock: time_machine.Traveller
) -> None:
    leave(client, mug)
    remind_after(clock)

    (message,) = messages()
    letter = LETTERS[message.name](message.payload)
    assert letter is not None
    text, html = mailer.render(letter)
    assert letter.to == "ines@example.com"
    assert "£68.00" in text
    assert "£68.00" in read(html).text
    for link in (letter.stop_url, letter.context["basket_url"]):
        assert link in text
        assert len(read(html).having("a", href=link)) == 1
    assert "Alder" not in text + html
    assert "ines@" not in text + html


def test_a_mail_program_can_end_it_with_one_click(
    client: FlaskClient,
    mug: Variant,
    clock: time_machine.Traveller,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(type(settings()), "mail_folder", property(lambda _: tmp_path))
    leave(client, mug)
    remind_after(clock)

    mailer.send(Claimed(messages()[0]), LETTERS)

    ((_name, mail),) = mailer.dropped(tmp_path)
    assert isinstance(mail, EmailMessage)
    stop = mail["List-Unsubscribe"].strip("<>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    provider = client.application.test_client()
    del provider.environ_base["HTTP_SEC_FETCH_SITE"]
    path = stop.removeprefix(settings().url)
    answer = provider.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert queries.is_refused(recovery.digest("ines@example.com"))


def test_german_shoppers_are_reminded_in_german(
    client: FlaskClient, mug: Variant, clock: time_machine.Traveller
) -> None:
    leave(client, mug)
    (row,) = rows()
    row.language = "de"
    remind_after(clock)

    letter = LETTERS[recovery.LETTER]({"id": row.id})
    assert letter is not None
    assert "Dein Warenkorb ist noch da" in mailer.render(letter)[1]


def test_an_open_payment_page_is_waited_for_and_its_order_is_the_basket(
    client: FlaskClient, mug: Variant, clock: time_machine.Traveller
) -> None:
    leave(client, mug)
    (row,) = rows()
    checkout = row.checkout_id
    order = make_order(mug, quantity=3)
    order.checkout_id, order.placed_at = checkout, now()
    order.expires_at = now() + timedelta(hours=3)
    db.session.commit()

    assert remind_after(clock) == 0
    orders.expire(orders.locked(order.id))
    db.session.commit()
    assert remind_after(clock, timedelta(hours=1)) == 0
    assert remind_after(clock) == 1

    assert rows()[0].cart == f"{mug.id:x}.3"


def test_who_has_paid_meanwhile_is_not_reminded(
    client: FlaskClient, mug: Variant, clock: time_machine.Traveller
) -> None:
    leave(client, mug)
    make_order(mug, paid=True)

    assert remind_after(clock) == 0
    assert (messages(), rows()) == ([], [])


def test_who_pays_before_the_mail_leaves_gets_none(
    client: FlaskClient, mug: Variant, clock: time_machine.Traveller
) -> None:
    leave(client, mug)
    remind_after(clock)
    make_order(mug, paid=True)

    assert LETTERS[recovery.LETTER](messages()[0].payload) is None


def test_nobody_is_reminded_of_what_is_sold_out(
    client: FlaskClient, mug: Variant, clock: time_machine.Traveller
) -> None:
    leave(client, mug)
    inventory.set_on_hand(mug.id, 0)

    assert remind_after(clock) == 0
    assert (messages(), rows()) == ([], [])


def test_who_wants_no_reminders_gets_none(
    client: FlaskClient, mug: Variant, clock: time_machine.Traveller
) -> None:
    recovery.refuse(recovery.digest("ines@example.com"))
    leave(client, mug)

    assert remind_after(clock) == 0
    assert (messages(), rows()) == ([], [])


def test_an_address_is_reminded_once_in_thirty_days(
    app: Flask, mug: Variant, clock: time_machine.Traveller
) -> None:
    leave(app.test_client(), mug)
    leave(app.test_client(), mug, email="INES@example.com")

    assert remind_after(clock) == 1

    leave(app.test_client(), mug)
    assert remind_after(clock) == 0
    clock.shift(timedelta(days=30))
    leave(app.test_client(), mug)
    assert remind_after(clock) == 1
    assert len(messages()) == 2


def test_after_declined_cards_nobody_is_reminded(
    client: FlaskClient, mug: Variant, clock: time_machine.Traveller
) -> None:
    leave(client, mug)
    order = make_order(mug)
    order.checkout_id = rows()[0].checkout_id
    orders.cancel(orders.locked(order.id), reason="declined")
    db.session.add(
        PaymentAttempt(
            order_id=order.id, ordinal=1, amount=1, currency="GBP", params={},
            idempotency_key="x", status="expired", closing=Closing.DECLINED, expires_at=now(),
        )
    )  # fmt: skip
    db.session.commit()

    assert remind_after(clock) == 0
    assert messages() == []


def test_who_called_the_order_off_is_not_reminded(
    client: FlaskClient,
    mug: Variant,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shop.orders.views.gateway", FakeGateway)
    leave(client, mug)
    (row,) = rows()
    checkout = db.session.get_one(Checkout, row.checkout_id)
    order = make_order(mug, checkout=checkout)

    client.post(f"/orders/{order_link(order.token)}/cancellation")

    assert rows() == []
    assert remind_after(clock, timedelta(days=1)) == 0


def test_a_worker_that_comes_days_late_reminds_nobody(
    client: FlaskClient, mug: Variant, clock: time_machine.Traveller
) -> None:
    leave(client, mug)

    assert remind_after(clock, timedelta(days=4)) == 0
    assert (messages(), rows()) == ([], [])


def test_a_shop_that_stops_reminding_sends_nothing_more(
    client: FlaskClient, mug: Variant, clock: time_machine.Traveller
) -> None:
    leave(client, mug)
    recovery.change({"is_on": False}, by=None)

    assert remind_after(clock) == 0


def test_of_eight_workers_at_once_one_promises_the_mail(own_database: Flask) -> None:
    with own_database.app_context():
        make_store()
        mug = make_variant(on_hand=10)
        recovery.change({"is_on": True}, by=None)
        for _ in range(3):
            recovery.keep(
                make_checkout().id,
                "ines@example.com",
                Cart({mug.id: 1}),
                "GBP",
                "en",
                is_wanted=True,
            )
        db.session.execute(sa.update(AbandonedCheckout).values(updated_at=now() - AFTER))
        db.session.commit()
    sent: list[int] = []
    start = threading.Barrier(8)

    def tick() -> None:
        with own_database.app_context():
            start.wait()
            sent.append(in_transaction(recovery.remind))

    threads = [threading.Thread(target=tick) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(sent) == 1
    with own_database.app_context():
        assert len(messages()) == 1


# Coming back -------------------------------------------------------------------------------------


@pytest.fixture
def reminded(
    app: Flask, mug: Variant, clock: time_machine.Traveller
) -> tuple[FlaskClient, AbandonedCheckout]:
    """The browser that left its checkout, and what was kept of it."""
    browser = app.test_client()
    leave(browser, mug)
    remind_after(clock)
    return browser, rows()[0]


def test_looking_at_the_link_changes_nothing(
    app: Flask, reminded: tuple[FlaskClient, AbandonedCheckout], mug: Variant
) -> None:
    stranger = app.test_client()

    page = stranger.get(basket_path(reminded[1]))

    assert "2 × " in read(page.text).text
    assert "£68.00" in read(page.text).text
    assert rows()[0].opened_at is None
    assert "empty" in read(stranger.get("/cart").text).text.lower()


def test_another_device_gets_the_basket_and_nobodys_address(
    app: Flask, reminded: tuple[FlaskClient, AbandonedCheckout], mug: Variant
) -> None:
    other = app.test_client()

    answer = other.post(basket_path(reminded[1]))

    assert (answer.status_code, answer.location) == (303, "/cart")
    assert "£68.00" in read(other.get("/cart").text).text
    page = other.get("/checkout")
    assert read(page.text).value("email") == ""
    for private in ("ines@example.com", "Ines Rowan", "Alder"):
        assert private not in page.text
    assert rows()[0].opened_at == now()


def test_the_browser_it_was_typed_in_has_the_address_still(
    reminded: tuple[FlaskClient, AbandonedCheckout], mug: Variant
) -> None:
    browser, row = reminded

    browser.post(basket_path(row))

    assert read(browser.get("/checkout").text).value("email") == "ines@example.com"
    assert rows()[0].restored_id == row.checkout_id


def test_what_lies_in_the_basket_stays_beside_it(
    app: Flask, reminded: tuple[FlaskClient, AbandonedCheckout], mug: Variant
) -> None:
    bowl = make_variant(unit_amount=1000, on_hand=5)
    other = app.test_client()
    other.post("/cart/lines", data={"variant_id": bowl.id})

    for _ in range(2):
        other.post(basket_path(reminded[1]))

    assert "£78.00" in read(other.get("/cart").text).text


def test_links_end_and_cannot_be_made_up(
    app: Flask,
    reminded: tuple[FlaskClient, AbandonedCheckout],
    mug: Variant,
    clock: time_machine.Traveller,
) -> None:
    row = reminded[1]
    path = basket_path(row)
    stop = links.stop_url(recovery.digest(row.email)).rpartition("/")[2]
    other = app.test_client()
    for wrong in ("/basket/1", f"/basket/{stop}", path + "x", "/reminders/x"):
        assert other.get(wrong).status_code == 404
        assert other.post(wrong).status_code == 404

    clock.shift(timedelta(days=15))

    assert other.get(path).status_code == 404
    assert other.post(path).status_code == 404
    assert rows()[0].opened_at is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RefusedAddress)) == 0


def test_a_broken_link_to_stop_reminders_leads_to_somebody_who_can(
    client: FlaskClient, mug: Variant
) -> None:
    page = read(client.get("/reminders/x").text)

    assert "This link is no longer good" in page.text
    assert page.having("a", class_="button button--secondary", href="/pages/contact") != []


def test_stopping_is_asked_first_and_holds(
    app: Flask, reminded: tuple[FlaskClient, AbandonedCheckout]
) -> None:
    digest = recovery.digest("ines@example.com")
    path = links.stop_url(digest).removeprefix(settings().url)
    other = app.test_client()

    assert "Send me no more reminders" in read(other.get(path).text).text
    assert not queries.is_refused(digest)
    for _ in range(2):
        assert other.post(path).status_code == 200

    assert queries.is_refused(digest)
    assert "ines@" not in path


def test_a_sale_counts_where_it_came_from_the_link(
    app: Flask,
    reminded: tuple[FlaskClient, AbandonedCheckout],
    mug: Variant,
    clock: time_machine.Traveller,
) -> None:
    other = app.test_client()
    other.post(basket_path(reminded[1]))
    other.post("/checkout", data=DETAILS)
    begun = rows()[0].restored_id
    assert begun not in (None, reminded[1].checkout_id)
    paid = make_order(mug, paid=True)
    paid.checkout_id = begun
    make_order(mug, paid=True)
    db.session.commit()

    figures = queries.counted(now() - timedelta(days=1))

    assert (figures.sent, figures.opened, figures.orders) == (1, 1, 1)
    assert figures.values == (paid.total,)
    assert queries.counted(now() + timedelta(days=1)).sent == 0
    count_figures()
    assert queries.figures() == {30: figures, 90: figures}


def test_a_later_checkout_of_the_same_browser_does_not_count(
    app: Flask, reminded: tuple[FlaskClient, AbandonedCheckout], mug: Variant
) -> None:
    other = app.test_client()
    other.post(basket_path(reminded[1]))
    other.post("/checkout", data=DETAILS)
    begun = rows()[0].restored_id
    with other.session_transaction() as session:
        session.pop("checkout")

    other.post("/checkout", data=DETAILS)

    assert rows()[0].restored_id == begun


def test_old_rows_are_forgotten(
    client: FlaskClient, mug: Variant, clock: time_machine.Traveller
) -> None:
    leave(client, mug)
    remind_after(clock)
    leave(client.application.test_client(), mug, email="bo@example.com")
    clock.shift(timedelta(days=4))
    recovery.forget_old()
    assert [row.email for row in rows()] == ["ines@example.com"]

    clock.shift(timedelta(days=90))
    recovery.forget_old()

    assert rows() == []


# Staff -------------------------------------------------------------------------------------------


@pytest.fixture
def admin(app: Flask, mug: Variant) -> FlaskClient:
    client = app.test_client()
    be_signed_in(client, make_admin())
    return client


PAGE = "/admin/settings/abandoned-checkouts"


def test_staff_see_that_there_is_nothing_yet(admin: FlaskClient) -> None:
    assert "No reminder was sent yet." in read(admin.get(PAGE).text).text


def test_staff_see_what_came_of_it(app: Flask, mug: Variant, clock: time_machine.Traveller) -> None:
    """As the worker counted last, however many there are."""
    leave(app.test_client(), mug)
    remind_after(clock)
    count_figures()
    clock.shift(timedelta(days=40))
    leave(app.test_client(), mug, email="bo@example.com")
    remind_after(clock)
    client = app.test_client()
    be_signed_in(client, make_admin())
    figures = "Reminders sent {} Baskets taken up again 0 Orders paid 0"
    assert f"Last 90 days {figures.format(1)}" in read(client.get(PAGE).text).text

    count_figures()

    text = read(client.get(PAGE).text).text
    assert f"Last 30 days {figures.format(1)}" in text
    assert f"Last 90 days {figures.format(2)}" in text
    assert "Counted every five minutes." in text


def test_figures_that_stay_the_same_are_not_written_again(
    app: Flask, reminded: tuple[FlaskClient, AbandonedCheckout], count_queries: Callable[[], Any]
) -> None:
    count_figures()

    with count_queries() as statements:
        count_figures()

    assert [one for one in statements if not one.startswith("SELECT")] == []


def test_staff_change_when_reminders_are_sent(admin: FlaskClient) -> None:
    answer = admin.post(PAGE, data={"after_hours": "4", "pause_days": "60"})

    assert answer.status_code == 303
    chosen = queries.chosen()
    assert (chosen.is_on, chosen.after_hours, chosen.pause_days) == (False, 4, 60)


@pytest.mark.parametrize(("name", "value"), [("after_hours", "0"), ("pause_days", "366")])
def test_numbers_out_of_range_change_nothing(admin: FlaskClient, name: str, value: str) -> None:
    data = {"is_on": "1", "after_hours": "3", "pause_days": "30"} | {name: value}

    answer = admin.post(PAGE, data=data)

    assert answer.status_code == 422
    assert queries.chosen().after_hours == 2
