"""What the mails of accounts say, without sending them."""

from __future__ import annotations

from urllib.parse import urlsplit

import sqlalchemy as sa

from shop.accounts import service
from shop.accounts.letters import LETTERS
from shop.accounts.models import MailedLink
from shop.extensions import db
from shop.outbox.mailer import Letter
from shop.outbox.models import OutboxMessage


def newest_letter(email: str) -> Letter | None:
    """The newest mail with a link to the address."""
    link_id = db.session.scalar(
        sa.select(MailedLink.id).where(MailedLink.email == email).order_by(MailedLink.id.desc())
    )
    return LETTERS[service.LINK]({"link_id": link_id})


def newest_path(email: str) -> str:
    """Where its button leads."""
    letter = newest_letter(email)
    assert letter is not None
    return urlsplit(letter.context["url"]).path


def promised() -> list[str]:
    """Names of the mails on their way, oldest first."""
    return list(db.session.scalars(sa.select(OutboxMessage.name).order_by(OutboxMessage.id)))
