"""Cards of products by their handles, for what a browser remembers by itself."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from shop.catalog.cards import cards_of
from shop.catalog.handles import is_handle
from shop.recommendations import queries
from shop.web.context import current_site

bp = Blueprint("recommendations", __name__)

MAX_HANDLES = 12


@bp.get("/recommendations/cards")
def cards() -> ResponseReturnValue:
    """`?handles=tuesday-mug,olive-dish`: in that order, those that are in the shop.

    Not below /products, where a product may have any name.
    """
    asked = request.args.get("handles", "").split(",")[:MAX_HANDLES]
    ids = queries.published_ids([handle for handle in asked if is_handle(handle)])
    found = cards_of(ids, current_site().store)
    html = render_template("recommendations/cards.html", cards=found)
    return html, {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}
