"""What goes with a product: picked by hand, and bought together."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.extensions import Model

MAX_PICKS = 12


class ProductPick(Model):
    """A product that the merchant shows beside another one."""

    __tablename__ = "product_picks"
    __table_args__ = (sa.CheckConstraint("product_id <> picked_id", name="not_itself"),)

    product_id: Mapped[int] = mapped_column(
        sa.ForeignKey("products.id", ondelete="CASCADE"), primary_key=True
    )
    picked_id: Mapped[int] = mapped_column(
        sa.ForeignKey("products.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int]


class ProductCompanion(Model):
    """A product often bought together with another one; counted by the worker from paid orders."""

    __tablename__ = "product_companions"

    product_id: Mapped[int] = mapped_column(
        sa.ForeignKey("products.id", ondelete="CASCADE"), primary_key=True
    )
    companion_id: Mapped[int] = mapped_column(
        sa.ForeignKey("products.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    #: 1 is the closest.
    position: Mapped[int]
    #: Paid orders with both.
    orders: Mapped[int]
