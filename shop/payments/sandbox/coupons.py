"""Coupons: made, renamed, deleted. Whether one still works is line_items.is_valid."""

from __future__ import annotations

from . import currencies
from .errors import ApiError, missing_param, no_such
from .ids import new_id
from .params import merge_metadata
from .store import Doc, Work


def create(work: Work, params: Doc) -> Doc:
    if "amount_off" not in params and "percent_off" not in params:
        raise missing_param("percent_off")
    if "amount_off" in params and "currency" not in params:
        raise missing_param("currency")
    duration = params.get("duration", "once")
    if duration == "repeating" and "duration_in_months" not in params:
        raise missing_param("duration_in_months")
    if params.get("redeem_by", work.now + 1) <= work.now:
        raise ApiError("`redeem_by` must be in the future.", param="redeem_by")
    coupon_id = params.get("id") or new_id("", 8)[1:]
    if work.get("coupon", coupon_id):
        message = f"Coupon already exists: {coupon_id}"
        raise ApiError(message, code="resource_already_exists", param="id")
    return work.add(
        {
            "id": coupon_id,
            "object": "coupon",
            "amount_off": params.get("amount_off"),
            "created": work.now,
            "currency": _currency(params),
            "duration": duration,
            "duration_in_months": params.get("duration_in_months"),
            "livemode": False,
            "max_redemptions": params.get("max_redemptions"),
            "metadata": merge_metadata({}, params.get("metadata", {})),
            "name": params.get("name"),
            "percent_off": params.get("percent_off"),
            "redeem_by": params.get("redeem_by"),
            "times_redeemed": 0,
            "valid": True,
        }
    )


def update(work: Work, params: Doc, coupon_id: str) -> Doc:
    coupon = _find(work, coupon_id)
    coupon["name"] = params.get("name", coupon["name"])
    coupon["metadata"] = merge_metadata(coupon["metadata"], params.get("metadata", {}))
    return work.save(coupon)


def delete(work: Work, params: Doc, coupon_id: str) -> Doc:
    coupon = _find(work, coupon_id)
    work.remove(coupon)
    return {"id": coupon_id, "object": "coupon", "deleted": True}


def _find(work: Work, coupon_id: str) -> Doc:
    coupon = work.get("coupon", coupon_id)
    if coupon is None:
        raise no_such("coupon", coupon_id, param="coupon")
    return coupon


def _currency(params: Doc) -> str | None:
    if "amount_off" not in params:
        return None
    currency: str = params["currency"].lower()
    if not currencies.is_currency(currency):
        raise ApiError(f"Invalid currency: {currency}.", param="currency")
    currencies.check_amount(params["amount_off"], currency, param="amount_off")
    return currency
