"""Collections: the tree of them, a new one, and the page that edits one."""

from __future__ import annotations

from contextlib import suppress

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from shop.admin import collection_queries as queries
from shop.admin import versions
from shop.admin.access import bp, staff, store
from shop.admin.collection_forms import CollectionEditor
from shop.admin.forms import UploadForm
from shop.admin.lists import listing_text
from shop.admin.undo import flash_with_undo
from shop.admin.versions import ChangedMeanwhile
from shop.catalog import collections as catalog
from shop.catalog import held_by_rules
from shop.catalog.models import Collection, Product
from shop.catalog.service import Direction
from shop.database import in_transaction, transaction
from shop.extensions import db
from shop.media.pictures import PictureRefused, remove_picture, store_picture
from shop.web.config import settings
from shop.web.pagination import paginate, read_page

#: Products shown of what a rule would hold.
PREVIEWED = 12
_STEPS = {Direction.UP: -1, Direction.DOWN: 1}


class Refused(Exception):
    """A field holds a complaint that only the database knew; nothing is kept."""


@bp.get("/collections")
def collections() -> ResponseReturnValue:
    number, places = read_page(request.args.get("page")), queries.tree()
    first, size = (number - 1) * queries.PAGE_SIZE, queries.PAGE_SIZE
    pager = paginate(
        queries.collections(places[first : first + size + 1]),
        number,
        size,
        lambda page: url_for(".collections", page=page),
        len(places),
    )
    return render_template("admin/collections.html", pager=pager)


@bp.get("/collections/new")
def new_collection() -> ResponseReturnValue:
    return _page(None, CollectionEditor.blank())


@bp.post("/collections/new")
def create_collection() -> ResponseReturnValue:
    editor = CollectionEditor.sent(store().currency)
    if request.form.get("do") in ("preview", "rows"):
        return _preview(None, editor)
    if editor.is_valid():
        with suppress(Refused):
            collection_id = in_transaction(lambda: _create(editor, by=staff().id))
            flash(_("Collection created."), "ok")
            return _back(collection_id)
    return _page(None, editor), 422


@bp.get("/collections/<id:collection_id>")
def collection(collection_id: int) -> ResponseReturnValue:
    found = _collection_or_404(collection_id)
    return _page(found, CollectionEditor.of(found, store().currency))


@bp.post("/collections/<id:collection_id>")
def save_collection(collection_id: int) -> ResponseReturnValue:
    found = _collection_or_404(collection_id)
    editor = CollectionEditor.sent(store().currency)
    if request.form.get("do") in ("preview", "rows"):
        return _preview(found, editor)
    if editor.is_valid():
        try:
            in_transaction(lambda: _update(collection_id, editor, by=staff().id))
        except ChangedMeanwhile:
            editor.form.complain(editor.form.title, versions.sentence())
            return _page(_collection_or_404(collection_id), editor), 409
        except Refused:
            pass
        else:
            flash(_("Saved."), "ok")
            return _back(collection_id)
    return _page(_collection_or_404(collection_id), editor), 422


@bp.post("/collections/<id:collection_id>/delete")
def delete_collection(collection_id: int) -> ResponseReturnValue:
    with transaction():
        catalog.delete_collection(_locked(collection_id), by=staff().id)
    flash_with_undo(_("Collection deleted. Its products are still in the shop."), by=staff().id)
    return redirect(url_for(".collections"), code=303)


@bp.post("/collections/<id:collection_id>/position")
def move_collection(collection_id: int) -> ResponseReturnValue:
    step = _step()
    with transaction():
        catalog.move(_locked(collection_id), step, by=staff().id)
    number = queries.page_with(collection_id)
    page = number if number > 1 else None
    return redirect(url_for(".collections", page=page), code=303)


@bp.post("/collections/<id:collection_id>/picture")
def picture_collection(collection_id: int) -> ResponseReturnValue:
    found = _collection_or_404(collection_id)
    form, upload = UploadForm(), request.files.get("picture")
    if upload is None or not upload.filename:
        form.complain(form.picture, _("Choose a picture first."))
        return _page(found, CollectionEditor.of(found, store().currency), upload=form), 422
    try:
        stored = store_picture(upload.read(), settings().media_path)
    except PictureRefused as refusal:
        form.complain(form.picture, str(refusal))
        return _page(found, CollectionEditor.of(found, store().currency), upload=form), 422
    try:
        with transaction():
            catalog.change_picture(_locked(collection_id), stored.file, by=staff().id)
    except BaseException:
        remove_picture(stored.file, settings().media_path)
        raise
    flash(_("Picture changed."), "ok")
    return _back(collection_id)


# Picked by hand


@bp.post("/collections/<id:collection_id>/products")
def add_to_collection(collection_id: int) -> ResponseReturnValue:
    product_id = request.form.get("product_id", 0, type=int)
    with transaction(), _by_hand():
        collection = _locked(collection_id)
        if db.session.get(Product, product_id) is None:
            abort(404)
        catalog.add_product(collection, product_id, by=staff().id)
    flash(_("Product added."), "ok")
    return _back(collection_id, find=request.form.get("find") or None, anchor="products")


@bp.post("/collections/<id:collection_id>/products/<id:product_id>/position")
def move_in_collection(collection_id: int, product_id: int) -> ResponseReturnValue:
    step = _step()
    with transaction(), _by_hand():
        catalog.move_product(_locked(collection_id), product_id, step, by=staff().id)
    return _back(collection_id, anchor="products")


@bp.post("/collections/<id:collection_id>/products/<id:product_id>/delete")
def remove_from_collection(collection_id: int, product_id: int) -> ResponseReturnValue:
    with transaction(), _by_hand():
        catalog.remove_product(_locked(collection_id), product_id, by=staff().id)
    return _back(collection_id, anchor="products")


# Inside


class _by_hand:
    """Somebody gave the collection a rule meanwhile: 409."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, _trace: object) -> None:
        if isinstance(error, catalog.HeldByRule):
            abort(409, _("A rule decides what this collection holds. Nothing was changed."))


def _create(editor: CollectionEditor, *, by: int) -> int:
    with _complaints(editor):
        return catalog.create_collection(editor.details(), by=by).id


def _update(collection_id: int, editor: CollectionEditor, *, by: int) -> None:
    found = _locked(collection_id)
    versions.check(*CollectionEditor.of(found, store().currency).forms, typed=editor.forms)
    with _complaints(editor):
        catalog.update_collection(found, editor.details(), by=by)


class _complaints:
    """What the service refuses, said beside the field."""

    def __init__(self, editor: CollectionEditor) -> None:
        self.form = editor.form

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, _trace: object) -> None:
        form = self.form
        if isinstance(error, catalog.BadCollectionHandle):
            form.complain(form.handle, _("Use lower case letters, digits and single hyphens."))
        elif isinstance(error, catalog.CollectionHandleTaken | IntegrityError):
            form.complain(form.handle, _("Another collection has this address."))
        elif isinstance(error, catalog.WrongParent):
            form.complain(form.parent, _("A collection cannot lie in itself or in its own parts."))
        elif isinstance(error, catalog.TooDeep):
            form.complain(
                form.parent,
                _("Collections lie at most %(levels)s levels deep.", levels=catalog.MAX_DEPTH),
            )
        else:
            return
        raise Refused from (error if isinstance(error, Exception) else None)


def _preview(collection: Collection | None, editor: CollectionEditor) -> ResponseReturnValue:
    """Nothing is saved; the page tells what the rule would hold."""
    if request.form["do"] == "rows" or not editor.rule_is_valid() or not editor.is_by_rule:
        status = 422 if editor.complaints else 200
        return _page(collection, editor), status
    count, ids = held_by_rules.matching(editor.details().rule, limit=PREVIEWED)
    return _page(collection, editor, preview=(count, queries.products_named(ids)))


def _page(
    collection: Collection | None,
    editor: CollectionEditor,
    *,
    upload: UploadForm | None = None,
    preview: tuple[int, list[queries.HeldProduct]] | None = None,
) -> str:
    find = listing_text() if collection else ""
    text = (request.args.get("find") or "").strip()[:100] or find
    held = queries.held_by(collection) if collection else []
    return render_template(
        "admin/collection.html",
        collection=collection,
        editor=editor.with_spare_rows(),
        form=editor.form,
        parents=queries.parents_for(collection),
        upload=upload or UploadForm(is_empty=True),
        preview=preview,
        held=held,
        held_count=queries.count_held_by(collection) if collection else 0,
        find=text,
        found=queries.products_to_add(collection, text) if collection and text else [],
    )


def _collection_or_404(collection_id: int) -> Collection:
    found = db.session.get(Collection, collection_id)
    if found is None:
        abort(404)
    return found


def _locked(collection_id: int) -> Collection:
    found: Collection | None = versions.lock(Collection, collection_id)
    if found is None:
        abort(404)
    return found


def _step() -> int:
    direction = request.form.get("direction")
    if direction not in set(Direction):
        abort(400)
    return _STEPS[Direction(direction)]


def _back(
    collection_id: int, *, find: str | None = None, anchor: str | None = None
) -> ResponseReturnValue:
    address = url_for(".collection", collection_id=collection_id, find=find, _anchor=anchor)
    return redirect(address, code=303)
