"""Accounts for tests, and a quick way to be signed in as one."""

from __future__ import annotations

import itertools
import uuid

import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.accounts.models import Account, AccountSession, Role
from shop.accounts.permissions import OWNER
from shop.accounts.security import LAST_SEEN_AT, SESSION_KEY, SIGNED_IN_AT
from shop.clock import now
from shop.extensions import db

PASSWORD = "correct horse battery staple"
#: argon2id of PASSWORD, made with least cost: most tests are not about hashing.
CHEAP_HASH = (
    "$argon2id$v=19$m=8,t=1,p=1$bt6qpGBZAcIhViplcJIEwQ$E/3iHsh5ho2kUcwUAwxsQVYanxmv/+LMrtdAuTYkARI"
)
_count = itertools.count(1)


def make_account(
    *, email: str | None = None, roles: tuple[str, ...] = (), **values: object
) -> Account:
    account = Account(
        email=email or f"person{next(_count)}@example.com",
        password=CHEAP_HASH,
        fs_uniquifier=uuid.uuid4().hex,
        roles=[_role(name) for name in roles],
        **values,
    )
    db.session.add(account)
    db.session.flush()
    return account


def make_admin(email: str | None = None, **values: object) -> Account:
    return make_account(email=email, roles=(OWNER,), **values)


def be_signed_in(client: FlaskClient, account: Account) -> None:
    """As after the sign-in page, without the time a password takes."""
    uniquifier, at = account.fs_uniquifier, int(now().timestamp())
    row = AccountSession(account_id=account.id, key=uuid.uuid4().hex)
    db.session.add(row)
    db.session.flush()
    key = row.key
    with client.session_transaction() as session:
        session.update({"_user_id": uniquifier, "_fresh": True, SIGNED_IN_AT: at, LAST_SEEN_AT: at})
        session[SESSION_KEY] = key


def _role(name: str) -> Role:
    found = db.session.scalar(sa.select(Role).where(Role.name == name))
    if found is None:
        found = Role(name=name)
        db.session.add(found)
        db.session.flush()
    return found
