"""Time-based codes (RFC 6238) by passlib, which Flask-Security uses for them too."""

from __future__ import annotations

import hashlib

from passlib.totp import TOTP, AppWallet, TokenError

from shop.web.config import settings

#: Clocks of phones differ by so much; a code lives as long before and after its half minute.
WINDOW_SECONDS = 30


def new_secret() -> str:
    """Encrypted, so that it may rest in a cookie or in the database."""
    return str(_totp().new().to_json(encrypt=True))


def key_of(secret: str) -> str:
    """To be typed where no camera is: "ABCD-EFGH-..."."""
    return str(_totp().from_json(secret).pretty_key())


def address_of(secret: str, *, email: str, shop: str) -> str:
    """What the QR code says to the app."""
    issuer = shop.replace(":", " ").strip() or "Shop"
    return str(_totp().from_json(secret).to_uri(label=email, issuer=issuer))


def counter_of(code: str, secret: str, *, after: int | None = None) -> int | None:
    """The half minute that a code belongs to; none where it is wrong, or not after `after`."""
    try:
        match = _totp().verify(code, secret, window=WINDOW_SECONDS, last_counter=after)
    except (TokenError, KeyError):  # KeyError: the key that encrypted it is gone from the settings
        return None
    return int(match.counter)


def _totp() -> type[TOTP]:
    keys = {_tag(key): key for key in settings().secret_keys}
    wallet = AppWallet(keys, default_tag=_tag(settings().secret_key))
    found: type[TOTP] = TOTP.using(wallet=wallet)
    return found


def _tag(key: str) -> str:
    """Names a key beside what it has encrypted, and tells nothing of it."""
    return hashlib.sha256(b"totp tag:" + key.encode()).hexdigest()[:16]
