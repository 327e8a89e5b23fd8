"""Signing in with a code or a recovery code after the password."""

from __future__ import annotations

import re
import threading
from contextlib import AbstractContextManager
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from shop.accounts import service as accounts
from shop.accounts.letters import LETTERS
from shop.accounts.models import Account
from shop.accounts.second_step import queries, service, totp
from shop.accounts.second_step.models import Authenticator, Passkey, RecoveryCode
from shop.accounts.second_step.passkeys import NewPasskey
from shop.audit import AuditEntry
from shop.clock import now
from shop.database import in_transaction
from shop.extensions import db
from shop.outbox.mailer import render
from shop.outbox.models import OutboxMessage
from tests.accounts.people import PASSWORD, be_signed_in, make_account, make_admin
from tests.factories import make_store

#: A code's time.
STEP = timedelta(seconds=30)


def stopped_clock() -> AbstractContextManager[object]:
    """The code before the one of now is the oldest that is taken: a half minute that ended between
    reading and sending it would be one too many.
    """
    return time_machine.travel(now(), tick=False)


@pytest.fixture
def owner(app: Flask) -> Account:
    make_store()
    return make_admin(email="ann@example.com", name="Ann")


@pytest.fixture
def staff(client: FlaskClient, owner: Account) -> FlaskClient:
    be_signed_in(client, owner)
    return client


def enroll(client: FlaskClient, *, ago: timedelta = STEP) -> tuple[pyotp.TOTP, list[str]]:
    """As a person with an app, who types the code before the one of now: that one is still to be
    used. The app, and the recovery codes that are shown.
    """
    page = client.get("/admin/account/authenticator").text
    key = re.search(r'class="secret"[^>]*>([A-Z2-7-]+)<', page)
    assert key is not None
    app = pyotp.TOTP(key[1].replace("-", ""))
    with stopped_clock():
        done = client.post("/admin/account/authenticator", data={"code": app.at(now() - ago)})
    assert done.status_code == 200, done.text
    return app, re.findall(r"<code>([a-z2-9-]+)</code>", done.text)


def sign_in(client: FlaskClient, email: str = "ann@example.com", next: str = "") -> str:
    """Where the password leads."""
    data = {"email": email, "password": PASSWORD, "next": next}
    return str(client.post("/sign-in", data=data).location)


def show(client: FlaskClient, code: str) -> int:
    return client.post("/sign-in/second-step", data={"code": code}).status_code


def may_enter(client: FlaskClient) -> bool:
    return client.get("/admin").status_code == 200


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_an_app_is_added_and_asked_for_from_then_on(staff: FlaskClient) -> None:
    app, codes = enroll(staff)
    fresh = staff.application.test_client()

    assert sign_in(fresh, next="/admin/orders") == "/sign-in/second-step"
    assert not may_enter(fresh)
    answer = fresh.post("/sign-in/second-step", data={"code": app.now()})

    assert (answer.status_code, answer.location) == (303, "/admin/orders")
    assert may_enter(fresh)
    assert len(codes) == service.CODES
    assert actions() == ["account.authenticator_added", "account.recovery_codes_made"]


def test_the_picture_says_what_the_key_says_and_needs_no_style(staff: FlaskClient) -> None:
    page = staff.get("/admin/account/authenticator").text

    address = re.search(r'href="(otpauth://totp/[^"]+)"', page)
    key = re.search(r'class="secret"[^>]*>([A-Z2-7-]+)<', page)
    assert address is not None
    assert key is not None
    assert key[1].replace("-", "") in address[1]
    assert "issuer=" in address[1]
    assert "<svg" in page
    assert " style=" not in page


def test_a_code_is_taken_once(staff: FlaskClient) -> None:
    app, _codes = enroll(staff)
    one, other = staff.application.test_client(), staff.application.test_client()
    sign_in(one)
    sign_in(other)

    code = app.now()
    assert (show(one, code), show(other, code)) == (303, 422)

    assert (may_enter(one), may_enter(other)) == (True, False)


def test_the_code_that_added_the_app_does_not_sign_in(staff: FlaskClient) -> None:
    with stopped_clock():
        app, _codes = enroll(staff, ago=timedelta(0))
        fresh = staff.application.test_client()
        sign_in(fresh)

        assert show(fresh, app.now()) == 422


@pytest.mark.parametrize("code", ["000000", "12345", "", "abcdef", "٠٠٠٠٠٠", "x" * 500])
def test_wrong_codes_open_nothing(staff: FlaskClient, code: str) -> None:
    enroll(staff)
    fresh = staff.application.test_client()
    sign_in(fresh)

    assert show(fresh, code) == 422
    assert not may_enter(fresh)


def test_guessing_codes_is_limited(staff: FlaskClient) -> None:
    app, _codes = enroll(staff)
    fresh = staff.application.test_client()
    sign_in(fresh)
    for _try in range(service.FOR_ONE_ACCOUNT):
        show(fresh, "000000")

    answer = fresh.post("/sign-in/second-step", data={"code": app.now()})

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert not may_enter(fresh)


def test_a_recovery_code_opens_once_however_it_is_written(staff: FlaskClient) -> None:
    _app, codes = enroll(staff)
    one, other = staff.application.test_client(), staff.application.test_client()
    sign_in(one)
    sign_in(other)

    assert show(one, codes[3].upper().replace("-", " ")) == 303
    assert show(other, codes[3]) == 422

    assert (may_enter(one), may_enter(other)) == (True, False)
    assert queries.codes_left(db.session.scalars(sa.select(Account.id)).one()) == 9
    assert "account.recovery_code_used" in actions()


def test_codes_and_secrets_cannot_be_read_in_the_database(staff: FlaskClient) -> None:
    app, codes = enroll(staff)

    kept = " ".join(db.session.scalars(sa.select(RecoveryCode.digest)))
    secret = db.session.scalars(sa.select(Authenticator.secret)).one()
    assert not any(code.replace("-", "") in kept for code in codes)
    assert app.secret not in secret


def test_new_codes_make_the_old_ones_worthless(staff: FlaskClient) -> None:
    _app, codes = enroll(staff)

    page = staff.post("/admin/account/recovery-codes").text

    new = re.findall(r"<code>([a-z2-9-]+)</code>", page)
    fresh = staff.application.test_client()
    sign_in(fresh)
    assert (show(fresh, codes[0]), show(fresh, new[0])) == (422, 303)


def test_halfway_is_no_way_in_and_ends_by_itself(staff: FlaskClient) -> None:
    app, _codes = enroll(staff)
    fresh = staff.application.test_client()
    assert fresh.get("/sign-in/second-step").location == "/sign-in?next=/admin"
    sign_in(fresh)
    assert fresh.get("/account").status_code == 303

    with time_machine.travel(now() + timedelta(minutes=11), tick=False):
        answer = fresh.post("/sign-in/second-step", data={"code": app.now()})

    assert answer.location == "/sign-in?next=/admin"
    assert not may_enter(fresh)


def test_a_new_password_or_a_closed_account_ends_the_half_way(
    staff: FlaskClient, owner: Account
) -> None:
    app, _codes = enroll(staff)
    fresh = staff.application.test_client()
    sign_in(fresh)

    db.session.get_one(Account, owner.id).active = False

    answer = fresh.post("/sign-in/second-step", data={"code": app.now()})

    assert answer.location == "/sign-in?next=/admin"


def test_without_an_app_the_password_is_enough(client: FlaskClient, owner: Account) -> None:
    assert sign_in(client) == "/admin"
    assert may_enter(client)


def test_removing_the_app_forgets_its_codes(staff: FlaskClient) -> None:
    enroll(staff)

    staff.post("/admin/account/authenticator/delete")

    for table in (Authenticator, RecoveryCode):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    assert sign_in(staff.application.test_client()) == "/admin"


def test_of_two_who_send_one_code_at_once_one_is_right(own_database: Flask) -> None:
    with own_database.app_context(), own_database.test_request_context():
        account = make_admin()
        secret = totp.new_secret()
        app = pyotp.TOTP(totp.key_of(secret).replace("-", ""))
        with stopped_clock():
            service.add_authenticator(account, secret, app.at(now() - STEP))
        account_id = account.id
        db.session.commit()
        code = app.at(now() + STEP)
    barrier, right = threading.Barrier(4), []

    def use() -> None:
        with own_database.app_context():
            barrier.wait()
            right.append(in_transaction(lambda: service.use_code(account_id, code)))

    threads = [threading.Thread(target=use) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(right) == [False, False, False, True]


# The rule for everybody --------------------------------------------------------------------------


def test_who_must_have_a_second_step_adds_it_before_anything_else(staff: FlaskClient) -> None:
    enroll(staff)
    editor = make_account(roles=("editor",))
    theirs = staff.application.test_client()
    be_signed_in(theirs, editor)
    assert theirs.get("/admin/pages").status_code == 200

    assert staff.post("/admin/settings/staff/second-step", data={"needed": "1"}).status_code == 303

    assert theirs.get("/admin/pages").location == "/admin/account"
    assert theirs.post("/admin/pages/new").status_code == 403
    assert "asks for a second step" in theirs.get("/admin/account").text
    enroll(theirs)
    assert theirs.get("/admin/pages").status_code == 200
    assert staff.get("/admin/orders").status_code == 200


def test_who_makes_the_rule_keeps_it(staff: FlaskClient) -> None:
    answer = staff.post("/admin/settings/staff/second-step", data={"needed": "1"})

    assert answer.status_code == 409
    assert not queries.is_needed()
    assert actions() == []


def test_somebody_who_lost_everything_is_let_in_by_an_owner(staff: FlaskClient) -> None:
    editor = make_account(email="ed@example.com", roles=("editor",))
    theirs = staff.application.test_client()
    be_signed_in(theirs, editor)
    enroll(theirs)

    staff.post(f"/admin/settings/staff/{editor.id}/second-step/delete")

    assert not may_enter(theirs)
    assert sign_in(theirs, "ed@example.com") == "/admin"
    assert "account.second_step_reset" in actions()


# The password once more --------------------------------------------------------------------------


def test_a_sensitive_change_asks_for_the_password_and_loses_nothing(staff: FlaskClient) -> None:
    data = {"title": "Packing & posting", "orders": "change"}
    path = "/admin/settings/staff/roles/new"
    with time_machine.travel(now() + timedelta(minutes=20), tick=False):
        asked = staff.post(path, data=data)
        wrong = staff.post(path, data=data | {"proof-password": "not the password"})
        assert actions() == []
        done = staff.post(path, data=data | {"proof-password": PASSWORD})
        again = staff.post(path, data={"title": "Another", "orders": "see"})

    assert (asked.status_code, wrong.status_code) == (403, 422)
    assert 'name="title" value="Packing &amp; posting"' in asked.text
    assert "That is not your password." in wrong.text
    assert (done.status_code, again.status_code) == (303, 303)
    assert actions() == ["role.created", "role.created"]


def test_guessing_the_password_there_is_limited(staff: FlaskClient) -> None:
    path = "/admin/account/recovery-codes"
    with time_machine.travel(now() + timedelta(minutes=20), tick=False):
        for _try in range(5):
            staff.post(path, data={"proof-password": "wrong"})
        answer = staff.post(path, data={"proof-password": PASSWORD})

    assert answer.status_code == 429
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RecoveryCode)) == 0


# One's own account -------------------------------------------------------------------------------


def test_name_and_language_are_changed(staff: FlaskClient, owner: Account) -> None:
    staff.post("/admin/account", data={"name": "Ann Lee", "language": "de"})

    account = db.session.get_one(Account, owner.id, populate_existing=True)
    assert (account.name, account.language) == ("Ann Lee", "de")
    assert actions() == ["account.changed"]
    assert staff.post("/admin/account", data={"name": "", "language": "xx"}).status_code == 422


def test_a_new_password_needs_the_old_one(staff: FlaskClient) -> None:
    new = "another long password"
    path = "/admin/account/password"
    wrong = staff.post(path, data={"password-current": "no", "password-password": new})
    assert wrong.status_code == 422
    assert actions() == []

    right = staff.post(path, data={"password-current": PASSWORD, "password-password": new})

    assert right.status_code == 303
    assert may_enter(staff)
    assert actions() == ["account.password_changed"]


def test_a_new_password_signs_others_out_and_is_told_by_mail(
    staff: FlaskClient, owner: Account
) -> None:
    other = staff.application.test_client()
    be_signed_in(other, owner)

    staff.post(
        "/admin/account/password",
        data={"password-current": PASSWORD, "password-password": "another long password"},
    )

    assert may_enter(staff)
    assert not may_enter(other)
    assert "account_password_changed" in set(db.session.scalars(sa.select(OutboxMessage.name)))


def test_another_browser_of_mine_is_signed_out(staff: FlaskClient, owner: Account) -> None:
    other = staff.application.test_client()
    be_signed_in(other, owner)
    ids = re.findall(r"/admin/account/sessions/(\d+)/delete", staff.get("/admin/account").text)

    for one in ids:
        staff.post(f"/admin/account/sessions/{one}/delete")

    assert not may_enter(other)
    stranger = make_account(roles=("editor",))
    be_signed_in(other, stranger)
    assert may_enter(staff)


def test_a_browser_that_is_new_is_told_by_mail_once(client: FlaskClient, owner: Account) -> None:
    def names() -> list[str]:
        return list(db.session.scalars(sa.select(OutboxMessage.name)))

    sign_in(client)
    client.post("/sign-out")
    sign_in(client)
    assert names() == ["account_new_device"]

    sign_in(client.application.test_client())

    assert names() == ["account_new_device"] * 2


def told(owner: Account) -> list[str]:
    """The texts of the mails about second steps, oldest first; promised no more."""
    rows = db.session.scalars(
        sa.select(OutboxMessage)
        .where(OutboxMessage.name == accounts.SECOND_STEP_CHANGED)
        .order_by(OutboxMessage.id)
    ).all()
    letters = [LETTERS[row.name](row.payload) for row in rows]
    for row in rows:
        db.session.delete(row)
    db.session.commit()
    assert [letter and letter.to for letter in letters] == [owner.email] * len(letters)
    return [" ".join(render(letter)[0].split()) for letter in letters if letter]


def test_every_change_of_a_second_step_is_told_by_mail(staff: FlaskClient, owner: Account) -> None:
    enroll(staff)
    (added,) = told(owner)  # the recovery codes that came with it are not told apart
    staff.post("/admin/account/recovery-codes")
    (renewed,) = told(owner)
    staff.post("/admin/account/authenticator/delete")
    (removed,) = told(owner)

    assert "An authenticator app was added to your staff account." in added
    assert "New recovery codes were made for your staff account." in renewed
    assert "The authenticator app was removed from your staff account." in removed
    for text in (added, renewed, removed):
        assert "If that was not you, change your password at once" in text
        assert "http://localhost/admin/account" in text


def test_a_passkey_is_told_by_its_name_in_the_language_of_its_owner(owner: Account) -> None:
    owner.language = "de"
    new = NewPasskey(credential_id="abc", public_key=b"key", sign_count=0)

    service.add_passkey(owner, new, name="Laptop 100%s")
    passkey = db.session.scalars(sa.select(Passkey)).one()
    service.remove_passkey(owner, passkey.id)

    added, removed = told(owner)
    assert "Zu deinem Teamkonto kam ein Passkey hinzu: Laptop 100%s." in added
    assert "Laptop 100%s" in removed


def test_a_reset_by_somebody_else_is_told_too(owner: Account) -> None:
    service.reset(owner, by=None)

    (text,) = told(owner)
    assert "every browser was signed out" in text


def test_a_wrong_code_is_no_change_to_tell(staff: FlaskClient, owner: Account) -> None:
    staff.get("/admin/account/authenticator")

    refused = staff.post("/admin/account/authenticator", data={"code": "000000"})

    assert refused.status_code == 422
    assert told(owner) == []


def test_mails_that_warn_say_nothing_of_doing_nothing(client: FlaskClient, owner: Account) -> None:
    letters = [
        LETTERS[name](
            {
                "account_id": owner.id,
                "device": "Chrome, Linux",
                "passkey": "",
                "change": service.RESET,
            }
        )
        for name in (accounts.NEW_DEVICE, accounts.PASSWORD_CHANGED, accounts.SECOND_STEP_CHANGED)
    ]
    for letter in letters:
        assert letter is not None
        assert "need not do anything" not in "".join(render(letter))


def test_a_wrong_recovery_code_is_told_as_one(client: FlaskClient, staff: FlaskClient) -> None:
    enroll(staff)
    other = client.application.test_client()
    sign_in(other)

    refused = other.post("/sign-in/second-step", data={"code": "abcd-efgh-jkmn-pqrs"})

    assert refused.status_code == 422
    assert "none of your recovery codes" in refused.text
    assert "wait for the next" not in refused.text
    assert not may_enter(other)


def test_after_a_refused_passkey_the_way_on_is_kept(client: FlaskClient, owner: Account) -> None:
    refused = client.post("/sign-in/passkey", data={"credential": "x", "next": "/admin/orders"})

    assert refused.status_code == 422
    assert 'href="/sign-in?next=/admin/orders"' in refused.text


@pytest.mark.parametrize("answer", ["", "{}", "[]", "x", '{"id": "a", "response": 7}', "[" * 9000])
def test_made_up_passkeys_open_nothing(client: FlaskClient, owner: Account, answer: str) -> None:
    client.post("/sign-in/passkey/options")

    response = client.post("/sign-in/passkey", data={"credential": answer})

    assert response.status_code == 422
    assert not may_enter(client)


@pytest.mark.parametrize("answer", ["", "{}", '{"id": "a", "rawId": "a", "response": {}}'])
def test_made_up_passkeys_are_not_added(staff: FlaskClient, answer: str) -> None:
    staff.post("/admin/account/passkeys/options")

    response = staff.post(
        "/admin/account/passkeys", data={"credential": answer, "passkey-name": "Laptop"}
    )

    assert response.status_code == 422
    assert 'value="Laptop"' in response.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Passkey)) == 0
