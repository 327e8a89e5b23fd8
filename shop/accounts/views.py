"""Signing in and out."""

from __future__ import annotations

from math import ceil

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from shop.accounts import passwords, queries, service
from shop.accounts.forms import SignInForm
from shop.accounts.models import Account
from shop.accounts.security import end_session, known_device, signed_in, start_session
from shop.database import transaction
from shop.limits import service as limits
from shop.web.paths import own_path

bp = Blueprint("accounts", __name__)

BUSY_SECONDS = 5


@bp.get("/sign-in")
def show_sign_in() -> ResponseReturnValue:
    wanted = request.args.get("next", "")
    if account := signed_in():
        return redirect(_way_on(account, wanted), code=303)
    return _page(SignInForm(values={"next": wanted}))


@bp.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if not form.is_valid():
        return _page(form), 422
    credentials = form.credentials()
    email = _known_form(credentials.email)
    account = queries.account_by_email(email)
    allowed = service.sign_in_limits(
        email,
        address=request.remote_addr,
        device=known_device(account.id) if account is not None else None,
    )
    with transaction():
        wait = limits.take(allowed)
    if wait:
        return _turned_away(form, _too_many_tries(wait), 429, wait)
    try:
        is_right = passwords.matches(credentials.password, account)
    except passwords.TooManyAtOnce:
        sentence = _("Many people sign in at this moment. Please try again in a few seconds.")
        with transaction():
            limits.give_back(allowed)  # no password was looked at
        return _turned_away(form, sentence, 503, BUSY_SECONDS)
    if account is None or not is_right or not account.active:
        return _page(form, is_refused=True), 422
    with transaction():
        limits.forget(allowed[0])
    start_session(account)
    return redirect(_way_on(account, form.next.data or ""), code=303)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Everywhere: a copy of the cookie on another machine is worth nothing afterwards."""
    if account := signed_in():
        with transaction():
            service.end_sessions(account)
    end_session()
    return redirect(url_for(".show_sign_in"), code=303)


def _way_on(account: Account, wanted: str) -> str:
    return own_path(wanted) or (url_for("admin.home") if account.is_admin else "/")


def _known_form(email: str) -> str:
    """What is no e-mail address belongs to nobody, and is answered like an unknown one."""
    try:
        return service.normal_email(email)
    except service.UnusableEmail:
        return email.strip(" ").casefold()


def _page(form: SignInForm, *, is_refused: bool = False, notice: str = "") -> str:
    return render_template("accounts/sign_in.html", form=form, is_refused=is_refused, notice=notice)


def _turned_away(form: SignInForm, sentence: str, status: int, seconds: int) -> ResponseReturnValue:
    response = make_response(_page(form, notice=sentence), status)
    response.headers["Retry-After"] = str(seconds)
    return response


def _too_many_tries(seconds: int) -> str:
    return ngettext(
        "Too many tries. Please wait %(num)s minute and try again; nothing is locked for good.",
        "Too many tries. Please wait %(num)s minutes and try again; nothing is locked for good.",
        ceil(seconds / 60),
    )
