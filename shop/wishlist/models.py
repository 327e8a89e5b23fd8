"""What shoppers want to remember, and to show others."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model


class Wishlist(Model):
    __tablename__ = "wishlists"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Whoever has it may change the list; it stays in the owner's session.
    token: Mapped[str] = mapped_column(sa.String(64), unique=True)
    #: Whoever has it may look at the list; none: it was never shared.
    share_token: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    #: Whose it is, once its owner has signed in.
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="CASCADE"), unique=True
    )
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: Lists that nobody touched for long are forgotten.
    changed_at: Mapped[datetime] = mapped_column(default=now, index=True)


class Wish(Model):
    """One variant on a list."""

    __tablename__ = "wishes"

    wishlist_id: Mapped[int] = mapped_column(
        sa.ForeignKey("wishlists.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    variant_id: Mapped[int] = mapped_column(
        sa.ForeignKey("variants.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    )
    #: What it cost when it was put on the list, in minor units.
    unit_amount: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(default=now)
