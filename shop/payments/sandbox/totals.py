"""Adding up a Checkout Session as Stripe does: subtotal - discount + shipping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .store import Doc


@dataclass(frozen=True)
class Totals:
    subtotal: int
    line_discounts: tuple[int, ...]
    shipping: int

    @property
    def discount(self) -> int:
        return sum(self.line_discounts)

    @property
    def total(self) -> int:
        return self.subtotal - self.discount + self.shipping


def add_up(line_amounts: Sequence[int], coupon: Doc | None, shipping: int) -> Totals:
    subtotal = sum(line_amounts)
    discounts = _spread(_coupon_value(coupon, subtotal), line_amounts)
    return Totals(subtotal, tuple(discounts), shipping)


def _coupon_value(coupon: Doc | None, subtotal: int) -> int:
    """A coupon takes from the goods only, never from shipping, and never more than they cost."""
    if coupon is None:
        return 0
    if coupon["amount_off"] is not None:
        return min(int(coupon["amount_off"]), subtotal)
    exact = Decimal(subtotal) * Decimal(str(coupon["percent_off"])) / 100
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def _spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide `amount` in proportion; leftover units go to the largest remainders."""
    whole = sum(weights)
    if whole == 0:
        return [0 for _ in weights]
    shares = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(amount * weights[i] % whole))
    for index in by_remainder[: amount - sum(shares)]:
        shares[index] += 1
    return shares
