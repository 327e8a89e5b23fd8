"""What a shopper has typed on the way to paying, kept so that nothing is typed twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.addresses import Address
from shop.clock import now
from shop.extensions import Model
from shop.orders.placement import PayBy


class Checkout(Model):
    __tablename__ = "checkouts"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Random; the shopper's session holds it, and it makes placing an order idempotent.
    token: Mapped[str] = mapped_column(sa.String(43), unique=True)
    #: Who was signed in.
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL"), index=True
    )
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    line1: Mapped[str] = mapped_column(sa.String(120), default="")
    line2: Mapped[str] = mapped_column(sa.String(120), default="")
    district: Mapped[str] = mapped_column(sa.String(80), default="", server_default=sa.text("''"))
    city: Mapped[str] = mapped_column(sa.String(80), default="")
    region: Mapped[str] = mapped_column(sa.String(80), default="")
    postal_code: Mapped[str] = mapped_column(sa.String(20), default="")
    country: Mapped[str] = mapped_column(sa.String(2), default="")
    phone: Mapped[str] = mapped_column(sa.String(32), default="")
    vat_number: Mapped[str] = mapped_column(sa.String(20), default="", server_default=sa.text("''"))
    #: As addresses.Address; empty: the bill goes where the goods go.
    billing: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str] = mapped_column(sa.Text, default="", server_default=sa.text("''"))
    gift_message: Mapped[str] = mapped_column(sa.Text, default="", server_default=sa.text("''"))
    #: Who gets the gift cards, with the gift message; empty: the buyer.
    gift_email: Mapped[str] = mapped_column(
        sa.String(254), default="", server_default=sa.text("''")
    )
    #: A `PayBy`: the choice last made.
    pay_by: Mapped[str] = mapped_column(
        sa.String(20), default=PayBy.CARD, server_default=sa.text("'card'")
    )
    shipping_rate_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("shipping_rates.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    @property
    def address(self) -> Address:
        return Address.of(self)

    @property
    def billing_address(self) -> Address | None:
        """None where the bill goes with the goods."""
        return Address(**self.billing) if self.billing else None
