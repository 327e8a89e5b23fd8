"""The password once more, before a sensitive change of somebody who signed in a while ago."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts import passwords, service
from shop.accounts.models import Account
from shop.accounts.permissions import Area
from shop.accounts.security import is_recent, note_proof
from shop.database import transaction
from shop.limits import service as limits
from shop.limits.words import too_many

#: The field that the page below adds to the form which is sent again.
FIELD = "proof-password"
AREAS = {Area.STAFF, Area.PAYMENT_SETTINGS}
#: Of one's own account.
ENDPOINTS = {
    "add_authenticator",
    "remove_authenticator",
    "renew_recovery_codes",
    "add_passkey",
    "remove_passkey",
}


def ask(account: Account) -> ResponseReturnValue | None:
    """None where the proof is recent or in this very request; else the page that asks for it, with
    all that was sent, to be sent again.
    """
    if is_recent():
        return None
    typed = request.form.get(FIELD, "")
    if not typed:
        return _page("", 403)
    wait, is_right = is_right_password(account, typed)
    if wait:
        return _page(too_many(wait), 429)
    if not is_right:
        return _page(_("That is not your password."), 422)
    note_proof()
    return None


def is_right_password(account: Account, typed: str) -> tuple[int, bool]:
    """Seconds to wait where there were too many tries, and whether it is right."""
    allowed = limits.limit("own password", str(account.id), service.FOR_ONE_ACCOUNT)
    with transaction():
        wait = limits.take([allowed])
    if wait or len(typed) > passwords.LONGEST:
        return wait, False
    try:
        is_right = passwords.matches(typed, account)
    except passwords.TooManyAtOnce:
        return 1, False
    if is_right:
        with transaction():
            limits.forget(allowed)
    return 0, is_right


def _page(error: str, status: int) -> ResponseReturnValue:
    sent = [(name, value) for name, value in request.form.items(multi=True) if name != FIELD]
    return render_template("admin/proof.html", field_name=FIELD, sent=sent, error=error), status
