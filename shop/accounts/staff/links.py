"""The addresses in invitations: a key, signed. Whoever reads the database cannot make one."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeSerializer

from shop.accounts.staff import queries
from shop.accounts.staff.models import StaffInvitation
from shop.web.config import settings

_SALT = "staff-invitation"


def invitation_url(invitation: StaffInvitation) -> str:
    return f"{settings().url}/staff-invitations/{_serializer().dumps(invitation.key)}"


def invitation_of(text: str) -> StaffInvitation | None:
    """None where this shop has not signed it, or it is worth nothing any more."""
    try:
        key = _serializer().loads(text)
    except BadSignature:
        return None
    return queries.good_invitation(str(key))


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_keys, salt=_SALT)
