"""The link that makes whoever opens it the shop's owner, while the shop has none.

It is signed, not stored: a line in the server's own output is what proves that somebody may. The
first account of the staff ends every such link.
"""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeTimedSerializer

from shop.web.config import settings

#: Seconds; each start of a shop without an owner prints a new one.
GOOD_FOR = 24 * 60 * 60
_SALT, _OWNER = "setup-link", "owner"


def setup_url() -> str:
    return f"{settings().url}/setup/{_serializer().dumps(_OWNER)}"


def is_good(token: str) -> bool:
    """Whether this shop signed it within the last day."""
    try:
        return bool(_serializer().loads(token, max_age=GOOD_FOR) == _OWNER)
    except BadSignature:
        return False


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_keys, salt=_SALT)
