"""Messages shown once, known from outside: a cookie says that one waits in the session.

The page cache cannot read the session, and a page that shows a message is nobody else's.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, get_flashed_messages, message_flashed, request

from shop.settings import Settings
from shop.web import cookies
from shop.web.proxies import g_now
from shop.web.visit import FLASH_COOKIE, is_shared_page


def init_app(app: Flask, settings: Settings) -> None:
    message_flashed.connect(_note, app)
    app.jinja_env.globals["get_flashed_messages"] = messages_to_show

    @app.after_request
    def tell(response: Response) -> Response:
        waits = vars(g_now()).get("message_waits")
        if waits:
            cookies.keep(
                response,
                FLASH_COOKIE,
                "1",
                is_https=settings.is_https,
                max_age=None,
                is_for_scripts=False,
            )
        elif waits is False and FLASH_COOKIE in request.cookies:
            cookies.forget(response, FLASH_COOKIE, is_https=settings.is_https, is_for_scripts=False)
        return response


def messages_to_show(*args: Any, **options: Any) -> Any:
    """Flask's, but a page for everybody shows none and leaves the session alone."""
    if is_shared_page():
        return []
    g_now().message_waits = False
    return get_flashed_messages(*args, **options)


def _note(_app: Flask, **_message: Any) -> None:
    g_now().message_waits = True
