"""The currencies that the shop sells in beside its own: rates, rounding, price lists."""

from __future__ import annotations

from dataclasses import replace

from babel.numbers import get_currency_name
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import queries
from shop.admin.access import bp, staff, store
from shop.admin.currency_forms import CurrencyForm
from shop.database import transaction
from shop.store import service
from shop.store.currencies import Currency
from shop.web.locale import locale_now


@bp.get("/settings/currencies")
def currencies() -> ResponseReturnValue:
    shop = store()
    return render_template(
        "admin/currencies.html",
        store=shop,
        names={each.code: name_of(each.code) for each in (shop.base, *shop.currencies)},
    )


@bp.get("/settings/currencies/new")
def new_currency() -> ResponseReturnValue:
    usual = Currency("", base=store().currency, rate="")
    return _page(CurrencyForm.of(usual), None)


@bp.post("/settings/currencies/new")
def create_currency() -> ResponseReturnValue:
    form, shop = _sent(), store()
    is_fine = form.is_valid()
    if is_fine and any(each.code == form.code.data for each in shop.currencies):
        form.complain(form.code, _("The shop has this currency already."))
        is_fine = False
    if not is_fine or "preview" in request.form:
        return _page(form, None, is_previewed=is_fine), 200 if is_fine else 422
    return _keep(form.currency())


@bp.get("/settings/currencies/<code>")
def currency(code: str) -> ResponseReturnValue:
    found = _found(code)
    return _page(CurrencyForm.of(found), found, is_previewed=True)


@bp.post("/settings/currencies/<code>")
def save_currency(code: str) -> ResponseReturnValue:
    found, form = _found(code), _sent()
    form.code.data = found.code
    is_fine = form.is_valid()
    if not is_fine or "preview" in request.form:
        return _page(form, found, is_previewed=is_fine), 200 if is_fine else 422
    return _keep(form.currency(found))


def name_of(code: str) -> str:
    return get_currency_name(code, locale=locale_now() or "en_GB")


def _sent() -> CurrencyForm:
    form = CurrencyForm()
    form.base, form.dearest = store().currency, queries.dearest()
    return form


def _keep(changed: Currency) -> ResponseReturnValue:
    with transaction():
        service.keep_currency(changed, by=staff().id)
    flash(_("Saved. Pages show it from the next look on."), "ok")
    return redirect(url_for(".currencies"), code=303)


def _found(code: str) -> Currency:
    found = next((each for each in store().currencies if each.code == code), None)
    if found is None:
        abort(404)
    return found


def _page(form: CurrencyForm, found: Currency | None, *, is_previewed: bool = False) -> str:
    """With what the form would make of five products."""
    shown = []
    if is_previewed:
        form.base = store().currency
        typed = replace(form.currency(), is_active=True)
        shown = queries.priced_examples(typed)
    return render_template(
        "admin/currency.html",
        form=form,
        currency=found,
        name=name_of(found.code) if found else "",
        base=store().currency,
        preview=shown,
    )
