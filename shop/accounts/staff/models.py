"""Who was asked to join the staff and has not answered yet."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.accounts.models import Role
from shop.clock import now
from shop.extensions import Model


def new_key() -> str:
    return secrets.token_urlsafe(24)


class StaffInvitation(Model):
    """Gone once it is accepted or revoked; one for an address."""

    __tablename__ = "staff_invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: In its normal form.
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    role_id: Mapped[int] = mapped_column(sa.ForeignKey("roles.id", ondelete="CASCADE"), index=True)
    invited_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL"), index=True
    )
    language: Mapped[str] = mapped_column(sa.String(8), default="en")
    #: Part of the mailed link, new each time it is mailed: the links before are worth nothing.
    key: Mapped[str] = mapped_column(sa.String(43), unique=True, default=new_key)
    sent_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]

    role: Mapped[Role] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= now()
