"""Checkout Sessions: opened, shown, expired. How they get paid is in payments.py."""

from __future__ import annotations

import secrets
import string
from urllib.parse import quote

from . import currencies
from .errors import ApiError, missing_param, no_such, not_simulated
from .events import emit
from .line_items import line_item, shipping_rate, usable_coupon
from .params import merge_metadata
from .store import Doc, Work
from .totals import Totals, add_up

_DAY = 86_400
_HALF_HOUR = 1_800


def create(work: Work, params: Doc) -> Doc:
    _refuse_modes(params)
    currency = _currency(params)
    expires_at = _expires_at(work, params)
    customer = _customer(work, params)
    coupon = _coupon(work, params, currency)
    rates = _rates(work, params, currency)
    amounts = [item["price_data"]["unit_amount"] * item["quantity"] for item in _items(params)]
    totals = add_up(amounts, coupon, rates[0]["fixed_amount"]["amount"] if rates else 0)
    if totals.total or coupon is None:
        currencies.check_total(totals.total, currency, param="line_items")
    lines = [
        line_item(work, item, discount)
        for item, discount in zip(_items(params), totals.line_discounts, strict=True)
    ]
    session_id = _new_session_id()
    session = {
        **_blank(params),
        "id": session_id,
        **_money(totals, currency, coupon, rates),
        "client_reference_id": params.get("client_reference_id"),
        "created": work.now,
        "customer": params.get("customer"),
        "customer_details": _known_details(params, customer),
        "customer_email": params.get("customer_email"),
        "expires_at": expires_at,
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "payment_status": "unpaid" if totals.total else "no_payment_required",
        **_addresses(work, params, session_id),
        "_lines": lines,
        "_intent": params.get("payment_intent_data", {}),
    }
    work.later("expire_session", session_id, expires_at)
    return work.add(session)


def show(work: Work, params: Doc, session_id: str) -> Doc:
    return retrieve(work, session_id)


def retrieve(work: Work, session_id: str) -> Doc:
    session = work.get("checkout.session", session_id)
    if session is None:
        raise no_such("checkout.session", session_id, param="session")
    return session


def update(work: Work, params: Doc, session_id: str) -> Doc:
    session = retrieve(work, session_id)
    session["metadata"] = merge_metadata(session["metadata"], params.get("metadata", {}))
    return work.save(session)


def expire(work: Work, params: Doc, session_id: str) -> Doc:
    session = retrieve(work, session_id)
    if session["status"] != "open":
        raise ApiError(
            "Only Checkout Sessions with a status in ['open'] can be expired. This Checkout "
            f"Session has a status of `{session['status']}`."
        )
    return close(work, session)


def close(work: Work, session: Doc) -> Doc:
    """Expire an open session; a payment begun on it ends with it."""
    session |= {"status": "expired", "url": None}
    work.save(session)
    if session["payment_intent"]:
        intent = work.need("payment_intent", session["payment_intent"])
        intent |= {
            "status": "canceled",
            "canceled_at": work.now,
            "cancellation_reason": "expired",
            "next_action": None,
        }
        emit(work, "payment_intent.canceled", work.save(intent))
    emit(work, "checkout.session.expired", session)
    return session


def is_embedded(session: Doc) -> bool:
    """Shown in a frame of the store's own page."""
    return bool(session["ui_mode"] == "embedded_page")


def success_url(session: Doc) -> str:
    address: str = session["return_url"] if is_embedded(session) else session["success_url"]
    return address.replace("{CHECKOUT_SESSION_ID}", quote(session["id"]))


def _new_session_id() -> str:
    letters = string.ascii_letters + string.digits
    return "cs_test_" + "".join(secrets.choice(letters) for _ in range(58))


def _refuse_modes(params: Doc) -> None:
    if params["mode"] != "payment":
        raise not_simulated(f"mode={params['mode']}")
    if _ui_mode(params) not in ("hosted_page", "embedded_page"):
        raise not_simulated(f"ui_mode={params['ui_mode']}")
    if params.get("allow_promotion_codes"):
        raise not_simulated("allow_promotion_codes=true")
    _check_addresses(params)
    if not params.get("line_items"):
        raise missing_param("line_items")


def _check_addresses(params: Doc) -> None:
    """Where the shopper goes next: each mode has its own, and takes no other's."""
    if _ui_mode(params) == "embedded_page":
        wanted, foreign = "return_url", ("success_url", "cancel_url")
    else:
        wanted, foreign = "success_url", ("return_url", "redirect_on_completion")
    for name in foreign:
        if name in params:
            message = f"`{name}` cannot be used with `ui_mode: {_ui_mode(params)}`."
            raise ApiError(message, param=name)
    if params.get("redirect_on_completion", "always") != "always":
        raise not_simulated(f"redirect_on_completion={params['redirect_on_completion']}")
    if not params.get(wanted):
        raise missing_param(wanted)


def _ui_mode(params: Doc) -> str:
    mode: str = params.get("ui_mode", "hosted_page")
    return mode


def _addresses(work: Work, params: Doc, session_id: str) -> Doc:
    if _ui_mode(params) == "embedded_page":
        return {
            "client_secret": f"{session_id}_secret_{secrets.token_urlsafe(24)}",
            "redirect_on_completion": "always",
            "return_url": params["return_url"],
            "success_url": None,
            "ui_mode": "embedded_page",
            "url": None,
        }
    return {"success_url": params["success_url"], "url": f"{work.base_url}/c/pay/{session_id}"}


def _items(params: Doc) -> list[Doc]:
    items: list[Doc] = params["line_items"]
    return items


def _currency(params: Doc) -> str:
    """The one currency of all lines. Raises ApiError for mixed, unknown or misfit amounts."""
    first = params.get("currency") or _items(params)[0]["price_data"]["currency"]
    currency: str = first.lower()
    if not currencies.is_currency(currency):
        param = "line_items[0][price_data][currency]"
        raise ApiError(f"Invalid currency: {currency}.", param=param)
    for index, item in enumerate(_items(params)):
        data, param = item["price_data"], f"line_items[{index}][price_data]"
        if data["currency"].lower() != currency:
            message = f"All line items must have the same currency: {currency}."
            raise ApiError(message, param=f"{param}[currency]")
        currencies.check_amount(data["unit_amount"], currency, param=f"{param}[unit_amount]")
    return currency


def _expires_at(work: Work, params: Doc) -> int:
    moment: int = params.get("expires_at", work.now + _DAY)
    if moment < work.now + _HALF_HOUR:
        message = "`expires_at` must be at least 30 minutes from Checkout Session creation."
        raise ApiError(message, param="expires_at")
    if moment > work.now + _DAY:
        message = "`expires_at` must be less than 24 hours from Checkout Session creation."
        raise ApiError(message, param="expires_at")
    return moment


def _customer(work: Work, params: Doc) -> Doc | None:
    if "customer" not in params:
        return None
    customer = work.get("customer", params["customer"])
    if customer is None:
        raise no_such("customer", params["customer"], param="customer", status=400)
    return customer


def _coupon(work: Work, params: Doc, currency: str) -> Doc | None:
    discounts = params.get("discounts", [])
    return usable_coupon(work, discounts[0]["coupon"], currency) if discounts else None


def _rates(work: Work, params: Doc, currency: str) -> list[Doc]:
    return [
        shipping_rate(work, option["shipping_rate_data"], currency, f"{name}[shipping_rate_data]")
        for index, option in enumerate(params.get("shipping_options", []))
        for name in [f"shipping_options[{index}]"]
    ]


def _known_details(params: Doc, customer: Doc | None) -> Doc | None:
    email = params.get("customer_email") or (customer and customer["email"])
    if customer is None and email is None:
        return None
    return {
        "address": customer and customer["address"],
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": customer and customer["name"],
        "phone": customer and customer["phone"],
        "tax_exempt": "none",
        "tax_ids": None,
    }


def _money(totals: Totals, currency: str, coupon: Doc | None, rates: list[Doc]) -> Doc:
    cost = {
        "amount_subtotal": totals.shipping,
        "amount_tax": 0,
        "amount_total": totals.shipping,
    }
    return {
        "amount_subtotal": totals.subtotal,
        "amount_total": totals.total,
        "currency": currency,
        "discounts": [{"coupon": coupon["id"], "promotion_code": None}] if coupon else [],
        "shipping_cost": {**cost, "shipping_rate": rates[0]["id"]} if rates else None,
        "shipping_options": [
            {"shipping_amount": rate["fixed_amount"]["amount"], "shipping_rate": rate["id"]}
            for rate in rates
        ],
        "total_details": {
            "amount_discount": totals.discount,
            "amount_shipping": totals.shipping,
            "amount_tax": 0,
        },
    }


def _blank(params: Doc) -> Doc:
    """The rest of the object: what the sandbox never changes, as Stripe shows it when unset."""
    nothing = (
        "after_expiration client_secret collected_information consent consent_collection "
        "currency_conversion customer_account integration_identifier invoice origin_context "
        "payment_intent payment_link payment_method_configuration_details permissions "
        "recovered_from saved_payment_method_options setup_intent "
        "shipping_address_collection subscription"
    )
    text = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    return {
        "object": "checkout.session",
        **dict.fromkeys(nothing.split()),
        "adaptive_pricing": {"enabled": False},
        "allow_promotion_codes": params.get("allow_promotion_codes"),
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "branding_settings": _branding(params),
        "billing_address_collection": params.get("billing_address_collection"),
        "cancel_url": params.get("cancel_url"),
        "custom_fields": [],
        "custom_text": dict.fromkeys(text),
        "customer_creation": params.get("customer_creation", "if_required"),
        "livemode": False,
        "locale": params.get("locale"),
        "mode": "payment",
        "payment_method_collection": params.get("payment_method_collection", "if_required"),
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "phone_number_collection": params.get("phone_number_collection", {"enabled": False}),
        "status": "open",
        "submit_type": params.get("submit_type"),
        "ui_mode": "hosted_page",
        "wallet_options": None,
    }


def _branding(params: Doc) -> Doc:
    """What is unset is empty here: at Stripe it is the account's, which the pages know."""
    texts = ("background_color", "button_color", "display_name", "font_family")
    unset = {**dict.fromkeys(texts, ""), "border_style": "rounded", "icon": None, "logo": None}
    given: Doc = params.get("branding_settings", {})
    return unset | given
