"""A page that needs nothing while it is shown: no template, no database, no other file. For when
one of them is what has failed, or is being worked on.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from pathlib import Path
from string import Template

from flask import g, has_request_context
from flask_babel import gettext

#: Whom to write to, as the last page that could read it knew.
_known = {"email": ""}
_HTML = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")
_PAGE = Template(_HTML)
_STYLE = _HTML.partition("<style>")[2].partition("</style>")[0]
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    f" img-src 'self'; style-src 'sha256-{_DIGEST}'"
)


def remember_contact(email: str) -> None:
    _known["email"] = email


def page(title: str, sentence: str, *, request_id: str = "") -> str:
    """In the request's language, where that has been found out before it failed."""
    ways = [f'<a href="/">{escape(_say("Go to the shop"))}</a>']
    if email := _known["email"]:
        words = _say("Write to %(email)s", email=email)
        ways.append(f'<a href="mailto:{escape(email)}">{escape(words)}</a>')
    told = ""
    if request_id:
        words = _say("If you write to us about this, please name %(id)s.", id=request_id)
        told = f'<p class="small">{escape(words)}</p>'
    return _PAGE.substitute(
        language=_language(),
        title=escape(_say(title)),
        sentence=escape(_say(sentence)),
        ways=" ".join(ways),
        told=told,
    )


def _language() -> str:
    return str(g.language) if has_request_context() and "language" in g else "en"


def _say(text: str, **values: str) -> str:
    if has_request_context() and "language" in g:
        return str(gettext(text, **values))
    return text % values if values else text
