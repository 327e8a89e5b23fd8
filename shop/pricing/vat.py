"""VAT numbers, and the sales between businesses that they free of VAT. Pure.

Source: Council Directive 2006/112/EC, articles 138 and 196: goods sent from one member state to a
business registered for VAT in another; the buyer accounts for the VAT. Numbers are checked by
format and checksum, not asked of VIES.
"""

from __future__ import annotations

import re

from stdnum.ch import vat as swiss
from stdnum.eu import vat as european
from stdnum.exceptions import ValidationError
from stdnum.gb import vat as british

from shop.pricing.territories import EUROPEAN_UNION

REVERSE_CHARGE = "Reverse charge"
MAX_LENGTH = 20
#: Countries by how their numbers begin, where that is not their own code.
_PREFIXES = {"EL": "GR"}


class InvalidVatNumber(ValueError):
    """No VAT number of the European Union, the United Kingdom or Switzerland."""


def takes_vat_numbers(home: str) -> bool:
    """Whether a shop there has a use for its buyers' numbers."""
    return home in EUROPEAN_UNION or home in ("CH", "GB")


def read_vat_number(text: str) -> str:
    """ "de 136 695 976" -> "DE136695976". Raises InvalidVatNumber."""
    plain = re.sub(r"[\s.\-/]", "", text.upper())
    if not plain.isascii() or not plain.isalnum() or len(plain) > MAX_LENGTH:
        raise InvalidVatNumber(text)
    plain = re.sub("^GR", "EL", plain)
    try:
        if plain.startswith("GB"):
            return "GB" + str(british.validate(plain))
        if plain.startswith("CHE"):
            swiss.validate(plain)
            return plain
        return str(european.validate(plain))
    except ValidationError:
        raise InvalidVatNumber(text) from None


def is_reverse_charged(vat_number: str, *, home: str, country: str) -> bool:
    """A number as read_vat_number gives it; home: the shop's country; country: where goods go."""
    prefix = vat_number[:2]
    registered = _PREFIXES.get(prefix, prefix)
    places = {home, country, registered}
    return places <= EUROPEAN_UNION and home not in (country, registered)
