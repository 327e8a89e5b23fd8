"""The addresses in mailed links: a row's id, signed. Whoever reads the database cannot make one."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeSerializer

from shop.accounts import queries
from shop.accounts.models import MailedLink
from shop.web.config import settings

_SALT = "mailed-link"


def link_url(link: MailedLink) -> str:
    return f"{settings().url}/links/{_serializer().dumps(link.id)}"


def link_of(text: str) -> MailedLink | None:
    """None where this shop has not signed it, it was used, or its time has run out."""
    try:
        link_id = _serializer().loads(text)
    except BadSignature:
        return None
    return queries.good_link(link_id)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_keys, salt=_SALT)
