"""What the merchant may change about the shop itself, in one row."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.extensions import Model


class StoreSettings(Model):
    __tablename__ = "store_settings"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(sa.String(80))
    legal_name: Mapped[str] = mapped_column(sa.String(120), default="")
    #: ISO 4217; every price in the catalog is in it.
    currency: Mapped[str] = mapped_column(sa.String(3))
    #: ISO 3166-1 alpha-2; where the shop stands, and the first country offered in checkout.
    country: Mapped[str] = mapped_column(sa.String(2))
    contact_email: Mapped[str] = mapped_column(sa.String(254))
    #: Codes of the languages the pages are offered in; the first is the shop's own.
    languages: Mapped[list[Any]] = mapped_column(default=lambda: ["en"])
    tagline: Mapped[str] = mapped_column(sa.String(200), default="")
    #: One line above the header of every page; empty: none.
    announcement: Mapped[str] = mapped_column(sa.String(200), default="")
    announcement_url: Mapped[str] = mapped_column(sa.String(200), default="")
