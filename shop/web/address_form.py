"""The form of an address: the fields of its country, raw text into an Address, or complaints."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Mapping
from dataclasses import asdict, dataclass, field

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shop.addresses import Address, AddressFormat, format_of, region_code

_SPACES = re.compile(r"\s+")
#: Marks that turn text around or hide in it.
_INVISIBLE = dict.fromkeys(
    [0x200B, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], None
)
_PHONE = re.compile(r"[0-9+()./\s-]{5,32}", re.ASCII)
LIMITS = {
    "name": 120, "line1": 120, "line2": 120, "district": 80, "city": 80, "region": 80,
    "postal_code": 20, "country": 2,
}  # fmt: skip

#: What countries call the parts of their addresses.
_LABELS = {
    "region": {
        "area": _l("Area"), "county": _l("County"), "department": _l("Department"),
        "district": _l("District"), "do_si": _l("Province or city"), "emirate": _l("Emirate"),
        "island": _l("Island"), "oblast": _l("Region"), "parish": _l("Parish"),
        "prefecture": _l("Prefecture"), "province": _l("Province"), "state": _l("State"),
    },
    "city": {"district": _l("District"), "suburb": _l("Suburb")},
    "district": {
        "district": _l("District"), "neighborhood": _l("Neighborhood"), "suburb": _l("Suburb"),
        "townland": _l("Townland"), "village_township": _l("Village or township"),
    },
    "postal_code": {"eircode": _l("Eircode"), "pin": _l("PIN code"), "zip": _l("ZIP code")},
}  # fmt: skip
_USUAL_LABELS = {
    "line1": _l("Address"), "city": _l("Town or city"), "region": _l("Region"),
    "district": _l("District"), "postal_code": _l("Postcode"),
}  # fmt: skip
#: For browsers that fill in forms.
TOKENS = {
    "line1": "address-line1", "district": "address-level3", "city": "address-level2",
    "region": "address-level1", "postal_code": "postal-code",
}  # fmt: skip


@dataclass(frozen=True)
class AddressForm:
    """Values as typed, complaints by field, the address where there are none."""

    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    address: Address | None = None

    @classmethod
    def blank(cls, country: str) -> AddressForm:
        return cls(dict.fromkeys(LIMITS, "") | {"country": country})

    @classmethod
    def of(cls, address: Address) -> AddressForm:
        return cls(asdict(address), address=address)

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> AddressForm:
        """As typed so far, without complaints: the form is not finished."""
        return cls({name: form.get(name, "") for name in LIMITS})

    @classmethod
    def read(
        cls,
        form: Mapping[str, str],
        countries: Mapping[str, str],
        asked: Container[str] = frozenset(LIMITS),
    ) -> AddressForm:
        """`countries`: codes and names of those that may be chosen; `asked`: the fields that the
        form has, where it does not have all.
        """
        typed = {
            name: text if name in asked else "" for name, text in cls.typed(form).values.items()
        }
        clean = _clean(typed)
        found = _complaints(clean, countries)
        errors = {name: complaint for name, complaint in found.items() if name in asked}
        return cls(typed, errors, None if errors else Address(**clean))

    @property
    def format(self) -> AddressFormat:
        return format_of(self.values["country"].strip().upper())

    @property
    def region(self) -> str:
        """The code of the region as typed, to be chosen among the country's."""
        return region_code(self.values["country"], self.values["region"])

    def label(self, name: str) -> str:
        kind = self.format.kinds.get(name, "")
        return str(_LABELS.get(name, {}).get(kind) or _USUAL_LABELS[name])

    def token(self, name: str) -> str:
        return TOKENS[name]


def tidy(text: str) -> str:
    """One line, composed, without invisible marks or doubled spaces."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text).translate(_INVISIBLE)).strip()


def phone_complaint(phone: str) -> str:
    if phone and not _PHONE.fullmatch(phone):
        return _("Please use digits only, with + and spaces where you like.")
    return ""


def _clean(typed: Mapping[str, str]) -> dict[str, str]:
    """What the country's addresses do not have is left out."""
    clean = {name: tidy(text) for name, text in typed.items()}
    country = clean["country"] = clean["country"].upper()
    layout = format_of(country)
    for name in TOKENS.keys() - layout.fields:
        clean[name] = ""
    clean["region"] = region_code(country, clean["region"])
    # Some write the country before it: D-10115, SI-1000.
    clean["postal_code"] = clean["postal_code"].upper()
    for prefix in (f"{country}-", f"{country[:1]}-"):
        if clean["postal_code"].startswith(prefix) and not layout.fits(clean["postal_code"]):
            clean["postal_code"] = clean["postal_code"].removeprefix(prefix)
    return clean


def _complaints(values: Mapping[str, str], countries: Mapping[str, str]) -> dict[str, str]:
    layout = format_of(values["country"])
    missing = {
        name: sentence
        for name, sentence in _missing().items()
        if name in layout.required | {"name"} and not values[name]
    }
    checks = {
        "country": _country_complaint(values["country"], countries),
        "region": _region_complaint(values["region"], layout),
        "postal_code": _postcode_complaint(values["postal_code"], layout),
    }
    too_long = {
        name: _("Please keep this under %(count)s characters.", count=limit)
        for name, limit in LIMITS.items()
        if len(values[name]) > limit
    }
    found = checks | missing | too_long
    order = ("country", "name", *(name for row in layout.rows for name in row), "line2")
    return {name: found[name] for name in order if found.get(name)}


def _missing() -> dict[str, str]:
    return {
        "name": _("Please give the name on the parcel."),
        "line1": _("Please give the street and house number."),
        "district": _("Please give the district."),
        "city": _("Please give the town or city."),
        "region": _("Please give the state, province or region."),
        "postal_code": _("Please give the postcode."),
    }


def _country_complaint(country: str, countries: Mapping[str, str]) -> str:
    if country not in countries:
        return _("We do not send to that country yet. Please choose one from the list.")
    return ""


def _region_complaint(region: str, layout: AddressFormat) -> str:
    if region and layout.regions and region not in dict(layout.regions):
        return _("Please choose one from the list.")
    return ""


def _postcode_complaint(postal_code: str, layout: AddressFormat) -> str:
    if not postal_code or layout.fits(postal_code):
        return ""
    if layout.example:
        return _(
            "That postcode does not look right for this country. It should look like %(example)s.",
            example=layout.example,
        )
    return _("That postcode does not look right. Please check it.")
