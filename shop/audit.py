"""Who changed what: one row for each change that staff make."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model, db


class AuditEntry(Model):
    __tablename__ = "audit_entries"
    __table_args__ = (sa.Index("ix_audit_entries_subject", "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: None: the shop itself, or the command line.
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL"), index=True
    )
    #: "variant.price_changed".
    action: Mapped[str] = mapped_column(sa.String(60))
    subject_kind: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[int]
    #: What it was and what it is.
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = mapped_column(default=now)


def change(
    row: Any, values: Mapping[str, Any], account_id: int | None, action: str, *, subject_kind: str
) -> None:
    """Set what differs, and record it with what it was."""
    changes = {
        name: [_plain(getattr(row, name)), _plain(value)]
        for name, value in values.items()
        if getattr(row, name) != value
    }
    for name in changes:
        setattr(row, name, values[name])
    if changes:
        record(account_id, action, subject_kind=subject_kind, subject_id=row.id, **changes)
    db.session.flush()


def _plain(value: Any) -> Any:
    """As JSON can hold it."""
    return value if isinstance(value, (str, int, list, dict)) else str(value)


def record(
    account_id: int | None, action: str, *, subject_kind: str, subject_id: int, **data: Any
) -> None:
    """Add the entry to the caller's transaction."""
    db.session.add(
        AuditEntry(
            account_id=account_id,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            data=data,
        )
    )
