"""The first page of a new shop: whoever started its server becomes its owner."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from shop.accounts import passwords, queries
from shop.accounts.forms import EmailForm
from shop.accounts.passwords import LONGEST, SHORTEST
from shop.accounts.service import EmailTaken, OwnerExists
from shop.customers import session as customers
from shop.database import in_transaction
from shop.setup import service
from shop.setup.link import is_good
from shop.web.forms import at_most, tidy
from shop.web.languages import current_language

bp = Blueprint("setup", __name__)


class OwnerForm(EmailForm):
    name = StringField(_l("Your name"), [at_most(120)], filters=[tidy])
    password = PasswordField(
        _l("Password"),
        [
            InputRequired(_l("Type the password that you want.")),
            Length(
                SHORTEST,
                LONGEST,
                message=_l(
                    "A password has %(least)s to %(most)s characters;"
                    " a few words in a row do well.",
                    least=SHORTEST,
                    most=LONGEST,
                ),
            ),
        ],
    )


@bp.get("/setup")
def where() -> ResponseReturnValue:
    """Says where the link is; that there is no owner is no secret, the link is."""
    if queries.has_owner():
        return redirect(url_for("admin.setup"), code=303)
    return render_template("setup/where.html")


@bp.get("/setup/<token>")
def owner(token: str) -> ResponseReturnValue:
    if queries.has_owner():
        return redirect(url_for("admin.setup"), code=303)
    if not is_good(token):
        return render_template("setup/where.html", is_bad=True), 404
    return _page(OwnerForm(is_empty=True))


@bp.post("/setup/<token>")
def create_owner(token: str) -> ResponseReturnValue:
    """Of two at once the first becomes the owner."""
    if queries.has_owner() or not is_good(token):
        return redirect(url_for(".owner", token=token), code=303)
    form = OwnerForm()
    if not form.is_valid():
        return _page(form), 422
    try:
        password_hash = passwords.hashed(form.password.data or "")
    except passwords.TooManyAtOnce:
        form.complain(form.password, _("The shop is busy. Please send this once more."))
        return _page(form), 503

    def begin() -> None:
        account = service.begin(
            form.address, password_hash, name=form.name.data or "", language=current_language()
        )
        customers.arrive(account, by="password")

    try:
        in_transaction(begin)
    except OwnerExists:
        return redirect(url_for("admin.setup"), code=303)
    except EmailTaken:
        form.complain(form.email, _("A customer of this shop has this address. Take another one."))
        return _page(form), 422
    flash(_("Welcome. The shop is yours; a few questions make it ready to sell."), "ok")
    return redirect(url_for("admin.setup"), code=303)


def _page(form: OwnerForm) -> str:
    return render_template("setup/owner.html", form=form)
