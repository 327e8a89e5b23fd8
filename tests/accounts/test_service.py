from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.accounts import passwords, service
from shop.accounts.models import Account
from shop.accounts.permissions import OWNER
from shop.audit import AuditEntry
from shop.extensions import db
from tests.accounts.people import PASSWORD, make_account, make_admin


def accounts() -> list[str]:
    return list(db.session.scalars(sa.select(Account.email).order_by(Account.id)))


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Ann@Example.com", "ann@example.com"),
        (" ann@example.com ", "ann@example.com"),
        ("ANN+shop@EXAMPLE.COM", "ann+shop@example.com"),
        ("e\u0301mile@example.com", "émile@example.com"),
        ("ÉMILE@example.com", "émile@example.com"),
        ("straße@example.com", "strasse@example.com"),
        ("ann@EXÄMPLE.com", "ann@exämple.com"),
        ("ann@xn--exmple-cua.com", "ann@exämple.com"),
    ],
)
def test_an_address_has_one_form(typed: str, stored: str) -> None:
    assert service.normal_email(typed) == stored
    assert service.normal_email(stored) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "ann", "ann@", "@example.com", "ann@example", "ann@example..com", "a b@example.com",
     "ann@example.com\nbcc: x@example.com", "ann@[127.0.0.1]", "ann@example.com.",
     "a" * 250 + "@example.com"],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(service.UnusableEmail):
        service.normal_email(typed)


def test_create_admin_makes_an_account_that_may_administer(app: Flask) -> None:
    account = service.create_admin("Ann@Example.com", PASSWORD, name="Ann")

    assert (account.email, account.name, account.is_owner, account.active) == (
        "ann@example.com", "Ann", True, True,
    )  # fmt: skip
    assert account.password is not None
    assert account.password.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.matches(PASSWORD, account)
    assert not passwords.matches(PASSWORD + "x", account)
    assert actions() == ["account.created"]


def test_two_spellings_of_an_address_are_one_account(app: Flask) -> None:
    make_account(email="ann@example.com")

    with pytest.raises(service.EmailTaken):
        service.create_admin("ANN@example.com", PASSWORD)

    assert accounts() == ["ann@example.com"]
    assert actions() == []


@pytest.mark.parametrize("password", ["", "short", "x" * 11, "x" * 257])
def test_weak_passwords_are_refused(app: Flask, password: str) -> None:
    with pytest.raises(passwords.WeakPassword):
        service.create_admin("ann@example.com", password)

    assert accounts() == []


def test_a_password_may_be_typed_composed_or_not(app: Flask) -> None:
    account = service.create_admin("ann@example.com", "cafe\u0301 au lait à la carte")

    assert passwords.matches("café au lait à la carte", account)


def test_the_demo_admin_is_made_once(app: Flask) -> None:
    first = service.ensure_demo_admin("Fettle")
    second = service.ensure_demo_admin("Fettle")

    assert first is not None
    assert second is None
    assert accounts() == [first.email] == ["admin@fettle.example"]
    assert len(first.password) == 29


def test_a_shop_with_an_admin_gets_no_demo_admin(app: Flask) -> None:
    make_admin(email="ann@example.com")

    assert service.ensure_demo_admin("Fettle") is None
    assert accounts() == ["ann@example.com"]


def test_a_new_password_ends_the_sessions_of_the_old_one(app: Flask) -> None:
    account = make_admin()
    before = account.fs_uniquifier

    service.set_password(account, "another long password", by=None)

    assert account.fs_uniquifier != before
    assert passwords.matches("another long password", account)
    assert actions() == ["account.password_changed"]


def test_disabling_and_taking_roles_end_sessions(app: Flask) -> None:
    make_admin()
    account, other = make_admin(), make_admin()
    before = account.fs_uniquifier, other.fs_uniquifier

    service.disable(account, by=None)
    service.take_role(other, OWNER, by=None)

    assert not account.active
    assert not other.is_owner
    assert account.fs_uniquifier != before[0]
    assert other.fs_uniquifier != before[1]
    assert actions() == ["account.disabled", "account.role_taken"]


def test_the_last_admin_stays(app: Flask) -> None:
    account = make_admin()
    make_admin(active=False)
    before = account.fs_uniquifier

    with pytest.raises(service.LastOwner):
        service.disable(account, by=None)
    with pytest.raises(service.LastOwner):
        service.take_role(account, OWNER, by=None)

    assert account.active
    assert account.is_owner
    assert account.fs_uniquifier == before
    assert actions() == []
