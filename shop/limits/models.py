"""How often something was tried lately, by whom: counters that hold for all processes together."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.extensions import Model


class RateLimit(Model):
    __tablename__ = "rate_limits"
    __table_args__ = (sa.CheckConstraint("used > 0", name="used_positive"),)

    #: Keyed digest of what is tried and by whom: it names nobody.
    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    used: Mapped[int]
    #: When the counter begins anew.
    ends_at: Mapped[datetime] = mapped_column(index=True)
