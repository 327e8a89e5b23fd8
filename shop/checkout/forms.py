"""The checkout's forms: raw text into values, or a complaint beside each field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _

from shop.orders.placement import Buyer
from shop.pricing.vat import MAX_LENGTH as MAX_VAT_NUMBER
from shop.pricing.vat import InvalidVatNumber, read_vat_number
from shop.web.countries import WITH_REGION, WITHOUT_POSTCODE

_SPACES = re.compile(r"\s+")
#: Marks that turn text around or hide in it.
_INVISIBLE = dict.fromkeys(
    [0x200B, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], None
)
_PHONE = re.compile(r"[0-9+()./\s-]{5,32}", re.ASCII)
_POSTCODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z -]{1,18}", re.ASCII)
_UK_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}", re.ASCII)

LIMITS = {
    "email": 254, "name": 120, "line1": 120, "line2": 120, "city": 80, "region": 80,
    "postal_code": 20, "country": 2, "phone": 32,
    "vat_number": MAX_VAT_NUMBER,
}  # fmt: skip


@dataclass(frozen=True)
class DetailsForm:
    """The first screen: values as typed, complaints by field, the buyer where there are none."""

    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    buyer: Buyer | None = None

    @classmethod
    def blank(cls, country: str) -> DetailsForm:
        return cls(dict.fromkeys(LIMITS, "") | {"country": country})

    @classmethod
    def of(cls, buyer: Buyer) -> DetailsForm:
        return cls({name: getattr(buyer, name) for name in LIMITS}, buyer=buyer)

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> DetailsForm:
        """As typed so far, without complaints: the form is not finished."""
        return cls({name: form.get(name, "") for name in LIMITS})

    @classmethod
    def read(cls, form: Mapping[str, str], served: Mapping[str, str]) -> DetailsForm:
        """`served`: codes and names of the countries the shop sends to."""
        typed = cls.typed(form).values
        clean = {name: _tidy(text) for name, text in typed.items()}
        clean["country"] = clean["country"].upper()
        clean["postal_code"] = clean["postal_code"].upper()
        errors = _complaints(clean, served)
        if not errors:
            clean["email"] = _normal_email(clean["email"])
            clean["vat_number"] = _normal_vat_number(clean["vat_number"])
        buyer = None if errors else Buyer(**clean)
        return cls(typed, errors, buyer)

    @property
    def has_region(self) -> bool:
        return self.values["country"] in WITH_REGION

    @property
    def has_postcode(self) -> bool:
        return self.values["country"] not in WITHOUT_POSTCODE


def _tidy(text: str) -> str:
    """One line, composed, without invisible marks or doubled spaces."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text).translate(_INVISIBLE)).strip()


def _complaints(values: Mapping[str, str], served: Mapping[str, str]) -> dict[str, str]:
    checks = {
        "email": _email_complaint(values["email"]),
        "country": _country_complaint(values["country"], served),
        "name": _("Please give the name on the parcel.") if not values["name"] else "",
        "line1": _("Please give the street and house number.") if not values["line1"] else "",
        "postal_code": _postcode_complaint(values),
        "city": _("Please give the town or city.") if not values["city"] else "",
        "region": _region_complaint(values),
        "phone": _phone_complaint(values["phone"]),
        "vat_number": _vat_number_complaint(values["vat_number"]),
    }
    too_long = {
        name: _("Please keep this under %(count)s characters.", count=limit)
        for name, limit in LIMITS.items()
        if len(values[name]) > limit
    }
    return {name: complaint for name, complaint in (checks | too_long).items() if complaint}


def _email_complaint(email: str) -> str:
    if not email:
        return _("Please give your e-mail address: the confirmation goes there.")
    if len(email) > LIMITS["email"]:
        return ""
    try:
        validate_email(email, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return _("That is not an e-mail address. It should look like name@example.com.")
    return ""


def _normal_email(email: str) -> str:
    return validate_email(email, check_deliverability=False, allow_smtputf8=False).normalized


def _country_complaint(country: str, served: Mapping[str, str]) -> str:
    if country not in served:
        return _("We do not send to that country yet. Please choose one from the list.")
    return ""


def _region_complaint(values: Mapping[str, str]) -> str:
    if values["country"] in WITH_REGION and not values["region"]:
        return _("Please give the state, province or region.")
    return ""


def _postcode_complaint(values: Mapping[str, str]) -> str:
    country, postcode = values["country"], values["postal_code"]
    if not postcode:
        return "" if country in WITHOUT_POSTCODE else _("Please give the postcode.")
    pattern = _UK_POSTCODE if country == "GB" else _POSTCODE
    if not pattern.fullmatch(postcode):
        return _("That postcode does not look right. Please check it.")
    return ""


def _phone_complaint(phone: str) -> str:
    if phone and not _PHONE.fullmatch(phone):
        return _("Please use digits only, with + and spaces where you like.")
    return ""


def _vat_number_complaint(number: str) -> str:
    try:
        _normal_vat_number(number)
    except InvalidVatNumber:
        return _(
            "That is not a valid VAT number. It begins with the two letters of its country, like "
            "DE123456789. Please check it, or leave it empty and pay with VAT."
        )
    return ""


def _normal_vat_number(number: str) -> str:
    """Empty stays empty. Raises InvalidVatNumber."""
    return read_vat_number(number) if number else ""
