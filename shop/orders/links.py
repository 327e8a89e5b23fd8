"""The address of a shopper's own order: unguessable, and signed: a wrong one costs no query."""

from __future__ import annotations

from collections.abc import Sequence

from itsdangerous import BadSignature, URLSafeSerializer

_SALT = "order-link"


class UnknownLink(Exception):
    """Not a link this shop has signed."""


def link_of(token: str, secret_keys: Sequence[str]) -> str:
    return URLSafeSerializer(list(secret_keys), salt=_SALT).dumps(token)


def token_of(link: str, secret_keys: Sequence[str]) -> str:
    """Raises UnknownLink."""
    try:
        token = URLSafeSerializer(list(secret_keys), salt=_SALT).loads(link)
    except BadSignature:
        raise UnknownLink from None
    if not isinstance(token, str):
        raise UnknownLink
    return token
