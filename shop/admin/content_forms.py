"""The admin's forms of pages, articles and redirects."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, Field, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from shop.admin.times import read_instant
from shop.catalog.handles import is_handle
from shop.content.models import Article, Page, PageKind
from shop.content.service import ArticleDetails, PageDetails
from shop.redirects.models import MAX_PATH
from shop.redirects.queries import FIXED
from shop.redirects.service import is_path, is_target
from shop.web.config import settings
from shop.web.forms import Form, at_most, tidy, tidy_text

MAX_BODY = 100_000
MAX_TAGS, MAX_TAG = 20, 60


class TextForm(Form):
    """What pages and articles have in common."""

    title = StringField(
        _l("Title"), [DataRequired(_l("Give it a title.")), at_most(255)], filters=[tidy]
    )
    handle = StringField(_l("Address"), [at_most(255)], filters=[tidy])
    summary = TextAreaField(
        _l("Summary"),
        [at_most(320)],
        filters=[tidy],
    )
    body = TextAreaField(
        _l("Text"),
        [at_most(MAX_BODY)],
        filters=[tidy_text],
    )
    version = HiddenField(validators=[Length(max=64)])

    def validate_handle(self, field: Field) -> None:
        if field.data and not is_handle(field.data):
            raise ValidationError(_("Use lower case letters, digits and single hyphens."))


class PageForm(TextForm):
    kind = StringField(_l("Layout"))
    is_published = BooleanField(_l("Published"))

    @classmethod
    def of(cls, page: Page) -> PageForm:
        names = ("title", "handle", "summary", "body", "kind", "is_published")
        values: dict[str, Any] = {name: getattr(page, name) for name in names}
        return cls(values=values | {"version": version_of(page)})

    def validate_kind(self, field: Field) -> None:
        if field.data not in set(PageKind):
            raise ValidationError(_("Choose one of the layouts."))

    def details(self) -> PageDetails:
        return PageDetails(
            title=self.title.data or "",
            handle=self.handle.data or "",
            summary=self.summary.data or "",
            body=self.body.data or "",
            kind=PageKind(self.kind.data or PageKind.TEXT),
            is_published=bool(self.is_published.data),
        )


class ArticleForm(TextForm):
    author = StringField(_l("Author"), [at_most(120)], filters=[tidy])
    tags = StringField(_l("Tags"), [at_most(1000)], filters=[tidy])
    alt = StringField(
        _l("Description for people who cannot see it"), [at_most(512)], filters=[tidy]
    )
    #: As browsers send it: 2026-11-27T10:00, by the shop's clock.
    published_at = StringField(_l("Publish on"), [at_most(32)], filters=[tidy])
    picture = FileField(_l("Picture"))
    without_picture = BooleanField(_l("Take the picture away"))

    zone = ZoneInfo("UTC")

    @classmethod
    def of(cls, article: Article, zone: ZoneInfo) -> ArticleForm:
        names = ("title", "handle", "summary", "body", "author", "alt")
        values: dict[str, Any] = {name: getattr(article, name) for name in names}
        at = article.published_at
        values["tags"] = ", ".join(str(tag) for tag in article.tags)
        values["published_at"] = f"{at.astimezone(zone):%Y-%m-%dT%H:%M}" if at else ""
        return cls(values=values | {"version": version_of(article)})

    def validate_published_at(self, field: Field) -> None:
        try:
            read_instant(field.data, self.zone)
        except ValueError:
            raise ValidationError(_("Choose a day and a time, or leave it empty.")) from None

    def validate_tags(self, field: Field) -> None:
        if len(self._tags()) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in self._tags()):
            raise ValidationError(
                _("Use at most %(most)s tags of %(length)s characters.", most=20, length=60)
            )

    def details(self) -> ArticleDetails:
        return ArticleDetails(
            title=self.title.data or "",
            handle=self.handle.data or "",
            summary=self.summary.data or "",
            body=self.body.data or "",
            author=self.author.data or "",
            tags=self._tags(),
            alt=self.alt.data or "",
            published_at=read_instant(self.published_at.data, self.zone),
        )

    def _tags(self) -> tuple[str, ...]:
        parts = (part.strip() for part in (self.tags.data or "").split(","))
        return tuple(dict.fromkeys(part for part in parts if part))


def _within_the_shop(address: str) -> str:
    """The path of an address of this very shop, as browsers copy it; others as they are."""
    parts = urlsplit(settings().url)
    begin = f"{parts.scheme}://{parts.netloc}"
    rest = address.removeprefix(begin)
    return rest or "/" if rest != address and rest[:1] in ("", "/", "?", "#") else address


def _as_looked_up(path: str) -> str:
    """Nothing is percent-encoded in the paths that redirects begin at, and none ends in a slash."""
    return tidy(unquote(path)).rstrip("/") or path


class RedirectForm(Form):
    path = StringField(
        _l("Old address"),
        [DataRequired(_l("Type the address that is to lead on.")), at_most(MAX_PATH)],
        filters=[tidy, _within_the_shop, _as_looked_up],
    )
    target = StringField(
        _l("Leads to"),
        [DataRequired(_l("Type where it leads to.")), at_most(MAX_PATH)],
        filters=[tidy, _within_the_shop],
    )

    def validate_path(self, field: Field) -> None:
        if field.data.startswith(FIXED):
            raise ValidationError(_("No address of the admin, and none of a file, leads on."))
        if not is_path(field.data):
            raise ValidationError(_("Begin with a slash, without a question mark: /old-page."))

    def validate_target(self, field: Field) -> None:
        if not is_target(field.data):
            raise ValidationError(_("Type a path like /products/mug, or an https:// address."))


def version_of(text: Page | Article) -> str:
    return text.updated_at.isoformat()
