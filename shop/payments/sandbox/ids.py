"""Identifiers that look like Stripe's."""

from __future__ import annotations

import secrets
import string

_LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_{''.join(secrets.choice(_LETTERS) for _ in range(length))}"


def request_id() -> str:
    return new_id("req", 14)
