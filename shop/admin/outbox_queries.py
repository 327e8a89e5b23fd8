"""Promises to the outside, as staff look after them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from shop.admin.queries import PAGE_SIZE
from shop.extensions import db
from shop.outbox.models import OutboxMessage
from shop.paging import listed


class OutboxFilter(StrEnum):
    ALL = ""
    FAILED = "failed"
    WAITING = "waiting"
    SENT = "sent"


@dataclass(frozen=True)
class OutboxRow:
    id: int
    channel: str
    name: str
    payload: dict[str, Any]
    attempts: int
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    parked_at: datetime | None
    last_error: str

    @property
    def status(self) -> OutboxFilter:
        if self.sent_at:
            return OutboxFilter.SENT
        return OutboxFilter.FAILED if self.parked_at else OutboxFilter.WAITING

    @property
    def order_id(self) -> int | None:
        """Of the order that it is about, where it names one."""
        found = self.payload.get("order_id")
        return found if isinstance(found, int) else None


_COLUMNS = (
    OutboxMessage.id,
    OutboxMessage.channel,
    OutboxMessage.name,
    OutboxMessage.payload,
    OutboxMessage.attempts,
    OutboxMessage.created_at,
    OutboxMessage.due_at,
    OutboxMessage.sent_at,
    OutboxMessage.parked_at,
    OutboxMessage.last_error,
)
_WAITS = (OutboxMessage.sent_at.is_(None), OutboxMessage.parked_at.is_(None))
_ONLY: dict[OutboxFilter, tuple[sa.ColumnElement[bool], ...]] = {
    OutboxFilter.ALL: (),
    OutboxFilter.FAILED: (OutboxMessage.parked_at.is_not(None),),
    OutboxFilter.WAITING: _WAITS,
    OutboxFilter.SENT: (OutboxMessage.sent_at.is_not(None),),
}


def messages(*, only: OutboxFilter, page: int) -> list[OutboxRow]:
    """A page, newest first, and one more where another follows."""
    ids = sa.select(OutboxMessage.id).where(*_ONLY[only])
    newest = [OutboxMessage.id.desc()]
    rows = db.session.execute(
        listed(sa.select(*_COLUMNS), OutboxMessage.id, ids, newest, page, PAGE_SIZE)
    )
    return [OutboxRow(**row._mapping) for row in rows]


def has_message(message_id: int) -> bool:
    return db.session.get(OutboxMessage, message_id) is not None


def counts() -> tuple[int, int]:
    """How many were given up, and how many wait."""
    parked, waiting = (
        sa.select(sa.func.count()).select_from(OutboxMessage).where(*where).scalar_subquery()
        for where in (_ONLY[OutboxFilter.FAILED], _WAITS)
    )
    row = db.session.execute(sa.select(parked, waiting)).one()
    return row[0], row[1]
