"""Signing up, signing in and new passwords by mailed link."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.accounts import service
from shop.accounts.letters import LETTERS
from shop.accounts.models import Account, LinkPurpose, MailedLink
from shop.extensions import db
from shop.outbox import mailer
from tests.accounts.mailed import newest_letter, newest_path, promised
from tests.accounts.people import PASSWORD, be_signed_in, make_account, make_admin
from tests.factories import make_order, make_store

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WAYS = ["/sign-in/link", "/sign-up", "/forgot-password"]


def ask(client: FlaskClient, way: str, email: str, **more: str) -> tuple[int, str | None]:
    answer = client.post(way, data={"email": email, **more})
    return answer.status_code, answer.location


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def accounts() -> list[str]:
    return list(db.session.scalars(sa.select(Account.email).order_by(Account.id)))


@pytest.mark.parametrize("way", WAYS)
def test_known_and_unknown_addresses_get_the_same_answer_and_a_mail(app: Flask, way: str) -> None:
    make_store()
    make_account(email="ann@example.com")
    make_account(email="gone@example.com", active=False)
    make_admin(email="boss@example.com")

    answers = [
        ask(app.test_client(), way, email)
        for email in ("ann@example.com", "nobody@example.com", "gone@example.com",
                      "boss@example.com")
    ]  # fmt: skip

    assert answers == [(303, "/link-sent")] * 4
    assert promised() == [service.LINK] * 4
    assert len(accounts()) == 3


@pytest.mark.parametrize("way", WAYS)
def test_both_cost_the_same_queries(app: Flask, way: str, count_queries) -> None:
    """What is done does not depend on who is there, so neither does its time."""
    make_store()
    make_account(email="ann@example.com")
    statements: list[list[str]] = []
    for email in ("ann@example.com", "nobody@example.com"):
        with count_queries() as made:
            ask(app.test_client(), way, email)
        statements.append(list(made))

    assert statements[0] == statements[1]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("email", ["", "ann", "a b@example.com", "a" * 250 + "@example.com"])
def test_what_is_no_address_is_told_so_and_nothing_is_sent(
    client: FlaskClient, way: str, email: str
) -> None:
    make_store()

    assert ask(client, way, email) == (422, None)
    assert promised() == []


def test_an_account_begins_with_a_link_to_its_mailbox(client: FlaskClient) -> None:
    make_store()
    order = make_order(paid=True)

    ask(client, "/sign-up", " INES@Example.com ")
    assert accounts() == []
    path = newest_path("ines@example.com")
    assert "Create your account" in client.get(path).text
    answer = client.post(path, data={"name": "Ines Rowan", "password": "a pot full of tea"})

    assert (answer.status_code, answer.location) == (303, "/account")
    page = client.get("/account").text
    assert "Hello, Ines" in page
    assert f"Order {order.number}" in page


def test_without_a_password_links_sign_in(app: Flask, client: FlaskClient) -> None:
    make_store()
    ask(client, "/sign-up", "ann@example.com")
    client.post(newest_path("ann@example.com"))
    assert is_in(client)

    other = app.test_client()
    ask(other, "/sign-in/link", "ann@example.com", next="/account/orders")
    path = newest_path("ann@example.com")
    assert "As ann@example.com." in other.get(path).text
    assert not is_in(other)

    assert other.post(path).location == "/account/orders"
    assert is_in(other)
    assert is_in(client)


def test_a_known_address_is_told_in_the_mail_alone(client: FlaskClient) -> None:
    make_store()
    make_account(email="ann@example.com", name="Ann")

    ask(client, "/sign-up", "ann@example.com")

    letter = newest_letter("ann@example.com")
    assert letter is not None
    text, html = mailer.render(letter)
    assert str(letter.subject) == "You already have an account"
    assert "There is one already" in " ".join(text.split())
    assert "no real money" not in text
    assert letter.context["url"] in html
    client.post(newest_path("ann@example.com"), data={"name": "Eve", "password": "x" * 20})
    account = db.session.scalars(sa.select(Account)).one()
    assert (account.name, is_in(client)) == ("Ann", True)


@pytest.mark.parametrize("way", ["/sign-in/link", "/forgot-password"])
def test_an_unknown_address_can_make_an_account_from_any_mail(
    client: FlaskClient, way: str
) -> None:
    make_store()
    ask(client, way, "ann@example.com")

    letter = newest_letter("ann@example.com")

    assert letter is not None
    assert str(letter.subject) == "There is no account with this address"
    assert "Create your account" in client.get(newest_path("ann@example.com")).text


def test_a_new_password_ends_the_sessions_and_is_told(app: Flask, client: FlaskClient) -> None:
    make_store()
    account = make_account(email="ann@example.com")
    be_signed_in(client, account)
    assert is_in(client)
    other = app.test_client()
    ask(other, "/forgot-password", "ann@example.com")
    path = newest_path("ann@example.com")

    assert other.post(path, data={"password": "short"}).status_code == 422
    assert other.post(path, data={"password": "a pot full of tea"}).status_code == 303

    assert is_in(other)
    assert not is_in(client)
    assert promised() == [service.LINK, service.PASSWORD_CHANGED]
    letter = LETTERS[service.PASSWORD_CHANGED]({"account_id": account.id})
    assert letter is not None
    assert letter.to == "ann@example.com"
    third = app.test_client()
    signed = third.post(
        "/sign-in", data={"email": "ann@example.com", "password": "a pot full of tea"}
    )
    assert signed.status_code == 303
    old = app.test_client().post("/sign-in", data={"email": "ann@example.com",
                                                   "password": PASSWORD})  # fmt: skip
    assert old.status_code == 422


def test_a_new_password_ends_a_change_of_address_that_waits(client: FlaskClient) -> None:
    make_store()
    account = make_account(email="ann@example.com")
    service.mail_link(
        LinkPurpose.CHANGE_EMAIL, "thief@example.com", language="en", account_id=account.id
    )
    waiting = newest_path("thief@example.com")
    ask(client, "/forgot-password", "ann@example.com")

    password = {"password": "a pot full of tea"}
    assert client.post(newest_path("ann@example.com"), data=password).status_code == 303

    assert client.post(waiting).status_code == 404
    assert accounts() == ["ann@example.com"]


def test_of_two_new_addresses_the_one_that_answers_first_counts(client: FlaskClient) -> None:
    make_store()
    account = make_account(email="ann@example.com")
    for email in ("first@example.com", "second@example.com"):
        service.mail_link(LinkPurpose.CHANGE_EMAIL, email, language="en", account_id=account.id)
    second = newest_path("second@example.com")

    assert client.post(newest_path("first@example.com")).status_code == 303

    assert client.post(second).status_code == 404
    assert accounts() == ["first@example.com"]


def test_a_link_works_once_and_takes_the_others_along(app: Flask, client: FlaskClient) -> None:
    make_store()
    make_account(email="ann@example.com")
    ask(client, "/sign-in/link", "ann@example.com")
    first = newest_path("ann@example.com")
    ask(client, "/forgot-password", "ann@example.com")
    second = newest_path("ann@example.com")

    assert client.post(second, data={"password": "a pot full of tea"}).status_code == 303

    for path in (first, second):
        stranger = app.test_client()
        assert stranger.get(path).status_code == 404
        answer = stranger.post(path, data={"password": "another pot of tea"})
        assert answer.status_code == 404
        assert not is_in(stranger)


@pytest.mark.parametrize(
    ("way", "hours"), [("/sign-in/link", 1), ("/forgot-password", 1), ("/sign-up", 24)]
)
def test_a_links_time_runs_out(client: FlaskClient, way: str, hours: int) -> None:
    make_store()
    make_account(email="ann@example.com")
    with time_machine.travel(NOON, tick=False) as clock:
        ask(client, way, "ann@example.com")
        path = newest_path("ann@example.com")
        clock.shift(timedelta(hours=hours) - timedelta(seconds=1))
        assert client.get(path).status_code == 200
        clock.shift(timedelta(seconds=2))

        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404
        assert newest_letter("ann@example.com") is None
    assert not is_in(client)


@pytest.mark.parametrize("text", ["x", "MQ", "MQ.x", "1.AAAAAAAAAAAAAAAAAAAAAAAAAAA"])
def test_nobody_can_make_a_link(client: FlaskClient, text: str) -> None:
    make_store()
    make_account(email="ann@example.com")
    ask(client, "/sign-in/link", "ann@example.com")

    assert client.get(f"/links/{text}").status_code == 404
    assert client.post(f"/links/{text}").status_code == 404


def test_looking_at_a_link_uses_nothing_up(client: FlaskClient) -> None:
    make_store()
    make_account(email="ann@example.com")
    ask(client, "/sign-in/link", "ann@example.com")
    path = newest_path("ann@example.com")

    for _ in range(3):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200

    assert not is_in(client)
    assert client.post(path).status_code == 303


@pytest.mark.parametrize("way", WAYS)
def test_the_accounts_of_staff_do_not_open_by_mail(client: FlaskClient, way: str) -> None:
    make_store()
    make_admin(email="boss@example.com")
    ask(client, way, "boss@example.com")
    link = db.session.scalars(sa.select(MailedLink)).one()
    letter = newest_letter("boss@example.com")
    assert letter is not None
    assert letter.context["url"] == "http://localhost/admin"

    from shop.accounts.links import link_url

    path = link_url(link).removeprefix("http://localhost")
    assert client.get(path).status_code == 404
    assert client.post(path, data={"password": "a pot full of tea"}).status_code == 404
    assert client.get("/admin").status_code == 303


def test_a_closed_account_gets_no_mail_and_opens_by_none(client: FlaskClient) -> None:
    make_store()
    account = make_account(email="ann@example.com")
    ask(client, "/sign-in/link", "ann@example.com")
    path = newest_path("ann@example.com")
    service.disable(db.session.get_one(Account, account.id), by=None)

    assert newest_letter("ann@example.com") is None
    assert client.post(path).status_code == 404
    assert not is_in(client)


def test_one_mailbox_gets_four_mails_in_a_quarter_of_an_hour(app: Flask) -> None:
    make_store()
    make_account(email="ann@example.com")

    for email in ("ann@example.com", "nobody@example.com"):
        answers = [
            app.test_client().post(
                WAYS[n % 3],
                data={"email": email},
                environ_base={"REMOTE_ADDR": f"198.51.100.{n}"},
            )
            for n in range(5)
        ]
        assert [answer.status_code for answer in answers] == [303] * 4 + [429]
        assert int(answers[-1].headers["Retry-After"]) > 0
    assert len(promised()) == 8


def test_one_network_asks_twenty_times_in_a_quarter_of_an_hour(app: Flask) -> None:
    make_store()

    answers = [ask(app.test_client(), "/sign-up", f"p{n}@example.com")[0] for n in range(21)]

    assert answers == [303] * 20 + [429]
    assert len(promised()) == 20


def test_links_lead_on_within_the_shop_alone(client: FlaskClient) -> None:
    make_store()
    make_account(email="ann@example.com")
    ask(client, "/sign-in/link", "ann@example.com", next="//evil.example")

    assert client.post(newest_path("ann@example.com")).location == "/account"


@pytest.mark.parametrize("way", ["/sign-up", "/forgot-password"])
def test_every_way_in_leads_on_to_where_one_wanted_to_go(client: FlaskClient, way: str) -> None:
    make_store()
    make_account(email="ann@example.com")
    wanted = "/account/orders?page%3D2"

    assert f'href="{way}?next={wanted}"' in client.get(f"/sign-in?next={wanted}").text
    asked = client.get(f"{way}?next={wanted}").text
    assert 'name="next" value="/account/orders?page=2"' in asked
    assert f'href="/sign-in?next={wanted}"' in asked

    _status, sent = ask(client, way, "ann@example.com", next="/account/orders?page=2")
    assert sent == f"/link-sent?next={wanted}"
    assert f'href="/sign-in?next={wanted}"' in client.get(sent).text

    answer = client.post(newest_path("ann@example.com"), data={"password": "a pot full of tea"})
    assert (answer.status_code, answer.location) == (303, "/account/orders?page=2")
    assert client.get(f"/sign-up?next={wanted}").location == "/account/orders?page=2"


def test_other_sites_cannot_follow_a_link_for_somebody(client: FlaskClient) -> None:
    make_store()
    make_account(email="ann@example.com")
    ask(client, "/sign-in/link", "ann@example.com")
    path = newest_path("ann@example.com")

    assert client.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert not is_in(client)


def test_old_links_and_sessions_are_forgotten(client: FlaskClient) -> None:
    make_store()
    account = make_account(email="ann@example.com")
    with time_machine.travel(NOON, tick=False) as clock:
        be_signed_in(client, account)
        ask(client, "/sign-in/link", "ann@example.com")
        clock.shift(timedelta(days=29))
        service.forget_old()
        assert db.session.scalar(sa.select(sa.func.count()).select_from(MailedLink)) == 1
        clock.shift(timedelta(days=32))

        service.forget_old()

    assert db.session.scalar(sa.select(sa.func.count()).select_from(MailedLink)) == 0
    assert service.end_one_session(account.id, 1) is False


def test_a_changed_address_takes_the_orders_along(client: FlaskClient) -> None:
    make_store()
    account = make_account(email="old@example.com")
    link = service.mail_link(
        LinkPurpose.CHANGE_EMAIL, "ines@example.com", language="en", account_id=account.id
    )
    order = make_order(paid=True)
    path = newest_path("ines@example.com")
    assert "Use this address?" in client.get(path).text

    assert client.post(path).status_code == 303

    assert accounts() == ["ines@example.com"]
    db.session.refresh(order)
    assert order.account_id == account.id
    letter = LETTERS[service.EMAIL_CHANGED]({"link_id": link.id})
    assert letter is not None
    assert letter.to == "old@example.com"
    assert promised()[-1] == service.EMAIL_CHANGED


def test_an_address_that_was_taken_meanwhile_is_not_taken_over(client: FlaskClient) -> None:
    make_store()
    account = make_account(email="old@example.com")
    service.mail_link(
        LinkPurpose.CHANGE_EMAIL, "ann@example.com", language="en", account_id=account.id
    )
    path = newest_path("ann@example.com")
    make_account(email="ann@example.com")

    assert client.post(path).status_code == 404
    letter = newest_letter("ann@example.com")
    assert letter is not None
    assert letter.context["url"] == "http://localhost/sign-in"
    assert accounts() == ["old@example.com", "ann@example.com"]
