"""The parameters of a Checkout Session for an order. Frozen on the attempt and replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shop.addresses import Address
from shop.money import Money
from shop.orders.models import LineItem, Order
from shop.payments.amounts import to_stripe
from shop.pricing.quote import StepKind

MAX_NAME = 250
#: Languages of Stripe's payment page, as its API names them.
_NAMED = (
    "bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt"
    " pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW"
)
LOCALES = frozenset(_NAMED.split())


@dataclass(frozen=True)
class Shop:
    """What the payment page must know of the shop."""

    name: str
    store_id: str
    #: Absolute, with Stripe's placeholder {CHECKOUT_SESSION_ID}.
    success_url: str
    cancel_url: str
    #: The shop's own page that holds the payment page in a frame; empty: Stripe's stands alone.
    frame_url: str = ""
    #: Prefix of public https pictures; empty where Stripe could not fetch them.
    media_url: str = ""


def session_params(
    order: Order, shop: Shop, *, ordinal: int, expires_at: int, is_captured_later: bool = False
) -> dict[str, Any]:
    """Sum of the lines and the delivery = what is due of the order.

    Stripe refuses negative lines, so discounts are inside the lines they were taken off; what
    remains of an order that a gift card pays in part is one line of its own.
    """
    reference = str(order.id)
    metadata = {"order_id": reference, "attempt": str(ordinal), "store": shop.store_id}
    return {
        "mode": "payment",
        "client_reference_id": reference,
        "customer_email": order.email,
        **_ways_on(shop),
        "expires_at": expires_at,
        "line_items": _lines(order, shop),
        "shipping_options": [_shipping(order)] if order.is_sent and not _is_one_sum(order) else [],
        "metadata": metadata,
        "payment_intent_data": {
            # A session's metadata does not reach charges, refunds and disputes.
            "metadata": metadata,
            "capture_method": "manual" if is_captured_later else "automatic_async",
            "description": f"{shop.name}, order reference {reference}",
            **_destination(order),
        },
        # The account at Stripe may go by another name; the shopper knows the shop's.
        "branding_settings": {"display_name": shop.name},
        # What the shopper reads here, which the browser may not ask for first.
        "locale": order.language if order.language in LOCALES else "auto",
        "submit_type": "pay",
        "billing_address_collection": "auto",
        # Otherwise the shopper might pay in another currency.
        "adaptive_pricing": {"enabled": False},
    }


def _ways_on(shop: Shop) -> dict[str, str]:
    """A page in a frame has one way on, and Stripe refuses the others."""
    if not shop.frame_url:
        return {"success_url": shop.success_url, "cancel_url": shop.cancel_url}
    return {
        "ui_mode": "embedded_page",
        "return_url": shop.success_url,
        "redirect_on_completion": "always",
    }


def _lines(order: Order, shop: Shop) -> list[dict[str, Any]]:
    if _is_one_sum(order):
        return [_line(1, order.due, {"name": f"{shop.name}, order reference {order.id}"})]
    return [
        *(
            _goods(order, line, shop, relief=_relief_of(order, at))
            for at, line in enumerate(order.lines)
        ),
        *_added_tax(order),
        *_rounding(order),
    ]


def _destination(order: Order) -> dict[str, Any]:
    if not order.is_sent:
        return {}
    return {"shipping": {"name": order.name, "address": _address(order.address)}}


def _is_one_sum(order: Order) -> bool:
    """What is taken off the whole bill has no line of its own: only the rest is to be paid."""
    return order.gift_card_amount > 0 or order.rounding_amount < 0


def _goods(order: Order, line: LineItem, shop: Shop, *, relief: int) -> dict[str, Any]:
    name = f"{line.title}, {line.options}" if line.options else line.title
    amount = line.total_amount - relief
    is_whole = amount == line.unit_amount * line.quantity
    product: dict[str, Any] = {
        "name": (name if is_whole else f"{line.quantity} x {name}")[:MAX_NAME],
        "metadata": {"sku": line.sku or "-", "variant_id": str(line.variant_id or "-")},
    }
    if shop.media_url and line.file:
        product["images"] = [f"{shop.media_url}/{line.file}-800.jpg"]
    if is_whole:
        return _line(line.quantity, order.money(line.unit_amount), product)
    return _line(1, order.money(amount), product)


def _relief_of(order: Order, line: int | None) -> int:
    """Contained tax that the buyer need not pay, of one line or of the delivery."""
    off = [step for step in order.steps if step["kind"] == StepKind.RELIEF and step["line"] == line]
    return -sum(int(step["amount"]) for step in off)


def _added_tax(order: Order) -> list[dict[str, Any]]:
    """The exact tax as lines: Stripe's own rates would round per line, a cent elsewhere."""
    if order.is_tax_included:
        return []
    taxes = [tax for tax in order.bill.taxes if tax.amount]
    return [_line(1, tax.amount, {"name": f"{tax.name} {tax.percent}%"}) for tax in taxes]


def _rounding(order: Order) -> list[dict[str, Any]]:
    rounding = order.bill.rounding
    return [_line(1, rounding, {"name": "Rounding"})] if rounding else []


def _line(quantity: int, unit: Money, product: dict[str, Any]) -> dict[str, Any]:
    return {"quantity": quantity, "price_data": _price(unit) | {"product_data": product}}


def _price(money: Money) -> dict[str, Any]:
    return {"currency": money.currency.lower(), "unit_amount": to_stripe(money)}


def _shipping(order: Order) -> dict[str, Any]:
    day, bill = "business_day", order.bill
    cost = bill.shipping - bill.shipping_discount - order.money(_relief_of(order, None))
    return {
        "shipping_rate_data": {
            "type": "fixed_amount",
            "display_name": order.shipping_name[:100],
            "fixed_amount": {
                "amount": to_stripe(cost),
                "currency": order.currency.lower(),
            },
            "delivery_estimate": {
                "minimum": {"unit": day, "value": max(order.shipping_min_days, 1)},
                "maximum": {"unit": day, "value": max(order.shipping_max_days, 1)},
            },
        }
    }


def _address(address: Address) -> dict[str, str]:
    """Empty strings are refused by Stripe; what is empty is left out."""
    parts = {
        "line1": address.line1,
        "line2": ", ".join(part for part in (address.line2, address.district) if part),
        "city": address.city,
        "state": address.region,
        "postal_code": address.postal_code,
        "country": address.country,
    }
    return {name: value for name, value in parts.items() if value}
