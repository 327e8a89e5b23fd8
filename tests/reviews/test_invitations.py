"""Saying no to invitations: by the mail's link, by a mail program, in the account."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.accounts.models import Account
from shop.database import in_transaction
from shop.extensions import db
from shop.orders.models import Order
from shop.orders.urls import order_link
from shop.outbox import mailer
from shop.outbox.models import OutboxMessage
from shop.outbox.worker import Claimed
from shop.privacy import service as privacy
from shop.reviews import queries, service
from shop.reviews.letters import LETTERS
from shop.reviews.models import InvitationObjection
from shop.reviews.worker import invite_buyers
from shop.web.config import settings
from tests.accounts.people import be_signed_in, make_account, make_admin
from tests.factories import make_order, make_product, make_store, variants_of
from tests.pages import read

PAID = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DUE = PAID + timedelta(days=14)
BUYER = "ines@example.com"


@pytest.fixture
def order(app: Flask) -> Order:
    make_store()
    with time_machine.travel(PAID, tick=False):
        order = make_order(*variants_of(make_product("Tuesday mug")), paid=True)
    order.email = "Ines@Example.com"
    db.session.commit()
    return order


def path_of(order: Order) -> str:
    return f"/orders/{order_link(order.token)}/invitations"


def objections() -> list[str]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(InvitationObjection.email)))


def promised() -> OutboxMessage:
    """The invitation, made when it is due."""
    with time_machine.travel(DUE, tick=False):
        assert invite_buyers() == 1
    return db.session.scalars(
        sa.select(OutboxMessage).where(OutboxMessage.name == "review_invitation")
    ).one()


def test_the_mail_says_how_to_get_no_more_of_them(order: Order) -> None:
    letter = LETTERS["review_invitation"]({"order_id": order.id})
    assert letter is not None
    text, html = mailer.render(letter)

    assert letter.stop_url == settings().url + path_of(order)
    assert letter.stop_url in text
    assert len(read(html).having("a", href=letter.stop_url)) == 1
    for part in (text, read(html).text):
        assert "No more invitations like this" in part
    assert "at any time, at no cost" in " ".join(text.split())


def test_a_mail_program_ends_them_with_one_click(
    client: FlaskClient, order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(settings()), "mail_folder", property(lambda _: tmp_path))
    mailer.send(Claimed(promised()), LETTERS)

    ((_name, mail),) = mailer.dropped(tmp_path)
    assert isinstance(mail, EmailMessage)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = mail["List-Unsubscribe"].strip("<>").removeprefix(settings().url)
    del client.environ_base["HTTP_SEC_FETCH_SITE"]
    answer = client.post(path, data={"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert objections() == [BUYER]


def test_looking_at_the_page_changes_nothing(client: FlaskClient, order: Order) -> None:
    answer = client.get(path_of(order))

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert '<meta name="robots" content="noindex">' in answer.text
    assert "Send me no more invitations" in read(answer.text).text
    assert BUYER not in answer.text.lower()
    assert objections() == []


def test_stopping_twice_is_stopping_once_and_can_be_taken_back(
    client: FlaskClient, order: Order
) -> None:
    path = path_of(order)

    pages = [client.post(path).text for _ in range(2)] + [client.get(path).text]

    for page in pages:
        assert "You get no more invitations" in read(page).text
    assert objections() == [BUYER]
    for _ in range(2):
        assert client.post(f"{path}/resume").location == path
    page = client.get(path).text
    assert "You are asked again from now on." in page
    assert "Send me no more invitations" in page
    assert objections() == []
    promised()


def test_a_strangers_page_takes_nothing_back(client: FlaskClient, order: Order) -> None:
    client.post(path_of(order))

    answer = client.post(f"{path_of(order)}/resume", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert objections() == [BUYER]


@pytest.mark.parametrize("link", ["x", "1", "wrong.signature"])
def test_a_broken_link_leads_to_somebody_who_can(
    client: FlaskClient, order: Order, link: str
) -> None:
    path = f"/orders/{link}/invitations"

    answers = [client.get(path), client.post(path), client.post(f"{path}/resume")]

    for answer in answers:
        assert answer.status_code == 404
        page = read(answer.text)
        assert "This link is no longer good" in page.text
        assert page.having("a", class_="button button--secondary", href="/pages/contact") != []
    assert objections() == []


def test_a_link_whose_address_is_forgotten_is_no_longer_good(
    client: FlaskClient, order: Order
) -> None:
    path = path_of(order)
    order.email = ""
    db.session.commit()

    assert [client.get(path).status_code, client.post(path).status_code] == [404, 404]
    assert objections() == []


def test_no_order_of_the_address_is_invited_any_more(order: Order) -> None:
    other = make_order(*variants_of(make_product("Bowl")), paid=True)
    other.email, other.paid_at = "bob@example.com", PAID
    service.stop_invitations("INES@example.com")
    db.session.commit()

    assert queries.orders_to_invite(DUE, days=14) == [other.id]


def test_an_invitation_that_is_promised_already_is_not_sent(
    client: FlaskClient, order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(settings()), "mail_folder", property(lambda _: tmp_path))
    message = promised()
    client.post(path_of(order))

    mailer.send(Claimed(message), LETTERS)

    assert mailer.dropped(tmp_path) == []


def test_clicks_at_the_same_moment_are_one_objection(own_database: Flask) -> None:
    told: list[str] = []
    start = threading.Barrier(4)

    def click() -> None:
        with own_database.app_context():
            start.wait()
            in_transaction(lambda: service.stop_invitations(BUYER))
            told.append("stopped")

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert told == ["stopped"] * 4
    with own_database.app_context():
        assert objections() == [BUYER]


# In the account, the admin and the customer's data


@pytest.fixture
def ines(order: Order) -> Account:
    account = make_account(email=BUYER)
    db.session.commit()
    return account


def test_customers_decide_in_their_account_too(client: FlaskClient, ines: Account) -> None:
    be_signed_in(client, ines)
    assert "Send me no more invitations" in client.get("/account/details").text

    client.post("/account/details/invitations", data={"wanted": "no"})

    assert objections() == [BUYER]
    assert "Ask me again" in client.get("/account/details").text
    client.post("/account/details/invitations", data={"wanted": "yes"})
    assert objections() == []


def test_an_account_says_nothing_of_invitations_where_none_are_sent(
    client: FlaskClient, ines: Account
) -> None:
    be_signed_in(client, ines)
    db.session.execute(sa.text("UPDATE store_settings SET review_invitation_days = 0"))
    db.session.commit()

    assert "Invitations to write a review" not in client.get("/account/details").text


def test_the_staff_see_who_wants_none(client: FlaskClient, ines: Account) -> None:
    be_signed_in(client, make_admin())
    path, words = f"/admin/customers/{ines.id}", "Wants no more invitations"
    assert words not in client.get(path).text

    service.stop_invitations(BUYER)
    db.session.commit()

    assert words in client.get(path).text
    assert "a link to have no more of them" in client.get("/admin/settings/reviews").text


def test_nobody_who_was_erased_is_invited(
    order: Order, ines: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(settings()), "mail_folder", property(lambda _: tmp_path))
    message = promised()
    other = make_order(*variants_of(make_product("Bowl")), paid=True)
    other.email, other.paid_at = BUYER, PAID
    db.session.commit()
    assert queries.orders_to_invite(DUE, days=14) == [other.id]

    with time_machine.travel(DUE, tick=False):
        privacy.erase(ines, by=None)
    db.session.commit()
    mailer.send(Claimed(message), LETTERS)

    assert (other.email, order.email) == (BUYER, "Ines@Example.com")
    assert mailer.dropped(tmp_path) == []
    assert queries.orders_to_invite(DUE, days=14) == []


def test_an_objection_outlives_the_account(client: FlaskClient, ines: Account) -> None:
    service.stop_invitations(BUYER)
    db.session.commit()
    be_signed_in(client, ines)
    assert "your address stays noted for that alone" in client.get("/account/privacy").text

    privacy.erase(ines, by=None)
    later = make_order(*variants_of(make_product("Bowl")), paid=True)
    later.email, later.paid_at = BUYER, PAID
    db.session.commit()

    assert objections() == [BUYER]
    assert queries.orders_to_invite(DUE, days=14) == []
