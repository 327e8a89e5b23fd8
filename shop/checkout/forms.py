"""The checkout's forms: raw text into values, or a complaint beside each field."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from email_validator import validate_email
from flask_babel import gettext as _

from shop.orders.placement import Buyer
from shop.pricing.vat import MAX_LENGTH as MAX_VAT_NUMBER
from shop.pricing.vat import InvalidVatNumber, read_vat_number
from shop.web.address_form import AddressForm, phone_complaint, tidy
from shop.web.forms import is_email

LIMITS = {"email": 254, "phone": 32, "vat_number": MAX_VAT_NUMBER}
#: Characters of a note or a gift message.
MAX_WISH = 500


@dataclass(frozen=True)
class DetailsForm:
    """The first screen: values as typed, complaints by field, the buyer where there are none."""

    values: Mapping[str, str]
    address: AddressForm
    own_errors: Mapping[str, str] = field(default_factory=dict)
    buyer: Buyer | None = None

    @classmethod
    def blank(cls, country: str, *, email: str = "") -> DetailsForm:
        return cls(dict.fromkeys(LIMITS, "") | {"email": email}, AddressForm.blank(country))

    @classmethod
    def of(cls, buyer: Buyer) -> DetailsForm:
        values = {name: getattr(buyer, name) for name in LIMITS}
        return cls(values, AddressForm.of(buyer.address), buyer=buyer)

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> DetailsForm:
        """As typed so far, without complaints: the form is not finished."""
        return cls({name: form.get(name, "") for name in LIMITS}, AddressForm.typed(form))

    @classmethod
    def read(
        cls, form: Mapping[str, str], served: Mapping[str, str], asked: Container[str]
    ) -> DetailsForm:
        """`served`: codes and names of the countries the shop sends to; `asked`: the fields of the
        address that this cart needs.
        """
        typed = cls.typed(form).values
        address = AddressForm.read(form, served, asked)
        clean = {name: tidy(text) for name, text in typed.items()}
        errors = _complaints(clean)
        if errors or address.address is None:
            return cls(typed, address, errors)
        buyer = Buyer(
            email=_normal_email(clean["email"]),
            address=address.address,
            phone=clean["phone"],
            vat_number=_normal_vat_number(clean["vat_number"]),
        )
        return cls(typed, address, errors, buyer)

    @property
    def errors(self) -> dict[str, str]:
        """In the order of the fields on the page."""
        last = {name: self.own_errors[name] for name in LIMITS if name in self.own_errors}
        first = {"email": last.pop("email")} if "email" in last else {}
        return {**first, **self.address.errors, **last}


@dataclass(frozen=True)
class WishesForm:
    """What the second screen may be told beside the choice of delivery, as typed."""

    note: str
    gift_message: str
    #: Who gets the gift cards; empty: the buyer.
    gift_email: str = ""

    @classmethod
    def read(cls, form: Mapping[str, str]) -> WishesForm | None:
        """None where the form had no such fields."""
        if "note" not in form and "gift_message" not in form:
            return None
        return cls(
            _tidy_text(form.get("note", "")),
            _tidy_text(form.get("gift_message", "")),
            tidy(form.get("gift_email", "")),
        )

    @property
    def complaint(self) -> str:
        if len(self.gift_email) > LIMITS["email"] or (
            self.gift_email and _email_complaint(self.gift_email)
        ):
            return _(
                "The gift card's email address does not look right. It should look like "
                "name@example.com; leave it empty to get the card yourself."
            )
        if max(len(self.note), len(self.gift_message)) > MAX_WISH:
            return _(
                "The note or the gift message is too long. You have not been charged. Please keep "
                "each under %(count)s characters.",
                count=MAX_WISH,
            )
        return ""


def _tidy_text(text: str) -> str:
    return "\n".join(tidy(line) for line in text.splitlines()).strip()


def _complaints(values: Mapping[str, str]) -> dict[str, str]:
    checks = {
        "email": _email_complaint(values["email"]),
        "phone": phone_complaint(values["phone"]),
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
        return _("Please give an email address: the confirmation goes there.")
    if len(email) > LIMITS["email"]:
        return ""
    if not is_email(email):
        return _("That is not an email address. It should look like name@example.com.")
    return ""


def _normal_email(email: str) -> str:
    return validate_email(email, check_deliverability=False, allow_smtputf8=False).normalized


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
