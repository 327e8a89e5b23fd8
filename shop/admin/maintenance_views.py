"""Closing the shop for a while, and opening it again."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField

from shop import audit
from shop.admin.access import bp, staff
from shop.admin.checks import check_whole
from shop.database import transaction
from shop.web import maintenance
from shop.web.config import settings
from shop.web.forms import Form, tidy


class CloseForm(Form):
    minutes = StringField(_l("For how many minutes"), filters=[tidy])

    def validate_minutes(self, field: Field) -> None:
        check_whole(field, 1, 999)


@bp.get("/settings/maintenance")
def show_maintenance() -> ResponseReturnValue:
    return _page(CloseForm(values={"minutes": "30"}))


@bp.post("/settings/maintenance")
def close_shop() -> ResponseReturnValue:
    form = CloseForm()
    if not form.is_valid():
        return _page(form), 422
    minutes = int(form.minutes.data or "0")
    with transaction():
        _record("store.closed", minutes=minutes)
    maintenance.close_for(settings(), minutes)
    flash(
        _("The shop is closed to visitors. You see it closed as well, but for this side."), "warn"
    )
    return redirect(url_for(".show_maintenance"), code=303)


@bp.post("/settings/maintenance/end")
def open_shop() -> ResponseReturnValue:
    if maintenance.closed_until(settings()) is None:
        abort(409, _("The shop is open already. Nothing was changed."))
    with transaction():
        _record("store.opened")
    maintenance.open_now(settings())
    flash(_("The shop is open."), "ok")
    return redirect(url_for(".show_maintenance"), code=303)


def _record(action: str, **data: int) -> None:
    audit.record(staff().id, action, subject_kind="store", subject_id=1, **data)


def _page(form: CloseForm) -> str:
    return render_template(
        "admin/maintenance.html", form=form, until=maintenance.closed_until(settings())
    )
