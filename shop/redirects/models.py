"""Old addresses and where what stood there is now."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import GIVEN_ONCE, Model

MAX_PATH = 512


class Redirect(Model):
    """No target is the path of another redirect, so a visitor is sent on once; once more where the
    target asks something of its page, "/b?x=1", or is written otherwise, and that has moved.
    """

    __tablename__ = "redirects"
    __table_args__ = (sa.CheckConstraint("path <> target", name="leads_elsewhere"), GIVEN_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: "/products/old-handle", as typed: not percent-encoded, without a query.
    path: Mapped[str] = mapped_column(sa.String(MAX_PATH), unique=True)
    #: A path of this shop, or an http(s) address elsewhere.
    target: Mapped[str] = mapped_column(sa.String(MAX_PATH), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
