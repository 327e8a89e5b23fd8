"""Pages, the journal and redirects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from shop import substrings
from shop.admin.access import bp, staff
from shop.admin.content_forms import ArticleForm, PageForm, RedirectForm, TextForm, version_of
from shop.admin.lists import listing_text, pager_of
from shop.admin.queries import PAGE_SIZE
from shop.admin.targets import warn_of_nothing
from shop.admin.times import shop_zone
from shop.admin.undo import flash_with_undo
from shop.catalog.queries import Picture
from shop.clock import now
from shop.content import service
from shop.content.layout import layout
from shop.content.models import Article, Page, PageKind
from shop.content.queries import ArticleText, PageText
from shop.database import in_transaction, transaction
from shop.extensions import db
from shop.media.pictures import PictureRefused, StoredPicture, remove_picture, store_picture
from shop.paging import AnySelect, merged, page_of
from shop.redirects import service as redirects
from shop.redirects.models import Redirect
from shop.web.config import settings
from shop.web.pagination import Pager

Row = TypeVar("Row", Page, Article, Redirect)
Text = TypeVar("Text", Page, Article)


class Refused(Exception):
    """A field holds a complaint that only the database knew; nothing is kept."""


# Pages


@bp.get("/pages")
def pages() -> ResponseReturnValue:
    """By title. A text that many have is looked for from the newest on: by title those that begin
    with it may all stand far from the first.
    """
    text = listing_text()
    ways = [[substrings.holding(Page, text)]] if text else []
    is_found, is_few = substrings.narrowest(Page.id, ways)
    is_newest_first = bool(text) and not is_few
    order = [Page.id.desc()] if is_newest_first else [Page.title, Page.id]
    return render_template(
        "admin/pages.html",
        pager=_listing(Page, is_found, order, ".pages"),
        text=text,
        is_newest_first=is_newest_first,
    )


@bp.get("/pages/new")
def new_page() -> ResponseReturnValue:
    form = PageForm(values={"kind": PageKind.TEXT, "is_published": True})
    return render_template("admin/page.html", form=form, page=None)


@bp.post("/pages/new")
def create_page() -> ResponseReturnValue:
    form = PageForm()
    if form.is_valid():
        made = _try(form, lambda: service.create_page(form.details(), by=staff().id).id)
        if made is not None:
            flash(_("Page created."), "ok")
            return redirect(url_for(".page", page_id=made), code=303)
    return render_template("admin/page.html", form=form, page=None), 422


@bp.get("/pages/<id:page_id>")
def page(page_id: int) -> ResponseReturnValue:
    found = _found(Page, page_id)
    return render_template("admin/page.html", form=PageForm.of(found), page=found)


@bp.post("/pages/<id:page_id>")
def save_page(page_id: int) -> ResponseReturnValue:
    found, form = _found(Page, page_id), PageForm()

    def save() -> int:
        row = _locked(Page, page_id, form)
        service.update_page(row, form.details(), by=staff().id)
        return row.id

    if form.is_valid() and _try(form, save) is not None:
        flash(_("Saved."), "ok")
        return redirect(url_for(".page", page_id=page_id), code=303)
    return render_template("admin/page.html", form=form, page=found), 422


@bp.post("/pages/<id:page_id>/delete")
def delete_page(page_id: int) -> ResponseReturnValue:
    with transaction():
        service.delete_page(_found(Page, page_id), by=staff().id)
    flash_with_undo(_("Page deleted."), by=staff().id)
    return redirect(url_for(".pages"), code=303)


@bp.post("/pages/preview")
def preview_page() -> ResponseReturnValue:
    """As it would look, from what is typed and not saved."""
    form = PageForm()
    if not form.is_valid():
        return render_template("admin/page.html", form=form, page=None), 422
    typed = form.details()
    text = PageText(
        typed.handle, typed.kind, typed.title, typed.summary, typed.body, updated_at=now()
    )
    found = layout(text)
    return render_template(found.template, **found.values)


# The journal


@bp.get("/journal")
def journal() -> ResponseReturnValue:
    text = listing_text()
    is_found = [substrings.holds(Article, text)] if text else []
    published, created = Article.published_at, Article.created_at
    parts = [
        ([published.is_not(None), *is_found], published),
        ([published.is_(None), *is_found], created),
    ]
    pager = _pager(
        Article,
        lambda number: merged(parts, Article.id, number, PAGE_SIZE, is_descending=True),
        [sa.func.coalesce(published, created).desc(), Article.id.desc()],
        ".journal",
    )
    return render_template("admin/journal.html", pager=pager, text=text, now=now())


@bp.get("/journal/new")
def new_article() -> ResponseReturnValue:
    form = ArticleForm(values={"author": staff().name})
    return render_template("admin/article.html", form=form, article=None, zone=shop_zone().key)


@bp.post("/journal/new")
def create_article() -> ResponseReturnValue:
    form = _article_form()
    stored = _stored_picture(form) if form.is_valid() else None

    def create() -> int:
        article = service.create_article(form.details(), by=staff().id)
        if stored:
            service.set_picture(article, stored)
        return article.id

    made = None if form.complaints else _try(form, create)
    if made is None:
        _drop(stored.file if stored else None)
        return _article_page(form, None, 422)
    flash(_("Article created."), "ok")
    return redirect(url_for(".article", article_id=made), code=303)


@bp.get("/journal/<id:article_id>")
def article(article_id: int) -> ResponseReturnValue:
    found = _found(Article, article_id)
    return _article_page(ArticleForm.of(found, shop_zone()), found, 200)


@bp.post("/journal/<id:article_id>")
def save_article(article_id: int) -> ResponseReturnValue:
    found, form = _found(Article, article_id), _article_form()
    stored = _stored_picture(form) if form.is_valid() else None
    replaced: list[str | None] = []

    def save() -> int:
        replaced.clear()
        row = _locked(Article, article_id, form)
        service.update_article(row, form.details(), by=staff().id)
        if stored or form.without_picture.data:
            replaced.append(service.set_picture(row, stored))
        return row.id

    if form.complaints or _try(form, save) is None:
        _drop(stored.file if stored else None)
        return _article_page(form, found, 422)
    for file in replaced:
        _drop(file)
    flash(_("Saved."), "ok")
    return redirect(url_for(".article", article_id=article_id), code=303)


@bp.post("/journal/<id:article_id>/delete")
def delete_article(article_id: int) -> ResponseReturnValue:
    with transaction():
        service.delete_article(_found(Article, article_id), by=staff().id)
    flash_with_undo(_("Article deleted."), by=staff().id)
    return redirect(url_for(".journal"), code=303)


@bp.post("/journal/preview")
def preview_article() -> ResponseReturnValue:
    """With the picture that is saved, if any: a chosen file is not sent anywhere yet."""
    form = _article_form()
    if not form.is_valid():
        return _article_page(form, None, 422)
    typed = form.details()
    article_id = request.form.get("id", 0, type=int)
    saved = db.session.get(Article, article_id) if article_id else None
    picture = None
    if saved and saved.file:
        picture = Picture(saved.file, typed.alt, saved.width, saved.height, saved.ground)
    text = ArticleText(
        handle=typed.handle,
        title=typed.title,
        summary=typed.summary,
        author=typed.author,
        published_at=typed.published_at or now(),
        updated_at=now(),
        picture=picture,
        body=typed.body,
        tags=typed.tags,
    )
    return render_template("content/article.html", article=text, older=None, newer=None)


# Redirects


@bp.get("/redirects")
def redirections() -> ResponseReturnValue:
    return _redirects_page(RedirectForm(is_empty=True))


@bp.post("/redirects")
def add_redirect() -> ResponseReturnValue:
    form = RedirectForm()
    try:
        is_added = form.is_valid() and _added(form)
    except redirects.PathTaken as taken:
        form.complain(form.path, _("This leads to %(target)s already.", target=taken.args[0]))
        return _redirects_page(form, taken.args[0]), 422
    if not is_added:
        return _redirects_page(form), 422
    flash(_("From now on the old address leads on, wherever nothing else is shown."), "ok")
    warn_of_nothing(form.target.data or "")
    return redirect(url_for(".redirections"), code=303)


@bp.post("/redirects/<id:redirect_id>/delete")
def delete_redirect(redirect_id: int) -> ResponseReturnValue:
    with transaction():
        redirects.remove(_found(Redirect, redirect_id), by=staff().id)
    flash_with_undo(_("Redirect removed."), by=staff().id)
    return redirect(url_for(".redirections"), code=303)


def _added(form: RedirectForm) -> bool:
    """Raises PathTaken."""
    path, target = form.path.data or "", form.target.data or ""
    replaces = request.form.get("replaces", "")
    try:
        with transaction():
            redirects.add(path, target, by=staff().id, replaces=replaces)
    except redirects.LeadsBack:
        form.complain(form.target, _("This leads back to the old address."))
    except IntegrityError:  # somebody added the same in this very moment
        abort(409)
    return not form.complaints


def _redirects_page(form: RedirectForm, taken: str = "") -> str:
    """`taken`: where the old address that is typed leads already."""
    text = listing_text()
    is_found = [substrings.holds(Redirect, text)] if text else []
    pager = _listing(Redirect, is_found, [Redirect.id.desc()], ".redirections")
    return render_template("admin/redirects.html", pager=pager, text=text, form=form, taken=taken)


# Inside


def _listing(
    model: type[Any], is_found: Sequence[Any], order: Sequence[Any], endpoint: str
) -> Pager[Any]:
    ids = sa.select(model.id).where(*is_found)
    return _pager(model, lambda number: page_of(ids, order, number, PAGE_SIZE), order, endpoint)


def _pager(
    model: type[Any], ids: Callable[[int], AnySelect], order: Sequence[Any], endpoint: str
) -> Pager[Any]:
    """`ids`: of the page of a number."""
    text = listing_text()
    return pager_of(
        lambda page: db.session.scalars(
            sa.select(model).where(model.id.in_(ids(page))).order_by(*order)
        ).all(),
        PAGE_SIZE,
        endpoint,
        {"q": text or None},
    )


def _found(model: type[Row], row_id: int) -> Row:
    row = db.session.get(model, row_id)
    if row is None:
        abort(404)
    return row


def _locked(model: type[Text], row_id: int, form: TextForm) -> Text:
    """Raises Refused where it is no longer what it was when the page was opened."""
    row = db.session.get(model, row_id, with_for_update=True, populate_existing=True)
    if row is None:
        abort(404)
    if version_of(row) != form.version.data:
        form.version.data = version_of(row)
        form.complain(
            form.title,
            _("Somebody changed this meanwhile. Saving again replaces what they wrote."),
        )
        raise Refused
    return row


def _try(form: TextForm, work: Callable[[], int]) -> int | None:
    """None: the form holds the complaint."""

    def checked() -> int:
        try:
            return work()
        except service.HandleTaken:
            form.complain(form.handle, _("Another one has this address. Choose a different one."))
        except service.BadHandle:
            form.complain(form.handle, _("Use lower case letters, digits and single hyphens."))
        raise Refused

    try:
        with suppress(Refused):
            return in_transaction(checked)
    except IntegrityError:  # somebody took the address in this very moment
        abort(409)
    return None


def _article_form() -> ArticleForm:
    form = ArticleForm()
    form.zone = shop_zone()
    return form


def _article_page(form: ArticleForm, found: Article | None, status: int) -> ResponseReturnValue:
    page = render_template("admin/article.html", form=form, article=found, zone=shop_zone().key)
    return page, status


def _stored_picture(form: ArticleForm) -> StoredPicture | None:
    """None: none was chosen, or the form holds the complaint."""
    upload = request.files.get(form.picture.name)
    if upload is None or not upload.filename:
        return None
    try:
        return store_picture(upload.read(), settings().media_path)
    except PictureRefused as refusal:
        form.complain(form.picture, str(refusal))
        return None


def _drop(file: str | None) -> None:
    """Only files of our own making: the demo's pictures belong to several."""
    if file and file.startswith("p-"):
        remove_picture(file, settings().media_path)
