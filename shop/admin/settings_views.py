"""The shop's own settings, a page for each kind."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin.access import bp, staff, store
from shop.admin.settings_forms import DeliveryForm, ReviewsForm, ShopForm, StockForm
from shop.database import transaction
from shop.store import service

SettingsForm = ShopForm | StockForm | DeliveryForm | ReviewsForm
FORMS: dict[str, type[SettingsForm]] = {
    "shop": ShopForm,
    "stock": StockForm,
    "delivery": DeliveryForm,
    "reviews": ReviewsForm,
}


@bp.get("/settings")
def settings() -> ResponseReturnValue:
    return render_template("admin/settings.html", store=store())


@bp.get("/settings/<section>")
def settings_section(section: str) -> ResponseReturnValue:
    return _page(section, _form(section).of(store()))


@bp.post("/settings/<section>")
def save_settings(section: str) -> ResponseReturnValue:
    form = _form(section)()
    if not form.is_valid():
        return _page(section, form), 422
    columns, by = form.columns(), staff().id
    with transaction():
        service.change(columns, by=by)
    flash(_("Saved."), "ok")
    return redirect(url_for(".settings_section", section=section), code=303)


def _form(section: str) -> type[SettingsForm]:
    if section not in FORMS:
        abort(404)
    return FORMS[section]


def _page(section: str, form: SettingsForm) -> str:
    return render_template(f"admin/settings_{section}.html", form=form, store=store())
