"""The switch between the shop's currencies. What an address asks for is kept as the choice too: a
basket costs what the page before it said.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Flask, Response, abort, redirect, request
from flask.typing import ResponseReturnValue

from shop.settings import Settings
from shop.web.config import settings
from shop.web.context import current_site
from shop.web.currency_choice import asked_for, chosen_before, cookie
from shop.web.paths import way_back
from shop.web.proxies import request_now
from shop.web.visit import is_shared_page

bp = Blueprint("currencies", __name__)

#: Parameters that speak of one currency.
_OF_ONE_CURRENCY = {"currency", "price"}


def init_app(app: Flask, settings: Settings) -> None:
    app.register_blueprint(bp)

    @app.after_request
    def keep_choice(response: Response) -> Response:
        """Of pages for everybody, the layer in front does it for each visitor."""
        asked = asked_for(request_now().query_string.decode("latin-1"))
        if (
            asked
            and request.method == "GET"
            and not is_shared_page()
            and asked != chosen_before(request.headers.get("Cookie", ""))
            and current_site().store.selling.code == asked
        ):
            response.headers.add("Set-Cookie", cookie(asked, is_https=settings.is_https))
        return response


@bp.post("/currency")
def change() -> ResponseReturnValue:
    code = request.form.get("currency", "")
    if code not in current_site().store.offered:
        abort(404)
    response = redirect(_in_any_currency(way_back(request)), code=303)
    response.headers.add("Set-Cookie", cookie(code, is_https=settings().is_https))
    return response


def _in_any_currency(address: str) -> str:
    """The list or page without amounts of the currency that was."""
    parts = urlsplit(address)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    rest = urlencode([pair for pair in pairs if pair[0] not in _OF_ONE_CURRENCY])
    return f"{parts.path}?{rest}" if rest else parts.path
