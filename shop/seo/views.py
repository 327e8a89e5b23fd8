"""What machines ask a shop for: sitemaps, robots.txt, the product feed, JSON, icons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import timedelta
from urllib.parse import quote

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    stream_with_context,
)
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.catalog.models import Product
from shop.catalog.price_lists import prices_of
from shop.catalog.queries import find_collection, list_products
from shop.clock import now
from shop.inventory.queries import availability
from shop.redirects.queries import target_of
from shop.seo import jsonld, queries, shopify
from shop.seo.feedfile import FeedFile
from shop.seo.icons import LETTER, Icons, icons_of, picture_of_shop
from shop.seo.words import xml_text
from shop.seo.worker import blocks, document, seller_now
from shop.store.currencies import Currency, Price
from shop.store.legal import LegalText
from shop.theme.look import palette
from shop.web.config import settings
from shop.web.context import current_site
from shop.web.pagination import read_page

bp = Blueprint("seo", __name__)

#: Seconds that a sitemap or a feed may be kept by whoever has fetched it.
KEPT = 600
#: Products whose feed takes less than a second to make.
MADE_AT_ONCE = 2000
#: Seconds after which the worker's first file is there.
RETRY_AFTER = 120
_RSS, _SVG = "application/rss+xml", "image/svg+xml"
DEFAULT_LIMIT, MAX_LIMIT = 30, 250
#: What no crawler has any use for.
CLOSED = (
    "/admin",
    "/cart",
    "/checkout",
    "/orders/",
    "/track",
    "/sign-in",
    "/sign-up",
    "/account",
    "/links/",
    "/newsletter",
    "/dev/",
)
#: By Shopify's names for them.
POLICIES = {
    "legal-notice": LegalText.IMPRINT,
    "privacy-policy": LegalText.PRIVACY,
    "refund-policy": LegalText.RETURNS,
    "terms-of-sale": LegalText.TERMS,
    "terms-of-service": LegalText.TERMS,
}
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_IMAGES = "http://www.google.com/schemas/sitemap-image/1.1"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


@bp.record_once
def add_to_templates(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals |= {
        "jsonld": jsonld,
        "icons_of": icons_of,
        "picture_of_shop": _picture_of_shop,
        "base_url": lambda: settings().url,
    }


# Sitemaps


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    base = settings().url
    files = ["main"] + [
        f"{name}-{number}"
        for name, kind in queries.KINDS.items()
        for number in range(1, kind.file_count() + 1)
    ]
    inside = "".join(
        f"<sitemap><loc>{xml_text(f'{base}/sitemap-{name}.xml')}</loc></sitemap>\n"
        for name in files
    )
    return _xml([f'{_XML}<sitemapindex xmlns="{_SITEMAP}">\n', inside, "</sitemapindex>\n"])


@bp.get("/sitemap-main.xml")
def sitemap_main() -> Response:
    paths = ["/", "/products", "/blogs/journal", "/pages/contact"]
    return _url_set(queries.Location(path) for path in paths)


@bp.get("/sitemap-<any(products, collections, pages, articles):name>-<int:number>.xml")
def sitemap_file(name: str, number: int) -> Response:
    kind = queries.KINDS[name]
    if not 1 <= number <= kind.file_count():
        abort(404)
    return _url_set(kind.locations(number))


def _url_set(locations: Iterable[queries.Location]) -> Response:
    return _xml(_urls(locations, settings().url))


def _urls(locations: Iterable[queries.Location], base: str) -> Iterator[str]:
    yield f'{_XML}<urlset xmlns="{_SITEMAP}" xmlns:image="{_IMAGES}">\n'
    for place in locations:
        changed = place.changed_at.date().isoformat() if place.changed_at else ""
        yield "".join(
            (
                f"<url><loc>{xml_text(base + quote(place.path))}</loc>",
                f"<lastmod>{changed}</lastmod>" if changed else "",
                f"<image:image><image:loc>{xml_text(f'{base}/media/{place.file}-800.jpg')}"
                "</image:loc></image:image>"
                if place.file
                else "",
                "</url>\n",
            )
        )
    yield "</urlset>\n"


def _xml(parts: Iterable[str], mimetype: str = "application/xml") -> Response:
    """Streamed: the largest never stands in memory as a whole."""
    response = Response(stream_with_context(blocks(parts)), mimetype=mimetype)
    response.headers["Cache-Control"] = f"public, max-age={KEPT}"
    return response


# The product feed


@bp.get("/feeds/products-<code>.xml")
def product_feed_in(code: str) -> Response:
    """With the prices of another currency; its links lead to pages that show them."""
    found = {each.code: each for each in current_site().store.currencies if each.is_active}
    if code not in found:
        abort(404)
    return _feed(found[code])


@bp.get("/feeds/products.xml")
def product_feed() -> Response:
    return _feed(None)


def _feed(currency: Currency | None) -> Response:
    """One item a variant, for Google Merchant Center and Meta: the file that the worker wrote.

    Until there is one, a small shop's is made at once; a large one's would keep this process from
    all other visitors.
    """
    file = FeedFile(settings().data_folder, currency.code if currency else "")
    if file.plain.exists() and file.gzipped.exists():
        return _sent(file)
    if not queries.is_longer_than(MADE_AT_ONCE):
        return _xml(document(seller_now(settings().url, currency)), _RSS)
    # For machines: in English, as every answer that speaks of the shop's own troubles.
    text = "The product feed is being made. Please come back in a few minutes.\n"
    response = Response(text, 503, mimetype="text/plain")
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _sent(file: FeedFile) -> Response:
    is_gzipped = bool(request.accept_encodings["gzip"])
    path = file.gzipped if is_gzipped else file.plain
    response = send_file(path, mimetype=_RSS, conditional=True, max_age=KEPT)
    # Also where it is told not to: nobody is to compress it once more, for each who asks.
    response.headers["Content-Encoding"] = "gzip" if is_gzipped else "identity"
    response.vary.add("Accept-Encoding")
    return response


# JSON beside the pages


@bp.get("/products/<handle>.json")
def product_json(handle: str) -> Response:
    row = queries.product_by_handle(handle)
    if row is None:
        abort(404)
    found, prices = _available([row]), _prices([row])
    return _json(product=shopify.product(row, found, prices, site_url=settings().url))


@bp.get("/products.json")
def products_json() -> Response:
    return _json(products=_listed(None))


@bp.get("/collections/<handle>.json")
def collection_json(handle: str) -> Response:
    found = find_collection(handle)
    if found is None:
        abort(404)
    count = queries.product_count(found.id)
    return _json(collection=shopify.collection(found, count, site_url=settings().url))


@bp.get("/collections/<handle>/products.json")
def collection_products_json(handle: str) -> Response:
    found = find_collection(handle)
    if found is None:
        abort(404)
    return _json(products=_listed(found.id))


def _listed(collection_id: int | None) -> list[shopify.Node]:
    limit, number = _read_limit(request.args.get("limit")), read_page(request.args.get("page"))
    ids = list_products(collection_id=collection_id, limit=limit, offset=(number - 1) * limit)
    rows = queries.products_by_id(ids)
    available, prices = _available(rows), _prices(rows)
    return [shopify.listed(row, available, prices, site_url=settings().url) for row in rows]


def _read_limit(text: str | None) -> int:
    if not text:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_LIMIT):
        abort(400, _("limit is a whole number from 1 to %(most)s.", most=MAX_LIMIT))
    return int(text)


def _json(**values: object) -> Response:
    response = jsonify(values)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _available(products: Iterable[Product]) -> dict[int, bool]:
    ids = [variant.id for product in products for variant in product.variants]
    return {id_: found.allows(1) for id_, found in availability(ids).items()}


def _prices(products: Iterable[Product]) -> dict[int, Price]:
    variants = [variant for product in products for variant in product.variants]
    return prices_of(variants, current_site().store.selling)


# Addresses of shops that came from elsewhere


@bp.get("/policies/<name>")
def policy(name: str) -> ResponseReturnValue:
    """Of a shop at Shopify: its legal texts. A redirect of the merchant's goes first."""
    target = _policy_target(name)
    if target is None or target_of(request.path) is not None:
        abort(404)  # which asks the redirects
    response = redirect(target, code=301)
    # Browsers keep a 301 for ever, and a redirect may be added.
    response.headers["Cache-Control"] = "no-cache"
    return response


def _policy_target(name: str) -> str | None:
    if name == "contact-information":
        return "/pages/contact"
    page = current_site().legal.get(POLICIES[name]) if name in POLICIES else None
    return page.url if page else None


# Small files with fixed names


@bp.get("/robots.txt")
def robots() -> Response:
    rules = [f"Disallow: {path}" for path in CLOSED]
    lines = ["User-agent: *", *rules, "", f"Sitemap: {settings().url}/sitemap.xml", ""]
    return _kept(Response("\n".join(lines), mimetype="text/plain"))


@bp.get("/.well-known/security.txt")
def security() -> Response:
    """Whom to tell of a weakness. Source: RFC 9116."""
    email = current_site().store.contact_email
    if not email:
        abort(404)
    until = (now() + timedelta(days=180)).replace(hour=0, minute=0, second=0, microsecond=0)
    expires = until.isoformat().replace("+00:00", "Z")
    text = (
        f"Contact: mailto:{email}\nExpires: {expires}\n"
        f"Canonical: {settings().url}/.well-known/security.txt\n"
    )
    return _kept(Response(text, mimetype="text/plain"))


@bp.get("/site.webmanifest")
def manifest() -> Response:
    response = jsonify(
        name=current_site().store.name,
        icons=[asdict(icon) for icon in _icons().app],
        start_url="/",
        display="browser",
        background_color="#f4f7f4",
        theme_color="#f4f7f4",
    )
    response.mimetype = "application/manifest+json"
    return _kept(response)


def _icons() -> Icons:
    return icons_of(current_site().theme.look, _asset())


def _picture_of_shop() -> str:
    return picture_of_shop(current_site().theme.look, _asset())


def _asset() -> Callable[[str], str]:
    asset: Callable[[str], str] = current_app.jinja_env.globals["asset"]  # type: ignore[assignment]  # web/assets.py put it there
    return asset


@bp.get(LETTER)
def letter_icon() -> Response:
    """The first letter of the shop's name on its color, for a shop without an icon."""
    site = current_site()
    colors = palette(site.installed_theme, site.theme.look)
    letter = next((sign for sign in site.store.name if sign.isalnum()), "")
    svg = render_template("seo/favicon.svg", letter=letter.upper(), colors=colors)
    return _kept(Response(svg, mimetype=_SVG))


@bp.get("/favicon.ico")
def favicon() -> ResponseReturnValue:
    """Asked for by programs that read no page."""
    return redirect(_icons().tab[0].src)


@bp.get("/apple-touch-icon.png")
def apple_touch_icon() -> ResponseReturnValue:
    touch = _icons().touch
    if not touch:
        abort(404)
    return redirect(touch)


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={KEPT}"
    return response
