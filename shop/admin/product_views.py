"""Products: the list, a new one, and the page that edits one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict
from wtforms import Field

from shop.admin import queries
from shop.admin.access import bp, staff, store
from shop.admin.forms import ImageForm, NewProductForm, UploadForm, VariantForm
from shop.admin.picture_log import record_image
from shop.admin.product_editor import ProductEditor
from shop.admin.product_queries import picked_by_hand
from shop.admin.queries import ProductView
from shop.admin.times import shop_zone
from shop.admin.undo import flash_with_undo
from shop.admin.unsaved_views import unsaved_name, unsaved_of
from shop.bulk.traces import was_sold
from shop.catalog import collections, images, lifecycle, saves, schedule, variant_service
from shop.catalog import service as catalog
from shop.catalog.models import Collection, Product, ProductImage, Variant
from shop.catalog.preview import GOOD_FOR, token_of
from shop.database import in_transaction
from shop.desk import service as desk
from shop.extensions import db
from shop.inventory import service as inventory
from shop.web.config import settings
from shop.web.forms import Form


class EditedMeanwhile(Exception):
    """The product is no longer what it was when the page was opened."""


class Refused(Exception):
    """Fields hold complaints that only the database knew; nothing is kept."""


@bp.get("/products/new")
def new_product() -> ResponseReturnValue:
    form = NewProductForm(values={"on_hand": "0"})
    return render_template("admin/new_product.html", form=form)


@bp.post("/products/new")
def create_product() -> ResponseReturnValue:
    form = NewProductForm()
    form.currency = store().currency
    if form.is_valid():
        with suppress(Refused):
            product_id = in_transaction(lambda: _create(form, by=staff().id))
            flash(_("Draft created. Add pictures and words, then publish it."), "ok")
            return redirect(url_for(".product", product_id=product_id), code=303)
    return render_template("admin/new_product.html", form=form), 422


@bp.get("/products/<id:product_id>")
def product(product_id: int) -> ResponseReturnValue:
    """`?unsaved` takes up what was typed and not saved."""
    view = product_or_404(product_id)
    if "unsaved" in request.args and (kept := unsaved_of(product_id)):
        fields = MultiDict((str(name), str(text)) for name, text in kept.fields)
        editor = ProductEditor.sent(view, store().currency, shop_zone(), fields)
        return product_page(view, editor, is_restored=True)
    return product_page(view, ProductEditor.of(view, store().currency, shop_zone()))


@bp.post("/products/<id:product_id>")
def save_product(product_id: int) -> ResponseReturnValue:
    view = product_or_404(product_id)
    editor = ProductEditor.sent(view, store().currency, shop_zone())
    if not editor.is_valid():
        return product_page(view, editor), 422
    by = staff().id
    try:
        in_transaction(lambda: _save(product_id, editor, by=by))
    except Refused:
        return product_page(product_or_404(product_id), editor), 422
    except EditedMeanwhile:
        return _conflict_page(product_id, editor)
    except IntegrityError:  # somebody took the address or a SKU in this very moment
        abort(409)
    flash_with_undo(_("Saved."), by=by)
    return redirect(url_for(".product", product_id=product_id), code=303)


# Writing, inside a transaction ------------------------------------------------------------------


def _create(form: NewProductForm, *, by: int) -> int:
    product = catalog.create_product(catalog.ProductDetails(title=form.title.data or ""), by=by)
    try:
        variant_service.add_variant(product, form.variant(), on_hand=form.units, by=by)
    except variant_service.SkuTaken as taken:
        raise _refused(form, form.sku, _sku_taken(taken)) from taken
    return product.id


def _save(product_id: int, editor: ProductEditor, *, by: int) -> None:
    """All of it or nothing: raises EditedMeanwhile, or Refused once every row was tried."""
    view = queries.product(product_id, is_locked=True)
    if view is None or view.version != editor.product.version.data:
        raise EditedMeanwhile
    before = saves.before([product_id])
    _save_details(view.product, editor, by=by)
    for variant in view.product.variants:
        if variant.id in editor.variants:
            _save_variant(view.product, variant, editor.variants[variant.id], by=by)
    for variant_id in sorted(editor.variants):  # the order in which orders lock stock too
        _save_stock(variant_id, editor.variants[variant_id], by=by)
    for image in view.product.images:
        if image.id in editor.images:
            _save_alt(image, editor.images[image.id])
    _save_collections(view, editor, by=by)
    _save_status(view.product, editor, by=by)
    desk.drop_unsaved(by, unsaved_name(product_id))
    if editor.complaints:
        raise Refused
    saves.note(before, saves.PAGE_SAVED, by=by)


def _save_details(product: Product, editor: ProductEditor, *, by: int) -> None:
    form = editor.product
    try:
        catalog.update_product(product, form.details(), by=by)
    except catalog.BadHandle:
        form.complain(form.handle, _("Use lower case letters, digits and single hyphens."))
    except catalog.HandleTaken:
        form.complain(form.handle, _("Another product has this address. Choose a different one."))


def _save_variant(product: Product, variant: Variant, form: VariantForm, *, by: int) -> None:
    variant_service.describe_facts(variant, form.facts(variant), by=by)
    details = form.details(variant)
    if details.sku == variant.sku:
        variant_service.change_price(
            variant,
            unit_amount=details.unit_amount,
            compare_at_amount=details.compare_at_amount,
            by=by,
        )
        variant_service.describe_supply(
            variant, restock_on=details.restock_on, measures=details.measures, by=by
        )
        return
    try:
        variant_service.update_variant(product, variant, details, by=by)
    except variant_service.SkuTaken as taken:
        form.complain(form.sku, _sku_taken(taken))
    except (variant_service.OptionsDoNotFit, variant_service.OptionsTaken):
        form.complain(form.sku, _("This variant's values do not fit the product's options."))


def _save_stock(variant_id: int, form: VariantForm, *, by: int) -> None:
    change = form.stock_change()
    if change is None:
        return
    wanted, was = change
    try:
        inventory.set_on_hand(variant_id, wanted, expected=was, by=by)
    except inventory.StockChanged as changed:
        form.complain(
            form.on_hand,
            _(
                "Meanwhile it became %(now)s; the page showed %(was)s. Check your number and save"
                " again.",
                now=changed.on_hand,
                was=form.on_hand_was.data,
            ),
        )
        form.on_hand_was.data = str(changed.on_hand)
    except inventory.BelowReserved as below:
        form.complain(
            form.on_hand,
            _("%(reserved)s are promised to orders; it cannot be less.", reserved=below.reserved),
        )


def _save_alt(image: ProductImage, form: ImageForm) -> None:
    alt, was = form.alt.data or "", form.alt_was.data or ""
    if alt in (was, image.alt):
        return
    if image.alt != was:
        form.complain(
            form.alt,
            _("Meanwhile it became “%(alt)s”. Check yours and save again.", alt=image.alt),
        )
        form.alt_was.data = image.alt
        return
    images.describe_image(image, alt, is_decorative=image.is_decorative and not alt)
    record_image("image.described", image)


def _save_collections(view: ProductView, editor: ProductEditor, *, by: int) -> None:
    """Of those that are picked by hand."""
    if not editor.product.has_collections.data:
        return
    wanted = set(editor.product.collections.data or [])
    for collection_id, _title in picked_by_hand():
        is_in = collection_id in view.collection_ids
        if (collection_id in wanted) != is_in:
            collection = db.session.get_one(Collection, collection_id, with_for_update=True)
            change = collections.remove_product if is_in else collections.add_product
            change(collection, view.product.id, by)


def _save_status(product: Product, editor: ProductEditor, *, by: int) -> None:
    form = editor.product
    try:
        lifecycle.bring_to(product, form.wanted_status, by=by)
    except catalog.NothingToSell:
        form.complain(form.status, _("A product without variants cannot be published."))
    publish_at, unpublish_at = form.schedule
    schedule.set_schedule(product, publish_at=publish_at, unpublish_at=unpublish_at, by=by)


# Inside -----------------------------------------------------------------------------------------


def product_or_404(product_id: int) -> ProductView:
    view = queries.product(product_id)
    if view is None:
        abort(404)
    return view


def product_page(
    view: ProductView,
    editor: ProductEditor,
    *,
    upload: UploadForm | None = None,
    refused: Sequence[str] = (),
    differences: list[tuple[str, str]] | None = None,
    is_restored: bool = False,
) -> str:
    """Where nothing was typed into it, it tells of what was typed before and not saved."""
    product_id = view.product.id
    is_fresh = request.method == "GET" and not is_restored
    token = token_of(product_id, settings().secret_keys)
    return render_template(
        "admin/product.html",
        view=view,
        product=view.product,
        editor=editor,
        row_labels=editor.row_labels(view),
        upload=upload or UploadForm(is_empty=True),
        refused=refused,
        differences=differences,
        zone=shop_zone(),
        is_restored=is_restored,
        unsaved=unsaved_of(product_id) if is_fresh else None,
        preview_url=url_for("catalog.preview", token=token),
        preview_days=GOOD_FOR.days,
        collections=picked_by_hand(),
        was_sold=was_sold(product_id),
        copy_handle=lifecycle.copy_handle(view.product),
    )


def _conflict_page(product_id: int, editor: ProductEditor) -> ResponseReturnValue:
    """What was typed stays; a second save replaces what somebody else wrote, knowingly."""
    view = product_or_404(product_id)
    editor.product.version.data = view.version
    differences = editor.differences(view, store().currency)
    return product_page(view, editor, differences=differences), 409


def _sku_taken(taken: variant_service.SkuTaken) -> str:
    return _("Product %(id)s has a variant with this SKU.", id=taken.product_id)


def _refused(form: Form, field: Field, sentence: str) -> Refused:
    form.complain(field, sentence)
    return Refused()
