"""The mails about the newsletter. They carry what mail programs need for their own "unsubscribe"
(RFC 8058), as the newsletter's own mails must.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from shop.extensions import db
from shop.newsletter import service
from shop.newsletter.models import Subscriber
from shop.outbox.mailer import Facts, Letter
from shop.web.config import settings


def unsubscribe_url(subscriber: Subscriber) -> str:
    return f"{settings().url}/newsletter/{subscriber.token}/unsubscribe"


def confirmation(payload: dict[str, Any]) -> Letter | None:
    """To whoever was named in the form: to say yes, or that nothing is left to do."""
    subscriber = db.session.get(Subscriber, payload["subscriber_id"])
    if subscriber is None:
        return None
    if subscriber.is_subscribed:
        return _letter(subscriber, _("You get the newsletter already"), "newsletter/already")
    return _letter(subscriber, _("Do you want the newsletter?"), "newsletter/confirmation")


def welcome(payload: dict[str, Any]) -> Letter | None:
    subscriber = db.session.get(Subscriber, payload["subscriber_id"])
    if subscriber is None or not subscriber.is_subscribed:
        return None
    return _letter(subscriber, _("You get the newsletter from now on"), "newsletter/welcome")


LETTERS: dict[str, Facts] = {service.LETTER: confirmation, service.WELCOME: welcome}


def _letter(subscriber: Subscriber, subject: Any, template: str) -> Letter:
    return Letter(
        to=subscriber.email,
        subject=subject,
        template=template,
        language=subscriber.language,
        stop_url=unsubscribe_url(subscriber),
        title=subject,
        confirm_url=f"{settings().url}/newsletter/{subscriber.token}",
    )
