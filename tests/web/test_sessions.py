"""The session's cookie: Flask's own format, either way, and nothing that was tampered with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from itsdangerous import BadSignature, SignatureExpired
from markupsafe import Markup

from shop.web.sessions import LONG, Seal

KEY, OLD_KEY = "a key of thirty-two characters, new", "a key of thirty-two characters, old"
VALUES = {"_permanent": True, "cart": "1f.2-20.1", "gift_cards": [3, 4], "name": "Käthe"}


@pytest.fixture
def seal() -> Seal:
    return _seal(KEY)


@pytest.mark.parametrize("values", [VALUES, VALUES | {"long": "words " * LONG}])
def test_flask_reads_what_the_shop_wrote(seal: Seal, values: dict[str, Any]) -> None:
    text = seal.close(values)

    assert _flask(KEY).loads(text) == values
    assert seal.open(text) == values


def test_the_shop_reads_what_flask_wrote_with_a_message_that_waits(seal: Seal) -> None:
    written = VALUES | {"_flashes": [("ok", "Saved.")]}

    assert seal.open(_flask(KEY).dumps(written)) == written


def test_a_message_with_markup_is_kept_as_words_and_an_object_refused(seal: Seal) -> None:
    kept = seal.open(seal.close({"_flashes": [("ok", Markup("<b>Saved.</b>"))]}))

    assert kept == {"_flashes": [["ok", "<b>Saved.</b>"]]}
    with pytest.raises(TypeError, match="a session keeps no object"):
        seal.close({"odd": object()})


def test_a_long_session_is_compressed(seal: Seal) -> None:
    assert len(seal.close({"words": "words " * LONG})) < LONG / 2


def test_a_retired_key_still_opens_and_never_closes() -> None:
    both = _seal(OLD_KEY, KEY)

    assert both.open(_seal(OLD_KEY).close(VALUES)) == VALUES
    with pytest.raises(BadSignature):
        _seal(OLD_KEY).open(both.close(VALUES))


@pytest.mark.parametrize("text", ["", ".", "..", "a.b", "a.b.c", "é.b.c"])
def test_what_is_no_session_is_refused(seal: Seal, text: str) -> None:
    with pytest.raises(BadSignature):
        seal.open(text)


def test_each_changed_character_is_noticed(seal: Seal) -> None:
    text = seal.close(VALUES)
    for at in range(len(text) - 1):  # of the last, some bits are padding
        changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
        with pytest.raises(BadSignature):
            seal.open(changed)


def test_a_session_ends(monkeypatch: pytest.MonkeyPatch, seal: Seal) -> None:
    text = seal.close(VALUES)
    from itsdangerous import TimestampSigner

    written = TimestampSigner.get_timestamp(seal._signer)
    monkeypatch.setattr(seal._signer, "get_timestamp", lambda: written + 61)

    with pytest.raises(SignatureExpired):
        seal.open(text)


def test_the_cookie_is_closed_to_scripts_and_to_other_sites(client: FlaskClient) -> None:
    answer = client.post("/cart/discount/delete")

    assert answer.status_code == 303, answer.text
    (cookie,) = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("till=")]
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


def _seal(*keys: str) -> Seal:
    return Seal(list(keys), SecureCookieSessionInterface.salt, timedelta(minutes=1))


def _flask(key: str) -> Any:
    app = Flask(__name__)
    app.secret_key = key
    return SecureCookieSessionInterface().get_signing_serializer(app)
