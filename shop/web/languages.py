"""Which of the shop's languages a request is answered in, and the switch between them.

The shopper's own choice comes first, then what the browser asks for, then the shop's first
language. Only words and formats change: an address means the same page in every language.
"""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from babel.support import NullTranslations
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    has_request_context,
    redirect,
    request,
)
from flask.typing import ResponseReturnValue
from flask_babel import Babel, Domain
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from shop.web import cookies
from shop.web.config import settings
from shop.web.context import current_site
from shop.web.locale import locale_now
from shop.web.paths import way_back
from shop.web.proxies import g_now, request_now

bp = Blueprint("languages", __name__)

#: Languages the shop speaks -> the locale of their dates and numbers. A language more is a folder
#: in shop/translations/ and a line here.
LOCALES = {"en": "en_GB", "de": "de_DE"}
COOKIE = "language"


class Words(Domain):
    """Flask-Babel's, which would ask for the locale and write out its name for each sentence."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Flask-Babel tells no types here
        self._by_locale: dict[Locale, NullTranslations] = {}

    def get_translations(self) -> NullTranslations:
        locale = locale_now()
        found = self._by_locale.get(locale)
        if found is None:
            found = super().get_translations()  # type: ignore[no-untyped-call]  # as above
            self._by_locale[locale] = found
        return found


def init_app(app: Flask) -> None:
    babel = Babel(
        app,
        default_locale=LOCALES["en"],
        default_translation_directories="translations",
        locale_selector=_locale,
    )
    babel.domain_instance = Words()
    app.register_blueprint(bp)

    @app.after_request
    def tell_language(response: Response) -> Response:
        language = vars(g_now()).get("language")
        if language is not None:
            headers = response.headers
            told = {name.lower() for name, _ in headers}
            if "content-language" not in told:
                headers.add("Content-Language", language)
            if "vary" in told:
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
    language: str | None = vars(g_now()).get("language")
    return _chosen_of(_offered()) if language is None else language


def language_without_shop() -> str:
    """While nothing of the shop may be asked: any that its pages have words for."""
    return _chosen_of(tuple(LOCALES))


def _chosen_of(offered: tuple[str, ...]) -> str:
    asked = request_now()
    chosen = asked.cookies.get(COOKIE)
    language = choose(chosen, asked.environ.get("HTTP_ACCEPT_LANGUAGE", ""), offered)
    g_now().language = language
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
