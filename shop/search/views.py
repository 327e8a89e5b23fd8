"""Finding products by words."""

from __future__ import annotations

import logging
import re
import threading

from flask import (
    Blueprint,
    Flask,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
)
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from shop.catalog import listing, racks
from shop.catalog import queries as catalog
from shop.catalog.cards import cards_of
from shop.catalog.queries import CollectionLink, SwatchTile
from shop.catalog.shopify_lists import list_address
from shop.clock import now
from shop.database import in_transaction
from shop.search import service
from shop.search.queries import Found, Match, complete, complete_synonym, search
from shop.search.question import MAX_QUERY_LENGTH, read_terms
from shop.search.suggestions import MAX_PLACES, MAX_PRODUCTS, Completion, is_named
from shop.search.tally import Tally
from shop.web.context import current_site
from shop.web.visit import args_as_sent

log = logging.getLogger("shop.search")
bp = Blueprint("search", __name__)

LATEST = 4
#: Seconds that a browser keeps what it was suggested.
SUGGESTIONS_KEPT = 60
#: Seconds until a search is written to the report, off the page's way.
WRITE_AFTER = 10.0
TALLY = "search_tally"
#: Who fetches a page that nobody may look at. Sources: the Sec-Purpose header (Fetch standard), and
#: what the large crawlers call themselves.
_MACHINE = re.compile(r"bot\b|bot/|crawl|spider|slurp|headless|preview|monitor|curl|wget", re.I)
#: Collections whose names are looked through.
MAX_COLLECTIONS = 500


@bp.get("/search")
def results() -> ResponseReturnValue:
    """`?exact=1` takes the words as they are. `?fragment=grid` answers the cards alone."""
    args, store = request.args.to_dict(flat=False), current_site().store
    if elsewhere := list_address(request.path, args_as_sent(), store.selling.code):
        return redirect(*elsewhere)
    query = _query()
    is_exact = request.args.get("exact") == "1"
    found = search(query, is_verbatim=is_exact)
    if request.args.keys() == {"q"}:  # another page, order or filter is no other search
        _note(query, found)
    kept = {"q": query} | ({"exact": "1"} if is_exact else {})
    page = listing.found(
        found.product_ids, found.asked, args, path=request.path, store=store, kept=kept
    )
    is_fragment = request.args.get("fragment") == "grid" and page.total
    return render_template(
        "catalog/_list.html" if is_fragment else "search/results.html",
        query=query,
        found=found,
        page=page,
        collection=None,
        swatches=[] if page.total else racks.rack(),
        newest=[] if page.total else cards_of(catalog.list_products(limit=LATEST), store),
    )


@bp.get("/search/suggestions")
def suggestions() -> ResponseReturnValue:
    """A piece of HTML for the field that is being typed in; see static/js/suggest.js."""
    query = _query()
    words, found = _suggested(query, search(query))
    response = make_response(
        render_template(
            "search/_suggestions.html",
            query=query,
            words=words,
            cards=listing.first_found(
                found.product_ids[:MAX_PRODUCTS], found.asked, current_site().store
            )
            if found
            else [],
            places=_places(query),
        )
    )
    response.headers["Cache-Control"] = f"private, max-age={SUGGESTIONS_KEPT}"
    return response


def _suggested(query: str, found: Found) -> tuple[list[Completion], Found | None]:
    """Who is still typing is not shown what comes closest only."""
    if found.match is Match.ALL:
        return complete(query), found
    if words := complete_synonym(query):
        return words, search(words[0].words)
    if found.match is Match.CORRECTED:
        return [Completion("", found.words)], found
    return [], None


def _places(query: str) -> list[SwatchTile | CollectionLink]:
    """Glazes and collections of that name, each address once."""
    terms = read_terms(query)
    if not terms:
        return []
    named: list[tuple[str, SwatchTile | CollectionLink]] = []
    named += [(tile.value, tile) for tile in racks.shown_swatches()]
    named += [(link.title, link) for link in catalog.all_collections(limit=MAX_COLLECTIONS)]
    places = {place.url: place for name, place in reversed(named) if is_named(terms, name)}
    return list(reversed(places.values()))[:MAX_PLACES]


def _query() -> str:
    return " ".join(request.args.get("q", "").split())[:MAX_QUERY_LENGTH]


# The report of searches


@bp.record_once
def prepare_tally(state: BlueprintSetupState) -> None:
    state.app.extensions[TALLY] = Tally()


def _note(query: str, found: Found) -> None:
    """Count the search in memory; a moment later a thread writes what was counted."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    agent = request.headers.get("User-Agent", "")
    if request.method != "GET" or "prefetch" in purpose or not agent or _MACHINE.search(agent):
        return
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # for the thread
    count = len(found.product_ids) if found.match in (Match.ALL, Match.CORRECTED) else 0
    if app.extensions[TALLY].note(query, on=now().date(), found=count) and not app.testing:
        _write_soon(app)


def _write_soon(app: Flask) -> None:
    timer = threading.Timer(WRITE_AFTER, write_searches, [app])
    timer.daemon = True
    timer.start()


def write_searches(app: Flask) -> None:
    """What cannot be written now is tried again; the shop goes on without it."""
    tally: Tally = app.extensions[TALLY]
    seen = tally.take()
    if not seen:
        return
    with app.app_context():
        try:
            in_transaction(lambda: service.record_searches(seen))
        except SQLAlchemyError:
            log.warning("searches not counted yet", exc_info=True)
            tally.give_back(seen)
            _write_soon(app)
