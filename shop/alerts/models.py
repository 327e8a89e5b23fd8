"""Who wants to hear when a sold-out variant can be bought again."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model


class StockAlert(Model):
    """One mail to one address, once."""

    __tablename__ = "stock_alerts"
    __table_args__ = (
        sa.Index(
            "uq_stock_alerts_waiting",
            "variant_id",
            "email",
            unique=True,
            sqlite_where=sa.text("notified_at IS NULL"),
            postgresql_where=sa.text("notified_at IS NULL"),
        ),
        sa.Index("ix_stock_alerts_notified_at", "notified_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id", ondelete="CASCADE"))
    #: In lower case.
    email: Mapped[str] = mapped_column(sa.String(254))
    language: Mapped[str] = mapped_column(sa.String(8), default="en")
    #: Whoever has it, from the mail, may have the address forgotten.
    token: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: When the mail was promised; none: still waiting.
    notified_at: Mapped[datetime | None]
