"""Pictures of a product: adding, describing, ordering and removing them."""

from __future__ import annotations

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from shop.admin import queries, versions
from shop.admin.access import bp, store
from shop.admin.forms import FOCAL_STEPS, PictureForm, UploadForm
from shop.admin.picture_log import record_image
from shop.admin.product_editor import ProductEditor
from shop.admin.product_views import product_or_404, product_page
from shop.admin.queries import ProductView
from shop.admin.times import shop_zone
from shop.admin.versions import ChangedMeanwhile
from shop.catalog import images
from shop.catalog.models import Product, ProductImage
from shop.catalog.restoring import could_show
from shop.catalog.service import Direction
from shop.database import transaction
from shop.extensions import db
from shop.media.pictures import PictureRefused, remove_picture, removed_on_failure, store_picture
from shop.reviews.queries import is_picture_in_use
from shop.web.config import settings
from shop.web.counts import ngettext
from shop.web.input import wants_json

#: Pictures in one go without a script; with it, each comes in a request of its own.
MAX_UPLOADS = 20
MAX_NAME = 80


@bp.post("/products/<id:product_id>/images")
def upload_images(product_id: int) -> ResponseReturnValue:
    """Each picture by itself: one that is refused does not keep the others out."""
    view = product_or_404(product_id)
    form = UploadForm()
    form.is_valid()
    uploads = [upload for upload in request.files.getlist(form.picture.name) if upload.filename]
    if not uploads:
        form.complain(form.picture, _("Choose a picture first."))
    if len(uploads) > MAX_UPLOADS:
        form.complain(
            form.picture, _("Send at most %(count)s pictures at once.", count=MAX_UPLOADS)
        )
    refused: list[str] = []
    if not form.complaints:
        # One description cannot fit several pictures.
        alt = form.alt.data or "" if len(uploads) == 1 else ""
        refused = _add_pictures(product_id, uploads, alt)
        added = len(uploads) - len(refused)
        if added and not wants_json():
            flash(ngettext("Picture added.", "%(num)s pictures added.", added), "ok")
    return _answer_upload(view, form, refused)


@bp.get("/products/<id:product_id>/images/<id:image_id>")
def picture(product_id: int, image_id: int) -> ResponseReturnValue:
    image = _image_or_404(product_id, image_id)
    view = product_or_404(product_id)
    return _picture_page(view, image, _picture_form(view, image))


@bp.post("/products/<id:product_id>/images/<id:image_id>")
def save_picture(product_id: int, image_id: int) -> ResponseReturnValue:
    image = _image_or_404(product_id, image_id)
    form = PictureForm()
    if not form.is_valid():
        return _picture_page(product_or_404(product_id), image, form), 422
    try:
        with transaction():
            _save_picture(product_id, image_id, form)
    except ChangedMeanwhile:
        form.complain(form.alt, versions.sentence())
        image = _image_or_404(product_id, image_id)
        return _picture_page(product_or_404(product_id), image, form), 409
    flash(_("Saved."), "ok")
    return _back_to_pictures(product_id)


@bp.post("/products/<id:product_id>/images/<id:image_id>/position")
def move_image(product_id: int, image_id: int) -> ResponseReturnValue:
    direction = request.form.get("direction")
    if direction not in set(Direction):
        abort(400)
    with transaction():
        _locked(product_id)
        image = _image_or_404(product_id, image_id)
        images.move_image(image, Direction(direction))
        record_image("image.moved", image, direction=direction)
    return _back_to_pictures(product_id)


@bp.post("/products/<id:product_id>/images/order")
def order_images(product_id: int) -> ResponseReturnValue:
    """All pictures of the product in their new order."""
    product_or_404(product_id)
    ids = request.form.getlist("image_id", type=int)
    with transaction():
        _locked(product_id)
        try:
            image = images.order_images(product_id, ids)
        except images.OtherImages:
            abort(409, _("Pictures were added or removed meanwhile. Look at the page again."))
        record_image("image.ordered", image)
    return _back_to_pictures(product_id)


@bp.post("/products/<id:product_id>/images/<id:image_id>/delete")
def delete_image(product_id: int, image_id: int) -> ResponseReturnValue:
    with transaction():
        _locked(product_id)
        image = _image_or_404(product_id, image_id)
        record_image("image.removed", image)
        file = images.remove_image(image)
    if file and not (is_picture_in_use(file) or could_show(file)):
        remove_picture(file, settings().media_path)
    flash(_("Picture removed."), "ok")
    return _back_to_pictures(product_id)


def _save_picture(product_id: int, image_id: int, form: PictureForm) -> None:
    """Raises ChangedMeanwhile."""
    _locked(product_id)
    image = _image_or_404(product_id, image_id)
    versions.check(_picture_form(product_or_404(product_id), image), typed=[form])
    is_decorative = bool(form.is_decorative.data)
    alt = "" if is_decorative else form.alt.data or ""
    images.describe_image(image, alt, is_decorative=is_decorative)
    images.focus_image(image, *form.focal_point)
    images.show_for_variants(image, form.variants.data or [])
    record_image("image.described", image)


# Inside -----------------------------------------------------------------------------------------


def _add_pictures(product_id: int, uploads: list[FileStorage], alt: str) -> list[str]:
    """A sentence for each that was refused."""
    refused = []
    for upload in uploads:
        try:
            stored = store_picture(upload.read(), settings().media_path)
        except PictureRefused as refusal:
            name = (upload.filename or "")[:MAX_NAME]
            refused.append(_("%(file)s: %(reason)s", file=name, reason=str(refusal)))
            continue
        with removed_on_failure([stored.file], settings().media_path), transaction():
            image = images.add_image(_locked(product_id), stored, alt)
            record_image("image.added", image)
    return refused


def _answer_upload(view: ProductView, form: UploadForm, refused: list[str]) -> ResponseReturnValue:
    complaints = [*form.complaints.values(), *refused]
    if wants_json():
        if complaints:
            return jsonify(error={"message": " ".join(complaints)}), 422
        return jsonify({}), 201
    if not complaints:
        return _back_to_pictures(view.product.id)
    if refused:
        form.complain(form.picture, refused[0])
    view = product_or_404(view.product.id)
    editor = ProductEditor.of(view, store().currency, shop_zone())
    return product_page(view, editor, upload=form, refused=refused[1:]), 422


def _picture_form(view: ProductView, image: ProductImage) -> PictureForm:
    return PictureForm(
        values={
            "alt": image.alt,
            "is_decorative": "1" if image.is_decorative else "",
            "focal": f"{image.focal_x},{image.focal_y}",
            "variants": [v.id for v in view.product.variants if v.image_id == image.id],
        }
    )


def _picture_page(view: ProductView, image: ProductImage, form: PictureForm) -> str:
    return render_template(
        "admin/picture.html",
        product=view.product,
        image=image,
        number=[each.id for each in view.product.images].index(image.id) + 1,
        form=form,
        steps=FOCAL_STEPS,
    )


def _locked(product_id: int) -> Product:
    """One at a time for each product, so that no two pictures get the same place."""
    product = db.session.get(Product, product_id, with_for_update=True)
    if product is None:
        abort(404)
    return product


def _image_or_404(product_id: int, image_id: int) -> ProductImage:
    image = queries.image_of(product_id, image_id)
    if image is None:
        abort(404)
    return image


def _back_to_pictures(product_id: int) -> ResponseReturnValue:
    return redirect(url_for(".product", product_id=product_id, _anchor="pictures"), code=303)
