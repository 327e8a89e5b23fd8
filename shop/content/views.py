"""The merchant's own pages."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template
from flask.typing import ResponseReturnValue

from shop.content.queries import HOME, published_page

bp = Blueprint("content", __name__)


@bp.after_request
def revalidate(response: Response) -> Response:
    """Browsers may keep a page to go back to, and ask before they show it again."""
    if response.status_code == 200:
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


@bp.get("/pages/<handle>")
def page(handle: str) -> ResponseReturnValue:
    if handle == HOME:
        return redirect("/", 301)
    found = published_page(handle)
    if found is None:
        abort(404)
    return render_template("content/page.html", page=found)
