"""What is another between the bill a shopper has seen and the one to be paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

from shop.money import Money
from shop.pricing.bill import Bill

_SALT = "checkout-shown"


class Part(StrEnum):
    LINE = "line"
    DELIVERY = "delivery"
    DISCOUNT = "discount"
    TAX = "tax"
    RELIEF = "relief"
    ROUNDING = "rounding"
    GIFT_CARD = "gift_card"
    DUE = "due"


@dataclass(frozen=True)
class ShownLine:
    variant_id: int
    name: str
    quantity: int
    #: Before discounts.
    amount: Money


@dataclass(frozen=True)
class Change:
    part: Part
    #: Of a line, and of the way of delivery.
    name: str = ""
    #: None: it was, or is, not there.
    before: Money | None = None
    now: Money | None = None
    #: Units of a line.
    quantity_before: int = 0
    quantity_now: int = 0


def shown(lines: Sequence[ShownLine], bill: Bill, delivery: str) -> dict[str, Any]:
    """As JSON: what a page has shown, for `changes` to compare."""
    amounts = {
        Part.DELIVERY: bill.shipping,
        Part.DISCOUNT: bill.discount,
        Part.TAX: bill.tax,
        Part.RELIEF: bill.relief,
        Part.ROUNDING: bill.rounding,
        Part.GIFT_CARD: bill.gift_card,
        Part.DUE: bill.due,
    }
    return {
        "lines": [
            [line.variant_id, line.name, line.quantity, line.amount.amount] for line in lines
        ],
        "delivery": delivery,
        "currency": bill.total.currency,
        "sums": {str(part): amount.amount for part, amount in amounts.items()},
    }


def seal(told: Mapping[str, Any], secret_keys: Sequence[str]) -> str:
    """For a page to bring back what it has shown."""
    return URLSafeSerializer(list(secret_keys), salt=_SALT).dumps(told)


def unseal(text: str, secret_keys: Sequence[str]) -> dict[str, Any] | None:
    """None for what this shop has not sealed."""
    try:
        told = URLSafeSerializer(list(secret_keys), salt=_SALT).loads(text)
    except BadSignature:
        return None
    return told if isinstance(told, dict) else None


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """Lines first, what is to be paid last. Both as `shown` tells them. In another currency
    everything is another amount.
    """
    return [*_of_lines(before, now), *_of_sums(before, now)]


def _of_lines(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    old, new = ({line[0]: line for line in told["lines"]} for told in (before, now))
    is_same = before["currency"] == now["currency"]
    found = []
    for variant_id in old | new:
        was, is_ = old.get(variant_id), new.get(variant_id)
        if is_same and was is not None and is_ is not None and was[2:] == is_[2:]:
            continue
        found.append(
            Change(
                Part.LINE,
                (is_ or was or [0, ""])[1],
                before=Money(was[3], before["currency"]) if was else None,
                now=Money(is_[3], now["currency"]) if is_ else None,
                quantity_before=was[2] if was else 0,
                quantity_now=is_[2] if is_ else 0,
            )
        )
    return found


def _of_sums(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    is_same = before["currency"] == now["currency"]
    old, new = before["sums"], now["sums"]
    return [
        Change(
            part,
            now["delivery"] if part is Part.DELIVERY else "",
            before=Money(old[part], before["currency"]),
            now=Money(new[part], now["currency"]),
        )
        for part in Part
        if part is Part.DUE
        or (part is not Part.LINE and (old[part] != new[part] or (new[part] and not is_same)))
    ]
