"""The forms of zones, ways of delivery and rates, read into what pricing keeps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from shop.admin.checks import check_whole
from shop.admin.forms import PriceForm
from shop.money import Money, UnreadableAmount, plain_amount, read_amount
from shop.pricing.models import ShippingRate, ShippingZone, TaxRate, TaxZone
from shop.pricing.places import (
    EVERYWHERE_ELSE,
    Place,
    UnreadablePostcodes,
    plain_postcodes,
    read_postcodes,
)
from shop.pricing.queries import NOT_A_COUNTRY
from shop.pricing.service import RateDetails, ShippingZoneDetails, TaxZoneDetails, WayDetails
from shop.pricing.shipping import Basis
from shop.pricing.tax import CATEGORIES, ShippingTax
from shop.pricing.territories import GROUPS
from shop.web.countries import country_names
from shop.web.forms import Form, tidy, tidy_text

MAX_PLACES, MAX_STEPS, MAX_RATES, BLANK_ROWS = 1000, 20, 30, 3
MAX_DAYS = 99
_WHOLE = re.compile(r"[0-9]{1,8}", re.ASCII)
_PERCENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,4}))?", re.ASCII)
PPM_IN_PERCENT = 10_000


def _at_most(length: int) -> Length:
    return Length(max=length, message=_l("Use at most %(count)s characters.", count=length))


def named_countries(locale: str) -> dict[str, str]:
    """Code -> name of every country that can be ticked."""
    return {code: name for code, name in country_names(locale).items() if code not in NOT_A_COUNTRY}


def grouped_countries(locale: str) -> dict[str, list[tuple[str, str]]]:
    """Group -> codes and names; what no group has stands under "other"."""
    groups: dict[str, list[tuple[str, str]]] = {name: [] for name in (*GROUPS, "other")}
    for code, name in named_countries(locale).items():
        group = next((group for group, codes in GROUPS.items() if code in codes), "other")
        groups[group].append((code, name))
    return {name: countries for name, countries in groups.items() if countries}


class PlacesForm(Form):
    """What zones of delivery and of tax have in common."""

    name = StringField(
        _l("Name"), [DataRequired(_l("Give the zone a name.")), _at_most(80)], [tidy]
    )
    countries = SelectMultipleField(_l("Countries"), validate_choice=False)
    regions = TextAreaField(_l("States and regions"), [_at_most(8000)], [tidy_text])
    postcodes = TextAreaField(_l("Postcodes"), [_at_most(8000)], [tidy_text])

    #: Code -> name, in the reader's language.
    known: Mapping[str, str] = {}

    def validate_countries(self, field: Field) -> None:
        for code in field.data or ():
            if code != EVERYWHERE_ELSE and code not in self.known:
                raise ValidationError(_("“%(code)s” is not a country.", code=code[:20]))
        if not field.data and not self.regions.data and not self.postcodes.data:
            raise ValidationError(_("Choose at least one country, region or postcode."))

    def validate_regions(self, field: Field) -> None:
        self._regions(field.data or "")

    def validate_postcodes(self, field: Field) -> None:
        self._postcodes(field.data or "")

    @property
    def places(self) -> tuple[Place, ...]:
        """Of a form that is valid."""
        named = [Place(code) for code in self.countries.data or ()]
        parts = self._regions(self.regions.data or "") + self._postcodes(self.postcodes.data or "")
        return tuple(dict.fromkeys(named + parts))

    def _regions(self, text: str) -> list[Place]:
        places = []
        for code, words in self._lines(text, "US: California, Oregon"):
            names = [name for name in (tidy(word) for word in words.split(",")) if name]
            if any(len(name) > 80 for name in names):
                raise ValidationError(_("A region has at most 80 characters."))
            places += [Place(code, name) for name in names]
        return self._few(places)

    def _postcodes(self, text: str) -> list[Place]:
        places: list[Place] = []
        for code, words in self._lines(text, "GB: LS1-LS29, BT"):
            try:
                places += read_postcodes(words, code)
            except UnreadablePostcodes as unreadable:
                raise ValidationError(
                    _(
                        "“%(word)s” is not a postcode area or a rising range. Type the first part"
                        " alone, BT, or two with a hyphen, LS1-LS29.",
                        word=unreadable.word[:20],
                    )
                ) from None
        return self._few(places)

    def _few(self, places: list[Place]) -> list[Place]:
        if len(places) > MAX_PLACES:
            raise ValidationError(_("Name at most %(count)s of them.", count=MAX_PLACES))
        return places

    def _lines(self, text: str, example: str) -> list[tuple[str, str]]:
        """Code of the country and the rest of each line."""
        lines = []
        for line in filter(None, text.splitlines()):
            country, colon, words = line.partition(":")
            code = self._code(tidy(country))
            if code is None:
                raise ValidationError(
                    _("“%(name)s” is not a country we know.", name=tidy(country)[:40])
                )
            if not colon or not words.strip():
                raise ValidationError(
                    _("Begin each line with a country and a colon: %(example)s.", example=example)
                )
            lines.append((code, words))
        return lines

    def _code(self, typed: str) -> str | None:
        by_name = {name.casefold(): code for code, name in self.known.items()}
        code = typed.upper()
        return code if code in self.known else by_name.get(typed.casefold())


def place_values(places: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """What a zone's form shows of its places."""
    regions: dict[str, list[str]] = {}
    postcodes: dict[str, list[str]] = {}
    countries = []
    for place in (Place(**values) for values in places):
        if place.postcode_from:
            postcodes.setdefault(place.country, []).append(plain_postcodes(place))
        elif place.region:
            regions.setdefault(place.country, []).append(place.region)
        else:
            countries.append(place.country)
    return {
        "countries": countries,
        "regions": _as_lines(regions),
        "postcodes": _as_lines(postcodes),
    }


def _as_lines(parts: Mapping[str, Sequence[str]]) -> str:
    return "\n".join(f"{country}: {', '.join(names)}" for country, names in parts.items())


class ShippingZoneForm(PlacesForm):
    @classmethod
    def of(cls, zone: ShippingZone) -> ShippingZoneForm:
        return cls(values={"name": zone.name} | place_values(zone.places))

    def details(self) -> ShippingZoneDetails:
        return ShippingZoneDetails(self.name.data or "", self.places)


# A way of delivery ------------------------------------------------------------------------------


class StepForm(PriceForm):
    """One row: from so much on, it costs that."""

    start = StringField(_l("From"), [_at_most(20)], [tidy])
    amount = StringField(_l("Price"), [_at_most(20)], [tidy])

    basis = Basis.FLAT

    def validate_start(self, field: Field) -> None:
        if not field.data:
            if self.amount.data:
                raise ValidationError(_("Say from how much on."))
            return
        if self.start_value(field.data) is None:
            raise ValidationError(
                _("Type an amount like 60.00.")
                if self.basis is Basis.PRICE
                else _("Type a whole number like 500.")
            )

    def validate_amount(self, field: Field) -> None:
        if field.data:
            self._check_amount(field)

    def start_value(self, text: str) -> int | None:
        """Above nothing; in grams, minor units or pieces."""
        if self.basis is Basis.PRICE:
            try:
                return read_amount(text, self.currency).amount or None
            except UnreadableAmount:
                return None
        return (int(text) or None) if _WHOLE.fullmatch(text) else None

    def step(self) -> tuple[int, int | None]:
        """Of a valid row that is not blank."""
        amount = self._amount(self.amount.data) if self.amount.data else None
        return self.start_value(self.start.data or "") or 0, amount

    @property
    def is_blank(self) -> bool:
        return not self.start.data and not self.amount.data


class WayForm(PriceForm):
    name = StringField(_l("Name"), [DataRequired(_l("Give it a name.")), _at_most(80)], [tidy])
    price = StringField(_l("Price"), [_at_most(20)], [tidy])
    basis = StringField(_l("The price"))
    free_from = StringField(_l("Free from"), [_at_most(20)], [tidy])
    min_days = StringField(_l("Working days, at least"), [_at_most(4)], [tidy])
    max_days = StringField(_l("Working days, at most"), [_at_most(4)], [tidy])
    position = StringField(_l("Place in the list"), [_at_most(4)], [tidy])
    is_pickup = BooleanField(_l("Collected by the shopper"))
    is_active = BooleanField(_l("Offered in the checkout"))

    def validate_price(self, field: Field) -> None:
        self._check_amount(field)

    def validate_basis(self, field: Field) -> None:
        if field.data not in set(Basis):
            raise ValidationError(_("Choose what the price rises with."))

    def validate_free_from(self, field: Field) -> None:
        if field.data:
            self._check_amount(field)

    def validate_min_days(self, field: Field) -> None:
        check_whole(field, 0, MAX_DAYS)

    def validate_max_days(self, field: Field) -> None:
        check_whole(field, 0, MAX_DAYS)
        least = self.min_days.data or ""
        if _WHOLE.fullmatch(least) and int(field.data) < int(least):
            raise ValidationError(_("That is less than the least number of days."))

    def validate_position(self, field: Field) -> None:
        check_whole(field, 1, MAX_DAYS)


@dataclass(frozen=True)
class WayEditor:
    """The form and the rows of its steps, sent together."""

    form: WayForm
    rows: Sequence[StepForm]

    @classmethod
    def blank(cls) -> WayEditor:
        values = {"basis": Basis.FLAT, "is_active": True, "position": "1"}
        return cls(WayForm(values=values), _step_rows([]))

    @classmethod
    def of(cls, way: ShippingRate, currency: str) -> WayEditor:
        free_from = way.free_from_amount
        values = {
            "name": way.name,
            "price": _plain(way.amount, currency),
            "basis": way.basis,
            "free_from": "" if free_from is None else _plain(free_from, currency),
            "min_days": str(way.min_days),
            "max_days": str(way.max_days),
            "position": str(way.position),
            "is_pickup": way.is_pickup,
            "is_active": way.is_active,
        }
        return cls(WayForm(values=values), _step_rows(_shown_steps(way, currency)))

    @classmethod
    def sent(cls, currency: str) -> WayEditor:
        form = WayForm()
        form.currency = currency
        rows = [
            StepForm(prefix=f"step-{number}") for number in _numbers("step", "start", MAX_STEPS)
        ]
        for row in rows:
            row.currency = currency
            row.basis = Basis(form.basis.data) if form.basis.data in set(Basis) else Basis.FLAT
        return cls(form, rows)

    def is_valid(self) -> bool:
        answers = [form.is_valid() for form in (self.form, *self.rows)]
        if not all(answers):
            return False
        before = 0
        for row in self._filled:
            start, _amount = row.step()
            if self.form.basis.data == Basis.FLAT:
                row.complain(row.start, _("A flat price has no steps. Empty them, or choose what it"
                                          " rises with."))  # fmt: skip
                return False
            if start <= before:
                row.complain(row.start, _("Each step begins above the one before it."))
                return False
            before = start
        return True

    @property
    def forms(self) -> tuple[Form, ...]:
        return (self.form, *self.rows)

    @property
    def complaints(self) -> dict[str, str]:
        return {name: text for form in self.forms for name, text in form.complaints.items()}

    def details(self) -> WayDetails:
        form = self.form
        return WayDetails(
            name=form.name.data or "",
            amount=form._amount(form.price.data),
            basis=Basis(form.basis.data or Basis.FLAT),
            steps=tuple(row.step() for row in self._filled),
            free_from_amount=form._amount(form.free_from.data) if form.free_from.data else None,
            min_days=int(form.min_days.data or "0"),
            max_days=int(form.max_days.data or "0"),
            is_pickup=bool(form.is_pickup.data),
            is_active=bool(form.is_active.data),
            position=int(form.position.data or "1"),
        )

    @property
    def _filled(self) -> list[StepForm]:
        return [row for row in self.rows if not row.is_blank]


def _shown_steps(way: ShippingRate, currency: str) -> list[dict[str, str]]:
    return [
        {
            "start": _plain(start, currency) if way.basis == Basis.PRICE else str(start),
            "amount": "" if amount is None else _plain(amount, currency),
        }
        for start, amount in way.steps
    ]


def _step_rows(steps: Sequence[Mapping[str, str]]) -> list[StepForm]:
    blank = [{"start": "", "amount": ""}] * min(BLANK_ROWS, MAX_STEPS - len(steps))
    return [
        StepForm(prefix=f"step-{number}", values=values)
        for number, values in enumerate([*steps, *blank])
    ]


# A zone of tax ----------------------------------------------------------------------------------


class RateForm(Form):
    """One row: a component of what is taken of a category."""

    category = StringField(_l("Goods"), [_at_most(40)], [tidy])
    name = StringField(_l("Name on the bill"), [_at_most(40)], [tidy])
    percent = StringField(_l("Percent"), [_at_most(9)], [tidy])

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
    source = StringField(_l("Source"), [_at_most(200)], [tidy])
    checked_on = StringField(_l("Looked up on"), [_at_most(10)], [tidy])

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


@dataclass(frozen=True)
class TaxZoneEditor:
    """The form and the rows of its rates, sent together."""

    form: TaxZoneForm
    rows: Sequence[RateForm]

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
        numbers = _numbers("rate", "name", MAX_RATES)
        return cls(TaxZoneForm(), [RateForm(prefix=f"rate-{number}") for number in numbers])

    def is_valid(self) -> bool:
        answers = [form.is_valid() for form in (self.form, *self.rows)]
        if not all(answers):
            return False
        seen = set()
        for row in self._filled:
            rate = row.details()
            if (rate.category, rate.name) in seen:
                row.complain(row.name, _("These goods have a rate of that name already."))
                return False
            seen.add((rate.category, rate.name))
        return True

    @property
    def forms(self) -> tuple[Form, ...]:
        return (self.form, *self.rows)

    @property
    def complaints(self) -> dict[str, str]:
        return {name: text for form in self.forms for name, text in form.complaints.items()}

    def details(self) -> TaxZoneDetails:
        form = self.form
        return TaxZoneDetails(
            name=form.name.data or "",
            places=form.places,
            is_included=form.is_included.data == "1",
            shipping_tax=ShippingTax(form.shipping_tax.data or ""),
            source=form.source.data or "",
            checked_on=form.day(),
            rates=tuple(row.details() for row in self._filled),
        )

    @property
    def _filled(self) -> list[RateForm]:
        return [row for row in self.rows if not row.is_blank]


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


# Inside -----------------------------------------------------------------------------------------


def _numbers(prefix: str, name: str, most: int) -> list[int]:
    """Of the rows that were sent."""
    return [number for number in range(most) if f"{prefix}-{number}-{name}" in request.form]


def _plain(amount: int, currency: str) -> str:
    return plain_amount(Money(amount, currency))
