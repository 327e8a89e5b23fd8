"""Finding products by words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shop.catalog import queries as catalog
from shop.catalog.queries import ProductCard
from shop.inventory.queries import availability
from shop.search.queries import Found, search
from shop.search.question import MAX_QUERY_LENGTH
from shop.web.context import current_site
from shop.web.pagination import Pager, paginate, read_page

bp = Blueprint("search", __name__)

PER_PAGE = 24
LATEST = 4


@bp.get("/search")
def results() -> ResponseReturnValue:
    """`?exact=1` takes the words as they are. `?fragment=grid` answers the cards alone."""
    query = _query()
    is_exact = request.args.get("exact") == "1"
    found = search(query, is_verbatim=is_exact)
    pager = _pager(query, found, is_exact=is_exact)
    is_fragment = request.args.get("fragment") == "grid" and pager.rows
    return render_template(
        "catalog/_grid.html" if is_fragment else "search/results.html",
        query=query,
        found=found,
        cards=_cards(pager.rows),
        pager=pager,
        swatches=[] if found.product_ids else catalog.swatches(),
        newest=[] if found.product_ids else _cards(catalog.list_products(limit=LATEST)),
    )


def _query() -> str:
    return " ".join(request.args.get("q", "").split())[:MAX_QUERY_LENGTH]


def _pager(query: str, found: Found, *, is_exact: bool) -> Pager[int]:
    number = read_page(request.args.get("page"))
    first = (number - 1) * PER_PAGE
    chosen: dict[str, Any] = {"q": query, "exact": "1" if is_exact else None}
    return paginate(
        found.product_ids[first : first + PER_PAGE + 1],
        number,
        PER_PAGE,
        lambda page: url_for(".results", **chosen, page=page if page > 1 else None),
        total=len(found.product_ids),
        is_capped=found.is_capped,
    )


def _cards(product_ids: Sequence[int]) -> list[ProductCard]:
    cards = catalog.product_cards(product_ids, current_site().store.currency)
    stock = availability([variant_id for card in cards for variant_id in card.variant_ids])
    units = {variant_id: found.available for variant_id, found in stock.items()}
    return catalog.with_stock(cards, units, current_site().store.stock_words)
