"""Pages the merchant writes in Markdown: delivery, privacy, the studio's story."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model


class Page(Model):
    __tablename__ = "pages"

    id: Mapped[int] = mapped_column(primary_key=True)
    handle: Mapped[str] = mapped_column(sa.String(255), unique=True)
    title: Mapped[str] = mapped_column(sa.String(255))
    #: One sentence for search results and link previews.
    summary: Mapped[str] = mapped_column(sa.String(320), default="")
    #: Markdown; rendered and sanitized on output.
    body: Mapped[str] = mapped_column(sa.Text, default="")
    is_published: Mapped[bool] = mapped_column(default=True)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
