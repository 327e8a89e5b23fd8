"""Guessing in parallel: what one connection cannot show."""

from __future__ import annotations

import threading
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.accounts import passwords, service
from shop.accounts.links import link_url
from shop.accounts.models import Account, AccountSession, LinkPurpose, MailedLink
from shop.extensions import db
from shop.limits.models import RateLimit
from tests.accounts.people import CHEAP_HASH, PASSWORD, make_account, make_admin
from tests.factories import make_store


def test_twenty_guesses_at_once_are_five_guesses(
    own_database: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_NOBODY", CHEAP_HASH)
    with own_database.app_context():
        make_admin(email="ann@example.com")
        db.session.commit()
    heard: list[str] = []
    real = passwords.verify_password
    monkeypatch.setattr(
        passwords, "verify_password", lambda *args: (heard.append("x"), real(*args))[1]
    )
    statuses: list[int] = []
    start = threading.Barrier(20)

    def guess() -> None:
        client = own_database.test_client()
        start.wait()
        answer = client.post("/sign-in", data={"email": "ann@example.com", "password": "wrong"})
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(statuses) <= {422, 429}
    assert len(statuses) == 20
    assert len(heard) == statuses.count(422) == 5


def test_of_many_who_follow_one_link_one_arrives(own_database: Flask) -> None:
    """And the links that went to the same mailbox open nothing beside it."""
    with own_database.app_context():
        make_store()
        make_account(email="ann@example.com")
        for purpose in (LinkPurpose.SIGN_IN, LinkPurpose.SIGN_UP):
            service.mail_link(purpose, "ann@example.com", language="en")
        db.session.commit()
        with own_database.test_request_context():
            links = [link_url(link) for link in db.session.scalars(sa.select(MailedLink))]
    paths = [urlsplit(url).path for url in links * 6]
    statuses: list[int] = []
    start = threading.Barrier(len(paths))

    def follow(path: str) -> None:
        client = own_database.test_client()
        start.wait()
        statuses.append(client.post(path).status_code)

    threads = [threading.Thread(target=follow, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [303] + [404] * 11
    with own_database.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(AccountSession)) == 1


def test_hashing_waits_its_turn(own_database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_turns", threading.BoundedSemaphore(1))
    monkeypatch.setattr(passwords, "TURN_TIMEOUT_SECONDS", 0.01)
    with own_database.app_context():
        account = make_admin(email="ann@example.com")
        db.session.commit()
        passwords._turns.acquire()

        answer = own_database.test_client().post(
            "/sign-in", data={"email": "ann@example.com", "password": PASSWORD}
        )

        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert db.session.get_one(Account, account.id).email == "ann@example.com"
        assert db.session.scalar(sa.select(sa.func.count()).select_from(RateLimit)) == 0
