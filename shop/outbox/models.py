"""Promises to the outside, written with the change that made them and kept by the worker."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model


class OutboxMessage(Model):
    __tablename__ = "outbox_messages"
    __table_args__ = (
        sa.Index(
            "ix_outbox_messages_due",
            "due_at",
            sqlite_where=sa.text("sent_at IS NULL AND parked_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND parked_at IS NULL"),
        ),
        sa.Index(
            "ix_outbox_messages_parked_at",
            "parked_at",
            sqlite_where=sa.text("parked_at IS NOT NULL"),
            postgresql_where=sa.text("parked_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Which handler keeps the promise: "email", "image".
    channel: Mapped[str] = mapped_column(sa.String(20))
    #: What it is: "order_confirmation".
    name: Mapped[str] = mapped_column(sa.String(60))
    payload: Mapped[dict[str, Any]]
    #: The same promise is made once: "order_confirmation:17".
    dedupe_key: Mapped[str] = mapped_column(sa.String(255), unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: Not before this; a claim moves it ahead, so that a dead worker's claim runs out.
    due_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]
    #: Given up after the last attempt; a person decides.
    parked_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(sa.Text, default="")
