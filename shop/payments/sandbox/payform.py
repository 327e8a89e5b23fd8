"""What a shopper types on the payment page: checked, or refused field by field.

No field can change what is to be paid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .cards import (
    BANK_SCHEMES,
    CARDS,
    BankAccount,
    BankScheme,
    Card,
    Refusal,
    card_for,
    plain_number,
)
from .params import is_email
from .payments import Payer, TypedCard
from .store import Doc

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LIMIT = 250


class Incomplete(Exception):
    """Some fields cannot be used: what to say beside each."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(errors)
        self.errors = errors


@dataclass(frozen=True)
class Debit:
    scheme: BankScheme
    account: BankAccount


#: None where nothing is due; a Refusal for a number that is no test card.
Instrument = TypedCard | Debit | Refusal | None


class PayForm:
    """The typed values, always strings, for reading and for showing again."""

    def __init__(self, session: Doc, values: Mapping[str, str]) -> None:
        self.session = session
        self.values = {
            name: _CONTROL.sub("", value).strip()[:_LIMIT] for name, value in values.items()
        }
        self.errors: dict[str, str] = {}

    def read(self, *, year: int, month: int) -> tuple[Payer, Instrument]:
        """Raises Incomplete. `year` and `month`: today's, for the card's expiry."""
        self._require("email", "Enter your email address.")
        if "email" not in self.errors and not is_email(self["email"]):
            self.errors["email"] = "Enter an email address like name@example.com."
        instrument = self._instrument(year, month)
        self._details()
        if self.errors:
            raise Incomplete(self.errors)
        return self._payer(), instrument

    def forget_card(self) -> None:
        """Before the form is shown again: a number that is no test card must not be in the page."""
        if plain_number(self["number"]) not in CARDS:
            self.values |= {"number": "", "cvc": ""}

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def _require(self, name: str, complaint: str) -> None:
        if not self[name]:
            self.errors[name] = complaint

    def _instrument(self, year: int, month: int) -> Instrument:
        if self.session["amount_total"] == 0:
            return None
        if self["method"] == "bank" and (scheme := bank_scheme(self.session)):
            return self._debit(scheme)
        return self._card(year, month)

    def _card(self, year: int, month: int) -> Instrument:
        self._require("number", "Enter your card number.")
        if self["number"] and not re.fullmatch("[0-9 -]{12,40}", self["number"]):
            self.errors["number"] = "Enter the digits on the front of your card."
        expiry = self._expiry(year, month)
        if not re.fullmatch("[0-9]{3,4}", self["cvc"]):
            self.errors["cvc"] = "Enter the security code: 3 or 4 digits."
        self._require("name", "Enter the name on your card.")
        if self.errors or expiry is None:
            return None
        card = card_for(self["number"])
        return TypedCard(card, *expiry) if isinstance(card, Card) else card

    def _expiry(self, year: int, month: int) -> tuple[int, int] | None:
        match = re.fullmatch(r"(0?[1-9]|1[0-2]) ?[/-]? ?(?:20)?([0-9]{2})", self["expiry"])
        if match is None:
            self.errors["expiry"] = "Enter the expiry date as month and year: MM / YY."
            return None
        typed = int(match[1]), 2000 + int(match[2])
        if (typed[1], typed[0]) < (year, month):
            self.errors["expiry"] = "This card has expired. Use another one."
        return typed

    def _debit(self, scheme: BankScheme) -> Instrument:
        self._require("account_name", "Enter the account holder's name.")
        self._require("account", f"Enter the {scheme.number_label}.")
        if scheme.routing_label:
            self._require("routing", f"Enter the {scheme.routing_label.lower()}.")
        if self.errors:
            return None
        account = scheme.account(self["routing"], self["account"])
        if account is None:
            self.errors["account"] = "Use one of the test accounts below the form."
            return None
        return Debit(scheme, account)

    def _details(self) -> None:
        if asks_address(self.session):
            self._require("line1", "Enter your street address.")
            self._require("city", "Enter your town or city.")
            self._require("postal_code", "Enter your postal code.")
        if asks_phone(self.session):
            self._require("phone", "Enter your phone number.")
        if self["country"] and not re.fullmatch("[A-Z]{2}", self["country"]):
            self.errors["country"] = "Choose a country."

    def _payer(self) -> Payer:
        names = ("city", "country", "line1", "line2", "postal_code", "state")
        address = {name: self[name] or None for name in names}
        name = self["account_name"] if self["method"] == "bank" else self["name"]
        return Payer(self["email"], name, self["phone"] or None, address)


def bank_scheme(session: Doc) -> BankScheme | None:
    """The bank debit this session offers; money that is only held cannot come from one."""
    if session["_intent"].get("capture_method") == "manual":
        return None
    return BANK_SCHEMES.get(session["currency"])


def asks_address(session: Doc) -> bool:
    return bool(session["billing_address_collection"] == "required")


def asks_phone(session: Doc) -> bool:
    return bool(session["phone_number_collection"]["enabled"])
