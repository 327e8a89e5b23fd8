"""Passwords: hashed by Flask-Security's argon2id, a few at a time."""

from __future__ import annotations

import os
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from flask_security.utils import hash_password, verify_password

from shop.accounts.models import Account

SHORTEST = 12
#: Longer texts are refused before any hashing.
LONGEST = 256
#: Each hash fills 64 MiB for a sixth of a second: more at once than cores only slows all of them.
_turns = threading.BoundedSemaphore(os.cpu_count() or 2)
TURN_TIMEOUT_SECONDS = 10.0

#: What a password is checked against where there is no account, so that it takes as long.
_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$g7B2zjnHWIux1jrnHKOUkg"
    "$QxgpLzUotMVaUq/Z7InH7YvI2bT4LdBlUysVOYLj4iA"
)


class TooManyAtOnce(Exception):
    """So many sign-ins at this moment that this one's turn did not come in time."""


class WeakPassword(ValueError):
    """A password shorter or longer than the shop takes."""


def hashed(password: str) -> str:
    """Raises WeakPassword."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword
    with _turn():
        return str(hash_password(_normal(password)))


def matches(password: str, account: Account | None) -> bool:
    """Takes the same time whether the account exists, may sign in, or neither."""
    stored = account.password if account is not None else None
    with _turn():
        is_right = bool(verify_password(_normal(password), stored or _NOBODY))
    return is_right and stored is not None


def generated() -> str:
    """Five groups that can be typed from a piece of paper; 123 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ("".join(secrets.choice(letters) for _ in range(5)) for _ in range(5))
    return "-".join(groups)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=TURN_TIMEOUT_SECONDS):
        raise TooManyAtOnce
    try:
        yield
    finally:
        _turns.release()
