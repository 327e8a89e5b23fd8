"""Customers: names and addresses kept for later sessions."""

from __future__ import annotations

from .errors import no_such
from .events import emit
from .ids import new_id
from .params import merge_metadata
from .store import Doc, Work

_TEXTS = ("email", "name", "phone", "description")
_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def create(work: Work, params: Doc) -> Doc:
    customer = _apply(
        {
            "id": new_id("cus", 14),
            "object": "customer",
            "address": None,
            "balance": 0,
            "created": work.now,
            "currency": None,
            "customer_account": None,
            "default_source": None,
            "delinquent": False,
            "discount": None,
            "invoice_prefix": new_id("", 8)[1:].upper(),
            "invoice_settings": {
                "custom_fields": None,
                "default_payment_method": None,
                "footer": None,
                "rendering_options": None,
            },
            "livemode": False,
            "metadata": {},
            "next_invoice_sequence": 1,
            "preferred_locales": params.get("preferred_locales", []),
            "shipping": None,
            "tax_exempt": "none",
            "test_clock": None,
            **dict.fromkeys(_TEXTS),
        },
        params,
    )
    emit(work, "customer.created", work.add(customer))
    return customer


def update(work: Work, params: Doc, customer_id: str) -> Doc:
    customer = work.get("customer", customer_id)
    if customer is None:
        raise no_such("customer", customer_id, param="customer")
    emit(work, "customer.updated", work.save(_apply(customer, params)))
    return customer


def _apply(customer: Doc, params: Doc) -> Doc:
    for name in _TEXTS:
        if name in params:
            customer[name] = params[name] or None
    if "address" in params:
        customer["address"] = full_address(params["address"])
    if "shipping" in params:
        shipping = params["shipping"]
        customer["shipping"] = {
            "phone": None,
            **shipping,
            "address": full_address(shipping["address"]),
        }
    customer["metadata"] = merge_metadata(customer["metadata"], params.get("metadata", {}))
    return customer


def full_address(given: Doc) -> Doc:
    """All of an address's fields, null where nothing was given."""
    return {name: given.get(name) or None for name in _ADDRESS}
