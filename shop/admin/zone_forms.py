"""Where a zone counts: what the forms of zones of delivery and of tax have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, ValidationError

from shop.pricing.models import ShippingZone
from shop.pricing.places import (
    EVERYWHERE_ELSE,
    Place,
    UnreadablePostcodes,
    plain_postcodes,
    read_postcodes,
)
from shop.pricing.queries import NOT_A_COUNTRY
from shop.pricing.service import ShippingZoneDetails
from shop.pricing.territories import GROUPS
from shop.web.countries import country_names
from shop.web.forms import Form, at_most, tidy, tidy_text

MAX_PLACES = 1000


def named_countries() -> dict[str, str]:
    """Code -> name of every country that can be ticked."""
    return {code: name for code, name in country_names().items() if code not in NOT_A_COUNTRY}


def grouped_countries() -> dict[str, list[tuple[str, str]]]:
    """Group -> codes and names; what no group has stands under "other"."""
    groups: dict[str, list[tuple[str, str]]] = {name: [] for name in (*GROUPS, "other")}
    for code, name in named_countries().items():
        group = next((group for group, codes in GROUPS.items() if code in codes), "other")
        groups[group].append((code, name))
    return {name: countries for name, countries in groups.items() if countries}


class PlacesForm(Form):
    """What zones of delivery and of tax have in common."""

    name = StringField(_l("Name"), [DataRequired(_l("Give the zone a name.")), at_most(80)], [tidy])
    countries = SelectMultipleField(_l("Countries"), validate_choice=False)
    regions = TextAreaField(_l("States and regions"), [at_most(8000)], [tidy_text])
    postcodes = TextAreaField(_l("Postcodes"), [at_most(8000)], [tidy_text])

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
