"""The merchant's published pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from shop.content.models import Page
from shop.extensions import db

#: The page whose words stand on the home page.
HOME = "home"


@dataclass(frozen=True)
class PageLink:
    handle: str
    title: str


@dataclass(frozen=True)
class PageText:
    handle: str
    title: str
    summary: str
    #: Markdown.
    body: str
    updated_at: datetime


def page_links() -> list[PageLink]:
    """Every published page but the home page's words, in alphabetical order."""
    return [PageLink(*row) for row in db.session.execute(_LINKS)]


def published_page(handle: str) -> PageText | None:
    row = db.session.execute(
        sa.select(Page.handle, Page.title, Page.summary, Page.body, Page.updated_at).where(
            Page.handle == handle, Page.is_published
        )
    ).first()
    return PageText(*row) if row else None


_LINKS = (
    sa.select(Page.handle, Page.title)
    .where(Page.is_published, Page.handle != HOME)
    .order_by(Page.title, Page.id)
)
