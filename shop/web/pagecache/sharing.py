"""Flask's side of the page cache: it tells the layer in front which answers are for everybody."""

from __future__ import annotations

from flask import Flask, Response, current_app, request
from flask_compress import Compress

from shop.web.context import current_site
from shop.web.headers import VALID_UNTIL
from shop.web.languages import current_language
from shop.web.sessions import Sessions
from shop.web.visit import VISIT, is_shared_page

#: Which links a browser may fetch before they are followed: none to anything personal.
RULES = "rules/prefetch.speculationrules"


def init_app(app: Flask) -> None:
    app.session_interface = Sessions(app)
    app.config["COMPRESS_REGISTER"] = False  # shared pages are encoded by the layer, once
    compress = Compress(app)

    @app.after_request
    def finish(response: Response) -> Response:
        status = response.status_code
        valid_until = response.headers.pop(VALID_UNTIL, None) if status == 200 else None
        if status != 200 or response.is_streamed or not is_shared_page():
            # Nothing else is ever compressed.
            return compress.after_request(response) if status // 100 == 2 else response
        visit = request.environ[VISIT]
        visit.is_shared = True
        visit.body = response.get_data()  # also of a HEAD, which is told what its GET would be
        visit.language = current_language()
        store = current_site().store
        visit.currency = store.selling.code
        visit.languages, visit.currencies = tuple(store.languages), tuple(store.offered)
        if (changes_at := store.announcement_changes_at) is not None:
            visit.valid_until = min(visit.valid_until, changes_at.timestamp())
        if valid_until is not None:
            visit.valid_until = min(visit.valid_until, float(valid_until))
        told = response.headers.get("Vary")
        response.headers["Vary"] = f"{told}, Accept-Encoding" if told else "Accept-Encoding"
        if response.mimetype == "text/html":
            rules = current_app.jinja_env.globals["asset"](RULES)  # type: ignore[operator]  # assets.py
            response.headers.add("Speculation-Rules", f'"{rules}"')
        return response
