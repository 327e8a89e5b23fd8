"""In front of the whole shop, pages from memory included: notes which step a visitor takes.

No cookie, no identifier, nothing about a person on any disk: docs/adr/0034.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from shop.clock import now
from shop.database import in_transaction
from shop.settings import Settings
from shop.store import queries as store
from shop.traffic import service
from shop.traffic.steps import SEEN, address_of, is_taken, step_of
from shop.traffic.tally import Tally

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("shop.traffic")
bp = Blueprint("traffic", __name__)

#: Seconds until what was noted is written, off every page's way.
WRITE_AFTER = 10.0
TALLY = "traffic_tally"


@bp.post(SEEN)
def seen() -> ResponseReturnValue:
    """A product's page that was fetched in advance is looked at; the layer in front notes it."""
    return "", 204


def init_app(app: Flask, settings: Settings) -> None:
    tally = app.extensions[TALLY] = Tally()
    layer = Counting(app.wsgi_app, tally, settings.trusted_proxies, lambda: _write_soon(app))
    app.wsgi_app = layer  # type: ignore[method-assign]  # Flask's way


class Counting:
    def __init__(
        self, app: WSGIApplication, tally: Tally, proxies: int, write_soon: Callable[[], None]
    ) -> None:
        self._app, self._tally, self._proxies = app, tally, proxies
        self._write_soon = write_soon

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        step = step_of(environ)
        if step is None:
            return self._app(environ, start_response)

        def note(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            if is_taken(step, status, headers):
                agent = environ.get("HTTP_USER_AGENT", "")[:200]
                if self._tally.note(step, address_of(environ, self._proxies), agent):
                    self._write_soon()
            return start_response(status, headers, *rest)

        return self._app(environ, note)


def _write_soon(app: Flask) -> None:
    if app.testing:
        return
    timer = threading.Timer(WRITE_AFTER, write, [app])
    timer.daemon = True
    timer.start()


def write(app: Flask) -> None:
    """What cannot be written now is tried again; the shop goes on without it."""
    tally: Tally = app.extensions[TALLY]
    taken = tally.take()
    if not taken:
        return
    with app.app_context():
        try:
            in_transaction(lambda: service.record(taken, on=store.current().day_of(now())))
        except SQLAlchemyError:
            log.warning("visitors not counted yet", exc_info=True)
            tally.give_back(taken)
            _write_soon(app)
