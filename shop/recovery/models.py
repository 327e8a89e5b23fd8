"""Checkouts whose shopper wants to be reminded of them, and addresses that want no reminders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model


class RecoverySettings(Model):
    __tablename__ = "recovery_settings"
    __table_args__ = (
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.CheckConstraint("after_hours BETWEEN 1 AND 48", name="after_hours_in_range"),
        sa.CheckConstraint("pause_days BETWEEN 1 AND 365", name="pause_days_in_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    #: Whether the checkout offers the reminder, and whether any are sent.
    is_on: Mapped[bool] = mapped_column(default=False)
    #: After the shopper's last step.
    after_hours: Mapped[int] = mapped_column(default=2)
    #: An address gets one reminder in so many days.
    pause_days: Mapped[int] = mapped_column(default=30)


class AbandonedCheckout(Model):
    """Written where the shopper ticked the box; gone once the checkout is paid or out of date."""

    __tablename__ = "abandoned_checkouts"
    __table_args__ = (
        sa.Index("ix_abandoned_checkouts_sent_at_updated_at", "sent_at", "updated_at"),
        # What figures are counted from.
        sa.Index("ix_abandoned_checkouts_figures", "sent_at", "opened_at", "restored_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    checkout_id: Mapped[int] = mapped_column(
        sa.ForeignKey("checkouts.id", ondelete="CASCADE"), unique=True
    )
    email: Mapped[str] = mapped_column(sa.String(254))
    language: Mapped[str] = mapped_column(sa.String(8))
    #: Code of what the shopper saw prices in.
    currency: Mapped[str] = mapped_column(sa.String(3))
    #: As cart.pack writes it.
    cart: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: The shopper's last step.
    updated_at: Mapped[datetime] = mapped_column(default=now)
    #: When the mail was promised; none: not yet.
    sent_at: Mapped[datetime | None]
    #: When the basket was first taken up again by the mail's link.
    opened_at: Mapped[datetime | None]
    #: The checkout that began with it then.
    restored_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("checkouts.id", ondelete="SET NULL"), index=True
    )


class ReminderFigures(Model):
    """What came of the reminders of a period, as the worker counted last."""

    __tablename__ = "reminder_figures"

    #: Until now.
    days: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sent: Mapped[int] = mapped_column(default=0)
    opened: Mapped[int] = mapped_column(default=0)
    orders: Mapped[int] = mapped_column(default=0)
    #: What those orders come to: pairs of amount in minor units and currency.
    totals: Mapped[list[Any]] = mapped_column(default=list)


class RefusedAddress(Model):
    """An address that wants no reminders, as a digest: it can be recognized, not read."""

    __tablename__ = "refused_addresses"

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
