"""Flask's session in a signed cookie, written as Flask writes it with less work: the key is derived
once, a signature is one call, and the values are plain JSON. A tuple comes back as a list. See
docs/adr/0039.
"""

from __future__ import annotations

import hmac
import time
import zlib
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any

import msgspec
from flask import Flask, Request, Response, request
from flask.sessions import (
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionMixin,
    session_json_serializer,
)
from itsdangerous import BadSignature, SignatureExpired, Signer
from itsdangerous.encoding import base64_decode, base64_encode, bytes_to_int, int_to_bytes

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
    """Turns values into text that only this shop can have written, and back: the values, when it
    was, and the signature of both, as TimestampSigner of itsdangerous writes them.
    """

    def __init__(self, secret_keys: list[str], salt: str, lifetime: timedelta) -> None:
        derive = Signer(secret_keys, salt, key_derivation="hmac").derive_key
        #: The newest first. Each is begun with its key, and goes on from there.
        self._macs = [hmac.new(derive(key), digestmod="sha1") for key in reversed(secret_keys)]
        self._max_age = int(lifetime.total_seconds())

    def close(self, values: Mapping[str, Any]) -> str:
        text = msgspec.json.encode(dict(values), enc_hook=_as_text)
        if len(text) > LONG:
            payload = _COMPRESSED + base64_encode(zlib.compress(text))
        else:
            payload = base64_encode(text)
        signed = b"%b.%b" % (payload, _stamp(int(time.time())))
        return (b"%b.%b" % (signed, _signature(self._macs[0], signed))).decode()

    def open(self, text: str) -> Any:
        """Raises BadSignature."""
        signed, _, signature = text.encode().rpartition(b".")
        if not any(hmac.compare_digest(_signature(mac, signed), signature) for mac in self._macs):
            raise BadSignature("not signed by this shop")
        payload, _, stamp = signed.rpartition(b".")
        if not 0 <= int(time.time()) - bytes_to_int(base64_decode(stamp)) <= self._max_age:
            raise SignatureExpired("signed too long ago")
        data = base64_decode(payload.removeprefix(_COMPRESSED))
        if payload.startswith(_COMPRESSED):
            data = zlib.decompress(data)
        if _TAG in data:
            return session_json_serializer.loads(data.decode())
        return msgspec.json.decode(data)


def _signature(begun: hmac.HMAC, signed: bytes) -> bytes:
    mac = begun.copy()
    mac.update(signed)
    return base64_encode(mac.digest())


@lru_cache(maxsize=1)
def _stamp(unix: int) -> bytes:
    return base64_encode(int_to_bytes(unix))


def _as_text(value: object) -> str:
    """A message with markup is kept as words, which the page escapes."""
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError(f"a session keeps no {type(value).__name__}")
