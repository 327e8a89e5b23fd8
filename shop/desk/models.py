"""What belongs to the person who works, not to the shop."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model


class SavedView(Model):
    """A way to look at a list, by name."""

    __tablename__ = "saved_views"
    __table_args__ = (sa.UniqueConstraint("account_id", "area", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="CASCADE"))
    #: Which list: "products", "orders".
    area: Mapped[str] = mapped_column(sa.String(20))
    name: Mapped[str] = mapped_column(sa.String(60))
    #: The address's question, as the list itself writes it: "show=draft&tag=winter".
    query: Mapped[str] = mapped_column(sa.String(2000))
    #: Everybody on the staff sees it.
    is_shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)


class UnsavedForm(Model):
    """What somebody typed into a form and has not saved; one for each person and form."""

    __tablename__ = "unsaved_forms"

    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    #: "product:17".
    form: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    #: Pairs of field and text.
    fields: Mapped[list[Any]] = mapped_column(default=list)
    saved_at: Mapped[datetime] = mapped_column(default=now, index=True)
