"""The two links of a reminder: each is signed, for one purpose."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer

from shop.recovery.service import LINK_GOOD_FOR
from shop.web.config import settings


def basket_url(id_: int) -> str:
    return f"{settings().url}/basket/{_baskets().dumps(id_)}"


def stop_url(digest: str) -> str:
    """Holds no address: whoever reads a log learns nothing."""
    return f"{settings().url}/reminders/{_stops().dumps(digest)}"


def id_of(link: str) -> int | None:
    """None for a link that is out of date, or that this shop did not sign for this."""
    try:
        return int(_baskets().loads(link, max_age=int(LINK_GOOD_FOR.total_seconds())))
    except BadSignature:
        return None


def digest_of(link: str) -> str | None:
    try:
        return str(_stops().loads(link))
    except BadSignature:
        return None


def _baskets() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_keys, salt="reminder-basket")


def _stops() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_keys, salt="reminder-stop")
