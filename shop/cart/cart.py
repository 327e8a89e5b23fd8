"""What a shopper intends to buy: variants and quantities, nothing that can go stale. Pure.

It lives in the signed session cookie as one short string of hexadecimal pairs,
"1f.2-20.1" for two of variant 31 and one of variant 32; fifty lines take about 340 bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_LINES = 50
MAX_QUANTITY = 99

_LINE = re.compile(r"([0-9a-f]{1,8})\.([0-9a-f]{1,2})", re.ASCII)
_QUANTITY = re.compile(r"[0-9]{1,4}", re.ASCII)


class CartFull(Exception):
    """The cart has MAX_LINES different lines already."""


class UnreadableQuantity(ValueError):
    """A text that is not a whole number of units."""


@dataclass
class Cart:
    """Quantities by variant id, in the order in which they came."""

    quantities: dict[int, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not self.quantities

    @property
    def count(self) -> int:
        return sum(self.quantities.values())

    def add(self, variant_id: int, quantity: int) -> int:
        """Add units, at most MAX_QUANTITY of one variant; returns how many the line has now.

        Raises CartFull.
        """
        if variant_id not in self.quantities and len(self.quantities) >= MAX_LINES:
            raise CartFull
        return self.set(variant_id, self.quantities.get(variant_id, 0) + quantity)

    def set(self, variant_id: int, quantity: int) -> int:
        """Set a line's units; none takes the line away."""
        if quantity <= 0:
            self.remove(variant_id)
            return 0
        self.quantities[variant_id] = min(quantity, MAX_QUANTITY)
        return self.quantities[variant_id]

    def remove(self, variant_id: int) -> None:
        self.quantities.pop(variant_id, None)


def merged(cart: Cart, saved: Cart) -> Cart:
    """Both together: of what is in both the larger number, so that merging twice doubles nothing;
    what finds no room of the saved one is left out.
    """
    both = Cart(dict(cart.quantities))
    for variant_id, units in saved.quantities.items():
        if variant_id in both.quantities or len(both.quantities) < MAX_LINES:
            both.set(variant_id, max(units, both.quantities.get(variant_id, 0)))
    return both


def pack(cart: Cart) -> str:
    return "-".join(f"{variant_id:x}.{units:x}" for variant_id, units in cart.quantities.items())


def unpack(text: object) -> Cart:
    """The cart of a cookie; whatever is not readable is left out."""
    cart = Cart()
    if not isinstance(text, str):
        return cart
    for part in text.split("-")[:MAX_LINES]:
        if match := _LINE.fullmatch(part):
            variant_id, units = int(match[1], 16), int(match[2], 16)
            if 0 < variant_id < 2**31:
                cart.set(variant_id, units)
    return cart


def read_quantity(text: str) -> int:
    """Units as typed: ASCII digits only. Raises UnreadableQuantity."""
    if not _QUANTITY.fullmatch(text):
        raise UnreadableQuantity(text)
    return int(text)
