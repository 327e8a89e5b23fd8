"""Which parameters each endpoint takes. Known to Stripe but not simulated here: `Unsimulated`."""

from __future__ import annotations

from .params import (
    Anything,
    Array,
    Check,
    Choice,
    Decimals,
    Email,
    Flag,
    Hash,
    Integer,
    Metadata,
    Text,
    Unsimulated,
    Url,
)

_ID = Text(255)
_CURRENCY = Text(3, pattern="[a-zA-Z]{3}")
_EXPAND: dict[str, Check] = {"expand": Array(Text(500))}
_AMOUNT = Integer(0)


def _anything(*names: str) -> dict[str, Check]:
    return dict.fromkeys(names, Anything())


def _unsimulated(*names: str) -> dict[str, Check]:
    return dict.fromkeys(names, Unsimulated())


_ADDRESS = Hash(
    dict.fromkeys(
        ["line1", "line2", "city", "state", "postal_code", "country"], Text(500, None, True)
    )
)
_SHIPPING = Hash(
    {
        "address": _ADDRESS,
        "name": Text(),
        "phone": Text(50),
        "carrier": Text(),
        "tracking_number": Text(),
    },
    required=("address", "name"),
)
#: Languages of the payment page. This one's speaks English in all of them.
_LOCALES = (
    "auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl"
    " pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW"
)
_TAX_BEHAVIOR = Choice(("exclusive", "inclusive", "unspecified"))

_PRODUCT_DATA = Hash(
    {
        "name": Text(5000),
        "description": Text(40_000),
        "images": Array(Url(), 8),
        "metadata": Metadata(),
        "tax_code": _ID,
        "unit_label": Text(),
        "tax_details": Anything(),
    },
    required=("name",),
)
_PRICE_DATA = Hash(
    {
        "currency": _CURRENCY,
        "unit_amount": Integer(0, 99_999_999),
        "product_data": _PRODUCT_DATA,
        "tax_behavior": _TAX_BEHAVIOR,
        **_unsimulated("product", "recurring", "unit_amount_decimal"),
    },
    required=("currency", "unit_amount", "product_data"),
)
_LINE_ITEM = Hash(
    {
        "quantity": Integer(1, 999_999),
        "price_data": _PRICE_DATA,
        "metadata": Metadata(),
        **_unsimulated("price", "tax_rates", "adjustable_quantity"),
    },
    required=("price_data", "quantity"),
)
_DELIVERY_TIME = Hash(
    {
        "unit": Choice(("business_day", "day", "hour", "month", "week")),
        "value": Integer(1),
    },
    required=("unit", "value"),
)
_SHIPPING_RATE_DATA = Hash(
    {
        "type": Choice(("fixed_amount",)),
        "display_name": Text(100),
        "fixed_amount": Hash(
            {
                "amount": _AMOUNT,
                "currency": _CURRENCY,
                **_unsimulated("currency_options"),
            },
            required=("amount", "currency"),
        ),
        "delivery_estimate": Hash({"minimum": _DELIVERY_TIME, "maximum": _DELIVERY_TIME}),
        "metadata": Metadata(),
        "tax_behavior": _TAX_BEHAVIOR,
        "tax_code": _ID,
    },
    required=("display_name",),
)
_PAYMENT_INTENT_DATA = Hash(
    {
        "capture_method": Choice(("automatic", "automatic_async", "manual")),
        "description": Text(1000),
        "metadata": Metadata(),
        "receipt_email": Email(),
        "shipping": _SHIPPING,
        "statement_descriptor": Text(22, pattern=r"(?=.*[A-Za-z])[^<>\\'\"*]{5,}"),
        "statement_descriptor_suffix": Text(22, pattern=r"(?=.*[A-Za-z])[^<>\\'\"*]+"),
        **_unsimulated(
            "application_fee_amount",
            "on_behalf_of",
            "setup_future_usage",
            "transfer_data",
            "transfer_group",
        ),
    }
)
_BRANDING = Hash(
    {
        "display_name": Text(),
        **_anything("background_color", "border_style", "button_color", "font_family"),
        **_anything("icon", "logo"),
    }
)
_ONLY_OFF = Hash({"enabled": Choice(("false",))}, required=("enabled",))

CREATE_SESSION = Hash(
    {
        "mode": Choice(("payment", "setup", "subscription")),
        "ui_mode": Choice(("hosted_page", "embedded_page", "elements", "form")),
        "success_url": Url(),
        "cancel_url": Url(),
        "return_url": Url(),
        "redirect_on_completion": Choice(("always", "if_required", "never")),
        "client_reference_id": Text(200),
        "currency": _CURRENCY,
        "customer": _ID,
        "customer_email": Email(),
        "customer_creation": Choice(("always", "if_required")),
        "expires_at": Integer(0),
        "line_items": Array(_LINE_ITEM, 100),
        "shipping_options": Array(
            Hash(
                {"shipping_rate_data": _SHIPPING_RATE_DATA, **_unsimulated("shipping_rate")},
                required=("shipping_rate_data",),
            ),
            5,
        ),
        "discounts": Array(
            Hash({"coupon": _ID, **_unsimulated("promotion_code")}, required=("coupon",)), 1
        ),
        "allow_promotion_codes": Flag(),
        "metadata": Metadata(),
        "payment_intent_data": _PAYMENT_INTENT_DATA,
        "locale": Choice(tuple(_LOCALES.split())),
        "submit_type": Choice(("auto", "book", "donate", "pay", "subscribe")),
        "billing_address_collection": Choice(("auto", "required")),
        "phone_number_collection": Hash({"enabled": Flag()}, required=("enabled",)),
        "adaptive_pricing": _ONLY_OFF,
        "automatic_tax": _ONLY_OFF,
        "invoice_creation": _ONLY_OFF,
        "payment_method_collection": Choice(("always", "if_required")),
        "custom_text": Anything(),
        "branding_settings": _BRANDING,
        **_anything("customer_update", "integration_identifier"),
        **_anything("origin_context", "payment_method_options", "wallet_options"),
        **_unsimulated("after_expiration", "allowed_payment_method_types", "consent_collection"),
        **_unsimulated("custom_fields", "customer_account", "excluded_payment_method_types"),
        **_unsimulated("managed_payments", "name_collection", "optional_items"),
        **_unsimulated("payment_method_configuration", "payment_method_data", "permissions"),
        **_unsimulated("saved_payment_method_options"),
        **_unsimulated("setup_intent_data", "shipping_address_collection", "subscription_data"),
        **_unsimulated("tax_id_collection"),
        **_EXPAND,
    },
    required=("mode",),
    exclusive=(
        ("customer", "customer_email"),
        ("allow_promotion_codes", "discounts"),
        ("customer", "customer_creation"),
    ),
)
UPDATE_SESSION = Hash(
    {
        "metadata": Metadata(),
        **_unsimulated("collected_information", "line_items", "payment_intent_data"),
        **_unsimulated("shipping_options"),
        **_EXPAND,
    }
)
UPDATE_INTENT = Hash(
    {
        "metadata": Metadata(),
        "description": Text(1000, clearable=True),
        "receipt_email": Email(clearable=True),
        "shipping": _SHIPPING,
        **_unsimulated("amount", "currency", "customer", "payment_method", "capture_method"),
        **_EXPAND,
    }
)
CAPTURE_INTENT = Hash(
    {
        "amount_to_capture": Integer(1),
        "metadata": Metadata(),
        "statement_descriptor_suffix": Text(22),
        **_unsimulated("final_capture", "application_fee_amount", "transfer_data"),
        **_EXPAND,
    }
)
CANCEL_INTENT = Hash(
    {
        "cancellation_reason": Choice(
            ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
        ),
        **_EXPAND,
    }
)
CREATE_REFUND = Hash(
    {
        "payment_intent": _ID,
        "charge": _ID,
        "amount": Integer(1),
        "reason": Choice(("duplicate", "fraudulent", "requested_by_customer")),
        "metadata": Metadata(),
        "instructions_email": Email(),
        **_unsimulated("currency", "customer", "origin", "refund_application_fee"),
        **_unsimulated("reverse_transfer"),
        **_EXPAND,
    }
)
UPDATE_REFUND = Hash({"metadata": Metadata(), **_EXPAND})
CREATE_COUPON = Hash(
    {
        "id": Text(200, pattern="[A-Za-z0-9_-]+"),
        "amount_off": Integer(1),
        "currency": _CURRENCY,
        "percent_off": Decimals(),
        "duration": Choice(("forever", "once", "repeating")),
        "duration_in_months": Integer(1),
        "max_redemptions": Integer(1),
        "redeem_by": Integer(0),
        "name": Text(40),
        "metadata": Metadata(),
        **_unsimulated("applies_to", "currency_options"),
        **_EXPAND,
    },
    exclusive=(("amount_off", "percent_off"),),
)
UPDATE_COUPON = Hash({"metadata": Metadata(), "name": Text(40), **_EXPAND})
_CUSTOMER: dict[str, Check] = {
    "email": Email(clearable=True),
    "name": Text(256, clearable=True),
    "phone": Text(50, clearable=True),
    "description": Text(5000, clearable=True),
    "address": _ADDRESS,
    "shipping": _SHIPPING,
    "metadata": Metadata(),
    "preferred_locales": Array(Text(20)),
    **_unsimulated("balance", "cash_balance", "invoice_prefix", "invoice_settings"),
    **_unsimulated("next_invoice_sequence", "payment_method", "source", "tax", "tax_exempt"),
    **_unsimulated("tax_id_data", "test_clock", "business_name", "individual_name"),
    **_EXPAND,
}
CUSTOMER = Hash(_CUSTOMER)
CREATE_WEBHOOK = Hash(
    {
        "url": Url(),
        "enabled_events": Array(Text(100), 500),
        "api_version": Text(50),
        "description": Text(5000, clearable=True),
        "metadata": Metadata(),
        **_unsimulated("connect"),
        **_EXPAND,
    },
    required=("url", "enabled_events"),
)
UPDATE_WEBHOOK = Hash(
    {
        "url": Url(),
        "enabled_events": Array(Text(100), 500),
        "disabled": Flag(),
        "description": Text(5000, clearable=True),
        "metadata": Metadata(),
        **_EXPAND,
    }
)
_TAX_ADDRESS = Hash(_ADDRESS.fields, required=("country",))
CALCULATE_TAX = Hash(
    {
        "currency": _CURRENCY,
        "customer_details": Hash(
            {
                "address": _TAX_ADDRESS,
                "address_source": Choice(("billing", "shipping")),
                **_unsimulated("ip_address", "tax_ids", "taxability_override"),
            }
        ),
        "line_items": Array(
            Hash(
                {
                    "amount": Integer(0),
                    "quantity": Integer(1),
                    "reference": Text(500),
                    "tax_behavior": Choice(("exclusive", "inclusive")),
                    "tax_code": Text(255, pattern="txcd_[0-9]{8}"),
                    **_unsimulated("product", "metadata"),
                },
                required=("amount",),
            ),
            100,
        ),
        "shipping_cost": Hash(
            {
                "amount": Integer(0),
                "tax_behavior": Choice(("exclusive", "inclusive")),
                "tax_code": Text(255, pattern="txcd_[0-9]{8}"),
                **_unsimulated("shipping_rate"),
            }
        ),
        **_unsimulated("customer", "ship_from_details", "tax_date"),
        **_EXPAND,
    },
    required=("currency", "line_items"),
)
RETRIEVE = Hash(_EXPAND)


def listing(**filters: Check) -> Hash:
    """A list endpoint: paging and `created` for all, other filters by name."""
    moment = Integer(0)
    return Hash(
        {
            "limit": Integer(1, 100),
            "starting_after": _ID,
            "ending_before": _ID,
            "created": Either(moment, Hash(dict.fromkeys(("gt", "gte", "lt", "lte"), moment))),
            **filters,
            **_EXPAND,
        },
        exclusive=(("starting_after", "ending_before"),),
    )


class Either:
    """A single value or a hash, such as `created=…` and `created[gte]=…`."""

    def __init__(self, single: Check, hash_: Hash) -> None:
        self._single = single
        self._hash = hash_

    def read(self, value: object, name: str) -> object:
        check: Check = self._hash if isinstance(value, dict) else self._single
        return check.read(value, name)


ID_FILTER = _ID
EVENT_TYPES = Array(Text(100), 20)
EMAIL_FILTER = Text(800)
SESSION_STATUS = Choice(("open", "complete", "expired"))
SESSION_CUSTOMER = Hash({"email": EMAIL_FILTER})
DELIVERY_SUCCESS = Flag()
