"""Addresses that name what to put into a cart: "FT-MUG-COB:2,FT-BOWL:1". Pure."""

from __future__ import annotations

from dataclasses import dataclass

from shop.cart.cart import MAX_LINES, MAX_QUANTITY, UnreadableQuantity, read_quantity


@dataclass(frozen=True)
class Wanted:
    #: A SKU, or the id of a variant.
    code: str
    quantity: int


def read_permalink(text: str) -> list[Wanted]:
    """In the order of the address, each once; what is not readable as a quantity counts as one."""
    wanted: dict[str, int] = {}
    for part in text.split(",")[:MAX_LINES]:
        # A SKU may have a colon itself: the quantity stands behind the last one.
        code, colon, number = part.rpartition(":")
        try:
            quantity = read_quantity(number) if colon else 1
        except UnreadableQuantity:
            code, quantity = part, 1
        code = (code if colon else part).strip()
        if code and quantity:
            wanted[code] = min(wanted.get(code, 0) + quantity, MAX_QUANTITY)
    return [Wanted(code, quantity) for code, quantity in wanted.items()]
