"""The store's own account: what a health check asks for."""

from __future__ import annotations

from .config import SandboxConfig
from .store import Doc, Work


def account(config: SandboxConfig, work: Work, params: Doc) -> Doc:
    return {
        "id": "acct_sandbox",
        "object": "account",
        "business_profile": {
            "mcc": None,
            "name": config.business_name,
            "product_description": None,
            "support_address": None,
            "support_email": None,
            "support_phone": None,
            "support_url": None,
            "url": None,
        },
        "business_type": None,
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": config.country,
        "default_currency": "usd",
        "details_submitted": True,
        "email": None,
        "metadata": {},
        "payouts_enabled": True,
        "type": "standard",
    }
