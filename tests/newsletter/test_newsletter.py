"""The newsletter: asked for, confirmed by the mailbox, left by one click."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.extensions import db
from shop.newsletter import queries, service
from shop.newsletter.letters import LETTERS
from shop.newsletter.models import Subscriber
from shop.outbox import mailer
from shop.outbox.mailer import Letter
from shop.outbox.models import OutboxMessage
from tests.accounts.people import be_signed_in, make_account
from tests.factories import make_store

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def store(app: Flask) -> None:
    make_store()


def ask(client: FlaskClient, email: str, **more: str) -> tuple[int, str | None]:
    answer = client.post("/newsletter", data={"email": email, **more})
    return answer.status_code, answer.location


def newest() -> Letter:
    message = db.session.scalars(
        sa.select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(1)
    ).one()
    letter = LETTERS[message.name](message.payload)
    assert letter is not None
    return letter


def states() -> list[tuple[str, bool]]:
    db.session.expire_all()
    rows = db.session.scalars(sa.select(Subscriber).order_by(Subscriber.id))
    return [(row.email, row.is_subscribed) for row in rows]


def subscribe(client: FlaskClient, email: str) -> str:
    """The path of its confirmation."""
    ask(client, email)
    path = urlsplit(newest().context["confirm_url"]).path
    assert client.post(path).status_code == 200
    return path


def test_every_page_asks_in_its_footer(client: FlaskClient) -> None:
    page = client.get("/cart").text

    assert 'action="/newsletter" method="post"' in page


def test_nothing_counts_before_the_mailbox_says_yes(client: FlaskClient) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        assert ask(client, " Ann@Example.com ") == (303, "/newsletter/noted")
        assert states() == [("ann@example.com", False)]
        letter = newest()
        path = urlsplit(letter.context["confirm_url"]).path
        assert "Do you want the newsletter?" in client.get(path).text
        assert states() == [("ann@example.com", False)]
        clock.shift(timedelta(minutes=5))

        assert "from now on" in client.post(path).text

    (row,) = queries.subscribed()
    assert (row.email, row.source, row.asked_at, row.confirmed_at) == (
        "ann@example.com", "footer", NOON, NOON + timedelta(minutes=5),
    )  # fmt: skip
    assert str(newest().subject) == "You get the newsletter from now on"


def test_known_and_unknown_addresses_get_the_same_answer_and_a_mail(
    app: Flask, count_queries
) -> None:
    subscribe(app.test_client(), "ann@example.com")
    before = db.session.scalar(sa.select(sa.func.count()).select_from(OutboxMessage)) or 0
    answers, statements = [], []
    for email in ("ann@example.com", "nobody@example.com"):
        with count_queries() as made:
            answers.append(ask(app.test_client(), email))
        statements.append(list(made))

    assert answers == [(303, "/newsletter/noted")] * 2
    assert statements[0] == statements[1]
    after = db.session.scalar(sa.select(sa.func.count()).select_from(OutboxMessage))
    assert after == before + 2


def test_asking_again_does_not_touch_the_proof_of_the_yes(client: FlaskClient) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        subscribe(client, "ann@example.com")
        clock.shift(timedelta(days=3))

        ask(client, "ann@example.com")

    (row,) = queries.subscribed()
    assert row.asked_at == row.confirmed_at == NOON
    assert str(newest().subject) == "You get the newsletter already"


@pytest.mark.parametrize("email", ["", "ann", "a b@example.com", "a" * 250 + "@example.com"])
def test_what_is_no_address_is_told_so(client: FlaskClient, email: str) -> None:
    answer = client.post("/newsletter", data={"email": email})

    assert answer.status_code == 422
    assert "That is not an email address." in answer.text
    assert states() == []


def test_programs_that_fill_every_field_are_thanked_and_forgotten(client: FlaskClient) -> None:
    assert ask(client, "ann@example.com", website="x") == (303, "/newsletter/noted")
    assert states() == []


def test_one_mailbox_is_asked_three_times_in_a_quarter_of_an_hour(app: Flask) -> None:
    answers = [ask(app.test_client(), "ann@example.com")[0] for _ in range(4)]

    assert answers == [303, 303, 303, 429]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OutboxMessage)) == 3


def test_the_mails_carry_what_one_click_needs(client: FlaskClient) -> None:
    subscribe(client, "ann@example.com")
    letter = newest()

    stop_url = letter.context["stop_url"]
    message = mailer._message(letter, "x")
    assert message.extra_headers == {
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    text, html = mailer.render(letter)
    assert stop_url in text
    assert stop_url in html


def test_a_mail_program_unsubscribes_in_one_click(app: Flask, client: FlaskClient) -> None:
    path = f"{subscribe(client, 'ann@example.com')}/unsubscribe"
    program = app.test_client()
    program.environ_base.pop("HTTP_SEC_FETCH_SITE")

    for _ in range(2):
        answer = program.post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert states() == [("ann@example.com", False)]


def test_looking_at_the_link_unsubscribes_nobody(client: FlaskClient) -> None:
    path = f"{subscribe(client, 'ann@example.com')}/unsubscribe"
    assert "Unsubscribe from the newsletter" in client.get(path).text

    assert "It goes to ann@example.com." in client.get(path).text
    assert states() == [("ann@example.com", True)]
    client.post(path)
    assert "does not go to ann@example.com" in client.get(path).text
    subscribe(client, "ann@example.com")
    assert states() == [("ann@example.com", True)]


@pytest.mark.parametrize("tail", ["", "/unsubscribe"])
def test_unknown_tokens_change_nothing(client: FlaskClient, tail: str) -> None:
    subscribe(client, "ann@example.com")

    client.post(f"/newsletter/nonsense{tail}")

    assert states() == [("ann@example.com", True)]


def test_a_customer_decides_in_the_account(client: FlaskClient) -> None:
    be_signed_in(client, make_account(email="ann@example.com"))

    client.post("/account/details/newsletter", data={"wanted": "yes"})
    assert states() == [("ann@example.com", True)]
    (row,) = queries.subscribed()
    assert row.source == "account"
    client.post("/account/details/newsletter", data={"wanted": "no"})

    assert states() == [("ann@example.com", False)]


def test_what_was_never_confirmed_is_forgotten(client: FlaskClient) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        ask(client, "never@example.com")
        subscribe(client, "stays@example.com")
        path = subscribe(client, "left@example.com")
        client.post(f"{path}/unsubscribe")
        clock.shift(timedelta(days=31))
        service.forget_old()
        assert states() == [("stays@example.com", True), ("left@example.com", False)]
        clock.shift(timedelta(days=365 * 3))

        service.forget_old()

    assert states() == [("stays@example.com", True)]
