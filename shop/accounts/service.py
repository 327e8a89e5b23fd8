"""Making, changing and closing accounts. Whatever takes rights away ends the account's sessions."""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email

from shop import audit
from shop.accounts import passwords, queries
from shop.accounts.models import ADMIN, Account, Role
from shop.extensions import db
from shop.limits.service import Limit, limit, network_limit

#: Wrong passwords that are heard in a quarter of an hour.
FOR_ONE_ACCOUNT = 5
FOR_ONE_NETWORK = 30


class UnusableEmail(ValueError):
    """A text that is no e-mail address."""


class EmailTaken(Exception):
    """Another account has this address."""


class LastAdmin(Exception):
    """Nobody could administer the shop any more."""


@dataclass(frozen=True)
class NewAdmin:
    """Shown once; the shop itself keeps only a hash of the password."""

    email: str
    password: str


def sign_in_limits(email: str, *, address: str | None, device: str | None) -> tuple[Limit, Limit]:
    """The account's, which signing in forgets, and the network's. A browser that the account has
    used before counts for itself, not for the account.
    """
    who = f"device:{device}" if device else f"account:{email}"
    return (
        limit("sign in", who, FOR_ONE_ACCOUNT),
        network_limit("sign in", address, FOR_ONE_NETWORK),
    )


def normal_email(text: str) -> str:
    """The one form in which an address is stored and looked up. Raises UnusableEmail."""
    try:
        address = validate_email(text.strip(" "), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise UnusableEmail(text) from error
    return unicodedata.normalize("NFC", address.casefold())


def create_admin(email: str, password: str, *, name: str = "") -> Account:
    """Raises UnusableEmail, EmailTaken and WeakPassword."""
    account = _create_account(email, password, name=name)
    account.roles.append(_role(ADMIN))
    db.session.flush()
    _record(None, "account.created", account, email=account.email, role=ADMIN)
    return account


def ensure_demo_admin(shop_name: str) -> NewAdmin | None:
    """An admin with a generated password where the shop has none yet, told this one time."""
    if queries.has_admin():
        return None
    new = NewAdmin(f"admin@{_host_of(shop_name)}.example", passwords.generated())
    create_admin(new.email, new.password, name="Admin")
    return new


def set_password(account: Account, password: str, *, by: int | None) -> None:
    """Ends the account's sessions everywhere. Raises WeakPassword."""
    account.password = passwords.hashed(password)
    end_sessions(account)
    _record(by, "account.password_changed", account)


def disable(account: Account, *, by: int | None) -> None:
    """Ends the account's sessions everywhere. Raises LastAdmin."""
    if account.is_admin and _is_last_admin(account):
        raise LastAdmin
    account.active = False
    end_sessions(account)
    _record(by, "account.disabled", account)


def take_role(account: Account, role: str, *, by: int | None) -> None:
    """Ends the account's sessions everywhere. Raises LastAdmin."""
    if role == ADMIN and _is_last_admin(account):
        raise LastAdmin
    account.roles = [kept for kept in account.roles if kept.name != role]
    end_sessions(account)
    _record(by, "account.role_taken", account, role=role)


def end_sessions(account: Account) -> None:
    """Every cookie that signs this account in is worth nothing from now on."""
    account.fs_uniquifier = uuid.uuid4().hex
    db.session.flush()


def _create_account(email: str, password: str, *, name: str) -> Account:
    address = normal_email(email)
    if queries.account_by_email(address) is not None:
        raise EmailTaken
    account = Account(
        email=address,
        name=name,
        password=passwords.hashed(password),
        active=True,
        fs_uniquifier=uuid.uuid4().hex,
        roles=[],
    )
    db.session.add(account)
    db.session.flush()
    return account


def _role(name: str) -> Role:
    role = db.session.scalar(sa.select(Role).where(Role.name == name))
    if role is None:
        role = Role(name=name)
        db.session.add(role)
    return role


def _is_last_admin(account: Account) -> bool:
    others = db.session.scalars(
        sa.select(Account)
        .where(Account.active, Account.id != account.id)
        .where(Account.roles.any(Role.name == ADMIN))
        .order_by(Account.id)
        .with_for_update()
    ).all()
    return account.is_admin and not others


def _host_of(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in plain if letter.isalnum()) or "shop"


def _record(by: int | None, action: str, account: Account, **data: str) -> None:
    audit.record(by, action, subject_kind="account", subject_id=account.id, **data)
