"""Mails over a real SMTP server."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from shop.orders.letters import LETTERS
from shop.outbox.mailer import Letter, send
from shop.outbox.models import OutboxMessage
from shop.outbox.worker import Claimed
from tests.factories import make_order, make_store
from tests.reliability.processes import PATIENCE, free_port


class Postbox:
    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.answer = "250 taken"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.mails.append(envelope.content)
        return self.answer


@pytest.fixture
def postbox(app: Flask) -> Iterator[Postbox]:
    """The shop, set to send to a server that keeps what it takes."""
    box = Postbox()
    port = free_port()
    server = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=PATIENCE)
    server.start()
    settings, state = app.extensions["settings"], app.extensions["mail"]
    app.extensions["settings"] = replace(settings, mail_server="127.0.0.1", mail_port=port)
    before = (state.server, state.port, state.use_tls, state.suppress)
    state.server, state.port, state.use_tls, state.suppress = "127.0.0.1", port, False, False
    yield box
    state.server, state.port, state.use_tls, state.suppress = before
    app.extensions["settings"] = settings
    server.stop()


@pytest.fixture
def claimed(app: Flask) -> Claimed:
    make_store()
    order = make_order(paid=True)
    return Claimed(
        OutboxMessage(
            id=1,
            channel="email",
            name="order_confirmation",
            payload={"order_id": order.id},
            dedupe_key=f"order_confirmation:{order.id}",
            attempts=1,
        )
    )


def test_a_confirmation_is_sent_in_text_and_html(postbox: Postbox, claimed: Claimed) -> None:
    send(claimed, LETTERS)

    (source,) = postbox.mails
    assert b"text/plain" in source
    assert b"text/html" in source
    assert b"To: ines@example.com" in source


def test_the_address_that_ends_such_mails_arrives_as_it_is(
    postbox: Postbox, claimed: Claimed
) -> None:
    letter = LETTERS[claimed.name](claimed.payload)
    assert isinstance(letter, Letter)
    letter.stop_url = f"https://shop.example/{'long' * 40}/unsubscribe"
    letter.subject = "Dürer " * 30

    send(claimed, {claimed.name: lambda _: letter})

    (source,) = postbox.mails
    head = source.partition(b"\r\n\r\n")[0]
    headers = head.splitlines()
    assert f"List-Unsubscribe: <{letter.stop_url}>".encode() in headers
    assert head.isascii()
    assert all(len(line) <= 998 for line in headers)


def test_the_same_promise_has_the_same_message_id(postbox: Postbox, claimed: Claimed) -> None:
    send(claimed, LETTERS)
    send(claimed, LETTERS)

    ids = {line for mail in postbox.mails for line in mail.splitlines() if b"Message-ID" in line}
    assert len(postbox.mails) == 2
    assert len(ids) == 1


def test_a_server_that_refuses_is_told_as_a_failure(postbox: Postbox, claimed: Claimed) -> None:
    postbox.answer = "451 greylisted"

    with pytest.raises(smtplib.SMTPException):
        send(claimed, LETTERS)

    assert postbox.mails == []


def test_a_mail_that_was_taken_is_not_sent_again_when_the_goodbye_fails(
    postbox: Postbox, claimed: Claimed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(connection: smtplib.SMTP) -> None:
        connection.close()
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(smtplib.SMTP, "quit", broken)

    send(claimed, LETTERS)

    assert len(postbox.mails) == 1
