"""How many codes one network may guess, of gift cards and discounts together."""

from __future__ import annotations

from shop.limits import service as limits
from shop.limits.service import Limit

#: Unknown codes in a quarter of an hour.
ALLOWED = 20


def limit_of(address: str | None) -> Limit:
    return limits.network_limit("codes", address, ALLOWED)
