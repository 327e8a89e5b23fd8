"""What is measured over HTTP: the requests of each route, and how its right answer looks."""

from __future__ import annotations

import http.client
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

import brotli
import sqlalchemy as sa

from bench import bare
from bench.catalog import KINDS, PLACES, collection_count
from bench.load import Plan, Request, WrongAnswer
from bench.orders import plenty
from bench.shops import Kept, ScratchShop
from shop.catalog.models import Collection, Product, ProductStatus
from shop.extensions import db

#: Different addresses a route is asked for in turn.
PRODUCTS, COLLECTIONS, SEARCHES = 100, 12, 40
CARTS, CART_LINES = 24, 8
#: Throughput of a search, as a part of the bare route's, that the design aims at.
SEARCH_AIM = 0.05
#: Titles whose words are searched for, and letters that are typed of a word at least.
TITLES, BEGINNING = 5_000, 3
#: What browsers accept.
BROWSER = "gzip, deflate, br"
CARD = 'class="product-card"'
CARDS_ON_PAGE = 24
#: In each page of what was found.
FOUND = ("Results for", CARD)


@dataclass(frozen=True)
class Route:
    name: str
    #: Throughput as a part of the bare route's that the design aims at; none: nothing is said.
    aim: float | None
    requests: Sequence[Request]
    status: int
    #: In every answer.
    texts: tuple[str, ...]
    #: In the answer to one of the requests, by its place; looked at once, before measuring.
    own_texts: dict[int, str] = field(default_factory=dict)
    #: How many times CARD stands in every answer.
    cards: int | None = None
    #: What the shop that serves it keeps.
    kept: Kept = Kept.PARTS
    #: Answers come compressed; what is in them is looked at before measuring only.
    encoding: str = ""
    #: Answered by an application that only gives the shop's answers again.
    is_replayed: bool = False

    def port(self, shop: ScratchShop) -> int:
        return shop.replay_port if self.is_replayed else shop.ports[self.kept]

    def session(self, shop: ScratchShop) -> int:
        return shop.replay_session if self.is_replayed else shop.sessions[self.kept]

    def plan(self, shop: ScratchShop) -> Plan:
        texts = () if self.encoding else self.texts
        return Plan(self.port(shop), self.requests, self.status, texts, self.encoding)


def bare_plan(shop: ScratchShop) -> Plan:
    return Plan(shop.bare_port, [Request("/")], 200, (bare.MARK,))


def routes(shop: ScratchShop, products: int) -> list[Route]:
    """In the order of the report; the shop must run."""
    with shop.app.app_context():
        listed = Route(
            "list",
            0.10,
            [Request("/products")],
            200,
            ("<h1><bdi>All products</bdi></h1>", CARD),
            cards=CARDS_ON_PAGE,
        )
        packed = _in_brotli(listed)
        collection, product = _collection(products), _product()
        search, cart = _search(), _cart(shop)
        db.session.remove()
        return [
            Route("home", None, [Request("/")], 200, (CARD,)),
            listed,
            replace(packed, aim=None),
            collection,
            product,
            search,
            cart,
            *(_keeping_nothing(route) for route in (listed, product, search, cart)),
            *(_cached(route) for route in (listed, packed, product, _in_brotli(product))),
            *(_replayed(route) for route in (listed, packed)),
        ]


def _in_brotli(route: Route) -> Route:
    """As browsers ask for it."""
    requests = [replace(asked, encoding=BROWSER) for asked in route.requests]
    return replace(route, name=f"{route.name}, brotli", requests=requests, encoding="br")


def _cached(route: Route) -> Route:
    return replace(route, name=f"{route.name}, cached", aim=3.0, kept=Kept.PAGES)


def _replayed(route: Route) -> Route:
    """What there is to reach: the same bytes, without the shop."""
    return replace(route, name=f"{route.name}, the server alone", aim=None, is_replayed=True)


def _keeping_nothing(route: Route) -> Route:
    return replace(route, name=f"{route.name}, nothing kept", aim=None, kept=Kept.NOTHING)


def look_at_each(route: Route, port: int) -> None:
    """Every request once, its answer read in full. Raises WrongAnswer."""
    for place, request in enumerate(route.requests):
        status, _, body = ask(port, request)
        wanted = [*route.texts, route.own_texts.get(place, "")]
        missing = [text for text in wanted if text not in body]
        if route.cards is not None and body.count(CARD) != route.cards:
            missing.append(f"{route.cards} cards, not {body.count(CARD)}")
        if status != route.status or missing:
            raise WrongAnswer(f"{request.method} {request.path}: {status}, without {missing}")


def ask(port: int, request: Request) -> tuple[int, http.client.HTTPMessage, str]:
    """Status, headers and body, over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {"Sec-Fetch-Site": "same-origin"}
        if request.cookie:
            headers["Cookie"] = request.cookie
        if request.encoding:
            headers["Accept-Encoding"] = request.encoding
        if request.method != "GET":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(request.form) if request.form else None
        connection.request(request.method, request.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.headers.get("Content-Encoding") == "br":
            content = brotli.decompress(content)
        return answer.status, answer.headers, content.decode()
    finally:
        connection.close()


# Each route's requests --------------------------------------------------------------------------


def _collection(products: int) -> Route:
    """Full pages only, where the shop is large enough for them."""
    rows = db.session.execute(
        sa.select(Collection.handle, Collection.title).order_by(Collection.id).limit(COLLECTIONS)
    ).all()
    is_full = products * 2 // collection_count(products) > CARDS_ON_PAGE * 2
    return Route(
        "collection",
        0.10,
        [Request(f"/collections/{row.handle}") for row in rows],
        200,
        (CARD, "data-grid"),
        {place: f"<h1><bdi>{row.title}</bdi></h1>" for place, row in enumerate(rows)},
        CARDS_ON_PAGE if is_full else None,
    )


def _product() -> Route:
    ids = db.session.scalars(
        sa.select(Product.id).where(Product.status == ProductStatus.PUBLISHED)
    ).all()
    chosen = random.Random(1).sample(list(ids), min(PRODUCTS, len(ids)))
    rows = db.session.execute(
        sa.select(Product.handle, Product.title).where(Product.id.in_(chosen))
    ).all()
    return Route(
        "product",
        0.15,
        [Request(f"/products/{row.handle}") for row in rows],
        200,
        ('action="/cart/lines"', "Details and care"),
        {place: f"<h1><bdi>{row.title}</bdi></h1>" for place, row in enumerate(rows)},
    )


def _search() -> Route:
    """One word, two, the beginning of one, and a SKU. They are asked again and again."""
    chance = random.Random(2)
    asked: list[str] = []
    for _ in range(SEARCHES // 4):
        place, kind = chance.choice(PLACES).lower(), chance.choice(KINDS)
        asked += [kind, f"{place} {kind}", place[:4], "FT-000012"]
    return Route("search", SEARCH_AIM, [_found(words) for words in asked], 200, FOUND)


def first_searches() -> Iterator[Request]:
    """One to three words of a title, in any order, the last of them whole or begun; none comes
    twice.
    """
    titles = db.session.scalars(
        sa.select(Product.title)
        .where(Product.status == ProductStatus.PUBLISHED)
        .order_by(Product.id)
        .limit(TITLES)
    )
    asked = set()
    for title in titles:
        words = title.lower().split()[:-1]  # without its number
        for typed in (
            typed for count in (1, 2, 3) for typed in itertools.permutations(words, count)
        ):
            begun = " ".join(typed)
            shortest = len(begun) - len(typed[-1]) + BEGINNING
            asked |= {begun[:length] for length in range(shortest, len(begun) + 1)}
    return map(_found, random.Random(5).sample(sorted(asked), len(asked)))


def all_cards(products: int) -> Route:
    """The pages on which most products of `first_searches` have their cards."""
    pages = min(products, TITLES) * 9 // 10 // CARDS_ON_PAGE  # some are not published
    requests = [Request(f"/products?page={page}") for page in range(1, pages + 1)]
    return Route("all cards", None, requests, 200, (CARD,))


def _found(words: str) -> Request:
    return Request("/search?" + urlencode({"q": words}))


def _cart(shop: ScratchShop) -> Route:
    """Carts that grow line by line and start anew: each request adds to a cookie that this very
    server gave, after its basket was shown, so that no old message is carried along.
    """
    variants = plenty(CARTS * CART_LINES)
    requests = []
    for cart in range(CARTS):
        cookie = ""
        for line in range(CART_LINES):
            variant_id = variants[(cart * CART_LINES + line) % len(variants)]
            form = (("variant_id", str(variant_id)), ("quantity", "1"))
            request = Request("/cart/lines", "POST", form, cookie)
            requests.append(request)
            cookie = _cookie_after(shop.settings.port, request)
    return Route("add to cart", 0.28, requests, 303, ('href="/cart"',))


def _cookie_after(port: int, request: Request) -> str:
    """Add the line, then look at the basket, as a browser does."""
    _, headers, _ = ask(port, request)
    cookie = _cookies(request.cookie, headers)
    _, headers, body = ask(port, Request("/cart", cookie=cookie))
    if "is in your basket" not in body:
        raise WrongAnswer("POST /cart/lines: the basket does not tell of the line")
    return _cookies(cookie, headers)


def _cookies(before: str, headers: http.client.HTTPMessage) -> str:
    """What a browser sends afterwards."""
    jar = dict(pair.split("=", 1) for pair in before.split("; ") if pair)
    for line in headers.get_all("Set-Cookie") or ():
        name, _, value = line.partition(";")[0].partition("=")
        jar[name] = value
    return "; ".join(f"{name}={value}" for name, value in jar.items() if value)
