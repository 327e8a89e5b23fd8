"""What Stripe Tax is asked, and how its answer is read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from shop.pricing.places import Destination
from shop.pricing.tax import CATEGORIES, STANDARD, ShippingTax

#: Stripe's codes for tangible goods in general, and for what is not taxed.
USUAL_CODES = {STANDARD: "txcd_99999999", "zero": "txcd_00000000"}
#: Asked for each category, in minor units; the answer's rates count, not its amounts.
SAMPLE = 100_00
_NAMES = {
    "gst": "GST",
    "hst": "HST",
    "igst": "IGST",
    "jct": "Consumption tax",
    "pst": "PST",
    "qst": "QST",
    "rst": "RST",
    "sales_tax": "Sales tax",
    "vat": "VAT",
}


@dataclass(frozen=True)
class TaxFacts:
    """How goods of each category, and the delivery, are taxed at one destination."""

    #: Category -> name and parts per million of each component; empty where nothing is taken.
    rates: Mapping[str, Sequence[tuple[str, int]]]
    shipping: ShippingTax


def calculation(
    destination: Destination, currency: str, codes: Mapping[str, str]
) -> dict[str, Any]:
    """A line for each category. `codes`: category -> Stripe's code for such goods."""
    known = USUAL_CODES | {category: code for category, code in codes.items() if code}
    address = {
        "country": destination.country,
        "state": destination.region,
        "postal_code": destination.postal_code,
    }
    return {
        "currency": currency.lower(),
        "customer_details": {
            "address": {name: text for name, text in address.items() if text},
            "address_source": "shipping",
        },
        "line_items": [
            {
                "amount": SAMPLE,
                "reference": category,
                "tax_behavior": "exclusive",
                "tax_code": known.get(category, known[STANDARD]),
            }
            for category in CATEGORIES
        ],
        "shipping_cost": {"amount": SAMPLE, "tax_behavior": "exclusive"},
        "expand": ["line_items.data.tax_breakdown", "shipping_cost.tax_breakdown"],
    }


def facts_of(answer: Mapping[str, Any]) -> TaxFacts:
    rates = {
        line["reference"]: _components(line["tax_breakdown"] or ())
        for line in answer["line_items"]["data"]
    }
    return TaxFacts(rates, _shipping(answer["shipping_cost"] or {}, rates[STANDARD]))


def _components(breakdown: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    found = []
    for part in breakdown:
        rate = part["tax_rate_details"]
        if rate is None or not part["taxable_amount"]:
            continue
        rate_ppm = int(Fraction(rate["percentage_decimal"]) * 10_000)
        if rate_ppm:
            found.append((_name(rate, part["jurisdiction"]), rate_ppm))
    return found


def _name(rate: Mapping[str, Any], jurisdiction: Mapping[str, Any]) -> str:
    """What stands on the bill: a country's tax by its name, a state's or a town's with theirs."""
    name = _NAMES.get(rate["tax_type"], "") or rate["display_name"]
    if jurisdiction["level"] == "country":
        return str(name)
    return f"{name}, {jurisdiction['display_name'].title()}"


def _shipping(cost: Mapping[str, Any], standard: Sequence[tuple[str, int]]) -> ShippingTax:
    taken = _components(cost.get("tax_breakdown") or ())
    if not taken:
        return ShippingTax.NONE
    return ShippingTax.STANDARD if taken == standard else ShippingTax.LIKE_GOODS
