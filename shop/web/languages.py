"""Which of the shop's languages a request is answered in, and the switch between them.

The shopper's own choice comes first, then what the browser asks for, then the shop's first
language. Only words and formats change: an address means the same page in every language.
"""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    has_request_context,
    redirect,
    request,
)
from flask.globals import app_ctx, request_ctx
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from shop.web import cookies
from shop.web.config import settings
from shop.web.context import current_site
from shop.web.paths import way_back

bp = Blueprint("languages", __name__)

#: Languages the shop speaks -> the locale of their dates and numbers. A language more is a folder
#: in shop/translations/ and a line here.
LOCALES = {"en": "en_GB", "de": "de_DE"}
COOKIE = "language"


def init_app(app: Flask) -> None:
    Babel(
        app,
        default_locale=LOCALES["en"],
        default_translation_directories="translations",
        locale_selector=_locale,
    )
    app.register_blueprint(bp)

    @app.after_request
    def tell_language(response: Response) -> Response:
        language = vars(app_ctx.g).get("language")
        if language is not None:
            headers = response.headers
            if "Content-Language" not in headers:
                headers.add("Content-Language", language)
            if "Vary" in headers:
                response.vary.update(("Accept-Language", "Cookie"))
            else:  # almost always, and nothing to take apart
                headers.add("Vary", "Accept-Language, Cookie")
        return response


def _locale() -> Locale | None:
    """None outside a request: commands speak English, a mail the language of its order."""
    return _parsed(locale_of(current_language())) if has_request_context() else None


_parsed = lru_cache(Locale.parse)


def current_language() -> str:
    """The same for all that one request prints."""
    known = app_ctx.g
    language: str | None = known.get("language")
    if language is None:
        asked = request_ctx.request
        chosen = asked.cookies.get(COOKIE)
        accepted = asked.environ.get("HTTP_ACCEPT_LANGUAGE", "")
        language = choose(chosen, accepted, _offered())
        known.language = language
    return language


def _offered() -> tuple[str, ...]:
    """A page that says the database is away must still find its words."""
    try:
        return tuple(current_site().store.languages)
    except SQLAlchemyError:
        return tuple(LOCALES)


def locale_of(language: str) -> str:
    return LOCALES.get(language, LOCALES["en"])


@lru_cache(maxsize=4096)
def choose(chosen: str | None, accepted: str, offered: tuple[str, ...]) -> str:
    """One of `offered`, the first of which is the shop's own. `accepted`: an Accept-Language."""
    if chosen in offered:
        return str(chosen)
    liked = parse_accept_header(accepted, LanguageAccept)
    return liked.best_match(offered, offered[0]) or offered[0]


@bp.post("/language")
def change() -> ResponseReturnValue:
    language = request.form.get("language", "")
    if language not in current_site().store.languages:
        abort(404)
    response = redirect(way_back(request), code=303)
    cookies.keep(response, COOKIE, language, is_https=settings().is_https)
    return response
