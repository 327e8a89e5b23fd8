"""What the merchant shows beside a product."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import product_queries
from shop.admin.access import bp, staff, store
from shop.admin.lists import listing_text
from shop.admin.product_queries import ProductSearch, ProductSort
from shop.catalog.models import Product
from shop.catalog.service import Direction
from shop.database import transaction
from shop.extensions import db
from shop.recommendations import service
from shop.recommendations.models import MAX_PICKS
from shop.recommendations.queries import companions_of, picks_of


@bp.get("/products/<id:product_id>/picks")
def picks(product_id: int) -> ResponseReturnValue:
    """`?q=` finds products to add."""
    text = listing_text()
    product = db.session.get(Product, product_id)
    if product is None:
        abort(404)
    search = ProductSearch(text=text, sort=ProductSort.TITLE)
    found = product_queries.products(search, 1, currency=store().currency).rows if text else []
    return render_template(
        "admin/picks.html",
        product=product,
        picks=picks_of(product_id),
        companions=companions_of(product_id),
        text=text,
        found=found,
        most=MAX_PICKS,
    )


@bp.post("/products/<id:product_id>/picks")
def add_pick(product_id: int) -> ResponseReturnValue:
    picked_id = request.form.get("picked_id", 0, type=int)
    try:
        with transaction():
            _lock(product_id)
            service.pick(product_id, picked_id, by=staff().id)
    except service.NotAnotherProduct:
        abort(422, _("Choose another product. Nothing was changed."))
    except service.TooManyPicks:
        flash(_("%(count)s are enough. Remove one first.", count=MAX_PICKS), "warn")
    else:
        flash(_("Added."), "ok")
    return _back(product_id)


@bp.post("/products/<id:product_id>/picks/<id:picked_id>/position")
def move_pick(product_id: int, picked_id: int) -> ResponseReturnValue:
    direction = request.form.get("direction")
    if direction not in set(Direction):
        abort(400)
    with transaction():
        _lock(product_id)
        service.move_pick(product_id, picked_id, Direction(direction), by=staff().id)
    return _back(product_id)


@bp.post("/products/<id:product_id>/picks/<id:picked_id>/delete")
def remove_pick(product_id: int, picked_id: int) -> ResponseReturnValue:
    with transaction():
        _lock(product_id)
        service.unpick(product_id, picked_id, by=staff().id)
    flash(_("Removed."), "ok")
    return _back(product_id)


def _lock(product_id: int) -> None:
    """One at a time for each product, so that no two picks get the same place."""
    if db.session.get(Product, product_id, with_for_update=True) is None:
        abort(404)


def _back(product_id: int) -> ResponseReturnValue:
    return redirect(url_for(".picks", product_id=product_id), code=303)
