from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from shop.accounts import passwords
from shop.accounts.models import Account
from shop.extensions import db
from tests.accounts.people import PASSWORD, make_admin


def run(app: Flask, *args: str, typed: str = "") -> tuple[int, str]:
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["accounts", *args], input=typed)
    return result.exit_code, result.output


def one_account() -> Account:
    return db.session.scalars(sa.select(Account).execution_options(populate_existing=True)).one()


def test_create_admin_reads_the_password_from_standard_input(app: Flask) -> None:
    code, output = run(
        app, "create-admin", "Ann@example.com", "--password-stdin", typed=f"{PASSWORD}\n"
    )

    assert (code, output) == (0, "ann@example.com may sign in now.\n")
    assert one_account().is_owner
    assert passwords.matches(PASSWORD, one_account())


def test_create_admin_asks_twice(app: Flask) -> None:
    code, output = run(app, "create-admin", "ann@example.com", typed=f"{PASSWORD}\n{PASSWORD}\n")

    assert code == 0
    assert PASSWORD not in output
    assert passwords.matches(PASSWORD, one_account())


def test_a_generated_password_is_printed_once(app: Flask) -> None:
    code, output = run(app, "create-admin", "ann@example.com", "--generate")

    printed = output.splitlines()[-1].removeprefix("Password: ")
    assert code == 0
    assert len(printed) == 29
    assert passwords.matches(printed, one_account())


def test_create_admin_refuses_what_cannot_be(app: Flask) -> None:
    make_admin(email="ann@example.com")

    for email, password, sentence in [
        ("ann@example.com", PASSWORD, "Error: ann@example.com has an account. Try set-password.\n"),
        ("nonsense", PASSWORD, "Error: nonsense is not an email address.\n"),
        ("bob@example.com", "short", "Error: A password has 12 to 256 characters.\n"),
    ]:
        assert run(app, "create-admin", email, "--password-stdin", typed=password) == (1, sentence)

    assert one_account().email == "ann@example.com"


def test_set_password_ends_sessions(app: Flask) -> None:
    before = make_admin(email="ann@example.com").fs_uniquifier

    code, _output = run(
        app, "set-password", "ANN@example.com", "--password-stdin", typed="another long password\n"
    )

    assert code == 0
    assert one_account().fs_uniquifier != before
    assert passwords.matches("another long password", one_account())


def test_set_password_refuses_unknown_accounts(app: Flask) -> None:
    assert run(app, "set-password", "ann@example.com", "--password-stdin", typed=PASSWORD) == (
        1,
        "Error: ann@example.com has no account.\n",
    )
