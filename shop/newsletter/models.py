"""Who gets the newsletter, and when and where they agreed to it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model, partial_index


class Subscriber(Model):
    """One address: asked, confirmed, or gone again. What is gone stays as a proof for a while."""

    __tablename__ = "subscribers"
    __table_args__ = (
        partial_index(
            "ix_subscribers_asked", ("id",), "confirmed_at IS NULL AND unsubscribed_at IS NULL"
        ),
        partial_index("ix_subscribers_ended", ("id",), "unsubscribed_at IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: In its normal form, as accounts keep theirs.
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    language: Mapped[str] = mapped_column(sa.String(8), default="en")
    #: Whoever has it, from a mail, may confirm and unsubscribe.
    token: Mapped[str] = mapped_column(sa.String(43), unique=True)
    #: Where they asked: "footer", "account".
    source: Mapped[str] = mapped_column(sa.String(20))
    asked_at: Mapped[datetime] = mapped_column(default=now)
    #: When the mailbox said yes; none: nothing is sent there.
    confirmed_at: Mapped[datetime | None]
    unsubscribed_at: Mapped[datetime | None]

    @property
    def is_subscribed(self) -> bool:
        return self.confirmed_at is not None and self.unsubscribed_at is None
