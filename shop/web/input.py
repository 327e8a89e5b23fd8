"""What no form of the shop ever means is refused once, at the edge: control characters, lone
surrogates, numbers that no row can have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from flask import Flask, Request, abort
from flask_babel import gettext as _
from werkzeug.datastructures import MIMEAccept, MultiDict
from werkzeug.http import parse_accept_header
from werkzeug.routing import IntegerConverter, ValidationError

from shop.web.proxies import request_now

#: Largest key of a row on PostgreSQL.
MAX_ID = 2_147_483_647
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
#: Bytes of a form without files: a page of products, each in a hundred variants, is a third of it.
MAX_FORM = 2 * 1024 * 1024
#: The webhook reads its raw bytes and must be the first to touch them.
_RAW = {"payments.receive_event"}


class IdConverter(IntegerConverter):
    regex = r"[1-9][0-9]{0,9}"

    def to_python(self, value: str) -> int:
        number = int(super().to_python(value))
        if not 1 <= number <= MAX_ID:
            raise ValidationError
        return number


def id_in(text: str) -> int:
    """The id that a form or an address names; 0 where it is none."""
    is_id = text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= MAX_ID
    return int(text) if is_id else 0


def wants_json() -> bool:
    """Asked for by a script of the page, which says so; a browser's own request never does."""
    return _likes_json(request_now().environ.get("HTTP_ACCEPT", ""))


@lru_cache(maxsize=512)
def _likes_json(accept: str) -> bool:
    return parse_accept_header(accept, MIMEAccept).best == "application/json"


def init_app(app: Flask) -> None:
    app.url_map.converters["id"] = IdConverter
    app.before_request(refuse_unreadable_input)


def refuse_unreadable_input() -> None:
    asked = request_now()
    if asked.endpoint in _RAW:
        return
    if asked.method not in ("GET", "HEAD") and asked.is_json:
        abort(415)  # forms would take JSON for their fields, however deep it is
    if asked.mimetype == "application/x-www-form-urlencoded":
        asked.max_content_length = MAX_FORM  # Werkzeug limits such fields only beside files
    if _FORBIDDEN.search("".join(_texts(asked))):
        abort(400, _("The request holds characters that cannot be text. Nothing was changed."))


def _texts(asked: Request) -> list[str]:
    texts = [asked.path, *_words(asked.args)]
    if asked.method not in ("GET", "HEAD"):  # no page reads a form that came with those
        texts += _words(asked.form)
        texts += [upload.filename or "" for upload in asked.files.values()]
    return texts


def _words(values: MultiDict[str, str]) -> Iterable[str]:
    return chain.from_iterable(values.items(multi=True))
