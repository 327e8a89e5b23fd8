"""With which number the next paid order begins."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField
from wtforms.validators import ValidationError

from shop.admin import versions
from shop.admin.access import bp, staff
from shop.admin.versions import ChangedMeanwhile
from shop.database import transaction
from shop.orders import numbers
from shop.orders.models import OrderCounter
from shop.orders.numbers import MAX_NUMBER, NumberTaken
from shop.web.forms import Form, tidy


class NumberForm(Form):
    number = StringField(_l("Number of the next order"), filters=[tidy])

    def validate_number(self, field: Field) -> None:
        text = field.data or ""
        is_number = text.isascii() and text.isdigit() and len(text) <= 9
        if not is_number or not 1 <= int(text) <= MAX_NUMBER:
            raise ValidationError(_("Type a whole number of at most nine digits."))


@bp.get("/settings/order-numbers")
def order_numbers() -> ResponseReturnValue:
    return _page(NumberForm(values={"number": str(numbers.next_number())}))


@bp.post("/settings/order-numbers")
def save_order_numbers() -> ResponseReturnValue:
    form = NumberForm()
    if not form.is_valid():
        return _page(form), 422
    try:
        with transaction():
            versions.lock(OrderCounter)
            told = [(str(form.number.label.text), str(numbers.next_number()))]
            versions.check_version(_version(), told=told)
            numbers.go_on_with(int(form.number.data or "0"), by=staff().id)
    except ChangedMeanwhile:
        form.complain(form.number, versions.sentence())
        return _page(form), 409
    except NumberTaken as taken:
        form.complain(
            form.number,
            _("Numbers only go up: the next one is %(number)s or more.", number=taken.least),
        )
        return _page(form), 422
    flash(_("Saved."), "ok")
    return redirect(url_for(".order_numbers"), code=303)


def _version() -> str:
    """Changes when staff let them go on elsewhere; an order that is paid is no conflict."""
    return versions.version_of_values(numbers.last_change())


def _page(form: NumberForm) -> str:
    return render_template("admin/order_numbers.html", form=form, version=_version())
