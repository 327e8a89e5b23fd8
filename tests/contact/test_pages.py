"""Writing to the shop by its form."""

from __future__ import annotations

import email
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.clock import now
from shop.contact import service
from shop.contact.letters import contact_message
from shop.contact.models import ContactMessage
from shop.content.models import Page
from shop.extensions import db
from shop.orders.urls import order_link
from shop.outbox import mailer
from shop.outbox.models import OutboxMessage
from tests.factories import make_order, make_store, make_variant
from tests.pages import read

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
GOOD = {"name": "Ines Rowan", "email": "ines@example.com", "text": "The mug\narrived broken."}


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def store(app: Flask) -> None:
    make_store(name="Fettle", contact_email="hello@fettle.example")


def fill(client: FlaskClient, clock: time_machine.Coordinates, **values: str) -> dict[str, str]:
    """The form as a person sends it, some seconds after it was shown."""
    shown = read(client.get("/pages/contact").text)
    clock.shift(10)
    return GOOD | {"stamp": shown.value("stamp")} | values


def messages() -> list[ContactMessage]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(ContactMessage).order_by(ContactMessage.id)))


def promised() -> list[OutboxMessage]:
    return list(db.session.scalars(sa.select(OutboxMessage)))


def test_a_message_is_kept_and_its_mail_promised(
    client: FlaskClient, clock: time_machine.Coordinates
) -> None:
    answer = client.post("/pages/contact", data=fill(client, clock, order_number="1042"))

    assert (answer.status_code, answer.location) == (303, "/pages/contact/sent")
    (message,) = messages()
    assert (message.name, message.email, message.text, message.order_number) == (
        "Ines Rowan",
        "ines@example.com",
        "The mug\narrived broken.",
        "1042",
    )
    (promise,) = promised()
    assert (promise.name, promise.payload) == ("contact_message", {"message_id": message.id})
    assert "We have your message" in client.get(answer.location).text


def test_the_mail_goes_to_the_shop_and_is_answered_to_the_sender(app: Flask) -> None:
    message = service.receive(
        service.Note(
            name="Ines\r\nBcc: all@example.com",
            email="ines@example.com",
            text="<b>Hello</b>\n\nBye",
            order_number="1042",
        )
    )

    letter = contact_message({"message_id": message.id})
    mail = mailer._message(letter, "contact_message:1")

    assert mail.recipients == ["hello@fettle.example"]
    assert mail.reply_to == "ines@example.com"
    assert mail.subject == "Ines Bcc: all@example.com writes about order 1042"
    assert "Bcc" not in email.message_from_string(mail.as_string())
    assert "&lt;b&gt;Hello&lt;/b&gt;" in (mail.html or "")
    assert "<b>Hello</b>" in (mail.body or "")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("email", ""),
        ("email", "ines"),
        ("email", "a@example.com, b@example.com"),
        ("email", "a@example.com\nBcc: b@example.com"),
        ("text", "  \n "),
        ("text", "x" * 5001),
        ("order_number", "x" * 41),
    ],
)
def test_what_is_missing_or_wrong_is_told_and_nothing_is_kept(
    client: FlaskClient, clock: time_machine.Coordinates, field: str, value: str
) -> None:
    answer = client.post("/pages/contact", data=fill(client, clock, **{field: value}))

    page = read(answer.text)
    assert answer.status_code == 422
    assert page.having("a", href=f"#field-{field}")
    assert "arrived broken" in answer.text or field == "text"
    assert (messages(), promised()) == ([], [])


def test_a_program_that_fills_every_field_is_asked_again(
    client: FlaskClient, clock: time_machine.Coordinates
) -> None:
    answer = client.post("/pages/contact", data=fill(client, clock, website="https://x.example"))

    assert answer.status_code == 422
    assert "please send it again" in answer.text
    assert "https://x.example" not in answer.text
    assert messages() == []


@pytest.mark.parametrize("seconds", [0, 2, 60 * 60 * 24 * 3])
def test_a_form_sent_at_once_or_days_later_is_asked_again_with_all_that_was_typed(
    client: FlaskClient, clock: time_machine.Coordinates, seconds: int
) -> None:
    stamp = read(client.get("/pages/contact").text).value("stamp")
    clock.shift(seconds)

    answer = client.post("/pages/contact", data=GOOD | {"stamp": stamp})

    assert answer.status_code == 422
    assert "arrived broken." in answer.text
    assert messages() == []

    clock.shift(5)
    again = client.post("/pages/contact", data=GOOD | {"stamp": read(answer.text).value("stamp")})
    assert again.status_code == 303
    assert len(messages()) == 1


@pytest.mark.parametrize("stamp", ["", "x", "contact.1.2", "\u00e9"])
def test_a_stamp_of_ones_own_making_is_none(
    client: FlaskClient, clock: time_machine.Coordinates, stamp: str
) -> None:
    assert client.post("/pages/contact", data=GOOD | {"stamp": stamp}).status_code == 422
    assert messages() == []


def test_one_network_cannot_flood_the_shop(
    client: FlaskClient, clock: time_machine.Coordinates
) -> None:
    answers = [client.post("/pages/contact", data=fill(client, clock)) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [303] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "arrived broken." in answers[-1].text
    assert len(messages()) == 5

    clock.shift(timedelta(minutes=16))
    assert client.post("/pages/contact", data=fill(client, clock)).status_code == 303


def test_an_order_is_attached_by_its_signed_link_alone(
    client: FlaskClient, clock: time_machine.Coordinates
) -> None:
    order = make_order(make_variant(), paid=True)
    link = order_link(order.token)
    form = read(client.get(f"/pages/contact?order={link}").text)

    assert form.value("email") == "ines@example.com"
    clock.shift(10)
    values = {"stamp": form.value("stamp"), "order": form.value("order")}
    client.post("/pages/contact", data=GOOD | values)
    client.post("/pages/contact", data=GOOD | values | {"order": link[1:]})

    attached, forged = messages()
    assert (attached.order_id, forged.order_id) == (order.id, None)
    letter = contact_message({"message_id": attached.id})
    assert letter.context["order_url"] == f"http://localhost/admin/orders/{order.id}"


def test_the_merchants_words_stand_beside_the_form(client: FlaskClient) -> None:
    db.session.add(Page(handle="contact", title="Say hello", summary="One address.", body="*Tea.*"))

    page = client.get("/pages/contact")

    assert "Say hello" in page.text
    assert "<em>Tea.</em>" in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    assert client.get("/contact").location == "/pages/contact"


def test_old_messages_are_forgotten_once_they_were_sent(app: Flask) -> None:
    note = service.Note(name="Ines", email="ines@example.com", text="Hello")
    with time_machine.travel(now() - service.KEPT_FOR - timedelta(days=1)):
        sent, unsent = service.receive(note), service.receive(note)
    recent = service.receive(note)
    first = db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)).first()
    assert first is not None
    first.sent_at = now()
    db.session.flush()
    kept: list[Any] = [unsent.id, recent.id]

    assert service.forget_old() == 1
    assert [message.id for message in messages()] == kept
    assert sent.id not in kept
