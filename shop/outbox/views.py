"""Mails of a shop in development, to read in the browser. Not there in production."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from shop.outbox.mailer import dropped, dropped_one
from shop.web.config import settings

bp = Blueprint("outbox", __name__, url_prefix="/dev/mail")


@bp.get("")
def index() -> ResponseReturnValue:
    return render_template("dev/mails.html", mails=dropped(settings().mail_folder))


@bp.get("/<name>")
def show(name: str) -> ResponseReturnValue:
    message = dropped_one(settings().mail_folder, name)
    if message is None:
        abort(404)
    text = message.get_body(("plain",))
    return render_template(
        "dev/mail.html", name=name, mail=message, text=text.get_content() if text else ""
    )


@bp.get("/<name>/html")
def html(name: str) -> ResponseReturnValue:
    """The HTML part alone, as a mail program would show it: its styles stand in its elements."""
    message = dropped_one(settings().mail_folder, name)
    part = message.get_body(("html",)) if message else None
    if part is None:
        abort(404)
    response = Response(part.get_content(), mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; img-src 'self' data: https:; style-src 'unsafe-inline'; sandbox; "
        "frame-ancestors 'self'"
    )
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
