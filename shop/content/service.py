"""Changes of pages and articles. An address that changes leaves a redirect in the same transaction;
none commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from shop import audit
from shop.catalog.handles import free_handle, handle_from, is_handle
from shop.clock import now
from shop.content.models import Article, Page, PageKind
from shop.content.queries import CONTACT, JOURNAL_URL
from shop.extensions import db
from shop.media.pictures import StoredPicture
from shop.redirects import service as redirects

Text = TypeVar("Text", Page, Article)


class BadHandle(Exception):
    """Not lower case letters, digits and hyphens."""


class HandleTaken(Exception):
    """Another page, or another article, has it."""


@dataclass(frozen=True, kw_only=True)
class PageDetails:
    title: str
    #: Empty: made from the title.
    handle: str = ""
    summary: str = ""
    body: str = ""
    kind: PageKind = PageKind.TEXT
    is_published: bool = True


@dataclass(frozen=True, kw_only=True)
class ArticleDetails:
    title: str
    handle: str = ""
    summary: str = ""
    body: str = ""
    author: str = ""
    tags: tuple[str, ...] = ()
    alt: str = ""
    #: None: a draft. In the future: it appears by itself.
    published_at: datetime | None = None


def create_page(details: PageDetails, by: int | None = None) -> Page:
    """Raises BadHandle, HandleTaken."""
    page = Page(**_page_values(details), handle=_handle(Page, details.handle, details.title))
    return _added(page, "page", by)


def update_page(page: Page, details: PageDetails, by: int | None = None) -> None:
    """Raises BadHandle, HandleTaken."""
    was_seen = page.is_published and page.handle != CONTACT
    _update(page, "page", _page_values(details), details.handle, "/pages", was_seen, by)


def delete_page(page: Page, by: int | None = None) -> None:
    _delete(page, "page", by)


def restore_page(kept: Mapping[str, Any], by: int | None = None) -> Page:
    """One that was deleted. Raises HandleTaken."""
    return _restored(Page, "page", kept, by)


def create_article(details: ArticleDetails, by: int | None = None) -> Article:
    """Raises BadHandle, HandleTaken."""
    handle = _handle(Article, details.handle, details.title)
    return _added(Article(**_article_values(details), handle=handle), "article", by)


def update_article(article: Article, details: ArticleDetails, by: int | None = None) -> None:
    """Raises BadHandle, HandleTaken."""
    was_seen = article.published_at is not None and article.published_at <= now()
    values = _article_values(details)
    _update(article, "article", values, details.handle, JOURNAL_URL, was_seen, by)


def delete_article(article: Article, by: int | None = None) -> None:
    """Its picture's files stay as long as it can be brought back: see content/worker.py."""
    _delete(article, "article", by)


def restore_article(kept: Mapping[str, Any], by: int | None = None) -> Article:
    """One that was deleted. Raises HandleTaken."""
    return _restored(Article, "article", kept, by)


def set_picture(article: Article, stored: StoredPicture | None) -> str | None:
    """None takes it away. The base name of the one before, for the caller to delete."""
    before = article.file
    article.file = stored.file if stored else None
    if stored:
        article.width, article.height = stored.width, stored.height
        article.ground, article.widths = stored.ground, list(stored.widths)
    article.updated_at = now()
    db.session.flush()
    return before


def _page_values(details: PageDetails) -> dict[str, Any]:
    return {
        "title": details.title,
        "summary": details.summary,
        "body": details.body,
        "kind": details.kind,
        "is_published": details.is_published,
    }


def _article_values(details: ArticleDetails) -> dict[str, Any]:
    return {
        "title": details.title,
        "summary": details.summary,
        "body": details.body,
        "author": details.author,
        "tags": list(details.tags),
        "alt": details.alt,
        "published_at": details.published_at,
    }


def _added(text: Text, kind: str, by: int | None) -> Text:
    db.session.add(text)
    db.session.flush()
    audit.record(by, f"{kind}.created", subject_kind=kind, subject_id=text.id, title=text.title)
    return text


def _update(
    text: Page | Article,
    kind: str,
    values: dict[str, Any],
    handle: str,
    folder: str,
    was_seen: bool,
    by: int | None,
) -> None:
    changes = {}
    if handle and handle != text.handle:
        _handle(type(text), handle, text.title)
        changes["handle"] = [text.handle, handle]
        if was_seen:
            redirects.moved(f"{folder}/{text.handle}", f"{folder}/{handle}")
        text.handle = handle
    for name, value in values.items():
        before = getattr(text, name)
        if before != value:
            changes[name] = [audit.plain(before), audit.plain(value)]
            setattr(text, name, value)
    if changes:
        text.updated_at = now()
        audit.record(by, f"{kind}.updated", subject_kind=kind, subject_id=text.id, **changes)
    db.session.flush()


def _delete(text: Page | Article, kind: str, by: int | None) -> None:
    audit.record_removal(
        audit.values_of(text),
        by,
        f"{kind}.deleted",
        subject_kind=kind,
        subject_id=text.id,
        title=text.title,
        handle=text.handle,
    )
    db.session.delete(text)
    db.session.flush()


def _restored(model: type[Text], kind: str, kept: Mapping[str, Any], by: int | None) -> Text:
    _handle(model, kept["handle"], kept["title"])
    text = audit.remade(model, kept)
    db.session.add(text)
    db.session.flush()
    audit.record(by, f"{kind}.restored", subject_kind=kind, subject_id=text.id, title=text.title)
    return text


def _handle(model: type[Page | Article], wanted: str, title: str) -> str:
    """Checked, or made from the title."""
    if not wanted:
        base = handle_from(title)
        taken = db.session.scalars(
            sa.select(model.handle).where(model.handle.startswith(base, autoescape=True))
        )
        return free_handle(base, set(taken))
    if not is_handle(wanted):
        raise BadHandle(wanted)
    if db.session.scalar(sa.select(model.id).where(model.handle == wanted)) is not None:
        raise HandleTaken(wanted)
    return wanted
