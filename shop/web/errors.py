"""What people see when something is wrong: a sentence, a way on, never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from flask import Flask, Response, current_app, g, jsonify, request
from flask_babel import gettext as _
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.wrappers import Response as WerkzeugResponse

from shop.catalog.racks import rack
from shop.database import is_busy
from shop.extensions import db
from shop.sentences import N_
from shop.web import standalone
from shop.web.context import current_site
from shop.web.languages import current_language, language_without_shop

T = TypeVar("T")
log = logging.getLogger("shop.errors")

#: Code -> title, what happened and what to do.
SENTENCES = {
    400: (N_("That request made no sense."), N_("The address or the form was not readable.")),
    401: (N_("Please sign in."), N_("This page needs you to sign in first.")),
    403: (N_("Not from here."), N_("You may not do that from here. Nothing was changed.")),
    404: (N_("This shelf is empty."), N_("There is no page at this address.")),
    405: (N_("Wrong door."), N_("This address cannot be used in that way.")),
    409: (
        N_("That changed meanwhile."),
        N_("Somebody changed this at the same time. Please try again."),
    ),
    410: (N_("No longer here."), N_("This page has been taken down.")),
    413: (N_("Too large."), N_("What you sent is larger than the shop accepts.")),
    415: (N_("Not readable."), N_("The shop cannot read this kind of content.")),
    429: (
        N_("A little slower, please."),
        N_("Too many tries in a short time. Please wait a minute."),
    ),
    500: (
        N_("Something broke on our side."),
        N_("Please try again in a moment. Your basket is safe."),
    ),
    503: (
        N_("Busy for a moment."),
        N_("Your basket is safe. Please try again in a few seconds."),
    ),
}
RETRY_AFTER_SECONDS = 5


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(DBAPIError, show_database_error)
    app.register_error_handler(Exception, show_unexpected_error)


def show_http_error(error: HTTPException) -> WerkzeugResponse | tuple[Response | str, int]:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    response = _page(error.code, own_words(error))
    if error.code == 405 and (allowed := getattr(error, "valid_methods", None)):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def show_database_error(error: DBAPIError) -> Response:
    db.session.rollback()
    if is_busy(error):
        log.warning("database busy: %s", error.orig)
        return _page(503)
    if isinstance(error, DataError):  # a value no column can hold
        return _page(400)
    return show_unexpected_error(error)


def show_unexpected_error(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    return _page(500)


def own_words(error: HTTPException) -> str | None:
    """What a view gave to abort(). Werkzeug's own special cases may quote what a stranger sent."""
    kind = type(error)
    is_plain = default_exceptions.get(error.code or 0) is kind
    return error.description if is_plain and error.description != kind.description else None


def _page(code: int, words: str | None = None) -> Response:
    title, sentence = SENTENCES.get(code) or SENTENCES[400 if code < 500 else 500]
    if wants_json():
        message = words or sentence
        response = jsonify(error={"code": code, "message": message, "id": g.get("request_id")})
    elif code < 500:
        response = Response(_template(code, title, words or _(sentence)))
    else:
        request_id = g.get("request_id", "")
        _find_language()
        response = Response(
            standalone.page(title, words or sentence, request_id=request_id),
            headers={"Content-Security-Policy": standalone.CONTENT_SECURITY_POLICY},
        )
    response.status_code = code
    if code == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _find_language() -> None:
    """Of a page that failed before it had words; the failure may be of just what tells it."""
    try:
        current_language()
    except Exception:
        language_without_shop()


def _template(code: int, title: str, message: str) -> str:
    site = current_site()
    # Not render_template: a page's context processors may be what has just failed.
    return current_app.jinja_env.get_template("errors/error.html").render(
        code=code,
        title=_(title),
        message=message,
        request_id=g.get("request_id", ""),
        language=site.language,
        direction=site.direction,
        stylesheets=_or_nothing(lambda: site.stylesheets),
        rack=_or_nothing(rack) if code == 404 else [],
    )


def _or_nothing(read: Callable[[], Sequence[T]]) -> Sequence[T]:
    """While the database is away, the page does without."""
    try:
        return read()
    except SQLAlchemyError:
        db.session.rollback()
        return []


def wants_json() -> bool:
    if request.path.endswith(".json"):
        return True
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]
