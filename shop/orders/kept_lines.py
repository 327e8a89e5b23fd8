"""Lines of a bill as an order keeps them: JSON, amounts in minor units of its currency. [pure]"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from shop.money import Money
from shop.pricing.bill import DiscountLine, TaxLine
from shop.pricing.quote import Step, StepKind


def kept(line: TaxLine | DiscountLine | Step) -> dict[str, Any]:
    values = ((field.name, getattr(line, field.name)) for field in fields(line))
    return {name: value.amount if isinstance(value, Money) else value for name, value in values}


def discount(line: Mapping[str, Any], currency: str) -> DiscountLine:
    amount = Money(line["amount"], currency)
    return DiscountLine(line["discount_id"], line["title"], line["code"], amount)


def tax(line: Mapping[str, Any], currency: str) -> TaxLine:
    base, amount = Money(line["base"], currency), Money(line["amount"], currency)
    return TaxLine(line["name"], line["rate_ppm"], base, amount)


def step(line: Mapping[str, Any], currency: str) -> Step:
    values = {
        **line,
        "kind": StepKind(line["kind"]),
        "amount": Money(line["amount"], currency),
        "base": None if line["base"] is None else Money(line["base"], currency),
    }
    return Step(**values)
