"""Invitations go out once, to whom they should, and photos nobody sent go away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from shop.extensions import db
from shop.media.pictures import StoredPicture
from shop.orders import service as orders
from shop.orders.event_kinds import EventKind, ReviewReason
from shop.orders.models import Order
from shop.outbox import mailer
from shop.outbox.models import OutboxMessage
from shop.reviews import service
from shop.reviews.letters import LETTERS
from shop.reviews.queries import orders_to_invite
from shop.reviews.worker import drop_waiting_photos, invite_buyers
from shop.web.config import settings
from tests.factories import make_order, make_product, make_store, variants_of
from tests.pages import read

PAID = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DUE = PAID + timedelta(days=14)


@pytest.fixture
def order(app: Flask) -> Order:
    make_store()
    with time_machine.travel(PAID, tick=False):
        order = make_order(*variants_of(make_product("Tuesday mug")), paid=True)
    db.session.commit()
    return order


def invitations() -> list[str]:
    keys = db.session.scalars(sa.select(OutboxMessage.dedupe_key).order_by(OutboxMessage.id))
    return [key for key in keys if key.startswith("review_invitation")]


def test_a_buyer_is_asked_once_when_the_days_are_over(order: Order) -> None:
    with time_machine.travel(DUE - timedelta(minutes=1), tick=False):
        assert invite_buyers() == 0
    with time_machine.travel(DUE, tick=False):
        assert [invite_buyers() for _ in range(2)] == [1, 0]
        service_again = orders_to_invite(DUE, days=14)

    assert invitations() == [f"review_invitation:{order.id}"]
    assert service_again == []


def test_two_workers_that_saw_the_same_order_promise_one_mail(order: Order) -> None:
    from shop.reviews.emails import enqueue_invitation

    for _ in range(2):
        enqueue_invitation(order.id)

    assert invitations() == [f"review_invitation:{order.id}"]


def test_zero_days_mean_never(order: Order) -> None:
    db.session.execute(sa.text("UPDATE store_settings SET review_invitation_days = 0"))
    db.session.commit()

    with time_machine.travel(DUE, tick=False):
        assert invite_buyers() == 0


def test_the_past_is_left_alone(order: Order) -> None:
    with time_machine.travel(DUE + timedelta(days=8), tick=False):
        assert invite_buyers() == 0


def refund(order: Order) -> None:
    orders.note(order, EventKind.REFUNDED_AT_STRIPE, amount=100)


def dispute(order: Order) -> None:
    orders.note(order, EventKind.DISPUTED)


def flag(order: Order) -> None:
    orders.flag(order, ReviewReason.PAID_TWICE)


def write(order: Order) -> None:
    from shop.catalog.models import Product
    from shop.reviews.service import ReviewDetails

    product_id = db.session.scalar(sa.select(Product.id)) or 0
    service.submit(order, product_id, ReviewDetails(rating=5), bought="")


@pytest.mark.parametrize("happens", [refund, dispute, flag, write])
def test_nobody_is_asked_where_it_would_be_wrong(order: Order, happens: object) -> None:
    happens(order)
    db.session.commit()

    with time_machine.travel(DUE, tick=False):
        assert invite_buyers() == 0
    assert invitations() == []


def test_unpaid_orders_are_not_asked(app: Flask) -> None:
    make_store()
    with time_machine.travel(PAID, tick=False):
        make_order(*variants_of(make_product()))
    db.session.commit()

    with time_machine.travel(DUE, tick=False):
        assert invite_buyers() == 0


def test_the_invitation_names_what_was_bought_and_leads_to_the_form(order: Order) -> None:
    letter = LETTERS["review_invitation"]({"order_id": order.id})
    assert letter is not None
    text, html = mailer.render(letter)

    assert "Tuesday mug" in text
    assert "because you bought from us, order 1001" in " ".join(text.split())
    assert max(len(line) for line in text.splitlines() if "http" not in line) <= 72
    page = read(html)
    (button,) = page.having("a", class_="button")
    assert button["href"].startswith("http://localhost/orders/")
    assert button["href"].endswith("/reviews")


def test_photos_of_a_form_that_never_came_go_away(
    order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(settings()), "media_path", property(lambda _: tmp_path))
    product_id = db.session.scalar(sa.text("SELECT id FROM products"))
    for file in ("p-old", "p-new"):
        (tmp_path / f"{file}-800.jpg").write_bytes(b"")
    with time_machine.travel(PAID, tick=False):
        service.add_photos(order.id, product_id, [StoredPicture("p-old", 8, 6, "")])
    with time_machine.travel(PAID + timedelta(hours=20), tick=False):
        service.add_photos(order.id, product_id, [StoredPicture("p-new", 8, 6, "")])
    db.session.commit()

    with time_machine.travel(PAID + timedelta(hours=25), tick=False):
        drop_waiting_photos()

    assert [path.name for path in tmp_path.iterdir()] == ["p-new-800.jpg"]
