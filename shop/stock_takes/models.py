"""Counting what is in the building, over days and between people."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model


class TakeState(StrEnum):
    OPEN = "open"
    FINISHED = "finished"
    ABANDONED = "abandoned"


class StockTake(Model):
    __tablename__ = "stock_takes"
    __table_args__ = (
        sa.CheckConstraint("state IN ('open', 'finished', 'abandoned')", name="state_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(120))
    state: Mapped[str] = mapped_column(sa.String(16), default=TakeState.OPEN)
    #: Which press of the button began it.
    press: Mapped[str] = mapped_column(sa.String(80), unique=True)
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        return self.state == TakeState.OPEN


class StockTakeLine(Model):
    """One variant to count."""

    __tablename__ = "stock_take_lines"
    __table_args__ = (
        sa.CheckConstraint("counted >= 0", name="counted_not_negative"),
        sa.CheckConstraint("(counted IS NULL) = (expected IS NULL)", name="counted_as_expected"),
    )

    stock_take_id: Mapped[int] = mapped_column(
        sa.ForeignKey("stock_takes.id", ondelete="CASCADE"), primary_key=True
    )
    variant_id: Mapped[int] = mapped_column(
        sa.ForeignKey("variants.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    #: None: not counted yet.
    counted: Mapped[int | None]
    #: What should have stood on the shelf when it was counted, so that sales before and after it
    #: are no difference.
    expected: Mapped[int | None]
    counted_at: Mapped[datetime | None]
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL")
    )
