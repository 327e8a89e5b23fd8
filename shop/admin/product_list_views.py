"""The list of products, the ways to look at it, and its saved views."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from shop.admin import product_queries, saved_views
from shop.admin.access import bp, staff, store
from shop.admin.lists import MAX_QUERY, one_of
from shop.admin.product_queries import (
    AREA,
    MAX_COUNTED,
    PAGE_SIZE,
    ProductFilter,
    ProductSearch,
    ProductSort,
    StockFilter,
)
from shop.money import UnreadableAmount, read_amount
from shop.web.forms import tidy
from shop.web.input import id_in
from shop.web.pagination import paginate, read_page

MAX_TAG = 60


@bp.get("/products")
def products() -> ResponseReturnValue:
    return _list_page(request.args, Marks())


@dataclass(frozen=True)
class Marks:
    """What somebody has chosen beside the list, kept where it cannot be done as it is."""

    ids: Collection[int] = ()
    is_all: bool = False
    action: str = ""


def refused(complaint: str) -> ResponseReturnValue:
    """The list as it was, with its marks: the form beside it names both. Its first page where that
    page is gone meanwhile.
    """
    flash(complaint, "error")
    given = request.values
    marks = Marks(ids_in(given), bool(given.get("all")), given.get("action", ""))
    parts = parts_of_list(given)
    try:
        return _list_page(parts, marks), 422
    except NotFound:
        return _list_page(parts | {"page": ""}, marks), 422


def ids_in(given: MultiDict[str, str]) -> list[int]:
    """Of the marked rows."""
    return list(dict.fromkeys(id_ for text in given.getlist("id") if (id_ := id_in(text))))


def parts_of_list(given: Mapping[str, str]) -> dict[str, str]:
    """Of the list's address, as forms beside it carry them."""
    return {
        name.removeprefix("list-"): text for name, text in given.items() if name.startswith("list-")
    }


def _list_page(given: Mapping[str, str], marks: Marks) -> str:
    search, number = search_in(given), read_page(given.get("page"), from_end=True)
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
        query=saved_views.query_of(search),
        marks=marks,
        choices=product_queries.choices(staff().id),
        is_new_shop=not found.rows and not search.text and not product_queries.has_products(),
    )


@bp.post("/products/views")
def save_product_view() -> ResponseReturnValue:
    return saved_views.save(AREA, search_in(request.form))


@bp.post("/products/views/<id:view_id>/delete")
def remove_product_view(view_id: int) -> ResponseReturnValue:
    return saved_views.remove(AREA, view_id)


def search_in(given: Mapping[str, str]) -> ProductSearch:
    """What an address or a form asks for; what it cannot mean is left out."""
    lowest, highest = _amount(given.get("from")), _amount(given.get("to"))
    return ProductSearch(
        text=tidy(given.get("q"))[:MAX_QUERY],
        only=one_of(ProductFilter, given.get("show"), ProductFilter.ALL),
        sort=one_of(ProductSort, given.get("sort"), ProductSort.NEWEST),
        stock=one_of(StockFilter, given.get("stock"), StockFilter.ANY),
        collection_id=id_in(given.get("collection") or ""),
        tag=tidy(given.get("tag"))[:MAX_TAG],
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
