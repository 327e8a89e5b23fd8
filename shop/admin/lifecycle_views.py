"""A product copied, and deleted while nobody has bought it."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import queries
from shop.admin.access import bp, staff
from shop.admin.queries import ProductView
from shop.admin.undo import flash_with_undo
from shop.bulk.traces import was_sold
from shop.catalog import lifecycle, variant_service
from shop.catalog import service as catalog
from shop.catalog.handles import is_handle
from shop.database import in_transaction
from shop.web.forms import tidy

MAX_TITLE = 255


class Sold(Exception):
    """Orders tell of the product; it may be archived."""


@bp.post("/products/<id:product_id>/copies")
def duplicate_product(product_id: int) -> ResponseReturnValue:
    """The form names the copy's address, so that a button pressed twice makes one copy."""
    handle, by = tidy(request.form.get("handle")), staff().id
    if queries.product(product_id) is None:
        abort(404)
    if not is_handle(handle):
        abort(422, _("Load the product's page again, then press the button. Nothing was changed."))
    try:
        copy_id = in_transaction(lambda: _duplicate(product_id, handle, by=by))
    except catalog.HandleTaken as taken:
        return redirect(url_for(".product", product_id=taken.product_id), code=303)
    flash(_("Copied, without units and SKUs. The copy is a draft: change what differs."), "ok")
    return redirect(url_for(".product", product_id=copy_id), code=303)


@bp.post("/products/<id:product_id>/delete")
def delete_product(product_id: int) -> ResponseReturnValue:
    by = staff().id
    try:
        in_transaction(lambda: _delete(product_id, by=by))
    except Sold:
        return _kept(product_id, _("It was sold, so orders tell of it. Archive it instead."))
    except lifecycle.StillPublished:
        return _kept(product_id, _("It is in the shop. Make it a draft first, then delete it."))
    except variant_service.UnitsPromised:
        return _kept(product_id, _("An unpaid order holds units of it. Nothing was deleted."))
    flash_with_undo(_("Product deleted."), by=by)
    return redirect(url_for(".products"), code=303)


# Inside -----------------------------------------------------------------------------------------


def _duplicate(product_id: int, handle: str, *, by: int) -> int:
    product = _locked(product_id).product
    title = _("%(title)s (copy)", title=product.title)[:MAX_TITLE]
    return lifecycle.duplicate(product, title=title, handle=handle, by=by).id


def _delete(product_id: int, *, by: int) -> None:
    """An order placed in this very moment holds units; those are locked before it is asked."""
    product = _locked(product_id).product
    variant_service.refuse_promised([variant.id for variant in product.variants])
    if was_sold(product_id):
        raise Sold(product_id)
    lifecycle.delete(product, by=by)


def _locked(product_id: int) -> ProductView:
    view = queries.product(product_id, is_locked=True)
    if view is None:
        abort(404)
    return view


def _kept(product_id: int, sentence: str) -> ResponseReturnValue:
    flash(sentence, "warn")
    return redirect(url_for(".product", product_id=product_id), code=303)
