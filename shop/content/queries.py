"""The merchant's published pages and articles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from shop.catalog.queries import Picture
from shop.clock import now
from shop.content.models import Article, Page
from shop.extensions import db

#: The page whose words stand beside the contact form.
CONTACT = "contact"
JOURNAL_URL = "/blogs/journal"


@dataclass(frozen=True)
class PageLink:
    handle: str
    title: str
    summary: str

    @property
    def url(self) -> str:
        return f"/pages/{self.handle}"


@dataclass(frozen=True)
class PageText:
    handle: str
    kind: str
    title: str
    summary: str
    #: Markdown.
    body: str
    updated_at: datetime

    @property
    def url(self) -> str:
        return f"/pages/{self.handle}"


@dataclass(frozen=True)
class ArticleLink:
    handle: str
    title: str

    @property
    def url(self) -> str:
        return f"{JOURNAL_URL}/{self.handle}"


@dataclass(frozen=True)
class ArticleCard(ArticleLink):
    summary: str
    author: str
    published_at: datetime
    updated_at: datetime
    picture: Picture | None


@dataclass(frozen=True)
class ArticleText(ArticleCard):
    #: Markdown.
    body: str
    tags: tuple[str, ...]


def page_links() -> list[PageLink]:
    """Every published page that is no part of another, in alphabetical order."""
    return [PageLink(*row) for row in db.session.execute(_LINKS)]


def published_page(handle: str) -> PageText | None:
    row = db.session.execute(
        sa.select(
            Page.handle, Page.kind, Page.title, Page.summary, Page.body, Page.updated_at
        ).where(Page.handle == handle, Page.is_published)
    ).first()
    return PageText(*row) if row else None


def articles(*, limit: int, offset: int = 0) -> list[ArticleCard]:
    """Those that visitors can read, newest first."""
    rows = db.session.execute(_newest(*_CARD).limit(limit).offset(offset))
    return [ArticleCard(**_card(row)) for row in rows]


def article_count() -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(_is_readable())) or 0


def texts(*, limit: int) -> list[ArticleText]:
    """The newest in full, for the feed."""
    return [_text(row) for row in db.session.execute(_newest(*_TEXT).limit(limit))]


def published_article(handle: str) -> ArticleText | None:
    row = db.session.execute(
        sa.select(*_TEXT).where(Article.handle == handle, _is_readable())
    ).first()
    return _text(row) if row else None


def next_article_at() -> datetime | None:
    """When the next one appears by itself."""
    return db.session.scalar(
        sa.select(sa.func.min(Article.published_at)).where(Article.published_at > now())
    )


def neighbors(of: ArticleText) -> tuple[ArticleLink | None, ArticleLink | None]:
    """The article before it and the one after it, in the order they were published."""
    link = sa.select(Article.handle, Article.title).where(
        _is_readable(), Article.handle != of.handle
    )
    older = link.where(Article.published_at <= of.published_at).order_by(
        Article.published_at.desc(), Article.id.desc()
    )
    newer = link.where(Article.published_at > of.published_at).order_by(
        Article.published_at, Article.id
    )
    found = [db.session.execute(query.limit(1)).first() for query in (older, newer)]
    before, after = (ArticleLink(*row) if row else None for row in found)
    return before, after


def _is_readable() -> sa.ColumnElement[bool]:
    return Article.published_at <= now()


def _newest(*columns: Any) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*columns)
        .where(_is_readable())
        .order_by(Article.published_at.desc(), Article.id.desc())
    )


def _card(row: Any) -> dict[str, Any]:
    picture = None
    if row.file:
        picture = Picture(
            row.file, row.alt, row.width, row.height, row.ground, widths=tuple(row.widths)
        )
    return {name: getattr(row, name) for name in _PLAIN} | {"picture": picture}


def _text(row: Any) -> ArticleText:
    return ArticleText(**_card(row), body=row.body, tags=tuple(str(tag) for tag in row.tags))


_PLAIN = ("handle", "title", "summary", "author", "published_at", "updated_at")
_CARD = (
    *(getattr(Article, name) for name in _PLAIN),
    Article.file,
    Article.alt,
    Article.width,
    Article.height,
    Article.ground,
    Article.widths,
)
_TEXT = (*_CARD, Article.body, Article.tags)
_LINKS = (
    sa.select(Page.handle, Page.title, Page.summary)
    .where(Page.is_published, Page.handle != CONTACT)
    .order_by(Page.title, Page.id)
)
