"""Taking a message in, and forgetting it in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from shop.clock import now
from shop.contact.models import ContactMessage
from shop.extensions import db
from shop.outbox import service as outbox
from shop.outbox.models import OutboxMessage

LETTER = "contact_message"
#: By then it has been answered, and its mail is in the shop's mailbox.
KEPT_FOR = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class Note:
    name: str
    email: str
    text: str
    order_number: str = ""
    order_id: int | None = None


def receive(note: Note) -> ContactMessage:
    """Keep it and promise the mail: what is not sent yet is not lost."""
    message = ContactMessage(
        name=note.name,
        email=note.email,
        text=note.text,
        order_number=note.order_number,
        order_id=note.order_id,
    )
    db.session.add(message)
    db.session.flush()
    outbox.enqueue(
        channel=outbox.EMAIL,
        name=LETTER,
        payload={"message_id": message.id},
        dedupe_key=f"{LETTER}:{message.id}",
    )
    return message


def forget_old() -> int:
    """Delete what was sent long ago; what could not be sent stays. How many it were."""
    unsent = db.session.scalars(
        sa.select(OutboxMessage.payload).where(
            OutboxMessage.name == LETTER, OutboxMessage.sent_at.is_(None)
        )
    )
    kept = [payload["message_id"] for payload in unsent]
    old = sa.select(ContactMessage.id).where(
        ContactMessage.created_at < now() - KEPT_FOR, ContactMessage.id.not_in(kept)
    )
    ids = list(db.session.scalars(old))
    if ids:
        db.session.execute(sa.delete(ContactMessage).where(ContactMessage.id.in_(ids)))
    return len(ids)
