"""Stripe Tax: what a destination takes of a list of lines. A few places, enough to try it out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from . import currencies
from .errors import ApiError
from .ids import new_id
from .store import Doc, Work

NOT_TAXED = "txcd_00000000"
BOOKS = "txcd_35010000"
SHIPPING = "txcd_92010001"
USUAL = "txcd_99999999"
_DAY = 86_400


@dataclass(frozen=True)
class _Tax:
    """One component at one place, in percent as Stripe writes it."""

    kind: str
    level: str
    place: str
    percent: str
    #: By tax code, where it is another.
    special: tuple[tuple[str, str], ...] = ()
    is_on_shipping: bool = True

    def of(self, code: str) -> str:
        return "0" if code == NOT_TAXED else dict(self.special).get(code, self.percent)


def _vat(place: str, percent: str, books: str) -> list[_Tax]:
    return [_Tax("vat", "country", place, percent, ((BOOKS, books),))]


#: Country, or country and state. Elsewhere nothing is collected.
_PLACES = {
    "DE": _vat("Germany", "19.0", "7.0"),
    "FR": _vat("France", "20.0", "5.5"),
    "GB": _vat("United Kingdom", "20.0", "0.0"),
    "IE": _vat("Ireland", "23.0", "0.0"),
    "US CA": [_Tax("sales_tax", "state", "CALIFORNIA", "7.25", is_on_shipping=False)],
    "US NY": [
        _Tax("sales_tax", "state", "NEW YORK", "4.0"),
        _Tax("sales_tax", "city", "NEW YORK CITY", "4.5"),
        _Tax("sales_tax", "district", "METROPOLITAN COMMUTER TRANSPORTATION DISTRICT", "0.375"),
    ],
}


def calculate(work: Work, params: Doc) -> Doc:
    """Nothing is kept: the shop asks anew when it needs to."""
    details = params.get("customer_details", {})
    address = details.get("address")
    if address is None:
        message = "You must specify the customer's address to calculate tax."
        raise ApiError(message, code="customer_tax_location_invalid", param="customer_details")
    currency = params["currency"].lower()
    if not currencies.is_currency(currency):
        raise ApiError(f"Invalid currency: {currency}.", param="currency")
    taxes = _taxes_of(address)
    lines = [_line(line, taxes, address["country"]) for line in params["line_items"]]
    shipping = _shipping(params.get("shipping_cost"), taxes, address["country"])
    parts = [*lines, *([shipping] if shipping else [])]
    if "line_items.data.tax_breakdown" not in params.get("expand", ()):
        lines = [line | {"tax_breakdown": None} for line in lines]
    added = _sum(parts, "exclusive")
    calculation_id = new_id("taxcalc")
    return {
        "id": calculation_id,
        "object": "tax.calculation",
        "amount_total": sum(part["amount"] for part in parts) + added,
        "currency": currency,
        "customer": None,
        "customer_details": _details(details, address),
        "expires_at": work.now + 90 * _DAY,
        "line_items": {
            "object": "list",
            "data": lines,
            "has_more": False,
            "url": f"/v1/tax/calculations/{calculation_id}/line_items",
        },
        "livemode": False,
        "ship_from_details": None,
        "shipping_cost": shipping,
        "tax_amount_exclusive": added,
        "tax_amount_inclusive": _sum(parts, "inclusive"),
        "tax_breakdown": [],
        "tax_date": work.now,
    }


def _taxes_of(address: Doc) -> list[_Tax]:
    country, state = address["country"], address.get("state", "")
    if country == "US" and not address.get("postal_code"):
        message = "The customer's location isn't recognized: a postal code is needed."
        raise ApiError(message, code="customer_tax_location_invalid", param="customer_details")
    return _PLACES.get(f"{country} {state}") or _PLACES.get(country) or []


def _line(given: Doc, taxes: list[_Tax], country: str) -> Doc:
    code = given.get("tax_code", USUAL)
    behavior = given.get("tax_behavior", "exclusive")
    breakdown = [_part(tax, tax.of(code), given["amount"], country) for tax in taxes]
    return {
        "id": new_id("tax_li"),
        "object": "tax.calculation_line_item",
        "amount": given["amount"],
        "amount_tax": sum(part["amount"] for part in breakdown),
        "livemode": False,
        "metadata": {},
        "product": None,
        "quantity": given.get("quantity", 1),
        "reference": given.get("reference", "L1"),
        "tax_behavior": behavior,
        "tax_code": code,
        "tax_breakdown": breakdown or [_nothing(given["amount"], country)],
    }


def _shipping(given: Doc | None, taxes: list[_Tax], country: str) -> Doc | None:
    if given is None:
        return None
    amount = given.get("amount", 0)
    breakdown = [
        _part(tax, tax.percent if tax.is_on_shipping else "0", amount, country) for tax in taxes
    ]
    return {
        "amount": amount,
        "amount_tax": sum(part["amount"] for part in breakdown),
        "tax_behavior": given.get("tax_behavior", "exclusive"),
        "tax_breakdown": breakdown or [_nothing(amount, country)],
        "tax_code": given.get("tax_code", SHIPPING),
    }


def _part(tax: _Tax, percent: str, amount: int, country: str) -> Doc:
    is_taxed = Decimal(percent) > 0
    return {
        "amount": int((amount * Decimal(percent) / 100).to_integral_value(ROUND_HALF_UP)),
        "jurisdiction": {
            "country": country,
            "display_name": tax.place,
            "level": tax.level,
            "state": None,
        },
        "sourcing": "destination",
        "tax_rate_details": {
            "display_name": "VAT" if tax.kind == "vat" else "Sales Tax",
            "percentage_decimal": percent,
            "tax_type": tax.kind,
        },
        "taxability_reason": _reason(tax, percent) if is_taxed else "product_exempt",
        "taxable_amount": amount if is_taxed else 0,
    }


def _reason(tax: _Tax, percent: str) -> str:
    return "standard_rated" if percent == tax.percent else "reduced_rated"


def _nothing(amount: int, country: str) -> Doc:
    return {
        "amount": 0,
        "jurisdiction": {
            "country": country,
            "display_name": country,
            "level": "country",
            "state": None,
        },
        "sourcing": "destination",
        "tax_rate_details": None,
        "taxability_reason": "not_collecting",
        "taxable_amount": 0,
    }


def _details(details: Doc, address: Doc) -> Doc:
    names = ("city", "country", "line1", "line2", "postal_code", "state")
    return {
        "address": {name: address.get(name) for name in names},
        "address_source": details.get("address_source"),
        "ip_address": None,
        "tax_ids": [],
        "taxability_override": "none",
    }


def _sum(parts: list[Doc], behavior: str) -> int:
    return sum(part["amount_tax"] for part in parts if part["tax_behavior"] == behavior)
