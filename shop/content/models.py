"""What the merchant writes in Markdown: pages such as delivery or privacy, and the journal."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import GIVEN_ONCE, Model


class PageKind(StrEnum):
    """How a page lays its text out."""

    TEXT = "text"
    #: Each heading of the second level is a question that opens.
    QUESTIONS = "questions"
    #: Headings that name a value with a swatch get its tile and what comes in it.
    SWATCHES = "swatches"


_KINDS = ", ".join(f"'{kind}'" for kind in PageKind)


class Page(Model):
    __tablename__ = "pages"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN ({_KINDS})", name="kind_known"),
        sa.Index("ix_pages_title", "title", "id"),
        GIVEN_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    handle: Mapped[str] = mapped_column(sa.String(255), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(16), default=PageKind.TEXT)
    title: Mapped[str] = mapped_column(sa.String(255))
    #: One sentence for search results and link previews.
    summary: Mapped[str] = mapped_column(sa.String(320), default="")
    #: Markdown; rendered and sanitized on output.
    body: Mapped[str] = mapped_column(sa.Text, default="")
    is_published: Mapped[bool] = mapped_column(default=True)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class Article(Model):
    """One entry of the journal."""

    __tablename__ = "articles"
    __table_args__ = (GIVEN_ONCE,)

    id: Mapped[int] = mapped_column(primary_key=True)
    handle: Mapped[str] = mapped_column(sa.String(255), unique=True)
    title: Mapped[str] = mapped_column(sa.String(255))
    summary: Mapped[str] = mapped_column(sa.String(320), default="")
    #: Markdown; rendered and sanitized on output.
    body: Mapped[str] = mapped_column(sa.Text, default="")
    author: Mapped[str] = mapped_column(sa.String(120), default="")
    tags: Mapped[list[Any]] = mapped_column(default=list)
    #: None: a draft. In the future: it appears by itself.
    published_at: Mapped[datetime | None] = mapped_column(index=True)
    #: Base name in the media folder, laid out like a product image's.
    file: Mapped[str | None] = mapped_column(sa.String(120))
    alt: Mapped[str] = mapped_column(sa.String(512), default="")
    #: Size of the 800 pixel rendition.
    width: Mapped[int] = mapped_column(default=800)
    height: Mapped[int] = mapped_column(default=1000)
    ground: Mapped[str] = mapped_column(sa.String(7), default="")
    #: Of the renditions to choose from.
    widths: Mapped[list[Any]] = mapped_column(default=lambda: [400, 800])
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
