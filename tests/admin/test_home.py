from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.accounts.models import Account
from shop.admin.report_words import rows_of
from shop.clock import now
from shop.extensions import db
from shop.orders import service as orders
from shop.orders.event_kinds import ReviewReason
from shop.outbox.models import OutboxMessage
from shop.payments.models import StripeEvent
from shop.payments.refund_models import Refund, RefundLine, RefundMethod, RefundStatus
from shop.reports.periods import Preset, preset_period
from shop.reports.queries import net_sales, sales, total_of
from shop.reports.worker import count_best_sellers
from shop.reviews.models import Review
from shop.traffic.models import TrafficDay
from tests.accounts.people import be_signed_in
from tests.factories import make_order, make_product, make_variant, variants_of
from tests.pages import read


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
        (2, "orders to send"),
    ]:
        assert (
            f'<b class="todo__count">{count}</b> <span class="todo__words">{words}</span>' in page
        )
    assert "Last payment" not in page
    assert "1 message could not be sent" in page
    assert "&lt;b&gt;refused&lt;/b&gt;" in page
    assert "evt_broken" in page


def test_home_asks_a_fixed_number_of_questions(staff: FlaskClient, count_queries: object) -> None:
    for _ in range(3):
        make_order(paid=True)
    make_parked()
    db.session.commit()

    with count_queries() as statements:
        staff.get("/admin")

    # Three that every page asks, sixteen for the page.
    assert len(statements) == 19


def events_of(text: str) -> dict[str, str]:
    """Fields of the one event in a stream; its lines of data put together."""
    fields: dict[str, str] = {}
    for line in text.strip().split("\n"):
        name, _, value = line.partition(": ")
        fields[name] = fields[name] + "\n" + value if name in fields else value
    return fields


def test_an_open_page_is_told_of_a_new_order_and_of_nothing_else(staff: FlaskClient) -> None:
    make_order(paid=True)
    first = staff.get("/admin/live")
    told = events_of(first.text)

    again = staff.get("/admin/live", headers={"Last-Event-ID": told["id"]})
    make_order(paid=True, name="Priya Moss")
    newer = events_of(staff.get("/admin/live", headers={"Last-Event-ID": told["id"]}).text)

    assert first.mimetype == "text/event-stream"
    assert told["event"] == "home"
    assert 'data-part="orders"' in told["data"]
    assert again.text == f"retry: {told['retry']}\n\n"
    assert newer["id"] != told["id"]
    assert "Priya Moss" in newer["data"]


def test_an_open_page_keeps_nobody_signed_in(staff: FlaskClient) -> None:
    with time_machine.travel(now() + timedelta(minutes=20), tick=False):
        assert staff.get("/admin/live").status_code == 200
    with time_machine.travel(now() + timedelta(minutes=31), tick=False):
        assert staff.get("/admin/live").status_code == 303


def test_the_figures_compare_with_the_days_before(staff: FlaskClient) -> None:
    with time_machine.travel(datetime(2026, 11, 26, 12, tzinfo=UTC), tick=False):
        for days, amount in ((1, 3000), (2, 3000), (8, 4000)):
            order = make_order(make_variant(unit_amount=amount), paid=True, shipping=0)
            order.paid_at = now() - timedelta(days=days)
        db.session.add(TrafficDay(day=date(2026, 11, 25), step="visit", visitors=50))
        be_signed_in(staff, db.session.scalars(sa.select(Account)).first())

        page = " ".join(staff.get("/admin?days=7").text.split())

    assert "£60.00" in page
    assert "Up 50% on the 7 days before." in page
    assert "4.0%" in page
    assert "50 visitors" in page


def test_large_counts_of_the_tables_are_grouped(app: Flask) -> None:
    period = preset_period(Preset.TODAY, date(2026, 11, 26), UTC)

    with app.test_request_context():
        assert rows_of(period, [1164] * len(period.buckets), "")[0][1:] == ("1,164",)


def test_what_sold_best_in_ninety_days_is_as_the_worker_counted_last(
    staff: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    sell("Bowl", 900)
    sell("Plate", 800)
    count_best_sellers()
    sell("Lamp", 5000)

    assert ranking(staff, "30") == "Lamp 1 sold £50.00 Bowl 1 sold £9.00 Plate 1 sold £8.00"
    assert ranking(staff, "90") == f"Bowl 1 sold £9.00 Plate 1 sold £8.00 {SELDOM}"
    count_best_sellers()
    assert ranking(staff, "90") == f"{ranking(staff, '30')} {SELDOM}"
    with count_queries() as statements:
        count_best_sellers()
    assert [one for one in statements if not one.startswith("SELECT")] == []


SELDOM = "Counted every five minutes."


def sell(title: str, amount: int) -> None:
    [variant] = variants_of(make_product(title, unit_amount=amount))
    make_order(variant, paid=True)
    db.session.commit()


def ranking(staff: FlaskClient, days: str) -> str:
    page = staff.get(f"/admin?days={days}").text
    part = page.partition('aria-labelledby="best-sellers"')[2].partition("</section>")[0]
    return read(f"<p>{part.partition('</header>')[2]}</p>").text


def test_what_is_added_up_for_the_home_page_is_what_reports_tell(app: Flask) -> None:
    variant = make_variant(unit_amount=1000)
    make_order(variant, paid=True)
    order = make_order(variant, paid=True)
    for status, amount in ((RefundStatus.SUCCEEDED, 300), (RefundStatus.FAILED, 500)):
        refund = Refund(
            order_id=order.id, method=RefundMethod.GIFT_CARD, status=status, amount=amount,
            currency="GBP", press=status,
        )  # fmt: skip
        db.session.add(refund)
        db.session.flush()
        db.session.add(RefundLine(refund_id=refund.id, quantity=0, amount=amount, taxes=[]))
    db.session.flush()
    buckets = preset_period(Preset.WEEK, now().date(), UTC).buckets

    whole, brief = sales(buckets)["GBP"], net_sales(buckets)["GBP"]

    assert total_of(brief).refunds == 300
    assert [(one.orders, one.total, one.refunds) for one in brief] == [
        (one.orders, one.total, one.refunds) for one in whole
    ]


def test_an_unknown_stretch_of_days_is_the_usual_one(staff: FlaskClient) -> None:
    assert staff.get("/admin?days=99999").status_code == 200
    assert staff.get("/admin/live?days=year").status_code == 200


def test_what_runs_out_is_named_by_its_variant(staff: FlaskClient) -> None:
    product = make_product(title="Tuesday mug", on_hand=40)
    gone = make_variant(product=product, option1="Cobalt", option2="Small", on_hand=0)
    make_variant(product=product, option1="Cobalt", option2="Large", on_hand=2)

    page = read(staff.get("/admin").text)

    assert "Tuesday mug, Cobalt / Small Sold out" in page.text
    assert "Tuesday mug, Cobalt / Large 2 left" in page.text
    assert page.having("a", href=f"/admin/inventory/{gone.id}")


def count_in_menu(page: str, words: str) -> str:
    """What stands beside an entry; empty: nothing does."""
    found = re.search(
        rf'admin-side__count">([^<]+)<span class="visually-hidden"> {words}</span>', page
    )
    return found[1] if found else ""


def test_every_page_tells_in_its_menu_what_waits(staff: FlaskClient) -> None:
    assert "admin-side__count" not in staff.get("/admin/keys").text
    variant = make_variant(on_hand=150)
    make_order(variant, paid=True)
    order = make_order(variant, paid=True)
    orders.flag(order, ReviewReason.PAID_TWICE)
    db.session.add(Review(product_id=make_product().id, is_verified=False, rating=5))
    db.session.commit()

    page = staff.get("/admin/keys").text

    told = [count_in_menu(page, words) for words in ("to decide", "to send", "to read")]
    assert told == ["1", "2", "1"]

    for _ in range(99):
        make_order(variant, paid=True)
    db.session.commit()
    assert count_in_menu(staff.get("/admin/keys").text, "to send") == "99+"
