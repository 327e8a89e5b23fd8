"""Flask's session in a signed cookie, written as Flask writes it with less work: the key is derived
once, a signature is one call, and the values are plain JSON. A tuple comes back as a list. See
docs/adr/0039.
"""

from __future__ import annotations

import hmac
import zlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
from flask import Flask, Request, Response, request
from flask.sessions import (
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionMixin,
    session_json_serializer,
)
from itsdangerous import BadSignature, TimestampSigner
from itsdangerous.encoding import base64_decode, base64_encode, want_bytes
from itsdangerous.signer import SigningAlgorithm

from shop.web import cookies
from shop.web.visit import VISIT

#: Bytes; longer sessions are compressed, since a browser keeps about 4,000 of a cookie. To compress
#: one takes longer than to sign it.
LONG = 1_000
_COMPRESSED = b"."
#: Before a tuple in a cookie that Flask's own interface wrote: {" t": [...]}.
_TAG = b'{" '


class Sessions(SecureCookieSessionInterface):
    """Whoever looks at the session while making a page makes it one visitor's own."""

    def __init__(self, app: Flask) -> None:
        keys = [*app.config["SECRET_KEY_FALLBACKS"], app.config["SECRET_KEY"]]
        self.seal = Seal(keys, self.salt, app.permanent_session_lifetime)
        self._lifetime = app.permanent_session_lifetime

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        if "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        text = request.cookies.get(self.get_cookie_name(app))
        try:
            return self.session_class(self.seal.open(text) if text else None)
        except BadSignature:
            return self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not session.accessed and not session.modified:
            return
        visit = request.environ.get(VISIT)
        if visit is not None:
            visit.is_shared = False
        if not session:  # Flask takes away the cookie of one that was emptied
            super().save_session(app, session, response)
            return
        if "Cookie" not in response.headers.get("Vary", ""):
            response.vary.add("Cookie")
        if session.modified:
            response.headers.add("Set-Cookie", self._cookie(app, session))

    def _cookie(self, app: Flask, session: SessionMixin) -> str:
        empty = cookies.header(
            self.get_cookie_name(app),
            "",
            is_https=self.get_cookie_secure(app),
            max_age=self._lifetime if session.permanent else None,
            is_for_scripts=False,
        )
        return empty.replace("=", f"={self.seal.close(session)}", 1)


class Seal:
    """Turns values into text that only this shop can have written, and back."""

    def __init__(self, secret_keys: list[str], salt: str, lifetime: timedelta) -> None:
        self._signer = _Signer(secret_keys, salt, key_derivation="hmac", algorithm=_Hmac())
        self._max_age = int(lifetime.total_seconds())

    def close(self, values: Mapping[str, Any]) -> str:
        text = msgspec.json.encode(dict(values), enc_hook=_as_text)
        if len(text) > LONG:
            payload = _COMPRESSED + base64_encode(zlib.compress(text))
        else:
            payload = base64_encode(text)
        return self._signer.sign(payload).decode()

    def open(self, text: str) -> Any:
        """Raises BadSignature."""
        payload = self._signer.unsign(text, max_age=self._max_age)
        data = base64_decode(payload.removeprefix(_COMPRESSED))
        if payload.startswith(_COMPRESSED):
            data = zlib.decompress(data)
        if _TAG in data:
            return session_json_serializer.loads(data.decode())
        return msgspec.json.decode(data)


def _as_text(value: object) -> str:
    """A message with markup is kept as words, which the page escapes."""
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError(f"a session keeps no {type(value).__name__}")


class _Signer(TimestampSigner):
    """With keys that are derived once, not for each cookie."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        derive = super().derive_key
        self._derived = {key: derive(key) for key in self.secret_keys}

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        return self._derived[want_bytes(secret_key or self.secret_key)]


class _Hmac(SigningAlgorithm):
    """Each key's HMAC is begun once, and goes on from there."""

    def __init__(self) -> None:
        self._begun: dict[bytes, hmac.HMAC] = {}

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        if key not in self._begun:
            self._begun[key] = hmac.new(key, digestmod="sha1")
        mac = self._begun[key].copy()
        mac.update(value)
        return mac.digest()
