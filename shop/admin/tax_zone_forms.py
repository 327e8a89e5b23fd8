"""The form of a zone of tax with its rates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField
from wtforms.validators import ValidationError

from shop.admin.row_forms import BLANK_ROWS, RowsEditor, sent_rows
from shop.admin.zone_forms import PlacesForm, place_values
from shop.pricing.models import TaxRate, TaxZone
from shop.pricing.service import RateDetails, TaxZoneDetails
from shop.pricing.tax import CATEGORIES, ShippingTax
from shop.web.forms import Form, at_most, tidy

MAX_RATES = 30
_PERCENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,4}))?", re.ASCII)
PPM_IN_PERCENT = 10_000


class RateForm(Form):
    """One row: a component of what is taken of a category."""

    category = StringField(_l("Goods"), [at_most(40)], [tidy])
    name = StringField(_l("Name on the bill"), [at_most(40)], [tidy])
    percent = StringField(_l("Percent"), [at_most(9)], [tidy])

    def validate_category(self, field: Field) -> None:
        if field.data not in CATEGORIES and not self.is_blank:
            raise ValidationError(_("Choose one of the kinds of goods."))

    def validate_name(self, field: Field) -> None:
        if not field.data and self.percent.data:
            raise ValidationError(_("Say what the bill calls it: VAT."))

    def validate_percent(self, field: Field) -> None:
        if self.is_blank:
            return
        if read_ppm(field.data or "") is None:
            raise ValidationError(_("Type a number from 0 to 100 like 20 or 8.875."))

    @property
    def is_blank(self) -> bool:
        return not self.name.data and not self.percent.data

    def details(self) -> RateDetails:
        """Of a valid row that is not blank."""
        ppm = read_ppm(self.percent.data or "") or 0
        return RateDetails(self.category.data or "", self.name.data or "", ppm)


def read_ppm(text: str) -> int | None:
    """ "8.875" -> 88,750; none: no percentage."""
    match = _PERCENT.fullmatch(text)
    if match is None:
        return None
    ppm = int(match[1]) * PPM_IN_PERCENT + int((match[2] or "").ljust(4, "0"))
    return ppm if ppm <= 100 * PPM_IN_PERCENT else None


class TaxZoneForm(PlacesForm):
    is_included = StringField(_l("Prices"))
    shipping_tax = StringField(_l("Delivery"))
    source = StringField(_l("Source"), [at_most(200)], [tidy])
    checked_on = StringField(_l("Looked up on"), [at_most(10)], [tidy])

    def validate_is_included(self, field: Field) -> None:
        if field.data not in ("1", "0"):
            raise ValidationError(_("Choose whether prices contain the tax."))

    def validate_shipping_tax(self, field: Field) -> None:
        if field.data not in set(ShippingTax):
            raise ValidationError(_("Choose how the delivery is taxed."))

    def validate_checked_on(self, field: Field) -> None:
        try:
            self.day()
        except ValueError:
            raise ValidationError(_("Type a date like 2026-11-27.")) from None

    def day(self) -> date | None:
        return date.fromisoformat(self.checked_on.data) if self.checked_on.data else None


class TaxZoneEditor(RowsEditor[TaxZoneForm, RateForm]):
    """The form and the rows of its rates, sent together."""

    @classmethod
    def blank(cls) -> TaxZoneEditor:
        values = {"is_included": "1", "shipping_tax": ShippingTax.LIKE_GOODS}
        return cls(TaxZoneForm(values=values), _rate_rows([]))

    @classmethod
    def of(cls, zone: TaxZone, rates: Sequence[TaxRate]) -> TaxZoneEditor:
        values = {
            "name": zone.name,
            "is_included": "1" if zone.is_included else "0",
            "shipping_tax": zone.shipping_tax,
            "source": zone.source,
            "checked_on": zone.checked_on.isoformat() if zone.checked_on else "",
        }
        form = TaxZoneForm(values=values | place_values(zone.places))
        return cls(form, _rate_rows(rates))

    @classmethod
    def sent(cls) -> TaxZoneEditor:
        numbers = sent_rows("rate", "name", MAX_RATES)
        return cls(TaxZoneForm(), [RateForm(prefix=f"rate-{number}") for number in numbers])

    def is_valid(self) -> bool:
        if not super().is_valid():
            return False
        seen = set()
        for row in self.filled:
            rate = row.details()
            if (rate.category, rate.name) in seen:
                row.complain(row.name, _("These goods have a rate of that name already."))
                return False
            seen.add((rate.category, rate.name))
        return True

    def details(self) -> TaxZoneDetails:
        form = self.form
        return TaxZoneDetails(
            name=form.name.data or "",
            places=form.places,
            is_included=form.is_included.data == "1",
            shipping_tax=ShippingTax(form.shipping_tax.data or ""),
            source=form.source.data or "",
            checked_on=form.day(),
            rates=tuple(row.details() for row in self.filled),
        )


def _rate_rows(rates: Sequence[TaxRate]) -> list[RateForm]:
    shown: list[dict[str, str]] = [
        {
            "category": rate.category,
            "name": rate.name,
            "percent": f"{rate.rate_ppm / PPM_IN_PERCENT:g}",
        }
        for rate in rates
    ]
    blank = [{"category": "standard", "name": "", "percent": ""}]
    return [
        RateForm(prefix=f"rate-{number}", values=values)
        for number, values in enumerate(shown + blank * min(BLANK_ROWS, MAX_RATES - len(shown)))
    ]
