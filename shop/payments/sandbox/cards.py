"""Stripe's documented test cards and test bank accounts, and what each of them does."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """Why a payment was declined, in Stripe's words and codes."""

    code: str
    message: str
    decline_code: str | None = None


@dataclass(frozen=True)
class Card:
    number: str
    label: str
    refusal: Refusal | None = None
    challenge: bool = False
    dispute: str | None = None
    fraud_warning: bool = False
    refunds: str = "succeeded"

    @property
    def brand(self) -> str:
        return {"3": "amex", "4": "visa", "5": "mastercard"}.get(self.number[0], "unknown")

    @property
    def last4(self) -> str:
        return self.number[-4:]


def _declined(decline_code: str, message: str = "Your card was declined.") -> Refusal:
    return Refusal("card_declined", message, decline_code)


_INSUFFICIENT = _declined("insufficient_funds", "Your card has insufficient funds.")
_GENERIC = _declined("generic_decline")
INCORRECT_NUMBER = Refusal("incorrect_number", "Your card number is incorrect.")
REAL_CARD = _declined(
    "test_mode_live_card",
    "Your card was declined. This is test mode: use one of the test cards.",
)
NOT_AUTHENTICATED = Refusal(
    "payment_intent_authentication_failure",
    "We are unable to authenticate your payment method. Please choose a different payment method "
    "and try again.",
)

_CARDS = [
    Card("4242424242424242", "Visa, succeeds"),
    Card("5555555555554444", "Mastercard, succeeds"),
    Card("378282246310005", "American Express, succeeds"),
    Card("4000000000000002", "Declined", _GENERIC),
    Card("4000000000009995", "Declined: insufficient funds", _INSUFFICIENT),
    Card("4000000000009987", "Declined: lost card", _declined("lost_card")),
    Card("4000000000009979", "Declined: stolen card", _declined("stolen_card")),
    Card(
        "4000000000000069",
        "Declined: expired card",
        Refusal("expired_card", "Your card has expired."),
    ),
    Card(
        "4000000000000127",
        "Declined: wrong security code",
        Refusal("incorrect_cvc", "Your card's security code is incorrect."),
    ),
    Card(
        "4000000000000119",
        "Declined: processing error",
        Refusal(
            "processing_error",
            "An error occurred while processing your card. Try again in a little bit.",
        ),
    ),
    Card("4242424242424241", "Declined: wrong number", INCORRECT_NUMBER),
    Card(
        "4000000000006975",
        "Declined: used too often",
        _declined(
            "card_velocity_exceeded",
            "Your card was declined for making repeated attempts too "
            "frequently or exceeding its amount limit.",
        ),
    ),
    Card("4100000000000019", "Declined: blocked as fraud", _declined("fraudulent")),
    Card("4000002500003155", "3-D Secure, then succeeds", challenge=True),
    Card("4000002760003184", "3-D Secure every time, then succeeds", challenge=True),
    Card("4000000000003220", "3-D Secure 2, then succeeds", challenge=True),
    Card("4000008400001629", "3-D Secure, then declined", _GENERIC, challenge=True),
    Card("4000008260003178", "3-D Secure, then insufficient funds", _INSUFFICIENT, challenge=True),
    Card("4000000000000259", "Succeeds, then disputed as fraudulent", dispute="fraudulent"),
    Card(
        "4000000000002685",
        "Succeeds, then disputed as not received",
        dispute="product_not_received",
    ),
    Card("4000000000001976", "Succeeds, then an inquiry", dispute="inquiry"),
    Card("4000000000005423", "Succeeds, then an early fraud warning", fraud_warning=True),
    Card("4000000000007726", "Succeeds; refunds take a while", refunds="pending"),
    Card("4000000000005126", "Succeeds; refunds fail later", refunds="fails"),
]
CARDS = {card.number: card for card in _CARDS}


def card_for(typed: str) -> Card | Refusal:
    """The test card with this number. Other numbers are refused and never kept."""
    number = plain_number(typed)
    if number in CARDS:
        return CARDS[number]
    return REAL_CARD if _passes_luhn(number) else INCORRECT_NUMBER


def plain_number(typed: str) -> str:
    return re.sub("[ -]", "", typed)


def _passes_luhn(number: str) -> bool:
    if not re.fullmatch("[0-9]{12,19}", number):
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


@dataclass(frozen=True)
class BankAccount:
    """A test account of one scheme; `refusal` is how its debit fails once it is decided."""

    number: str
    routing: str
    label: str
    refusal: Refusal | None = None

    @property
    def last4(self) -> str:
        return self.number[-4:]


@dataclass(frozen=True)
class BankScheme:
    """A bank debit of one currency: the name the API uses and what its form asks for."""

    type: str
    title: str
    routing_label: str | None
    number_label: str
    accounts: tuple[BankAccount, ...]

    def account(self, routing: str, number: str) -> BankAccount | None:
        """A known test account, or None: unknown numbers are refused, never kept."""
        wanted = (_plain(routing) if self.routing_label else "", _plain(number))
        return next((a for a in self.accounts if (a.routing, a.number) == wanted), None)


def _plain(typed: str) -> str:
    return re.sub("[ -]", "", typed).upper()


_NO_FUNDS = Refusal(
    "payment_intent_payment_attempt_failed",
    "The customer's account has insufficient funds to cover this payment.",
    "insufficient_funds",
)

#: By currency: where a debit in it is offered at all.
BANK_SCHEMES = {
    "usd": BankScheme(
        "us_bank_account",
        "US bank account",
        "Routing number",
        "Account number",
        (
            BankAccount("000123456789", "110000000", "Debit succeeds"),
            BankAccount("000222222227", "110000000", "Debit fails", _NO_FUNDS),
        ),
    ),
    "eur": BankScheme(
        "sepa_debit",
        "SEPA Direct Debit",
        None,
        "IBAN",
        (
            BankAccount("DE89370400440532013000", "", "Debit succeeds"),
            BankAccount("DE62370400440532013001", "", "Debit fails", _NO_FUNDS),
        ),
    ),
    "gbp": BankScheme(
        "bacs_debit",
        "Bacs Direct Debit",
        "Sort code",
        "Account number",
        (
            BankAccount("00012345", "108800", "Debit succeeds"),
            BankAccount("00033333", "108800", "Debit fails", _NO_FUNDS),
        ),
    ),
}
