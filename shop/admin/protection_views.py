"""The protection of the checkout: what is refused, and stricter rules while it is attacked."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import versions
from shop.admin.access import bp, staff
from shop.admin.protection_forms import HOURS, ProtectionForm, read_hours
from shop.admin.undo import flash_with_undo
from shop.admin.versions import ChangedMeanwhile
from shop.clock import now
from shop.database import transaction
from shop.protection import queries, service
from shop.protection.models import ProtectionSettings
from shop.protection.rules import FREE_UNITS, STRICT, STRICT_HOLD
from shop.protection.session import is_hidden

DAY = timedelta(days=1)


@bp.get("/settings/protection")
def protection() -> ResponseReturnValue:
    return _page(ProtectionForm.of(queries.current()))


@bp.post("/settings/protection")
def save_protection() -> ResponseReturnValue:
    form = ProtectionForm()
    if not form.is_valid():
        return _page(form), 422
    columns, by = form.columns(), staff().id
    try:
        with transaction():
            versions.lock(ProtectionSettings)
            versions.check(ProtectionForm.of(queries.current()), typed=[form])
            service.change(columns, by=by)
    except ChangedMeanwhile:
        form.complain(next(iter(form)), versions.sentence())
        return _page(form), 409
    flash_with_undo(_("Saved."), by=by)
    return redirect(url_for(".protection"), code=303)


@bp.post("/settings/protection/strict")
def be_strict() -> ResponseReturnValue:
    hours, by = read_hours(request.form.get("hours", "")), staff().id
    if hours is None:
        abort(422, _("Choose how long the stricter rules shall hold. Nothing was changed."))
    with transaction():
        service.switch_on(hours, by=by)
    flash(_("The stricter rules hold from now on."), "ok")
    return redirect(url_for(".protection"), code=303)


@bp.post("/settings/protection/usual")
def be_usual() -> ResponseReturnValue:
    by = staff().id
    with transaction():
        service.switch_off(by=by)
    flash(_("The usual rules hold again."), "ok")
    return redirect(url_for(".protection"), code=303)


def _page(form: ProtectionForm) -> str:
    return render_template(
        "admin/protection.html",
        form=form,
        protection=queries.current(),
        strict=STRICT,
        strict_minutes=int(STRICT_HOLD.total_seconds()) // 60,
        free_units=FREE_UNITS,
        hours=HOURS,
        counts=queries.counts_since(now() - DAY),
        is_hidden=is_hidden(),
    )
