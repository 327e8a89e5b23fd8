"""Line items, shipping rates and coupons of a session, as the objects Stripe shows."""

from __future__ import annotations

from . import currencies
from .errors import ApiError, no_such
from .ids import new_id
from .store import Doc, Work


def line_item(work: Work, params: Doc, discount: int) -> Doc:
    data = params["price_data"]
    quantity = params["quantity"]
    subtotal = data["unit_amount"] * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": discount,
        "amount_subtotal": subtotal,
        "amount_tax": 0,
        "amount_total": subtotal - discount,
        "currency": data["currency"].lower(),
        "description": data["product_data"]["name"],
        "metadata": params.get("metadata", {}),
        "price": _price(work, data),
        "quantity": quantity,
    }


def _price(work: Work, data: Doc) -> Doc:
    """Inline prices make a product and a price of their own, archived from the start."""
    return {
        "id": new_id("price"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": work.now,
        "currency": data["currency"].lower(),
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": _product(work, data["product_data"])["id"],
        "recurring": None,
        "tax_behavior": data.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": data["unit_amount"],
        "unit_amount_decimal": str(data["unit_amount"]),
    }


def _product(work: Work, data: Doc) -> Doc:
    return work.add(
        {
            "id": new_id("prod", 14),
            "object": "product",
            "active": False,
            "created": work.now,
            "default_price": None,
            "description": data.get("description"),
            "images": data.get("images", []),
            "livemode": False,
            "marketing_features": [],
            "metadata": data.get("metadata", {}),
            "name": data["name"],
            "package_dimensions": None,
            "shippable": None,
            "statement_descriptor": None,
            "tax_code": data.get("tax_code"),
            "unit_label": data.get("unit_label"),
            "updated": work.now,
            "url": None,
        }
    )


def shipping_rate(work: Work, data: Doc, currency: str, param: str) -> Doc:
    if "fixed_amount" not in data:
        name = f"{param}[fixed_amount]"
        raise ApiError(f"Missing required param: {name}.", code="parameter_missing", param=name)
    fixed = data["fixed_amount"]
    if fixed["currency"].lower() != currency:
        raise ApiError(
            "The shipping rate must have the currency of the line items.",
            param=f"{param}[fixed_amount][currency]",
        )
    currencies.check_amount(fixed["amount"], currency, param=f"{param}[fixed_amount][amount]")
    estimate = data.get("delivery_estimate")
    return work.add(
        {
            "id": new_id("shr"),
            "object": "shipping_rate",
            "active": False,
            "created": work.now,
            "delivery_estimate": estimate and {"maximum": None, "minimum": None, **estimate},
            "display_name": data["display_name"],
            "fixed_amount": {"amount": fixed["amount"], "currency": currency},
            "livemode": False,
            "metadata": data.get("metadata", {}),
            "tax_behavior": data.get("tax_behavior", "unspecified"),
            "tax_code": data.get("tax_code"),
            "type": "fixed_amount",
        }
    )


def usable_coupon(work: Work, coupon_id: str, currency: str) -> Doc:
    """The coupon, or why it cannot be used on a session in this currency."""
    param = "discounts[0][coupon]"
    coupon = work.get("coupon", coupon_id)
    if coupon is None:
        raise no_such("coupon", coupon_id, param=param, status=400)
    if not is_valid(work, coupon):
        raise ApiError(f"Coupon {coupon_id} has expired.", code="coupon_expired", param=param)
    if coupon["amount_off"] is not None and coupon["currency"] != currency:
        message = f"Coupon {coupon_id} is for {coupon['currency']}, the session for {currency}."
        raise ApiError(message, param=param)
    return coupon


def is_valid(work: Work, coupon: Doc) -> bool:
    late = coupon["redeem_by"] is not None and coupon["redeem_by"] <= work.now
    limit = coupon["max_redemptions"]
    return not late and (limit is None or coupon["times_redeemed"] < limit)
