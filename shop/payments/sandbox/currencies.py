"""What Stripe charges in each currency: digits, multiples, least and greatest amounts.

Source: docs.stripe.com/currencies.
"""

from __future__ import annotations

import re
from decimal import Decimal

from babel.core import Locale
from babel.numbers import format_currency

from .errors import ApiError

_ZERO = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
_THREE = "bhd jod kwd omr tnd"
_FIFTY = "usd eur cad aud chf nzd sgd brl inr"
_ZERO_DECIMAL = frozenset(_ZERO.split())
_THREE_DECIMAL = frozenset(_THREE.split())

#: Sent with two decimals that must be zero, although the currency has none.
_WHOLE_UNITS_ONLY = frozenset({"isk", "ugx"})

#: The least Stripe charges, in the currency's minor unit.
_MINIMUM = {
    **dict.fromkeys(_FIFTY.split(), 50),
    "gbp": 30,
    "jpy": 50,
    "sek": 300,
    "nok": 300,
    "dkk": 250,
    "pln": 200,
    "ron": 200,
    "myr": 200,
    "aed": 200,
    "bgn": 100,
    "hkd": 400,
    "mxn": 1000,
    "thb": 1000,
    "czk": 1500,
    "huf": 17500,
}
_MAXIMUM = 99_999_999

#: CLDR puts a space between a currency's letters and a digit; Babel leaves it out.
_CODE_BEFORE_NUMBER = re.compile(r"(?<=[A-Za-z])(?=[0-9])")


def is_currency(code: str) -> bool:
    return code.upper() in Locale("en").currencies


def exponent(code: str) -> int:
    """Digits after the point in the amounts the API carries."""
    if code in _ZERO_DECIMAL:
        return 0
    return 3 if code in _THREE_DECIMAL else 2


def check_amount(amount: int, code: str, *, param: str) -> None:
    """Raises ApiError for an amount the currency cannot express."""
    if code in _WHOLE_UNITS_ONLY and amount % 100:
        message = f"Invalid integer: {amount}. {code} amounts must be divisible by 100."
        raise ApiError(message, code="parameter_invalid_integer", param=param)
    if code in _THREE_DECIMAL and amount % 10:
        message = f"Invalid integer: {amount}. {code} amounts must end in 0."
        raise ApiError(message, code="parameter_invalid_integer", param=param)


def check_total(amount: int, code: str, *, param: str) -> None:
    minimum = _MINIMUM.get(code, 1)
    if amount < minimum:
        message = f"The total amount due must be at least {show(minimum, code)}."
        raise ApiError(message, code="amount_too_small", param=param)
    if amount > _MAXIMUM:
        message = f"The total amount due must be no more than {show(_MAXIMUM, code)}."
        raise ApiError(message, code="amount_too_large", param=param)


def show(amount: int, code: str) -> str:
    """For people: 1999, "usd" is $19.99; 1230, "kwd" is KWD 1.230."""
    value = Decimal(amount).scaleb(-exponent(code))
    digits = 0 if code in _WHOLE_UNITS_ONLY else exponent(code)
    pattern = "¤#,##0" + (f".{'0' * digits}" if digits else "")
    shown = format_currency(value, code.upper(), pattern, locale="en", currency_digits=False)
    return _CODE_BEFORE_NUMBER.sub("\u00a0", shown)
