"""The form of one more currency, and what it makes of some prices."""

from __future__ import annotations

import re
from decimal import Decimal

from babel.numbers import list_currencies
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, RadioField, SelectField, StringField
from wtforms.validators import ValidationError

from shop.clock import now
from shop.money import MAX_AMOUNT
from shop.store.currencies import Currency, Ending
from shop.web.filters import money
from shop.web.forms import Form, tidy

_RATE = re.compile(r"[0-9]{1,7}(?:[.,][0-9]{1,6})?", re.ASCII)
_PERCENT = re.compile(r"[0-9]{1,2}(?:[.,][0-9]{1,2})?", re.ASCII)
_WHOLE = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
LARGEST_RATE = 1_000_000


def _upper(value: str | None) -> str:
    return tidy(value).upper()


def check_code(field: Field) -> None:
    if field.data not in list_currencies():
        raise ValidationError(_("Type the three letters of a currency, such as EUR."))


class _RatedForm(Form):
    """Another currency, what the shop's own is worth in it, and how amounts end. `base`: the shop's
    own.
    """

    base = ""

    def validate_code(self, field: Field) -> None:
        check_code(field)
        if field.data == self.base:
            raise ValidationError(
                _("%(currency)s is the shop's own currency already.", currency=self.base)
            )

    def validate_rate(self, field: Field) -> None:
        typed = with_point(field.data)
        if not _RATE.fullmatch(typed) or not Decimal(typed):
            raise ValidationError(
                _("Type how much one %(base)s is worth: more than nothing, such as 1.1734.",
                  base=self.base)
            )  # fmt: skip
        if Decimal(typed) > LARGEST_RATE:
            raise ValidationError(_("No currency is worth so little. Please check the rate."))

    def validate_ending(self, field: Field) -> None:
        if field.data not in set(Ending):
            raise ValidationError(_("Choose how amounts end."))
        if not Ending(field.data).rounding.fits(self["code"].data or ""):
            raise ValidationError(
                _("%(currency)s has no such amounts. Choose whole units or larger steps.",
                  currency=self["code"].data)
            )  # fmt: skip


def with_point(typed: str | None) -> str:
    return (typed or "").replace(",", ".")


class CurrencyForm(_RatedForm):
    """`base`: the shop's own; `dearest`: the highest price there is, in its minor units."""

    code = StringField(_l("Currency"), filters=[_upper])
    rate = StringField(_l("Rate"), filters=[tidy])
    margin = StringField(_l("Margin in percent"), filters=[tidy])
    ending = SelectField(_l("Converted amounts end"), validate_choice=False)
    total_units = StringField(_l("Totals are multiples of"), filters=[tidy])
    is_active = BooleanField(_l("Shoppers can choose it"))

    dearest = 0

    def validate_margin(self, field: Field) -> None:
        if field.data and not _PERCENT.fullmatch(field.data):
            raise ValidationError(_("Type a number from 0 to 99.99, such as 2.5."))

    def validate_total_units(self, field: Field) -> None:
        if field.data and not _WHOLE.fullmatch(field.data):
            raise ValidationError(
                _("Type a whole number from %(least)s to %(most)s.", least=1, most=9999)
            )

    def is_valid(self) -> bool:
        if not super().is_valid():
            return False
        dearest = self.currency().of(self.dearest)
        if dearest.amount > MAX_AMOUNT:
            sentence = _(
                "At this rate your dearest product would cost %(price)s, more than a card can pay. "
                "Please check the rate.",
                price=money(dearest),
            )
            self.complain(self.rate, sentence)
            return False
        return True

    @classmethod
    def of(cls, currency: Currency) -> CurrencyForm:
        return cls(
            values={
                "code": currency.code,
                "rate": currency.rate,
                "margin": f"{Decimal(currency.margin_ppm) / 10_000:f}".rstrip("0").rstrip(".")
                if currency.margin_ppm
                else "",
                "ending": str(currency.ending),
                "total_units": str(currency.total_units),
                "is_active": currency.is_active,
            }
        )

    def currency(self, before: Currency | None = None) -> Currency:
        """A rate that stays keeps its date."""
        rate = with_point(self.rate.data)
        is_same = before is not None and before.rate == rate
        return Currency(
            code=self.code.data or "",
            base=self.base,
            rate=rate,
            rate_on=before.rate_on if before is not None and is_same else now().date(),
            margin_ppm=int(Decimal(with_point(self.margin.data) or "0") * 10_000),
            ending=Ending(self.ending.data),
            total_units=int(self.total_units.data or "1"),
            is_active=bool(self.is_active.data),
        )


KEEP, CONVERT = "keep", "convert"


class OwnCurrencyForm(_RatedForm):
    """The shop's own, and what becomes of the amounts that are there. `base`: the one of now."""

    code = StringField(_l("New currency"), filters=[_upper])
    method = RadioField(_l("Prices"), validate_choice=False)
    rate = StringField(_l("Rate"), filters=[tidy])
    ending = SelectField(_l("Converted amounts end"), validate_choice=False)

    def validate_method(self, field: Field) -> None:
        if field.data not in (KEEP, CONVERT):
            raise ValidationError(_("Choose what becomes of the prices."))

    def validate_rate(self, field: Field) -> None:
        if self.is_converting:
            super().validate_rate(field)

    def validate_ending(self, field: Field) -> None:
        if self.is_converting:
            super().validate_ending(field)

    @property
    def is_converting(self) -> bool:
        return bool(self.method.data == CONVERT)

    @classmethod
    def blank(cls) -> OwnCurrencyForm:
        return cls(values={"code": "", "method": "", "rate": "", "ending": str(Ending.EXACT)})

    def currency(self) -> Currency:
        """What was typed, as a rule for the amounts of now. Numbers that stay are a rate of 1."""
        if not self.is_converting:
            return Currency(self.code.data or "", base=self.base, rate="1")
        return Currency(
            self.code.data or "",
            base=self.base,
            rate=with_point(self.rate.data),
            ending=Ending(self.ending.data),
        )
