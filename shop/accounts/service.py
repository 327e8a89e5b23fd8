"""Making, changing and closing accounts. Whatever takes rights away ends the account's sessions."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email

from shop import audit
from shop.accounts import passwords, queries
from shop.accounts.models import (
    Account,
    AccountSession,
    LinkPurpose,
    MailedLink,
    Role,
    account_roles,
)
from shop.accounts.permissions import OWNER
from shop.clock import now
from shop.extensions import db
from shop.limits.service import Limit, limit, network_limit
from shop.outbox import service as outbox

#: Wrong passwords that are heard in a quarter of an hour.
FOR_ONE_ACCOUNT = 5
FOR_ONE_NETWORK = 30
#: Links that are mailed in a quarter of an hour.
LINKS_TO_ONE_MAILBOX = 4
LINKS_FOR_ONE_NETWORK = 20

LINK = "account_link"
PASSWORD_CHANGED = "account_password_changed"  # noqa: S105 - the name of a mail
EMAIL_CHANGED = "account_email_changed"
NEW_DEVICE = "account_new_device"
SECOND_STEP_CHANGED = "account_second_step_changed"
#: A link to an account that exists opens it; one that only begins something may wait longer.
GOOD_FOR = {
    LinkPurpose.SIGN_IN: timedelta(hours=1),
    LinkPurpose.NEW_PASSWORD: timedelta(hours=1),
    LinkPurpose.SIGN_UP: timedelta(hours=24),
    LinkPurpose.CHANGE_EMAIL: timedelta(hours=24),
}
#: Rows of links and sessions that are of no use any more.
LINKS_KEPT_FOR = timedelta(days=30)
SESSIONS_KEPT_FOR = timedelta(days=60)


class UnusableEmail(ValueError):
    """A text that is no email address."""


class EmailTaken(Exception):
    """Another account has this address."""


class OwnerExists(Exception):
    """The shop has an owner already."""


class LastOwner(Exception):
    """Nobody would own the shop any more."""


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
    """An account that owns the shop. Raises UnusableEmail, EmailTaken and WeakPassword."""
    account = _create_account(email, passwords.hashed(password), name=name)
    account.roles.append(_role(OWNER))
    db.session.flush()
    _record(None, "account.created", account, email=account.email, role=OWNER)
    return account


def create_owner(email: str, password_hash: str, *, name: str, language: str) -> Account:
    """The shop's first owner; of two at once only one. Raises OwnerExists, EmailTaken and
    UnusableEmail.
    """
    if db.engine.dialect.name == "postgresql":  # SQLite's transactions take turns anyway
        db.session.execute(sa.text("LOCK TABLE account_roles IN SHARE ROW EXCLUSIVE MODE"))
    if queries.has_owner():
        raise OwnerExists
    account = _create_account(email, password_hash, name=name)
    account.language = language
    account.roles.append(_role(OWNER))
    db.session.flush()
    _record(None, "account.created", account, email=account.email, role=OWNER)
    return account


def ensure_demo_admin(shop_name: str) -> NewAdmin | None:
    """An admin with a generated password where the shop has none yet, told this one time."""
    if queries.has_owner():
        return None
    new = NewAdmin(f"admin@{_host_of(shop_name)}.example", passwords.generated())
    create_admin(new.email, new.password, name="Admin")
    return new


def set_password(account: Account, password: str, *, by: int | None) -> None:
    """Ends the account's sessions everywhere. Raises WeakPassword."""
    _set_hash(account, passwords.hashed(password), by=by)


def _set_hash(account: Account, password_hash: str, *, by: int | None) -> None:
    account.password = password_hash
    end_sessions(account)
    _record(by, "account.password_changed", account)


def disable(account: Account, *, by: int | None) -> None:
    """Ends the account's sessions everywhere. Raises LastOwner."""
    if is_last_owner(account):
        raise LastOwner
    account.active = False
    end_sessions(account)
    _record(by, "account.disabled", account)


def take_role(account: Account, role: str, *, by: int | None) -> None:
    """Ends the account's sessions everywhere. Raises LastOwner."""
    if role == OWNER and is_last_owner(account):
        raise LastOwner
    recorded = next((one.recorded for one in account.roles if one.name == role), role)
    account.roles = [kept for kept in account.roles if kept.name != role]
    end_sessions(account)
    _record(by, "account.role_taken", account, role=recorded)


def switch_keys(account_id: int, *, is_on: bool) -> None:
    """Whether single letters are commands for this person."""
    db.session.execute(sa.update(Account).where(Account.id == account_id).values(has_keys=is_on))


def end_sessions(account: Account) -> None:
    """Every cookie that signs this account in is worth nothing from now on."""
    account.fs_uniquifier = uuid.uuid4().hex
    db.session.execute(sa.delete(AccountSession).where(AccountSession.account_id == account.id))
    db.session.flush()


def end_one_session(account_id: int, session_id: int) -> bool:
    """False where the account has no such session."""
    gone = db.session.scalar(
        sa.delete(AccountSession)
        .where(AccountSession.id == session_id, AccountSession.account_id == account_id)
        .returning(AccountSession.id)
    )
    return gone is not None


# Customers ----------------------------------------------------------------------------------


def create_customer(
    email: str, *, name: str = "", password_hash: str | None = None, language: str = "en"
) -> Account:
    """Somebody who has shown to read this mailbox. Without a password they sign in by mailed links.

    Raises UnusableEmail and EmailTaken.
    """
    account = _create_account(email, password_hash, name=name)
    account.language = language
    return account


def mail_link(
    purpose: LinkPurpose,
    email: str,
    *,
    language: str,
    account_id: int | None = None,
    way_on: str = "",
) -> MailedLink:
    """Promise a mail with a link to `email`, in its normal form. The same is done for everybody:
    what the mail says is decided when it is written.
    """
    link = MailedLink(
        purpose=purpose,
        email=email,
        account_id=account_id,
        way_on=way_on,
        language=language,
        expires_at=now() + GOOD_FOR[purpose],
    )
    db.session.add(link)
    db.session.flush()
    _promise(LINK, {"link_id": link.id}, str(link.id))
    return link


def link_limits(email: str, address: str | None) -> tuple[Limit, Limit]:
    """How often links are mailed to one mailbox, and for one network."""
    return (
        limit("mailed link", email, LINKS_TO_ONE_MAILBOX),
        network_limit("mailed link", address, LINKS_FOR_ONE_NETWORK),
    )


def use_link(link: MailedLink) -> bool:
    """False where it was used before or its time has run out. The other links that went to the
    address are worth nothing from then on.
    """
    used = db.session.scalar(
        sa.update(MailedLink)
        .where(
            MailedLink.id == link.id, MailedLink.used_at.is_(None), MailedLink.expires_at > now()
        )
        .values(used_at=now())
        .returning(MailedLink.id)
    )
    if used is None:
        return False
    _void_links(MailedLink.email == link.email)
    return True


def choose_password(account: Account, password_hash: str) -> None:
    """Ends the account's sessions, makes its links worthless and tells its mailbox."""
    _set_hash(account, password_hash, by=account.id)
    _void_links_of(account)
    payload = {"account_id": account.id}
    _promise(PASSWORD_CHANGED, payload, uuid.uuid4().hex)


def tell_of_new_device(account: Account, device: str) -> None:
    """A mail to whose account it is: a browser that never did so before has signed in."""
    payload: dict[str, int | str] = {"account_id": account.id, "device": device}
    _promise(NEW_DEVICE, payload, uuid.uuid4().hex)


def tell_of_second_step(account: Account, change: str, *, passkey: str = "") -> None:
    """A mail to whose account it is. `change`: the action that the activity keeps. `passkey`: the
    name of the one that it is about.
    """
    payload: dict[str, int | str] = {
        "account_id": account.id,
        "change": change,
        "passkey": passkey,
    }
    _promise(SECOND_STEP_CHANGED, payload, uuid.uuid4().hex)


def join_with_password(account: Account, password_hash: str) -> None:
    """The first password of somebody who joins the staff. What signed the account in before, or
    would have, is worth nothing from now on.
    """
    account.password = password_hash
    end_sessions(account)
    _void_links_of(account)


def change_email(account: Account, link: MailedLink) -> None:
    """To the address the link has proved; the one before is told. Raises EmailTaken."""
    if queries.account_by_email(link.email) is not None:
        raise EmailTaken
    _void_links_of(account)
    link.old_email, account.email = account.email, link.email
    db.session.flush()
    _promise(EMAIL_CHANGED, {"link_id": link.id}, str(link.id))


def forget_old() -> None:
    """Links and sessions whose time has long run out."""
    for column, kept in (
        (MailedLink.created_at, LINKS_KEPT_FOR),
        (AccountSession.signed_in_at, SESSIONS_KEPT_FOR),
    ):
        db.session.execute(
            sa.delete(column.class_)
            .where(column < now() - kept)
            .execution_options(synchronize_session=False)
        )


def _void_links_of(account: Account) -> None:
    """Also those that went to an address which the account was to get."""
    _void_links(sa.or_(MailedLink.email == account.email, MailedLink.account_id == account.id))


def _void_links(condition: sa.ColumnElement[bool]) -> None:
    db.session.execute(
        sa.update(MailedLink).where(condition, MailedLink.used_at.is_(None)).values(used_at=now())
    )


def _promise(name: str, payload: Mapping[str, int | str], once: str) -> None:
    outbox.enqueue(
        channel=outbox.EMAIL, name=name, payload=dict(payload), dedupe_key=f"{name}:{once}"
    )


# Inside -------------------------------------------------------------------------------------


def _create_account(email: str, password_hash: str | None, *, name: str) -> Account:
    address = normal_email(email)
    if queries.account_by_email(address) is not None:
        raise EmailTaken
    account = Account(
        email=address,
        name=name,
        password=password_hash,
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


def is_last_owner(account: Account) -> bool:
    """Owners are counted one transaction at a time: two who leave at once cannot both go."""
    role_id = db.session.scalar(sa.select(Role.id).where(Role.name == OWNER).with_for_update())
    owners = db.session.scalars(
        sa.select(account_roles.c.account_id)
        .join(Account, Account.id == account_roles.c.account_id)
        .where(account_roles.c.role_id == role_id, Account.active)
    ).all()
    return list(owners) == [account.id]


def _host_of(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in plain if letter.isalnum()) or "shop"


def _record(by: int | None, action: str, account: Account, **data: str) -> None:
    audit.record(by, action, subject_kind="account", subject_id=account.id, **data)
