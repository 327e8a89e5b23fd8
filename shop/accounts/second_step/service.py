"""Adding, using and removing second steps."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from webauthn.helpers import bytes_to_base64url

from shop import audit
from shop.accounts import service
from shop.accounts.models import Account
from shop.accounts.second_step import queries, totp
from shop.accounts.second_step.models import (
    Authenticator,
    Passkey,
    RecoveryCode,
    StaffSettings,
)
from shop.accounts.second_step.passkeys import BadPasskey, NewPasskey
from shop.clock import now
from shop.extensions import db
from shop.limits.service import Limit, limit, network_limit

#: Wrong codes that are heard in a quarter of an hour.
FOR_ONE_ACCOUNT = 5
FOR_ONE_NETWORK = 30
CODES = 10
MOST_PASSKEYS = 20
CODES_MADE, RESET = "account.recovery_codes_made", "account.second_step_reset"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class WrongCode(Exception):
    """Not the code that the app shows now, or one that was used already."""


class TooManyPasskeys(Exception):
    """The account has as many as it may."""


def limits_of(account_id: int, address: str | None) -> tuple[Limit, Limit]:
    """The account's, which a right code forgets, and the network's."""
    return (
        limit("second step", str(account_id), FOR_ONE_ACCOUNT),
        network_limit("second step", address, FOR_ONE_NETWORK),
    )


# Authenticators ------------------------------------------------------------------------------


def add_authenticator(account: Account, secret: str, code: str) -> list[str]:
    """In place of the one before. Returns recovery codes, to be shown once, where there were none.

    Raises WrongCode.
    """
    counter = totp.counter_of(code, secret)
    if counter is None:
        raise WrongCode
    found = queries.authenticator(account.id)
    if found is None:
        db.session.add(Authenticator(account_id=account.id, secret=secret, last_counter=counter))
    else:
        found.secret, found.last_counter, found.created_at = secret, counter, now()
    db.session.flush()
    _record_and_tell(account, "account.authenticator_added")
    return _first_codes(account)


def use_code(account_id: int, code: str) -> bool:
    """Each code once: of two who send the same at once, one is right."""
    found = queries.authenticator(account_id)
    if found is None:
        return False
    counter = totp.counter_of(code, found.secret, after=found.last_counter)
    if counter is None:
        return False
    taken = db.session.scalar(
        sa.update(Authenticator)
        .where(Authenticator.account_id == account_id, Authenticator.last_counter < counter)
        .values(last_counter=counter)
        .returning(Authenticator.account_id)
        .execution_options(synchronize_session=False)
    )
    return taken is not None


def remove_authenticator(account: Account) -> None:
    db.session.execute(sa.delete(Authenticator).where(Authenticator.account_id == account.id))
    _record_and_tell(account, "account.authenticator_removed")
    _forget_codes_of_nothing(account)


# Recovery codes ------------------------------------------------------------------------------


def new_codes(account: Account) -> list[str]:
    """In place of those before; to be shown once."""
    codes = _make_codes(account)
    service.tell_of_second_step(account, CODES_MADE)
    return codes


def use_recovery_code(account: Account, text: str) -> bool:
    """Each once."""
    used = db.session.scalar(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account.id,
            RecoveryCode.digest == _digest(text),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now())
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    if used is not None:
        _record(account, "account.recovery_code_used")
    return used is not None


# Passkeys ------------------------------------------------------------------------------------


def handle_of(account: Account) -> str:
    """What passkeys know the account by: random, so that it tells nothing."""
    if account.passkey_handle is None:
        account.passkey_handle = bytes_to_base64url(secrets.token_bytes(32))
        db.session.flush()
    return account.passkey_handle


def add_passkey(account: Account, new: NewPasskey, *, name: str) -> list[str]:
    """Returns recovery codes as `add_authenticator` does. Raises TooManyPasskeys and BadPasskey."""
    if len(queries.passkeys(account.id)) >= MOST_PASSKEYS:
        raise TooManyPasskeys
    row = Passkey(
        account_id=account.id,
        credential_id=new.credential_id,
        public_key=new.public_key,
        sign_count=new.sign_count,
        name=name,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise BadPasskey from error
    _record_and_tell(account, "account.passkey_added", name=name)
    return _first_codes(account)


def note_use(passkey: Passkey, sign_count: int) -> bool:
    """False where another use came first: then one of the two is a copy."""
    noted = db.session.scalar(
        sa.update(Passkey)
        .where(Passkey.id == passkey.id, Passkey.sign_count == passkey.sign_count)
        .values(sign_count=sign_count, last_used_at=now())
        .returning(Passkey.id)
        .execution_options(synchronize_session=False)
    )
    return noted is not None


def remove_passkey(account: Account, passkey_id: int) -> bool:
    """False where the account has no such passkey."""
    name = db.session.scalar(
        sa.delete(Passkey)
        .where(Passkey.id == passkey_id, Passkey.account_id == account.id)
        .returning(Passkey.name)
    )
    if name is None:
        return False
    _record_and_tell(account, "account.passkey_removed", name=name)
    _forget_codes_of_nothing(account)
    return True


# For others ----------------------------------------------------------------------------------


def reset(account: Account, *, by: int | None) -> None:
    """Somebody lost app, passkeys and codes: all of it is removed, and every session ended.

    `by` none: the command line.
    """
    for table in (Authenticator, Passkey, RecoveryCode):
        db.session.execute(sa.delete(table).where(table.account_id == account.id))
    service.end_sessions(account)
    audit.record(by, RESET, subject_kind="account", subject_id=account.id)
    service.tell_of_second_step(account, RESET)


def require(is_needed: bool, *, by: int) -> None:
    """Whether everybody on the staff must have a second step."""
    row = db.session.get(StaffSettings, 1, with_for_update=True)
    if row is None:
        row = StaffSettings(id=1, needs_second_step=False)
        db.session.add(row)
        db.session.flush()
    audit.change(
        row,
        {"needs_second_step": is_needed},
        by,
        "staff_settings.changed",
        subject_kind="staff_settings",
    )


# Inside --------------------------------------------------------------------------------------


def _first_codes(account: Account) -> list[str]:
    """Told with what they come with, in one mail."""
    return [] if queries.codes_left(account.id) else _make_codes(account)


def _make_codes(account: Account) -> list[str]:
    _delete_codes(account)
    codes = ["-".join(_word(4) for _ in range(4)) for _ in range(CODES)]
    db.session.add_all(RecoveryCode(account_id=account.id, digest=_digest(code)) for code in codes)
    db.session.flush()
    _record(account, CODES_MADE)
    return codes


def _forget_codes_of_nothing(account: Account) -> None:
    if not queries.has_second_step(account.id):
        _delete_codes(account)


def _delete_codes(account: Account) -> None:
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account.id))


def _word(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _digest(code: str) -> str:
    """Blanks, hyphens and capitals are how somebody writes it down."""
    plain = "".join(letter for letter in code.casefold() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def _record_and_tell(account: Account, action: str, *, name: str = "") -> None:
    """`name`: of the passkey."""
    _record(account, action, **({"name": name} if name else {}))
    service.tell_of_second_step(account, action, passkey=name)


def _record(account: Account, action: str, **data: Any) -> None:
    audit.record(account.id, action, subject_kind="account", subject_id=account.id, **data)
