"""The mail that brings a message to the shop; answering it answers the sender."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from shop.contact import service
from shop.contact.models import ContactMessage
from shop.extensions import db
from shop.orders.models import Order
from shop.outbox.mailer import Facts, Letter
from shop.store import queries as store
from shop.web.config import settings


def contact_message(payload: dict[str, Any]) -> Letter | None:
    """None where its writer was erased before it was sent."""
    message = db.session.get(ContactMessage, payload["message_id"])
    if message is None:
        return None
    shop = store.current()
    order = db.session.get(Order, message.order_id) if message.order_id else None
    number = str(order.number) if order and order.number else message.order_number
    subject = (
        _("%(name)s writes about order %(number)s", name=message.name, number=number)
        if number
        else _("%(name)s writes", name=message.name)
    )
    return Letter(
        to=shop.contact_email,
        reply_to=message.email,
        language=shop.languages[0],
        subject=subject,
        template="contact/message",
        message=message,
        number=number,
        order_url=f"{settings().url}/admin/orders/{order.id}" if order else "",
    )


LETTERS: dict[str, Facts] = {service.LETTER: contact_message}
