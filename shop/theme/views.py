"""The style sheets made from a theme's colors and fonts, and of what a merchant changed."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app
from flask.typing import ResponseReturnValue

from shop.theme import queries

bp = Blueprint("theme", __name__)

ONE_YEAR = 31_536_000


@bp.get("/theme/<digest>.css")
def stylesheet(digest: str) -> ResponseReturnValue:
    """Its name changes with its content, so browsers keep it."""
    css = current_app.extensions["theme_sheets"].get(digest) or queries.stylesheet(digest)
    if not css:
        abort(404)
    response = Response(css, mimetype="text/css")
    response.cache_control.public = response.cache_control.immutable = True
    response.cache_control.max_age = ONE_YEAR
    return response
