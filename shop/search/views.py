"""Finding products by words."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from shop.catalog import queries as catalog
from shop.catalog.queries import ProductCard
from shop.inventory.queries import availability
from shop.search import index
from shop.search.queries import PAGE_SIZE, hits
from shop.web.context import current_site

bp = Blueprint("search", __name__)

LATEST = 4
_LAST_PAGE = -(-index.MAX_CANDIDATES // PAGE_SIZE)


@bp.get("/search")
def results() -> ResponseReturnValue:
    query = " ".join(request.args.get("q", "").split())[: index.MAX_QUERY_LENGTH]
    page = _page(request.args.get("page", ""))
    found = hits(query, page)
    return render_template(
        "search/results.html",
        query=query,
        cards=_cards(found.product_ids),
        page=page,
        has_next=found.has_next,
        has_more=found.has_next,
        newest=[] if found.product_ids else _cards(catalog.list_products(limit=LATEST)),
    )


def _page(text: str) -> int:
    """Anything that is no page is the first one."""
    is_number = text.isascii() and text.isdigit() and len(text) < 4
    return min(max(int(text), 1), _LAST_PAGE) if is_number else 1


def _cards(product_ids: list[int]) -> list[ProductCard]:
    cards = catalog.product_cards(product_ids, current_site().store.currency)
    stock = availability([variant_id for card in cards for variant_id in card.variant_ids])
    units = {variant_id: found.available for variant_id, found in stock.items()}
    return catalog.with_stock(cards, units, current_site().store.stock_words)
