"""Carts of customers, to find again on another device."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model


class SavedCart(Model):
    __tablename__ = "saved_carts"

    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    #: As cart.pack writes it.
    lines: Mapped[str] = mapped_column(sa.String(800))
    saved_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
