"""The list of products, the ways to look at it, and its saved views."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import product_queries
from shop.admin.access import MAX_QUERY, bp, one_of, staff, store
from shop.admin.product_queries import (
    AREA,
    MAX_COUNTED,
    PAGE_SIZE,
    ProductFilter,
    ProductSearch,
    ProductSort,
    StockFilter,
)
from shop.database import in_transaction
from shop.desk import service as desk
from shop.money import UnreadableAmount, read_amount
from shop.web.forms import tidy
from shop.web.input import id_in
from shop.web.pagination import paginate, read_page

MAX_NAME = 60


@bp.get("/products")
def products() -> ResponseReturnValue:
    search, number = search_in(request.args), read_page(request.args.get("page"), from_end=True)
    found = product_queries.products(search, number, currency=store().currency)
    is_capped = found.total is not None and found.total > MAX_COUNTED
    pager = paginate(
        found.rows,
        number,
        PAGE_SIZE,
        lambda page: url_for(".products", **search.as_args(), page=page),
        MAX_COUNTED if is_capped else found.total,
        is_capped,
        from_end=True,
    )
    return render_template(
        "admin/products.html",
        pager=pager,
        search=search,
        text=search.text,
        only=search.only,
        sort=search.sort,
        query=urlencode(_given(search)),
        choices=product_queries.choices(staff().id),
        is_new_shop=not found.rows and not search.text and not product_queries.has_products(),
    )


@bp.post("/products/views")
def save_product_view() -> ResponseReturnValue:
    """What the list shows now, by a name."""
    search, name = search_in(request.form), tidy(request.form.get("name"))[:MAX_NAME]
    if not name:
        abort(422, _("Give the view a name. Nothing was saved."))
    query, by, is_shared = urlencode(_given(search)), staff().id, bool(request.form.get("shared"))
    try:
        in_transaction(lambda: desk.save_view(by, AREA, name, query, is_shared=is_shared))
    except desk.TooManyViews:
        abort(422, _("%(most)s views are enough. Remove one first.", most=desk.MAX_VIEWS))
    flash(_("View saved: %(name)s.", name=name), "ok")
    return redirect(url_for(".products", **search.as_args()), code=303)


@bp.post("/products/views/<id:view_id>/delete")
def remove_product_view(view_id: int) -> ResponseReturnValue:
    """Only one's own."""
    by = staff().id
    if not in_transaction(lambda: desk.remove_view(by, view_id)):
        abort(404)
    flash(_("View removed."), "ok")
    return redirect(url_for(".products"), code=303)


def search_in(given: Mapping[str, str]) -> ProductSearch:
    """What an address or a form asks for; what it cannot mean is left out."""
    lowest, highest = _amount(given.get("from")), _amount(given.get("to"))
    return ProductSearch(
        text=tidy(given.get("q"))[:MAX_QUERY],
        only=one_of(ProductFilter, given.get("show"), ProductFilter.ALL),
        sort=one_of(ProductSort, given.get("sort"), ProductSort.NEWEST),
        stock=one_of(StockFilter, given.get("stock"), StockFilter.ANY),
        collection_id=id_in(given.get("collection") or ""),
        tag=tidy(given.get("tag"))[:MAX_NAME],
        product_type=tidy(given.get("type"))[:MAX_QUERY],
        vendor=tidy(given.get("vendor"))[:MAX_QUERY],
        lowest=lowest,
        highest=highest,
        typed_lowest="" if lowest is None else tidy(given.get("from")),
        typed_highest="" if highest is None else tidy(given.get("to")),
    )


def _amount(text: str | None) -> int | None:
    """In minor units."""
    try:
        return read_amount(tidy(text), store().currency).amount
    except UnreadableAmount:
        return None


def _given(search: ProductSearch) -> dict[str, str]:
    return {name: str(value) for name, value in search.as_args().items() if value is not None}
