"""Signing in and out."""

from __future__ import annotations

import re
from math import ceil

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shop.accounts import limits, passwords, queries, service
from shop.accounts.forms import SignInForm
from shop.accounts.models import Account
from shop.accounts.security import end_session, known_device, signed_in, start_session
from shop.database import transaction

bp = Blueprint("accounts", __name__)

#: A path of this site as browsers read it: they take "//" and "\\" for another host's beginning.
_OWN_PATH = re.compile(r"(?!.*//)/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*", re.ASCII)
_LONGEST_PATH = 2000


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
    allowed = limits.limits_of(
        email,
        address=request.remote_addr or "",
        device=known_device(account.id) if account is not None else None,
    )
    if wait := _note_attempt(allowed):
        return _please_wait(form, wait)
    is_right = passwords.matches(credentials.password, account)
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


def own_path(text: str) -> str | None:
    """`text` if it is an address within this shop that a browser cannot take for another's."""
    if len(text) > _LONGEST_PATH or _OWN_PATH.fullmatch(text) is None:
        return None
    return text


def _way_on(account: Account, wanted: str) -> str:
    return own_path(wanted) or (url_for("admin.home") if account.is_admin else "/")


def _known_form(email: str) -> str:
    """What is no e-mail address belongs to nobody, and is answered like an unknown one."""
    try:
        return service.normal_email(email)
    except service.UnusableEmail:
        return email.strip(" ").casefold()


def _note_attempt(allowed: tuple[limits.Limit, limits.Limit]) -> int:
    """Seconds to wait before a password is looked at; zero: none."""
    with transaction():
        attempt = limits.note_attempt(allowed)
    wait = limits.seconds_to_wait(allowed)
    if wait:
        with transaction():
            limits.take_back(attempt)
    return wait


def _page(form: SignInForm, *, is_refused: bool = False) -> str:
    return render_template(
        "accounts/sign_in.html", form=form, is_refused=is_refused, minutes_to_wait=None
    )


def _please_wait(form: SignInForm, seconds: int) -> ResponseReturnValue:
    page = render_template(
        "accounts/sign_in.html", form=form, is_refused=False, minutes_to_wait=ceil(seconds / 60)
    )
    response = make_response(page, 429)
    response.headers["Retry-After"] = str(seconds)
    return response
