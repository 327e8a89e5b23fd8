"""The style sheet that holds what a merchant changed of the theme."""

from __future__ import annotations

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from shop.theme import queries

bp = Blueprint("theme", __name__)

ONE_YEAR = 31_536_000


@bp.get("/theme/<digest>.css")
def stylesheet(digest: str) -> ResponseReturnValue:
    """Its name changes with its content, so browsers keep it."""
    css = queries.stylesheet(digest)
    if not css:
        abort(404)
    response = Response(css, mimetype="text/css")
    response.cache_control.public = response.cache_control.immutable = True
    response.cache_control.max_age = ONE_YEAR
    return response
