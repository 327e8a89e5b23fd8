"""The ways to pay that the merchant switches on."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, StringField, TextAreaField
from wtforms.validators import ValidationError

from shop.admin import versions
from shop.admin.access import bp, staff
from shop.admin.checks import check_whole
from shop.admin.undo import flash_with_undo
from shop.admin.versions import ChangedMeanwhile
from shop.database import transaction
from shop.payments import keys, queries, service
from shop.payments.keys import KeySource, TypedKeys, source_of, with_keys
from shop.payments.models import PaymentSettings
from shop.web.config import settings
from shop.web.forms import Form, at_most, tidy, tidy_text

_PUBLISHABLE_KEY = re.compile(r"pk_(?:test|live)_[A-Za-z0-9_]{6,240}", re.ASCII)


def asked_for() -> TypedKeys | None:
    """The typed keys that a publishable one belongs beside; none where the environment's or the
    sandbox's count, which bring their own.
    """
    if source_of(settings()) is not KeySource.TYPED or with_keys(settings()).uses_sandbox:
        return None
    return keys.typed_keys(settings())


class PaymentSettingsForm(Form):
    takes_bank_transfer = BooleanField(_l("Bank transfer"))
    bank_transfer_text = TextAreaField(_l("How to transfer"), [at_most(2000)], [tidy_text])
    takes_cash = BooleanField(_l("Cash when collecting"))
    cash_text = TextAreaField(_l("What to know when paying in cash"), [at_most(2000)], [tidy_text])
    captures_manually = BooleanField(_l("Charge cards later"))
    is_embedded = BooleanField(_l("Payment form inside the checkout"))
    publishable_key = StringField(_l("Publishable key"), [at_most(255)], [tidy])
    hold_days = StringField(_l("Days to pay"), filters=[tidy])

    def validate_bank_transfer_text(self, field: Field) -> None:
        if self.takes_bank_transfer.data and not field.data:
            raise ValidationError(_("Say where the money goes: whose account, and its number."))

    def validate_publishable_key(self, field: Field) -> None:
        typed = asked_for()
        if typed is None:
            return
        if field.data and not _PUBLISHABLE_KEY.fullmatch(field.data):
            raise ValidationError(_("Type the publishable key from Stripe: it begins with pk_."))
        if field.data and not field.data.startswith(typed.publishable_start):
            raise ValidationError(
                _(
                    "Of the secret key's mode it begins with %(start)s: test and live keys do not"
                    " go together.",
                    start=typed.publishable_start,
                )
            )
        if self.is_embedded.data and not field.data:
            raise ValidationError(_("The form inside the checkout needs the publishable key too."))

    def validate_is_embedded(self, field: Field) -> None:
        if field.data and asked_for() is None and not with_keys(settings()).publishable_key:
            raise ValidationError(
                _("The deployment has no publishable key: STRIPE_PUBLISHABLE_KEY is missing.")
            )

    def validate_hold_days(self, field: Field) -> None:
        check_whole(field, 1, 60)

    @classmethod
    def of(cls, chosen: PaymentSettings) -> PaymentSettingsForm:
        values = {name: getattr(chosen, name) for name in cls.names()}
        typed = asked_for()
        key = typed.publishable_key if typed else ""
        return cls(values=values | {"hold_days": str(chosen.hold_days), "publishable_key": key})

    @staticmethod
    def names() -> tuple[str, ...]:
        return (
            "takes_bank_transfer",
            "bank_transfer_text",
            "takes_cash",
            "cash_text",
            "captures_manually",
            "is_embedded",
        )

    def columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {name: self[name].data for name in self.names()}
        return columns | {"hold_days": int(self.hold_days.data or "0")}


@bp.get("/settings/payments")
def payment_settings() -> ResponseReturnValue:
    return _page(PaymentSettingsForm.of(queries.settings()))


@bp.post("/settings/payments")
def save_payment_settings() -> ResponseReturnValue:
    form = PaymentSettingsForm()
    if not form.is_valid():
        return _page(form), 422
    columns, by = form.columns(), staff().id
    try:
        with transaction():
            versions.lock(PaymentSettings)
            versions.check(PaymentSettingsForm.of(queries.settings()), typed=[form])
            _keep_publishable_key(form.publishable_key.data or "", by)
            service.change_settings(columns, by=by)
    except ChangedMeanwhile:
        form.complain(next(iter(form)), versions.sentence())
        return _page(form), 409
    flash_with_undo(_("Saved."), by=by)
    return redirect(url_for(".payment_settings"), code=303)


def _keep_publishable_key(key: str, by: int) -> None:
    """Before the setting counts: the form in the checkout is of no use without it."""
    typed = asked_for()
    if typed is None or typed.publishable_key == key:
        return
    keys.keep(settings(), replace(typed, publishable_key=key))
    service.note_publishable_key(typed.publishable_key, key, by=by)


def _page(form: PaymentSettingsForm) -> str:
    return render_template(
        "admin/settings_payments.html", form=form, asks_for_key=asked_for() is not None
    )
