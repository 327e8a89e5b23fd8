"""The mail to the shop when it protects itself."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from shop.outbox.mailer import Facts, Letter
from shop.protection import queries, service
from shop.store import queries as store
from shop.web.config import settings


def alarm(payload: dict[str, Any]) -> Letter | None:
    """None where the shop has no address, or the attack is over."""
    shop, protection = store.current(), queries.current()
    if not shop.contact_email or not protection.is_strict:
        return None
    return Letter(
        to=shop.contact_email,
        language=shop.languages[0],
        subject=_("Many cards are being declined in your shop"),
        template="protection/alarm",
        declined=payload["declined"],
        until=protection.strict_until,
        admin_url=f"{settings().url}/admin/settings/protection",
    )


LETTERS: dict[str, Facts] = {service.ALARM: alarm}
