"""The shop's payments and refunds beside the lines of Stripe's balance. Pure.

They are matched by Stripe's own numbers, never by time or amount, so two equal payments cannot
stand in for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    #: Stripe has it, the shop has not.
    NOT_HERE = "not_here"
    #: The shop has it, Stripe has not.
    NOT_AT_STRIPE = "not_at_stripe"
    AMOUNT_DIFFERS = "amount_differs"


@dataclass(frozen=True)
class Ours:
    """A payment or refund of the shop, by Stripe's number for it; in Stripe's units."""

    number: str
    order_id: int
    amount: int
    currency: str


@dataclass(frozen=True)
class Difference:
    fault: Fault
    is_refund: bool
    number: str
    currency: str
    #: None where the shop does not know it.
    order_id: int | None
    ours: int
    theirs: int


def differences(
    *,
    ours: Sequence[Ours],
    theirs: Mapping[str, tuple[int, str]],
    known: Mapping[str, Ours],
    is_refund: bool,
) -> list[Difference]:
    """`ours`: of the period. `theirs`: amount and currency by number, of the period and a margin
    around it. `known`: ours of any time, by number.
    """
    found = [
        Difference(Fault.NOT_AT_STRIPE, is_refund, one.number, one.currency, one.order_id,
                   one.amount, 0)
        for one in ours if one.number not in theirs
    ]  # fmt: skip
    for number, (amount, currency) in theirs.items():
        one = known.get(number)
        if one is None and amount:
            found.append(Difference(Fault.NOT_HERE, is_refund, number, currency, None, 0, amount))
        elif one is not None and (one.amount, one.currency) != (amount, currency):
            found.append(
                Difference(Fault.AMOUNT_DIFFERS, is_refund, number, currency, one.order_id,
                           one.amount, amount)
            )  # fmt: skip
    return sorted(found, key=lambda each: (each.fault, each.number))


def summed(entries: Iterable[tuple[str, int, str]]) -> dict[str, tuple[int, str]]:
    """Amount and currency by number; a refund that failed later comes to nothing."""
    found: dict[str, tuple[int, str]] = {}
    for number, amount, currency in entries:
        found[number] = (found.get(number, (0, ""))[0] + amount, currency)
    return found
