"""Links that show a product before it is in the shop, to whoever has one, for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from itsdangerous import BadData, URLSafeTimedSerializer

GOOD_FOR = timedelta(days=7)


def token_of(product_id: int, keys: Sequence[str]) -> str:
    """Signed with the last of the keys, as sessions are."""
    return _serializer(keys).dumps(product_id)


def product_in(token: str, keys: Sequence[str]) -> int | None:
    """None where it is not ours, or too old."""
    try:
        found = _serializer(keys).loads(token, max_age=int(GOOD_FOR.total_seconds()))
    except BadData:
        return None
    return found if isinstance(found, int) else None


def _serializer(keys: Sequence[str]) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(list(keys), salt="product preview")
