"""What the worker adds up for the home page."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.extensions import Model


class KeptSeller(Model):
    """One of the products that sold best in the home page's longest period."""

    __tablename__ = "best_sellers"

    product_id: Mapped[int] = mapped_column(
        sa.ForeignKey("products.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    units: Mapped[int]
    #: What they brought, before refunds, in minor units.
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
