"""The second step of signing in, and passkeys, which are both steps in one."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts import queries as accounts
from shop.accounts.models import Account
from shop.accounts.second_step import passkeys, queries, service
from shop.accounts.second_step.models import Passkey
from shop.accounts.security import halfway, keep_challenge, take_challenge
from shop.customers import session as customers
from shop.database import in_transaction, transaction
from shop.limits import service as limits
from shop.limits.words import too_many
from shop.web.paths import own_path

bp = Blueprint("second_step", __name__, url_prefix="/sign-in")

#: Tries of passkeys from one network in a quarter of an hour.
PASSKEYS_OF_NETWORK = 30


@bp.get("/second-step")
def show() -> ResponseReturnValue:
    found = halfway()
    if found is None:
        return _from_the_start()
    return _page(found[0])


@bp.post("/second-step")
def check() -> ResponseReturnValue:
    """A code of the app, or a recovery code."""
    found = halfway()
    if found is None:
        return _from_the_start()
    account, way_on = found
    account_id, text = account.id, request.form.get("code", "").strip()
    if not text:
        return _page(account, _("Type the code.")), 422
    allowed = service.limits_of(account_id, request.remote_addr)
    with transaction():
        wait = limits.take(allowed)
    if wait:
        return _page(account, too_many(wait)), 429, {"Retry-After": str(wait)}

    def arrive() -> bool:
        again = halfway()  # as it is now, in this transaction
        if again is None or not _is_right(again[0], text):
            return False
        limits.forget(allowed[0])
        customers.arrive(again[0], by="password")
        return True

    if not in_transaction(arrive):
        return _page(account, _wrong(text)), 422
    return redirect(_way_on(way_on), code=303)


@bp.post("/passkey/options")
def ask() -> ResponseReturnValue:
    """For the script. Says the same to everybody."""
    asked = passkeys.ask_for_known()
    keep_challenge(asked.challenge)
    return Response(asked.options, mimetype="application/json")


@bp.post("/passkey")
def sign_in() -> ResponseReturnValue:
    """`credential`: what the browser's passkey answered."""
    answer, challenge = request.form.get("credential", ""), take_challenge()
    network = limits.network_limit("passkey", request.remote_addr, PASSKEYS_OF_NETWORK)
    with transaction():
        wait = limits.take([network])
    if wait:
        return _refused(too_many(wait), 429)
    try:
        if challenge is None:
            raise passkeys.BadPasskey
        in_transaction(lambda: _arrive(answer, challenge))
    except passkeys.BadPasskey:
        return _refused(
            _("This passkey does not open an account here. Sign in with your password."), 422
        )
    return redirect(_way_on(request.form.get("next", "")), code=303)


# Inside ------------------------------------------------------------------------------------------


def _is_right(account: Account, text: str) -> bool:
    if _is_of_an_app(text):
        return service.use_code(account.id, text.replace(" ", ""))
    return service.use_recovery_code(account, text)


def _wrong(text: str) -> str:
    if _is_of_an_app(text):
        return _("That is not the code of this moment. Each code works once: wait for the next.")
    return _("That is none of your recovery codes, or it was used already.")


def _is_of_an_app(text: str) -> bool:
    plain = text.replace(" ", "")
    return len(plain) == 6 and plain.isdecimal() and plain.isascii()


def _arrive(answer: str, challenge: str) -> None:
    passkey, account = _owner(answer)
    count = passkeys.checked_known(
        answer, challenge, public_key=passkey.public_key, sign_count=passkey.sign_count
    )
    if not service.note_use(passkey, count):
        raise passkeys.BadPasskey
    customers.arrive(account, by="passkey")


def _owner(answer: str) -> tuple[Passkey, Account]:
    """Raises BadPasskey."""
    credential_id, handle = passkeys.names_in(answer)
    passkey = queries.passkey_by_credential(credential_id)
    account = accounts.account(passkey.account_id) if passkey is not None else None
    if passkey is None or account is None:
        raise passkeys.BadPasskey
    if account.passkey_handle != handle or not account.active or not account.is_staff:
        raise passkeys.BadPasskey
    return passkey, account


def _from_the_start() -> ResponseReturnValue:
    """By the staff's way in, where passkeys are offered: nobody else has a second step."""
    start = url_for("accounts.show_sign_in", next=url_for("admin.home"))
    return redirect(start, code=303)


def _way_on(wanted: str) -> str:
    return own_path(wanted) or url_for("admin.home")


def _page(account: Account, error: str = "") -> str:
    return render_template(
        "accounts/second_step.html",
        error=error,
        has_app=queries.authenticator(account.id) is not None,
        has_passkey=bool(queries.passkeys(account.id)) and passkeys.is_possible(),
        way_on=(halfway() or (None, ""))[1],
    )


def _refused(sentence: str, status: int) -> ResponseReturnValue:
    wanted = own_path(request.form.get("next", ""))
    page = render_template("accounts/passkey_refused.html", sentence=sentence, way_on=wanted)
    return page, status
