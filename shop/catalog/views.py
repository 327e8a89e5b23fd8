"""Home, collections and products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn
from urllib.parse import urlencode

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import Gone, ServiceUnavailable

from shop.cart.cart import MAX_QUANTITY
from shop.catalog import listing, prices, product_page
from shop.catalog.cards import ProductCard, cards_of
from shop.catalog.home import shelves
from shop.catalog.options import Choosable, Picker, pick, queries_of
from shop.catalog.preview import product_in
from shop.catalog.product_page import ProductPage, VariantRow
from shop.catalog.queries import Picture
from shop.catalog.shelves import NotYetRead
from shop.catalog.shopify_lists import list_address
from shop.clock import now
from shop.content import queries as content
from shop.inventory.models import Backorders
from shop.inventory.queries import NOTHING, Availability, availability
from shop.money import Money
from shop.pricing.estimates import cheapest_way, taxes_of, ways_to
from shop.pricing.queries import delivery_calendar
from shop.purchasing import queries as purchasing
from shop.recommendations import queries as recommendations
from shop.recommendations.queries import Beside
from shop.reviews import queries as reviews
from shop.reviews.queries import ProductReviews
from shop.store.currencies import Currency
from shop.store.queries import Store
from shop.store.wording import StockWords
from shop.theme.sections import Journal
from shop.web.config import settings
from shop.web.context import current_site
from shop.web.errors import show_http_error
from shop.web.headers import VALID_UNTIL
from shop.web.visit import args_as_sent, keep_nothing, kept

bp = Blueprint("catalog", __name__)


@bp.after_request
def revalidate(response: Response) -> Response:
    """Browsers may keep a page to go back to, and ask before they show it again."""
    if response.status_code == 200:
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


@bp.app_errorhandler(NotYetRead)
def wait_a_moment(_error: NotYetRead) -> ResponseReturnValue:
    return show_http_error(ServiceUnavailable())


@bp.get("/")
def home() -> ResponseReturnValue:
    site = current_site()
    sections = [section for section in site.sections if not section.is_hidden]
    told = max((each.count for each in sections if isinstance(each, Journal)), default=0)
    response = make_response(
        render_template(
            "catalog/home.html",
            sections=sections,
            shelves=kept(
                ("shelves", site.store.chosen),
                lambda: shelves(sections, store=site.store, menu=site.menu),
            ),
            shipping=cheapest_way(site.store.country, site.store.selling),
            articles=content.articles(limit=told) if told else [],
        )
    )
    if told and (until := content.next_article_at()):
        response.headers[VALID_UNTIL] = str(int(until.timestamp()))
    return response


@bp.get("/products")
def products() -> ResponseReturnValue:
    args, store = request.args.to_dict(flat=False), current_site().store
    if elsewhere := list_address(request.path, args_as_sent(), store.selling.code):
        return redirect(*elsewhere)
    page = listing.all_products(args, path=request.path, store=store)
    return render_template(_list_template(), page=page, collection=None, parents=(), children=())


@bp.get("/collections/<handle>")
def collection(handle: str) -> ResponseReturnValue:
    args, store = request.args.to_dict(flat=False), current_site().store
    if elsewhere := list_address(request.path, args_as_sent(), store.selling.code):
        return redirect(*elsewhere)
    found = listing.collection(handle, args, path=request.path, store=store)
    if found is None:
        abort(404)
    return render_template(_list_template(), **vars(found))


@bp.get("/products/<handle>")
def product(handle: str) -> ResponseReturnValue:
    """`?fragment=product` answers the part that a choice of variant changes; `?variant_id=7` and
    Shopify's `?variant=7` lead on to the address that names the variant's values.
    """
    store = current_site().store
    page = kept(
        ("product", handle, store.chosen),
        lambda: product_page.published_product(handle, store.selling),
    )
    if page is None:
        _refuse(handle)
    return _product_response(page, store)


@bp.get("/preview/<token>")
def preview(token: str) -> ResponseReturnValue:
    """A product before it is in the shop; nothing of it is kept, by us or by others."""
    keep_nothing()
    store = current_site().store
    product_id = product_in(token, settings().secret_keys)
    page = (
        product_page.unpublished_product(product_id, store.selling, url=request.path)
        if product_id
        else None
    )
    if page is None:
        abort(404, _("This preview has ended, or never was. Ask the shop for a new link."))
    response = make_response(_product_response(page, store))
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _product_response(page: ProductPage, store: Store) -> ResponseReturnValue:
    selling = store.selling
    if (variant_id := _variant_named(page)) is not None:
        return redirect(_variant_address(page, variant_id))
    is_fragment = request.args.get("fragment") == "product"
    around = kept(
        ("around", page.id, is_fragment, store.chosen), lambda: _around(page, store, is_fragment)
    )
    stock = around.stock
    picker = _picker(page, stock)
    ways = ways_to(store.country, selling)
    shipping = next(iter(ways), None)
    at, calendar = now(), delivery_calendar(store)
    today = calendar.today(at)
    offer = _offer(page, picker, stock, store.stock_words, today)
    response = make_response(
        render_template(
            "catalog/_product.html" if is_fragment else "catalog/product.html",
            product=page,
            picker=picker,
            offer=offer,
            lowest=_lowest_before(offer.variant, selling),
            restocks=_restocks(page, today, around.expected),
            offers={row.id: row.price for row in page.variants},
            stock=stock,
            ways=ways,
            shipping=shipping,
            promise=calendar.promise(at, shipping.min_days, shipping.max_days)
            if shipping
            else None,
            today=today,
            tax=taxes_of(store.country),
            together=around.together,
            related=around.related,
            reviews=around.reviews,
        )
    )
    response.headers[VALID_UNTIL] = str(int(calendar.next_change_at(at).timestamp()))
    return response


def _variant_named(page: ProductPage) -> int | None:
    """By its id: as the list of many values asks for it, or as links to a shop at Shopify do, which
    are built of what the product's JSON says. An option may be named "Variant".
    """
    if "variant_id" in request.args:
        return request.args.get("variant_id", 0, type=int)
    asked = request.args.get("variant", type=int)
    is_ours = asked is not None and any(row.id == asked for row in page.variants)
    return asked if is_ours and "variant" not in map(str.lower, page.options) else None


def _variant_address(page: ProductPage, variant_id: int) -> str:
    """Of an unknown variant, the product's own."""
    variants = [Choosable(row.id, row.values, True) for row in page.variants]
    query = queries_of(page.options, variants).get(variant_id, {})
    if "fragment" in request.args:
        query = {**query, "fragment": request.args["fragment"]}
    return f"{page.url}?{urlencode(query)}" if query else page.url


def _refuse(handle: str) -> NoReturn:
    """410 with what took its place for what was here once, 404 for the rest; an old address that
    leads on does so in either case.
    """
    withdrawn = product_page.withdrawn_product(handle)
    if withdrawn is None:
        abort(404)
    related = _cards(product_page.related_ids(withdrawn))
    page = render_template("catalog/gone.html", product=withdrawn, related=related)
    raise Gone(response=make_response(page, 410))


# Lists


def _list_template() -> str:
    """`?fragment=grid` answers the filters, the cards and the ways on alone."""
    is_fragment = request.args.get("fragment") == "grid"
    return "catalog/_list.html" if is_fragment else "catalog/list.html"


def _cards(ids: Sequence[int]) -> list[ProductCard]:
    return cards_of(ids, current_site().store)


# One product


def _picker(page: ProductPage, stock: Mapping[int, Availability]) -> Picker:
    """Kept where the address asks for nothing; there are more askings than anyone can keep."""

    def picked(asked: Mapping[str, str]) -> Picker:
        variants = [Choosable(row.id, row.values, stock[row.id].allows(1)) for row in page.variants]
        return pick(page.options, variants, asked)

    unasked = kept(("picker", page.id), lambda: picked({}))
    return picked(request.args) if request.args.keys() & unasked.query.keys() else unasked


@dataclass(frozen=True)
class Around:
    """What a product's page shows for whichever variant is chosen, and the stock of all of them."""

    stock: dict[int, Availability]
    #: When sold-out ones are to come in, where shoppers may know it.
    expected: dict[int, date]
    together: list[ProductCard]
    related: list[ProductCard]
    reviews: ProductReviews | None


def _around(page: ProductPage, store: Store, is_fragment: bool) -> Around:
    beside = Beside() if is_fragment else recommendations.beside(page)
    others = cards_of(beside.ids, store)
    stock = availability([variant.id for variant in page.variants])
    return Around(
        stock=stock,
        expected=purchasing.told_days([id_ for id_, here in stock.items() if not here.allows(1)]),
        together=[card for card in others if card.id in beside.together],
        related=[card for card in others if card.id in beside.related],
        reviews=reviews.of_product(page.id) if page.rating and not is_fragment else None,
    )


@dataclass(frozen=True)
class Offer:
    """The chosen variant as its page shows it."""

    variant: VariantRow
    #: "Cobalt / Medium"; empty where there is nothing to choose.
    words: str
    pictures: tuple[Picture, ...]
    is_available: bool
    is_low: bool
    #: Units left, where the shop says it.
    left: int
    max_quantity: int
    #: How it is sold though none is here; none: it is here, or sold out.
    later: Later | None = None


@dataclass(frozen=True)
class Later:
    """What is sold before it is here."""

    is_preorder: bool
    #: None: nobody knows yet, or the day is over.
    promised_on: date | None


def _offer(
    page: ProductPage,
    picker: Picker,
    stock: dict[int, Availability],
    words: StockWords,
    today: date,
) -> Offer:
    variant = next(row for row in page.variants if row.id == picker.variant_id)
    here = stock.get(variant.id, NOTHING)
    return Offer(
        variant=variant,
        words=" / ".join(variant.values) if picker.groups else "",
        pictures=_pictures_of(page, variant),
        is_available=here.allows(1),
        is_low=words.is_low(here.told),
        left=words.count(here.told),
        max_quantity=words.most(here.told, MAX_QUANTITY),
        later=_later(here, today),
    )


def _later(stock: Availability, today: date) -> Later | None:
    if not stock.comes_later:
        return None
    day = stock.promised_on
    return Later(
        stock.backorders == Backorders.PREORDER, day if day is not None and day >= today else None
    )


def _lowest_before(variant: VariantRow, currency: Currency) -> Money | None:
    """Of the 30 days before its reduction, where it is reduced."""
    if variant.was is None:
        return None
    key = "lowest", variant.id, currency.code
    return kept(key, lambda: prices.lowest_before([variant.id], currency)).get(variant.id)


def _restocks(page: ProductPage, today: date, expected: Mapping[int, date]) -> dict[int, date]:
    """When variants come again, by the merchant's word or else by what suppliers are to send; a day
    that is over says nothing.
    """
    days = {row.id: (row.restock_on, expected.get(row.id)) for row in page.variants}
    found = {id_: [day for day in both if day and day >= today] for id_, both in days.items()}
    return {id_: coming[0] for id_, coming in found.items() if coming}


def _pictures_of(page: ProductPage, variant: VariantRow) -> tuple[Picture, ...]:
    """The variant's own picture first, then those that show no other variant."""
    others = {row.image_id for row in page.variants} - {variant.image_id}
    shown = [picture for id_, picture in page.images.items() if id_ not in others]
    own = page.images.get(variant.image_id or 0)
    if own is not None:
        shown = [own, *(picture for picture in shown if picture is not own)]
    return tuple(shown or page.images.values())
