"""Joining the staff by a mailed link."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts import passwords
from shop.accounts.models import Account
from shop.accounts.role_words import name_of
from shop.accounts.security import start_session
from shop.accounts.staff import service
from shop.accounts.staff.forms import JoinForm
from shop.accounts.staff.links import invitation_of
from shop.accounts.staff.models import StaffInvitation
from shop.database import in_transaction

bp = Blueprint("staff_invitations", __name__, url_prefix="/staff-invitations")


@bp.get("/<text>")
def show(text: str) -> ResponseReturnValue:
    """Mail programs open links by themselves: looking at it changes nothing."""
    invitation = invitation_of(text)
    if invitation is None:
        return _gone()
    return _page(invitation, JoinForm(values={"name": invitation.name}))


@bp.post("/<text>")
def join(text: str) -> ResponseReturnValue:
    invitation, form = invitation_of(text), JoinForm()
    if invitation is None:
        return _gone()
    if not form.is_valid():
        return _page(invitation, form), 422
    try:
        password_hash = passwords.hashed(form.password.data or "")
    except passwords.TooManyAtOnce:
        return _page(invitation, form, _("Many people sign in just now. Please try again.")), 503

    def accept() -> Account | None:
        found = invitation_of(text)
        if found is None:
            return None
        account = service.accept(found, name=form.name.data or "", password_hash=password_hash)
        if account is not None:
            start_session(account)
        return account

    if in_transaction(accept) is None:
        return _gone()
    flash(_("Welcome. This is where you work from now on."), "ok")
    return redirect(url_for("admin.home"), code=303)


def _page(invitation: StaffInvitation, form: JoinForm, notice: str = "") -> str:
    return render_template(
        "accounts/invitation.html",
        invitation=invitation,
        role=name_of(invitation.role),
        form=form,
        notice=notice,
    )


def _gone() -> ResponseReturnValue:
    return render_template("accounts/no_invitation.html"), 404
