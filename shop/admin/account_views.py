"""One's own account on the staff: name, password, second step, passkeys and sessions."""

from __future__ import annotations

import io

import qrcode.main
from flask import Response, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from qrcode.image.svg import SvgPathImage

from shop import audit
from shop.accounts import passwords, queries
from shop.accounts import service as accounts
from shop.accounts.models import Account
from shop.accounts.second_step import passkeys, service, totp
from shop.accounts.second_step import queries as second_step
from shop.accounts.security import keep_challenge, lacks_second_step, session_key, take_challenge
from shop.admin.access import bp, staff, store
from shop.admin.account_forms import AuthenticatorForm, MyNameForm, MyPasswordForm, PasskeyForm
from shop.admin.proof import is_right_password
from shop.customers.session import arrive
from shop.database import in_transaction, transaction
from shop.extensions import db
from shop.limits import service as limits
from shop.limits.words import too_many
from shop.web.context import own_name
from shop.web.languages import LOCALES

#: The secret of an app that is being added, encrypted; it counts once a code has shown that the app
#: has it.
NEW_SECRET = "new_authenticator"  # noqa: S105 - a name


@bp.get("/account")
def my_account() -> ResponseReturnValue:
    if lacks_second_step():
        flash(_("This shop asks for a second step: add one here, then you can go on."), "warn")
    return _page()


@bp.post("/account")
def save_my_name() -> ResponseReturnValue:
    form = MyNameForm()
    if not form.is_valid():
        return _page(name=form), 422
    values = {"name": form.name.data, "language": form.language.data}
    with transaction():
        audit.change(_myself(), values, staff().id, "account.changed", subject_kind="account")
    flash(_("Saved."), "ok")
    return _back()


@bp.post("/account/password")
def change_my_password() -> ResponseReturnValue:
    """Every other browser is signed out, and a mail tells of it."""
    form = MyPasswordForm(prefix="password-")
    if not form.is_valid():
        return _page(password=form), 422
    wait, is_right = is_right_password(_myself(), form.current.data or "")
    if not is_right:
        form.complain(form.current, too_many(wait) if wait else _("That is not your password."))
        return _page(password=form), 429 if wait else 422
    password_hash = passwords.hashed(form.password.data or "")
    with transaction():
        account = _myself()
        accounts.choose_password(account, password_hash)
        arrive(account, by="password")
    flash(_("Your new password counts from now on. Every other browser is signed out."), "ok")
    return _back()


@bp.post("/account/sessions/<id:session_id>/delete")
def end_my_session(session_id: int) -> ResponseReturnValue:
    with transaction():
        is_gone = accounts.end_one_session(staff().id, session_id)
        if is_gone:
            audit.record(
                staff().id, "staff.session_ended", subject_kind="account", subject_id=staff().id
            )
    if not is_gone:
        abort(404)
    flash(_("That browser is signed out."), "ok")
    return _back("sessions")


# Second step -------------------------------------------------------------------------------------


@bp.get("/account/authenticator")
def authenticator() -> ResponseReturnValue:
    return _authenticator_page(AuthenticatorForm(values={}))


@bp.post("/account/authenticator")
def add_authenticator() -> ResponseReturnValue:
    form, secret = AuthenticatorForm(), _new_secret()
    if not form.is_valid():
        return _authenticator_page(form), 422
    allowed = service.limits_of(staff().id, request.remote_addr)
    with transaction():
        wait = limits.take(allowed)
    if wait:
        form.complain(form.code, too_many(wait))
        return _authenticator_page(form), 429
    code = (form.code.data or "").replace(" ", "")
    try:
        codes = in_transaction(lambda: _add_app(secret, code))
    except service.WrongCode:
        form.complain(form.code, _("That is not the code of this moment. Look at the app again."))
        return _authenticator_page(form), 422
    session.pop(NEW_SECRET, None)
    flash(_("The app counts from now on."), "ok")
    return _codes_page(codes) if codes else _back("second-step")


@bp.post("/account/authenticator/delete")
def remove_authenticator() -> ResponseReturnValue:
    if second_step.authenticator(staff().id) is None:
        abort(404)
    with transaction():
        service.remove_authenticator(_myself())
    flash(_("The app is removed."), "ok")
    return _back("second-step")


@bp.post("/account/recovery-codes")
def renew_recovery_codes() -> ResponseReturnValue:
    """The codes before are worth nothing from then on."""
    if not second_step.has_second_step(staff().id):
        abort(409, _("Add an app or a passkey first. Nothing was changed."))
    return _codes_page(in_transaction(lambda: service.new_codes(_myself())))


@bp.post("/account/passkeys/options")
def ask_for_passkey() -> ResponseReturnValue:
    """For the script."""

    def prepare() -> passkeys.Asked:
        account = _myself()
        return passkeys.ask_for_new(
            handle=service.handle_of(account),
            email=account.email,
            name=account.name,
            shop=store().name,
            known=[one.credential_id for one in second_step.passkeys(account.id)],
        )

    asked = in_transaction(prepare)
    keep_challenge(asked.challenge)
    return Response(asked.options, mimetype="application/json")


@bp.post("/account/passkeys")
def add_passkey() -> ResponseReturnValue:
    """`credential`: what the browser's new passkey answered."""
    form, challenge = PasskeyForm(prefix="passkey-"), take_challenge()
    if not form.is_valid():
        return _page(passkey=form), 422
    answer, name = request.form.get("credential", ""), form.name.data or ""
    try:
        new = passkeys.checked_new(answer, challenge or "")
        codes = in_transaction(lambda: service.add_passkey(_myself(), new, name=name))
    except passkeys.BadPasskey:
        form.complain(form.name, _("The passkey did not answer as it should. Please try again."))
        return _page(passkey=form), 422
    except service.TooManyPasskeys:
        form.complain(form.name, _("You have as many passkeys as one account may. Remove one."))
        return _page(passkey=form), 422
    flash(_("The passkey signs you in from now on."), "ok")
    return _codes_page(codes) if codes else _back("passkeys")


@bp.post("/account/passkeys/<id:passkey_id>/delete")
def remove_passkey(passkey_id: int) -> ResponseReturnValue:
    if not in_transaction(lambda: service.remove_passkey(_myself(), passkey_id)):
        abort(404)
    flash(_("The passkey is removed here. Delete it in your browser or phone as well."), "ok")
    return _back("passkeys")


# Inside ------------------------------------------------------------------------------------------


def _add_app(secret: str, code: str) -> list[str]:
    return service.add_authenticator(_myself(), secret, code)


def _page(
    *,
    name: MyNameForm | None = None,
    password: MyPasswordForm | None = None,
    passkey: PasskeyForm | None = None,
) -> str:
    account = _myself()
    values = {"name": account.name, "language": account.language}
    return render_template(
        "admin/my_account.html",
        account=account,
        name_form=name or MyNameForm(values=values),
        password_form=password or MyPasswordForm(is_empty=True, prefix="password-"),
        passkey_form=passkey or PasskeyForm(is_empty=True, prefix="passkey-"),
        languages=[(code, own_name(code)) for code in LOCALES],
        authenticator=second_step.authenticator(account.id),
        passkeys=second_step.passkeys(account.id),
        passkeys_are_possible=passkeys.is_possible(),
        codes_left=second_step.codes_left(account.id),
        sessions=queries.sessions_of(account.id),
        this_session=session_key(),
    )


def _authenticator_page(form: AuthenticatorForm) -> str:
    secret = _new_secret()
    address = totp.address_of(secret, email=staff().email, shop=store().name)
    return render_template(
        "admin/authenticator.html",
        form=form,
        key=totp.key_of(secret),
        address=address,
        picture=_qr_code(address),
        is_replaced=second_step.authenticator(staff().id) is not None,
    )


def _codes_page(codes: list[str]) -> str:
    """Not behind a redirect: the codes would have to be kept until then, readable."""
    return render_template("admin/recovery_codes.html", codes=codes)


def _qr_code(text: str) -> Markup:
    """An SVG of one path, dark on whatever is behind it."""
    code = qrcode.main.QRCode(border=0, image_factory=SvgPathImage)
    code.add_data(text)
    image, written = code.make_image(), io.BytesIO()
    image.save(written)
    return Markup(written.getvalue().decode().partition("?>")[2])  # noqa: S704 - made of squares


def _new_secret() -> str:
    """Of this browser's session; made anew where it has none."""
    found = session.get(NEW_SECRET)
    if not isinstance(found, str):
        found = session[NEW_SECRET] = totp.new_secret()
    return found


def _myself() -> Account:
    return db.session.get_one(Account, staff().id)


def _back(anchor: str = "") -> ResponseReturnValue:
    return redirect(url_for(".my_account", _anchor=anchor or None), code=303)
