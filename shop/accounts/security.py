"""Flask-Security, set up for the shop: argon2, our own pages and sessions.

A session names an account's current `fs_uniquifier` and a row of its own. Without the row, every
copy of the cookie is worth nothing; another `fs_uniquifier` does that to all sessions at once.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask, g, request, session
from flask_login import LoginManager, current_user
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.utils import login_user, logout_user
from sqlalchemy.orm import joinedload

from shop.accounts.devices import name_of
from shop.accounts.models import Account, AccountSession, Role
from shop.accounts.second_step.queries import lacks
from shop.clock import now
from shop.extensions import db

STAFF_IDLE = timedelta(minutes=30)
STAFF_LONGEST = timedelta(hours=12)
CUSTOMER_IDLE = timedelta(days=30)
CUSTOMER_LONGEST = timedelta(days=60)
#: So long after signing in nobody is asked for proof again.
RECENT = timedelta(minutes=15)
#: A session is written anew at most this often, or every page would set the cookie.
NOTE_EVERY = timedelta(minutes=1)

#: The row of this session.
SESSION_KEY = "session_key"
SIGNED_IN_AT = "signed_in_at"
LAST_SEEN_AT = "last_seen_at"
#: When the password was shown once more.
PROVED_AT = "proved_at"
#: Whoever showed the right password and not yet the second step: [fs_uniquifier, when, way on].
HALFWAY = "halfway"
#: What a browser's passkey was asked, and when.
CHALLENGE = "passkey_challenge"
HALFWAY_LASTS = timedelta(minutes=10)
CHALLENGE_LASTS = timedelta(minutes=5)
#: "<account id>.<random>" of a browser that has signed in: it has its own limit of wrong
#: passwords, so that strangers who guess cannot lock the owner out.
KNOWN_DEVICE = "known_device"
#: The shopper's things, which stay when somebody signs in or out.
KEPT = ("cart", "seen", "checkout", "discount", "gift_cards", "wishlist", KNOWN_DEVICE)

SECURITY = {
    "PASSWORD_HASH": "argon2",
    "PASSWORD_SCHEMES": ["argon2"],
    "PASSWORD_SINGLE_HASH": ["argon2"],
    "PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__memory_cost": 64 * 1024,  # KiB
        "argon2__time_cost": 3,
        "argon2__parallelism": 4,
    },
    "CLI_USERS_NAME": False,
    "CLI_ROLES_NAME": False,
}

security = Security()
datastore = SQLAlchemyUserDatastore(db, Account, Role)


def init_security(app: Flask) -> None:
    for name, value in SECURITY.items():
        app.config.setdefault(f"SECURITY_{name}", value)
    security.init_app(app, datastore, register_blueprint=False)
    login_manager: LoginManager = app.extensions["security"].login_manager
    login_manager.user_loader(_load_account)
    login_manager.request_loader(None)  # tokens in headers or addresses sign nobody in
    _leave_guests_alone(app, login_manager)


def signed_in() -> Account | None:
    """Whose session this request belongs to."""
    account = current_user._get_current_object()
    return account if isinstance(account, Account) else None


def lacks_second_step() -> bool:
    """Whether who is signed in must add a second step before anything else."""
    return bool(g.get("lacks_second_step"))


def start_session(account: Account, *, by: str = "password") -> None:
    """Sign the account in within a session that holds nothing of the one before but the cart.

    In the caller's transaction. `by`: what proved who it is, "password", "link" or "passkey".
    """
    row = AccountSession(
        account_id=account.id,
        key=secrets.token_urlsafe(24),
        device=name_of(request.user_agent.string),
    )
    db.session.add(row)
    _forget_all_but(KEPT)
    login_user(account, remember=False, authn_via=[by])
    session.pop("fs_cc", None)  # a marker for a cookie the shop does not use
    session.permanent = True
    session[SESSION_KEY] = row.key
    session[SIGNED_IN_AT] = session[LAST_SEEN_AT] = _timestamp()
    if known_device(account.id) is None:
        session[KNOWN_DEVICE] = f"{account.id}.{secrets.token_hex(8)}"


def end_session(kept: tuple[str, ...] = KEPT) -> None:
    """In the caller's transaction. `kept`: what of the session stays in the browser."""
    db.session.execute(sa.delete(AccountSession).where(AccountSession.key == session_key()))
    logout_user()
    _forget_all_but(kept)


def session_key() -> str:
    """Of this browser's session; empty for guests."""
    key = session.get(SESSION_KEY)
    return key if isinstance(key, str) else ""


def is_recent() -> bool:
    """Whether this browser has proved a short while ago whose it is."""
    proved_at = max(_moment(SIGNED_IN_AT), _moment(PROVED_AT))
    return _timestamp() - proved_at <= RECENT.total_seconds()


def note_proof() -> None:
    """The password was shown once more."""
    session[PROVED_AT] = _timestamp()


def go_halfway(account: Account, way_on: str) -> None:
    """The password was right, and a second step is still to come."""
    session[HALFWAY] = [account.fs_uniquifier, _timestamp(), way_on]


def halfway() -> tuple[Account, str] | None:
    """Who has still to show a second step in this browser, and where they want to go."""
    kept = session.get(HALFWAY)
    if not isinstance(kept, list) or len(kept) != 3:
        return None
    uniquifier, at, way_on = kept
    if not isinstance(at, int) or _timestamp() - at > HALFWAY_LASTS.total_seconds():
        return None
    account = db.session.scalar(
        sa.select(Account).where(Account.fs_uniquifier == str(uniquifier), Account.active)
    )
    return None if account is None else (account, str(way_on))


def keep_challenge(challenge: str) -> None:
    session[CHALLENGE] = [challenge, _timestamp()]


def take_challenge() -> str | None:
    """Once; none where nothing was asked lately."""
    kept = session.pop(CHALLENGE, None)
    if not isinstance(kept, list) or len(kept) != 2 or not isinstance(kept[1], int):
        return None
    is_over = _timestamp() - kept[1] > CHALLENGE_LASTS.total_seconds()
    return None if is_over else str(kept[0])


def note_activity() -> None:
    if _timestamp() - _moment(LAST_SEEN_AT) >= NOTE_EVERY.total_seconds():
        session[LAST_SEEN_AT] = _timestamp()


def known_device(account_id: int) -> str | None:
    """The browser's own name, if this account has signed in with it before."""
    device = session.get(KNOWN_DEVICE)
    if isinstance(device, str) and device.startswith(f"{account_id}."):
        return device
    return None


def _load_account(uniquifier: str) -> Account | None:
    has_row = sa.exists().where(
        AccountSession.account_id == Account.id, AccountSession.key == session_key()
    )
    row = (
        db.session.execute(
            sa.select(Account, lacks())
            .where(Account.fs_uniquifier == str(uniquifier), Account.active, has_row)
            .options(joinedload(Account.roles))
        )
        .unique()
        .first()
    )
    if row is None or _is_stale(row[0]):
        return None
    g.lacks_second_step = row[0].is_staff and row[1]
    account: Account = row[0]
    return account


def _is_stale(account: Account) -> bool:
    idle, longest = (
        (STAFF_IDLE, STAFF_LONGEST) if account.is_staff else (CUSTOMER_IDLE, CUSTOMER_LONGEST)
    )
    return (
        _timestamp() - _moment(LAST_SEEN_AT) > idle.total_seconds()
        or _timestamp() - _moment(SIGNED_IN_AT) > longest.total_seconds()
    )


def _forget_all_but(keys: tuple[str, ...]) -> None:
    kept = {key: session[key] for key in keys if key in session}
    session.clear()
    session.update(kept)
    session.permanent = bool(kept)


def _timestamp() -> int:
    return int(now().timestamp())


def _moment(key: str) -> int:
    value = session.get(key)
    return value if isinstance(value, int) else 0


def _leave_guests_alone(app: Flask, login_manager: LoginManager) -> None:
    """Flask-Login and Flask-Principal look at the session in every request, which would make
    every answer depend on the cookie. Neither's feature (a second "remember me" cookie, roles
    as needs) is used here: `current_user` loads the account where a page asks for it.
    """
    app.after_request_funcs[None].remove(login_manager._update_remember_cookie)
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    app.template_context_processors[None] = [
        processor
        for processor in app.template_context_processors[None]
        if processor.__module__ != "flask_login.utils"
    ]
