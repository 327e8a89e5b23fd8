"""Old addresses: asked for only where nothing else was found, so that pages pay nothing."""

from __future__ import annotations

import logging

from flask import Blueprint, current_app, redirect, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from shop.catalog.queries import find_collection
from shop.extensions import db
from shop.redirects.queries import ALL, FIXED, followed, leads_back, path_of
from shop.web.errors import show_http_error
from shop.web.visit import query_as_sent

log = logging.getLogger("shop.redirects")
bp = Blueprint("redirects", __name__)


@bp.app_errorhandler(404)
@bp.app_errorhandler(410)
def follow(error: HTTPException) -> Response | tuple[Response | str, int]:
    target = _target() or _without_slash()
    if target is None:
        return show_http_error(error)
    response = redirect(_with_query(target, query_as_sent()), code=301)
    # Browsers keep a 301 for ever, and a handle may be changed back.
    response.headers["Cache-Control"] = "no-cache"
    return response


def _target() -> str | None:
    """None, too, while the database is away: the page says "not found" all the same."""
    if request.method not in ("GET", "HEAD") or request.path.startswith(FIXED):
        return None
    try:
        target = followed(request.path)
        return None if target is None or leads_back(request.path) else _past_all(target)
    except SQLAlchemyError as error:
        db.session.rollback()
        log.warning("no redirect looked up: %s", error)
        return None


def _past_all(target: str) -> str:
    """What is asked of all products, "/collections/all?tag=blue", is asked where they are, unless a
    collection has that address.
    """
    if path_of(target) != ALL or find_collection(ALL.rpartition("/")[2]) or leads_back(ALL):
        return target
    return _with_query(followed(ALL) or ALL, target.partition("?")[2])


def _without_slash() -> str | None:
    """Of an address that is ours but for the slash at its end: "/cart/", "/admin/"."""
    if request.url_rule is not None or not request.path.endswith("/"):
        return None
    bare = f"/{request.path.strip('/')}"
    routes = current_app.create_url_adapter(request)
    is_ours = routes is not None and routes.test(bare, method=request.method)
    return bare if is_ours and request.method in ("GET", "HEAD") else None


def _with_query(target: str, query: str) -> str:
    if not query:
        return target
    address, mark, fragment = target.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{query}{mark}{fragment}"
