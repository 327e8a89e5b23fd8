"""The switch between the shop's own zones of tax and Stripe Tax."""

from __future__ import annotations

import re

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, StringField
from wtforms.validators import ValidationError

from shop.admin import versions
from shop.admin.access import bp, staff, store
from shop.admin.versions import ChangedMeanwhile
from shop.database import transaction
from shop.payments.gateway import PaymentsError, gateway
from shop.payments.tax_params import USUAL_CODES, TaxFacts, calculation
from shop.pricing import service as pricing
from shop.pricing.places import Destination
from shop.pricing.tax import CATEGORIES
from shop.store import queries as stores
from shop.store import service
from shop.store.queries import Store
from shop.web.forms import Form, tidy

_CODE = re.compile(r"txcd_[0-9]{8}", re.ASCII)


class CodeForm(Form):
    """Stripe's code for the goods of one category."""

    code = StringField(_l("Stripe's code"), filters=[tidy])

    def validate_code(self, field: Field) -> None:
        if field.data and not _CODE.fullmatch(field.data):
            raise ValidationError(_("Copy the code from Stripe: txcd_99999999."))


class StripeTaxForm(Form):
    source = StringField(_l("Where the rates come from"))
    has_taxes_included = BooleanField(_l("Prices contain the tax"))

    def validate_source(self, field: Field) -> None:
        if field.data not in ("zones", "stripe"):
            raise ValidationError(_("Choose where the rates come from."))

    @property
    def is_by_stripe(self) -> bool:
        return bool(self.source.data == "stripe")


@bp.get("/settings/stripe-tax")
def stripe_tax() -> ResponseReturnValue:
    return _page(*_stored(store()))


@bp.post("/settings/stripe-tax")
def save_stripe_tax() -> ResponseReturnValue:
    """Switched on only once Stripe has answered: it refuses where Stripe Tax is not set up."""
    form, codes = StripeTaxForm(), {name: _code_form(name) for name in CATEGORIES}
    if not all([form.is_valid(), *(code.is_valid() for code in codes.values())]):
        return _page(form, codes), 422
    told = {name: code.code.data for name, code in codes.items() if code.code.data}
    if form.is_by_stripe:
        try:
            _try(store(), told)
        except PaymentsError as error:
            form.complain(form.source, _refused(error))
            return _page(form, codes), 422
    columns = {
        "is_taxed_by_stripe": form.is_by_stripe,
        "has_taxes_included": bool(form.has_taxes_included.data),
        "tax_codes": told,
    }
    by = staff().id
    try:
        with transaction():
            service.take_turn()
            stored, kept = _stored(stores.current())
            versions.check(stored, *kept.values(), typed=[form, *codes.values()])
            service.change(columns, by=by)
            pricing.forget_tax_answers()
    except ChangedMeanwhile:
        form.complain(form.source, versions.sentence())
        return _page(form, codes), 409
    flash(_("Saved."), "ok")
    return redirect(url_for(".stripe_tax"), code=303)


def _stored(shop: Store) -> tuple[StripeTaxForm, dict[str, CodeForm]]:
    form = StripeTaxForm(
        values={
            "source": "stripe" if shop.is_taxed_by_stripe else "zones",
            "has_taxes_included": shop.has_taxes_included,
        }
    )
    return form, {name: _code_form(name, shop.tax_codes.get(name, "")) for name in CATEGORIES}


def _try(shop: Store, codes: dict[str, str]) -> TaxFacts:
    return gateway().taxes(calculation(Destination(shop.country), shop.currency, codes))


def _refused(error: PaymentsError) -> str:
    if str(error):
        return _("Stripe says: %(reason)s Nothing was changed.", reason=str(error)[:300])
    return _("Stripe could not be asked. Nothing was changed; try again in a minute.")


def _code_form(category: str, code: str | None = None) -> CodeForm:
    return CodeForm(prefix=f"{category}-", values=None if code is None else {"code": code})


def _page(form: StripeTaxForm, codes: dict[str, CodeForm]) -> str:
    complaints = dict(form.complaints)
    for code in codes.values():
        complaints |= code.complaints
    return render_template(
        "admin/settings_stripe_tax.html",
        form=form,
        codes=codes,
        complaints=complaints,
        usual=USUAL_CODES,
    )
