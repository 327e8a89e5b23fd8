"""Asking for the newsletter in the footer, saying yes by mail, and leaving by one click."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.service import UnusableEmail, normal_email
from shop.database import transaction
from shop.limits import service as limits
from shop.newsletter import queries, service
from shop.web.languages import current_language

bp = Blueprint("newsletter", __name__, url_prefix="/newsletter")

MAX_EMAIL = 254


@bp.get("")
def show() -> ResponseReturnValue:
    return _page("")


@bp.post("")
def ask() -> ResponseReturnValue:
    """The answer is the same whether the address is known or not."""
    typed = request.form.get("email", "").strip()
    try:
        email = normal_email(typed) if len(typed) <= MAX_EMAIL else ""
    except UnusableEmail:
        email = ""
    if not email:
        sentence = _("That is not an email address. It should look like name@example.com.")
        return _page(typed, sentence), 422
    if request.form.get("website"):  # a field that people do not see
        return redirect(url_for(".noted"), code=303)
    with transaction():
        wait = limits.take(service.limits_of(email, request.remote_addr))
        if not wait:
            service.ask(email, source="footer", language=current_language())
    if wait:
        sentence = _(
            "Those were many requests in a short time. Please wait a little and try again."
        )
        return _page(typed, sentence), 429, {"Retry-After": str(wait)}
    return redirect(url_for(".noted"), code=303)


@bp.get("/noted")
def noted() -> ResponseReturnValue:
    return _told("noted")


@bp.get("/<token>")
def show_confirmation(token: str) -> ResponseReturnValue:
    """Mail programs open links by themselves: looking at it changes nothing."""
    subscriber = queries.by_token(token)
    if subscriber is None:
        return _told("gone"), 404
    return render_template("newsletter/confirm.html", subscriber=subscriber)


@bp.post("/<token>")
def confirm(token: str) -> ResponseReturnValue:
    subscriber = queries.by_token(token)
    if subscriber is None:
        return _told("gone"), 404
    with transaction():
        service.confirm(subscriber)
    return _told("confirmed")


@bp.get("/<token>/unsubscribe")
def show_unsubscribe(token: str) -> ResponseReturnValue:
    subscriber = queries.by_token(token)
    if subscriber is None:
        return _told("unsubscribed")
    return render_template("newsletter/unsubscribe.html", subscriber=subscriber)


@bp.post("/<token>/unsubscribe")
def unsubscribe(token: str) -> ResponseReturnValue:
    """By the page's button, or by a mail program in one click (RFC 8058): that one sends neither
    cookies nor where it comes from, and the token is its proof.
    """
    subscriber = queries.by_token(token)
    if subscriber is not None:
        with transaction():
            service.unsubscribe(subscriber)
    return _told("unsubscribed")


def _page(typed: str, error: str = "") -> str:
    return render_template("newsletter/ask.html", typed=typed, error=error)


def _told(what: str) -> str:
    return render_template("newsletter/told.html", what=what)
