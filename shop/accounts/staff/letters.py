"""The mail that asks somebody to join the staff."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from shop.accounts.staff import service
from shop.accounts.staff.links import invitation_url
from shop.accounts.staff.models import StaffInvitation
from shop.extensions import db
from shop.outbox.mailer import Facts, Letter


def invitation(payload: dict[str, Any]) -> Letter | None:
    """None where it was accepted, revoked or mailed anew meanwhile."""
    found = db.session.get(StaffInvitation, payload["invitation_id"])
    if found is None or found.key != payload["key"] or found.is_expired:
        return None
    return Letter(
        to=found.email,
        subject=_l("You are invited to work in this shop"),
        template="accounts/link",
        language=found.language,
        title=_l("You are invited to work in this shop"),
        sentence=_l("Choose a password to join the staff. The link works once, within seven days."),
        button=_l("Join the staff"),
        url=invitation_url(found),
    )


LETTERS: dict[str, Facts] = {service.INVITED: invitation}
