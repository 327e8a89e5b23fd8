"""The currencies that the shop sells in beside its own: rates, rounding, price lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from babel.numbers import get_currency_name
from flask import (
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import price_queries as queries
from shop.admin import versions
from shop.admin.access import bp, staff, store
from shop.admin.currency_forms import CurrencyForm
from shop.admin.downloads import csv_file
from shop.admin.queries import PAGE_SIZE
from shop.admin.versions import ChangedMeanwhile
from shop.catalog import price_sheet
from shop.catalog.csvfile import Fault, FileRefused
from shop.database import transaction
from shop.extensions import db
from shop.money import UnreadableAmount, read_amount
from shop.store import queries as stores
from shop.store import service
from shop.store.currencies import Currency
from shop.store.queries import Store
from shop.web.counts import ngettext
from shop.web.input import id_in
from shop.web.locale import locale_now
from shop.web.pagination import paginate, read_page


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
    try:
        with transaction():
            service.take_turn()
            found = _found(code, stores.current())
            versions.check(CurrencyForm.of(found), typed=[form])
            service.keep_currency(form.currency(found), by=staff().id)
    except ChangedMeanwhile:
        form.complain(form.rate, versions.sentence())
        return _page(form, found), 409
    return _kept()


def name_of(code: str) -> str:
    return get_currency_name(code, locale=locale_now())


def _sent() -> CurrencyForm:
    form = CurrencyForm()
    form.base, form.dearest = store().currency, queries.dearest()
    return form


def _keep(changed: Currency) -> ResponseReturnValue:
    with transaction():
        service.keep_currency(changed, by=staff().id)
    return _kept()


def _kept() -> ResponseReturnValue:
    flash(_("Saved. Pages show it from the next look on."), "ok")
    return redirect(url_for(".currencies"), code=303)


def _found(code: str, shop: Store | None = None) -> Currency:
    known = (shop or store()).currencies
    found = next((each for each in known if each.code == code), None)
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


# Price lists -------------------------------------------------------------------------------------


@bp.get("/settings/currencies/<code>/prices")
def currency_prices(code: str) -> ResponseReturnValue:
    """`?q=` finds variants by title or SKU."""
    return _prices_page(_found(code))


@bp.post("/settings/currencies/<code>/prices")
def save_currency_prices(code: str) -> ResponseReturnValue:
    """All fields of the page that is shown; what is refused keeps everything as it was."""
    found = _found(code)
    wanted, complaints = _typed_prices(found)
    if complaints:
        return _prices_page(found, complaints), 422
    try:
        with transaction():
            service.take_turn()
            versions.check_version(versions.version_of_values(queries.typed_of(found, wanted)))
            price_sheet.keep(found, wanted, by=staff().id)
    except ChangedMeanwhile:
        return _prices_page(found, {"prices": versions.sentence()}), 409
    flash(_("Saved."), "ok")
    return redirect(request.full_path.rstrip("?"), code=303)


@bp.get("/settings/currencies/<code>/prices.csv")
def currency_prices_file(code: str) -> ResponseReturnValue:
    found = _found(code)
    return csv_file(price_sheet.lines(found), f"prices-{found.code.lower()}")


@bp.post("/settings/currencies/<code>/prices.csv")
def load_currency_prices(code: str) -> ResponseReturnValue:
    found, upload = _found(code), request.files.get("file")
    if upload is None or not upload.filename:
        return _prices_page(found, {"file": _("Choose a CSV file.")}), 422
    try:
        wanted = price_sheet.read(upload.read(), found)
    except FileRefused as refused:
        db.session.rollback()
        words = _("Nothing of the file was taken, because of this:")
        return _prices_page(found, {"file": words}, faults=refused.faults[:20]), 422
    db.session.rollback()
    with transaction():
        service.take_turn()
        count = price_sheet.keep(found, wanted, by=staff().id)
    flash(ngettext("%(num)s price changed.", "%(num)s prices changed.", count), "ok")
    return redirect(url_for(".currency_prices", code=code), code=303)


def _typed_prices(
    currency: Currency,
) -> tuple[dict[int, price_sheet.Typed | None], dict[str, str]]:
    """By variant, and complaints by field."""
    complaints: dict[str, str] = {}

    def read(name: str) -> int | None:
        text = request.form.get(name, "").strip()
        if not text:
            return None
        try:
            return read_amount(text, currency.code).amount
        except UnreadableAmount:
            complaints[name] = _(
                "%(text)s is not a price in %(currency)s.", text=text[:20], currency=currency.code
            )
            return None

    wanted: dict[int, price_sheet.Typed | None] = {}
    for variant_id in queries.known_variants(
        [id_in(text) for text in request.form.getlist("variant")]
    ):
        amount, before = read(f"price-{variant_id}"), read(f"before-{variant_id}")
        wanted[variant_id] = None if amount is None else price_sheet.Typed(amount, before)
    return wanted, complaints


def _prices_page(
    currency: Currency, complaints: dict[str, str] | None = None, faults: Sequence[Fault] = ()
) -> str:
    text = request.args.get("q", "").strip()[:100]
    number = read_page(request.args.get("page"), from_end=True)
    found = queries.price_rows(currency, text=text, page=number)
    pager = paginate(
        found.rows,
        number,
        PAGE_SIZE,
        lambda page: url_for(".currency_prices", code=currency.code, q=text or None, page=page),
        from_end=True,
    )
    return render_template(
        "admin/currency_prices.html",
        is_newest_first=found.is_newest_first,
        currency=currency,
        name=name_of(currency.code),
        pager=pager,
        version=versions.version_of_values(queries.typed_in(pager.rows)),
        text=text,
        complaints=complaints or {},
        faults=faults,
        typed=request.form,
    )
