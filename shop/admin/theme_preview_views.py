"""The storefront as the draft would make it, for the staff member who looks.

Its addresses are the admin's: behind the admin's door, and never in a cache.
"""

from __future__ import annotations

import re

from flask import Response, abort, current_app, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from shop.admin.access import bp
from shop.theme import queries
from shop.theme.look import read_look
from shop.theme.models import VersionState
from shop.theme.queries import LiveTheme
from shop.theme.sections import read_sections
from shop.web.config import settings
from shop.web.context import Site
from shop.web.visit import VISIT

#: Pages that a draft changes and that change nothing themselves.
PREVIEWED = {"catalog", "content", "search"}
_ROOT = "/admin/theme/preview"
_LINK = re.compile(
    rb'(<(?:a|form)\b[^>]*?\s(?:href|action)=")(/(?:(?:products|collections|pages|blogs|search)\b'
    rb'[^"]*)?)"'
)


@bp.get("/theme/preview/")
@bp.get("/theme/preview/<path:path>")
def preview_theme(path: str = "") -> ResponseReturnValue:
    version = queries.version(VersionState.DRAFT)
    if version is None:
        return redirect(f"/{path}", code=303)
    bar = render_template("admin/theme_preview_bar.html", revision=version.revision)
    draft = Site(settings())
    live_store, _theme = draft.frame
    draft.frame = (
        queries.in_words(live_store, version.words),
        LiveTheme(version.theme, read_look(version.look), version.digest),
    )
    draft.sections = read_sections(version.sections)
    own, g.site = g.site, draft
    try:
        response = _storefront(f"/{path}")
    finally:
        g.site = own
    response.headers["Cache-Control"] = "private, no-store"
    if response.mimetype == "text/html":
        _keep_inside(response, bar)
    return response


def _storefront(path: str) -> Response:
    """What the storefront answers at `path`; other pages than PREVIEWED are shown as they are."""
    environ = request.environ | {"PATH_INFO": path, "REQUEST_METHOD": "GET"}
    environ = {name: value for name, value in environ.items() if not name.startswith("werkzeug.")}
    environ.pop(VISIT, None)  # nothing of a draft is kept
    with current_app.request_context(environ) as context:
        rule = context.request.url_rule
        if context.request.routing_exception is not None or rule is None:
            abort(404)
        if context.request.blueprint not in PREVIEWED:
            return make_response(redirect(path, code=303))
        try:
            return make_response(current_app.dispatch_request())
        except HTTPException as error:
            if error.code is not None and error.code >= 400:
                raise
            return make_response(error.get_response())


def _keep_inside(response: Response, bar: str) -> None:
    """Links to other pages of the storefront lead to their preview."""
    html = _LINK.sub(lambda link: link[1] + _ROOT.encode() + link[2] + b'"', response.get_data())
    response.set_data(html.replace(b"</body>", bar.encode() + b"</body>"))
