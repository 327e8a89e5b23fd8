"""The parameters of a Checkout Session for an order. Pure; frozen on the attempt and replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shop.money import Money
from shop.orders.models import Order
from shop.payments.amounts import to_stripe

MAX_NAME = 250


@dataclass(frozen=True)
class Shop:
    """What the payment page must know of the shop."""

    name: str
    store_id: str
    #: Absolute, with Stripe's placeholder {CHECKOUT_SESSION_ID}.
    success_url: str
    cancel_url: str
    #: Prefix of public https pictures; empty where Stripe could not fetch them.
    media_url: str = ""


def session_params(order: Order, shop: Shop, *, ordinal: int, expires_at: int) -> dict[str, Any]:
    """Sum of the lines + shipping + tax that is not included = the order's total."""
    reference = str(order.id)
    metadata = {"order_id": reference, "attempt": str(ordinal), "store": shop.store_id}
    return {
        "mode": "payment",
        "client_reference_id": reference,
        "customer_email": order.email,
        "success_url": shop.success_url,
        "cancel_url": shop.cancel_url,
        "expires_at": expires_at,
        "line_items": [*_lines(order, shop), *_added_tax(order)],
        "shipping_options": [_shipping(order)],
        "metadata": metadata,
        "payment_intent_data": {
            # A session's metadata does not reach charges, refunds and disputes.
            "metadata": metadata,
            "description": f"{shop.name}, order reference {reference}",
            "shipping": {"name": order.name, "address": _address(order)},
        },
        "locale": "auto",
        "submit_type": "pay",
        "billing_address_collection": "auto",
        # Otherwise the shopper might pay in another currency.
        "adaptive_pricing": {"enabled": False},
    }


def _lines(order: Order, shop: Shop) -> list[dict[str, Any]]:
    lines = []
    for line in order.lines:
        name = f"{line.title}, {line.options}" if line.options else line.title
        product: dict[str, Any] = {
            "name": name[:MAX_NAME],
            "metadata": {"sku": line.sku or "-", "variant_id": str(line.variant_id or "-")},
        }
        if shop.media_url and line.file:
            product["images"] = [f"{shop.media_url}/{line.file}-800.jpg"]
        price = _price(order.money(line.unit_amount)) | {"product_data": product}
        lines.append({"quantity": line.quantity, "price_data": price})
    return lines


def _added_tax(order: Order) -> list[dict[str, Any]]:
    """The exact tax as a line: Stripe's own rates would round per line, a cent elsewhere."""
    if order.is_tax_included or not order.tax_amount:
        return []
    price = _price(order.tax) | {"product_data": {"name": order.tax_name or "Tax"}}
    return [{"quantity": 1, "price_data": price}]


def _price(money: Money) -> dict[str, Any]:
    return {"currency": money.currency.lower(), "unit_amount": to_stripe(money)}


def _shipping(order: Order) -> dict[str, Any]:
    day = "business_day"
    return {
        "shipping_rate_data": {
            "type": "fixed_amount",
            "display_name": order.shipping_name[:100],
            "fixed_amount": {
                "amount": to_stripe(order.shipping),
                "currency": order.currency.lower(),
            },
            "delivery_estimate": {
                "minimum": {"unit": day, "value": max(order.shipping_min_days, 1)},
                "maximum": {"unit": day, "value": max(order.shipping_max_days, 1)},
            },
        }
    }


def _address(order: Order) -> dict[str, str]:
    """Empty strings are refused by Stripe; what is empty is left out."""
    parts = {
        "line1": order.line1,
        "line2": order.line2,
        "city": order.city,
        "state": order.region,
        "postal_code": order.postal_code,
        "country": order.country,
    }
    return {name: value for name, value in parts.items() if value}
