"""Reminders of abandoned checkouts: whether they are sent, and what came of them."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import versions
from shop.admin.access import bp, staff
from shop.admin.recovery_forms import RecoveryForm
from shop.admin.undo import flash_with_undo
from shop.admin.versions import ChangedMeanwhile
from shop.database import transaction
from shop.recovery import queries, service
from shop.recovery.models import RecoverySettings


@bp.get("/settings/abandoned-checkouts")
def abandoned_checkouts() -> ResponseReturnValue:
    return _page(RecoveryForm.of(queries.chosen()))


@bp.post("/settings/abandoned-checkouts")
def save_abandoned_checkouts() -> ResponseReturnValue:
    form = RecoveryForm()
    if not form.is_valid():
        return _page(form), 422
    columns, by = form.columns(), staff().id
    try:
        with transaction():
            versions.lock(RecoverySettings)
            versions.check(RecoveryForm.of(queries.chosen()), typed=[form])
            service.change(columns, by=by)
    except ChangedMeanwhile:
        form.complain(next(iter(form)), versions.sentence())
        return _page(form), 409
    flash_with_undo(_("Saved."), by=by)
    return redirect(url_for(".abandoned_checkouts"), code=303)


def _page(form: RecoveryForm) -> str:
    figures = list(queries.figures().items())
    return render_template("admin/abandoned_checkouts.html", form=form, figures=figures)
