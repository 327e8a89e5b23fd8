"""The page cache in front of the whole shop, each test on a database of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import brotli
import pytest
import sqlalchemy as sa
from flask import Flask, Response, request, session
from flask.testing import FlaskClient

from shop import create_app
from shop.catalog import searchable
from shop.catalog.models import Product, ProductImage, ProductOption, Swatch, Variant
from shop.database import transaction
from shop.extensions import db
from shop.inventory import service as inventory
from shop.store.models import StoreSettings
from shop.web.headers import VALID_UNTIL
from shop.web.pagecache import version as versions
from shop.web.pagecache.layer import LONGEST
from shop.web.visit import BLUEPRINTS, ENDPOINTS
from tests.conftest import Apps, dispose
from tests.factories import make_image, make_product, make_rates, make_store
from tests.reliability.processes import wait_until

MUG = "/products/tuesday-mug"


@pytest.fixture(scope="module")
def running(dialect: str, tmp_path_factory: pytest.TempPathFactory, apps: Apps) -> Iterator[Flask]:
    """The shop with its cache on; commits are real."""
    folder = tmp_path_factory.mktemp(f"cache-{dialect}")
    with apps(dialect, folder, page_cache_mb=8) as app:
        with app.app_context(), transaction():
            make_store()
            make_rates()
            make_product(handle="tuesday-mug")
        yield app


@pytest.fixture
def shop(running: Flask) -> Flask:
    """With one mug, at its first price, and nothing kept yet."""

    def restore() -> None:
        db.session.execute(sa.update(StoreSettings).values(languages=["en"]))
        db.session.execute(sa.update(Product).values(title="Tuesday mug"))
        reprice(3400)
        count_up(40)

    version = running.extensions["catalog_version"]
    wait_until(lambda: version.current() is not None, "the listener")
    change(running, restore)
    wait_until_quiet(running)
    return running


@pytest.fixture
def client(shop: Flask) -> FlaskClient:
    return shop.test_client()


@contextmanager
def asked(shop: Flask) -> Iterator[list[str]]:
    """The paths for which Flask itself was asked."""
    paths: list[str] = []

    with hooked(shop.before_request_funcs, lambda: paths.append(request.path)):
        yield paths


@contextmanager
def statements_on(shop: Flask) -> Iterator[list[str]]:
    """Those that its database was asked."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    with shop.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def change(shop: Flask, work: Callable[[], Any]) -> None:
    with shop.app_context(), transaction():
        work()


def wait_until_quiet(shop: Flask) -> None:
    """PostgreSQL tells of a change a second time, after its mark: a few milliseconds on a machine
    that has nothing else to do.
    """
    if sa.make_url(shop.extensions["settings"].database).get_backend_name() == "sqlite":
        return
    version, known = shop.extensions["catalog_version"], None
    while known != (known := version.current()):
        time.sleep(0.5)


def count_up(units: int) -> None:
    variant_id = db.session.scalars(sa.select(Variant.id)).one()
    inventory.set_on_hand(variant_id, units)


def mug_id(shop: Flask) -> int:
    with shop.app_context():
        return db.session.scalars(sa.select(Variant.id)).one()


@contextmanager
def hooked(functions: dict[Any, list[Any]], function: Callable[..., Any]) -> Iterator[None]:
    """Flask takes no new functions once a request was answered."""
    functions.setdefault(None, []).append(function)
    try:
        yield
    finally:
        functions[None].remove(function)


def reprice(amount: int) -> None:
    db.session.execute(sa.update(Variant).values(unit_amount=amount))


# Served from memory


@pytest.mark.parametrize("path", ["/", "/products", "/products?sort=title", MUG])
def test_a_page_is_made_once(shop: Flask, client: FlaskClient, path: str) -> None:
    first = client.get(path)
    with asked(shop) as paths:
        second = shop.test_client().get(path)

    assert paths == []
    assert first.status_code == second.status_code == 200
    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]
    assert second.headers["Cache-Control"] == "private, no-cache"
    assert "default-src 'none'" in second.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in second.headers
    assert "X-Request-Id" not in second.headers


def test_a_page_is_kept_once_for_any_order_of_its_parameters(
    shop: Flask, client: FlaskClient
) -> None:
    client.get("/products?sort=title&page=1&utm_source=letter")
    with asked(shop) as paths:
        client.get("/products?page=1&gclid=x&sort=title")

    assert paths == []


@pytest.mark.parametrize(
    "path", ["/cart", "/search?q=mug", "/sign-in", "/products/nowhere", "/healthz", "/checkout"]
)
def test_what_is_not_for_everybody_is_never_kept(
    shop: Flask, client: FlaskClient, path: str
) -> None:
    client.get(path)
    with asked(shop) as paths:
        client.get(path)

    assert paths == [path.partition("?")[0]]


def test_an_unchanged_page_is_not_sent_again(client: FlaskClient) -> None:
    tag = client.get(MUG).headers["ETag"]

    for named in (tag, f'"x", {tag}', f"W/{tag}"):
        answer = client.get(MUG, headers={"If-None-Match": named})
        assert answer.status_code == 304
        assert answer.data == b""
        assert answer.headers["ETag"] == tag
        assert "Content-Type" not in answer.headers
    assert client.get(MUG, headers={"If-None-Match": '"x"'}).status_code == 200


def test_a_head_is_told_what_its_get_would_be(shop: Flask, client: FlaskClient) -> None:
    before = client.head(MUG)
    get = client.get(MUG)
    after = client.head(MUG)

    assert before.data == after.data == b""
    for head in (before, after):
        assert head.headers["ETag"] == get.headers["ETag"]
        assert head.headers["Content-Length"] == str(len(get.data))
    assert client.head("/cart").data == b""


def test_browsers_get_brotli(client: FlaskClient) -> None:
    plain = client.get(MUG)

    packed = client.get(MUG, headers={"Accept-Encoding": "gzip, br"})

    assert packed.headers["Content-Encoding"] == "br"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert brotli.decompress(packed.data) == plain.data


def test_a_strange_host_is_still_refused(client: FlaskClient) -> None:
    client.get(MUG)

    assert client.get(MUG, headers={"Host": "evil.example"}).status_code == 400


def test_each_language_has_its_own_page(shop: Flask, client: FlaskClient) -> None:
    both = sa.update(StoreSettings).values(languages=["en", "de"])
    change(shop, lambda: db.session.execute(both))
    wait_until_quiet(shop)
    for _ in range(2):
        english = client.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"})
        german = client.get("/", headers={"Accept-Language": "de-AT,de;q=0.9"})
        assert english.headers["Content-Language"] == "en"
        assert german.headers["Content-Language"] == "de"
    client.set_cookie("language", "de")
    with asked(shop) as paths:
        chosen = client.get("/", headers={"Accept-Language": "en"})

    assert chosen.headers["Content-Language"] == "de"
    assert paths == []


# Right at the next request


def test_a_changed_price_is_on_the_next_page(shop: Flask, client: FlaskClient) -> None:
    for amount in range(3500, 3530):
        change(shop, partial(reprice, amount))
        assert f"£{amount / 100:.2f}" in client.get(MUG).text
        assert f"£{amount / 100:.2f}" in client.get("/products").text


def test_a_change_of_one_process_is_on_the_next_page_of_every_other(
    shop: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "LOOK", 3600.0)
    other = create_app(shop.extensions["settings"])
    wait_until(lambda: other.extensions["catalog_version"].current() is not None, "the listener")
    try:
        for amount in range(3500, 3530):
            assert client.get(MUG).status_code == 200
            change(other, partial(reprice, amount))
            assert f"£{amount / 100:.2f}" in client.get(MUG).text
    finally:
        dispose(other)


def test_a_change_typed_by_hand_is_heard(shop: Flask, client: FlaskClient) -> None:
    """As by another machine: nothing of the shop's own code commits it."""
    client.get(MUG)
    url = shop.extensions["settings"].database
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE products SET title = 'Moon vase'"))
    engine.dispose()

    wait_until(lambda: "Moon vase" in client.get(MUG).text, "the new title")


def test_sales_that_nobody_can_see_leave_the_pages_alone(shop: Flask, client: FlaskClient) -> None:
    client.get(MUG)
    version = shop.extensions["catalog_version"]
    before = version.current()

    change(shop, lambda: count_up(39))
    time.sleep(0.05)
    assert version.current() == before

    change(shop, lambda: count_up(2))
    assert version.current() != before
    assert "Only a few left" in client.get(MUG).text


def test_a_change_that_is_rolled_back_shows_nowhere(shop: Flask, client: FlaskClient) -> None:
    client.get(MUG)

    def reprice_and_fail() -> None:
        reprice(1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        change(shop, reprice_and_fail)

    assert "£34.00" in client.get(MUG).text


def test_a_page_lives_as_long_as_it_says(
    shop: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = time.time()
    until = started + 30
    monkeypatch.setattr("shop.web.pagecache.layer.time.time", lambda: started)

    def bound(response: Response) -> Response:
        response.headers[VALID_UNTIL] = str(until)
        return response

    with hooked(shop.after_request_funcs, bound):
        assert VALID_UNTIL not in client.get(MUG).headers
        assert VALID_UNTIL not in client.get("/cart").headers
    with asked(shop) as paths:
        client.get(MUG)
        assert paths == []
        monkeypatch.setattr("shop.web.pagecache.layer.time.time", lambda: until)
        client.get(MUG)

    assert paths == [MUG]


def test_no_page_outlives_a_minute(
    shop: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get(MUG)
    now = time.time()
    monkeypatch.setattr("shop.web.pagecache.layer.time.time", lambda: now + LONGEST + 1)

    with asked(shop) as paths:
        client.get(MUG)

    assert paths == [MUG]


def test_without_a_known_version_nothing_is_kept(
    shop: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop.extensions["catalog_version"], "current", lambda: None)

    with asked(shop) as paths:
        client.get(MUG)
        answer = client.get(MUG)

    assert paths == [MUG, MUG]
    assert answer.headers["ETag"]


def test_the_cache_can_be_switched_off(own_database: Flask) -> None:
    client = own_database.test_client()

    with asked(own_database) as paths:
        client.get("/products")
        client.get("/products")

    assert paths == ["/products", "/products"]


# Nothing personal


def test_no_visitors_own_things_are_on_anybody_elses_page(shop: Flask, client: FlaskClient) -> None:
    variant_id = mug_id(shop)
    client.post("/cart/lines", data={"variant_id": variant_id, "quantity": "3"})
    for path in ("/", "/products", MUG):
        told = client.get(path)  # the first also tells what was put into the basket
        own, again = client.get(path), client.get(path)
        strangers = shop.test_client().get(path)

        assert "data-cart-count>3</span>" in told.text
        assert "data-cart-count>3</span>" in own.text
        assert own.data == again.data
        assert "is in your basket" not in own.text
        assert "is in your basket" not in strangers.text
        assert "data-cart-count hidden" in strangers.text
        assert "Set-Cookie" not in strangers.headers


def test_a_message_is_shown_once_and_only_to_its_visitor(shop: Flask, client: FlaskClient) -> None:
    variant_id = mug_id(shop)
    client.get(MUG)
    client.post("/cart/lines", data={"variant_id": variant_id})

    in_advance = client.get(MUG, headers={"Sec-Purpose": "prefetch"})
    first, second = client.get(MUG), client.get(MUG)

    assert "is in your basket" not in in_advance.text
    assert "is in your basket" in first.text
    assert "ETag" not in first.headers
    assert "is in your basket" not in second.text
    assert client.get_cookie("flash") is None


def test_the_count_follows_the_basket(shop: Flask, client: FlaskClient) -> None:
    variant_id = mug_id(shop)
    client.post("/cart/lines", data={"variant_id": variant_id, "quantity": "3"})
    cookie = client.get_cookie("cart_count")
    assert cookie is not None
    assert cookie.value == "3"
    assert not cookie.http_only

    client.post(f"/cart/lines/{variant_id}/delete")

    assert client.get_cookie("cart_count") is None


def test_a_page_that_looks_at_the_session_is_not_kept(shop: Flask, client: FlaskClient) -> None:
    look = lambda: session.get("cart") and None  # noqa: E731 - an answer would end the request
    with hooked(shop.before_request_funcs, look), asked(shop) as paths:
        client.get(MUG)
        answer = client.get(MUG)

    assert paths == [MUG, MUG]
    assert "ETag" not in answer.headers


def test_no_shared_page_looks_at_the_session(shop: Flask, client: FlaskClient) -> None:
    """Every page of the blueprints that share theirs: a new one must not slip out of the cache."""
    values = {"handle": "tuesday-mug"}
    for rule in shop.url_map.iter_rules():
        is_shared = rule.endpoint.partition(".")[0] in BLUEPRINTS or rule.endpoint in ENDPOINTS
        if not is_shared or "GET" not in (rule.methods or ()):
            continue
        if not rule.arguments <= values.keys():
            continue
        address = rule.build(values, append_unknown=False)
        assert address is not None
        answer = client.get(address[1], buffered=False)
        is_streamed = answer.is_streamed
        assert answer.get_data() is not None  # a stream must be read to its end
        answer.close()
        if answer.status_code == 200 and not is_streamed:
            assert answer.headers.get("ETag"), rule


# Made anew from parts that are kept


PAGES = ["/", "/products", "/products?sort=title", MUG, "/search?q=mug"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_kept_parts_is_the_page(shop: Flask, client: FlaskClient, path: str) -> None:
    other = f"{path}{'&' if '?' in path else '?'}other="
    without = client.get(other + "1")

    with_parts = client.get(other + "2")

    assert with_parts.status_code == without.status_code
    assert with_parts.text.replace("other=2", "other=1") == without.text


def test_kept_parts_spare_a_product_page_its_queries(shop: Flask, client: FlaskClient) -> None:
    with statements_on(shop) as statements:
        client.get(f"{MUG}?other=1")
        first = len(statements)
        client.get(f"{MUG}?other=2")

    assert first > 10
    assert len(statements) == first


def test_a_kept_card_shows_each_change_on_the_next_request(
    shop: Flask, client: FlaskClient
) -> None:
    swatch = {"option_name": "Glaze", "value": "Cobalt", "handle": "cobalt", "file": ""}

    def glaze() -> None:
        mug = db.session.scalars(sa.select(Product)).one()
        db.session.add(ProductOption(product_id=mug.id, position=1, name="Glaze"))
        db.session.execute(sa.update(Variant).values(option1="Cobalt"))
        db.session.add(Swatch(**swatch, color="#1E36B8"))
        searchable.refresh_search([mug])

    def unglaze() -> None:
        for made in (ProductImage, ProductOption, Swatch):
            db.session.execute(sa.delete(made))
        db.session.execute(sa.update(Variant).values(option1=""))

    def picture() -> None:
        make_image(db.session.scalars(sa.select(Product)).one(), file="by-the-window")

    def card() -> str:
        text: str = client.get("/search?q=tuesday").text
        return text.partition("<article")[2].partition("</article>")[0]

    change(shop, glaze)
    try:
        assert "#1E36B8" in card()
        change(shop, lambda: db.session.execute(sa.update(Swatch).values(color="#C4562F")))
        assert "#C4562F" in (shown := card())
        assert "#1E36B8" not in shown
        assert "£34" in shown
        change(shop, lambda: reprice(2900))
        assert "£29" in card()
        change(shop, lambda: count_up(0))
        assert "Sold out" in card()
        change(shop, lambda: count_up(2))
        assert "Few left" in card()
        change(shop, picture)
        assert "/media/by-the-window-400.avif 400w" in card()
    finally:
        change(shop, unglaze)


def test_what_a_search_found_is_kept_for_its_other_pages(shop: Flask, client: FlaskClient) -> None:
    change(shop, lambda: searchable.refresh_search(db.session.scalars(sa.select(Product)).all()))
    with statements_on(shop) as statements:
        found = client.get("/search?q=tuesday")
        first = len(statements)
        sorted_by_title = client.get("/search?q=tuesday&sort=title")

    assert "1 product" in found.text
    assert "1 product" in sorted_by_title.text
    assert first > 0
    assert len(statements) == first


def test_a_search_finds_what_was_written_since(shop: Flask, client: FlaskClient) -> None:
    def rewrite() -> None:
        mug = db.session.scalars(sa.select(Product)).one()
        mug.title = "Dented mug"
        searchable.refresh_search([mug])

    before = client.get("/search?q=dented").text
    change(shop, rewrite)

    assert "1 product" not in before
    assert "1 product" in client.get("/search?q=dented").text


@pytest.mark.parametrize("path", ["/", "/products", MUG])
def test_a_change_is_in_the_parts_of_the_next_page(
    shop: Flask, client: FlaskClient, path: str
) -> None:
    client.get(f"{path}?other=1")
    change(shop, lambda: reprice(3100))
    change(shop, lambda: db.session.execute(sa.update(Product).values(title="Dented mug")))

    text = client.get(f"{path}?other=2").text

    assert "£31.00" in text
    assert "Dented mug" in text
    assert "Tuesday mug" not in text


def test_parts_are_kept_for_each_language(shop: Flask, client: FlaskClient) -> None:
    languages = {"languages": ["en", "de"]}
    change(shop, lambda: db.session.execute(sa.update(StoreSettings).values(languages)))
    for number in range(2):
        english = client.get(f"{MUG}?other={number}").text
        german = client.get(f"{MUG}?other={number}", headers={"Accept-Language": "de"}).text
        assert ("£34.00" in english, "£34.00" in german) == (True, False)


def test_parts_of_the_frame_tell_one_basket_from_another(shop: Flask, client: FlaskClient) -> None:
    client.get("/search?q=mug")
    buyer = shop.test_client()
    buyer.post(
        "/cart/lines",
        data={"variant_id": mug_id(shop), "quantity": "3"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )

    badges = ["data-cart-count>3<" in each.get("/search?q=mug").text for each in (buyer, client)]

    assert badges == [True, False]


def test_the_header_marks_the_page_it_stands_on(shop: Flask, client: FlaskClient) -> None:
    marks = [
        'href="/products" aria-current="page"' in client.get(path).text
        for path in ("/", "/products", "/", "/products?other=1")
    ]

    assert marks == [False, True, False, True]


def test_kept_parts_spare_add_to_cart_its_queries(shop: Flask, client: FlaskClient) -> None:
    form = {"variant_id": mug_id(shop), "quantity": "1"}
    with statements_on(shop) as statements:
        add(client, form)
        first = len(statements)
        add(client, form)

    assert first > 0
    assert len(statements) == first


def test_a_basket_is_told_of_each_change_at_once(shop: Flask, client: FlaskClient) -> None:
    form = {"variant_id": mug_id(shop), "quantity": "1"}
    add(client, form)
    change(shop, lambda: db.session.execute(sa.update(Product).values(title="Friday mug")))
    add(client, form)
    assert "Friday mug is in your basket." in client.get("/cart").text

    change(shop, lambda: count_up(2))
    assert add(client, form).status_code == 409
    change(shop, lambda: count_up(0))
    stranger = shop.test_client()
    refused = stranger.get(add(stranger, form).location, follow_redirects=True)
    assert "Friday mug is sold out." in refused.text
    with stranger.session_transaction() as kept:
        assert "cart" not in kept


def test_more_than_a_few_are_counted_out_by_the_stock_of_the_moment(
    shop: Flask, client: FlaskClient
) -> None:
    """Pages do not change between 40 and 30 units, so that what is kept of them does not either."""
    variant_id = mug_id(shop)
    add(client, {"variant_id": variant_id, "quantity": "1"})
    change(shop, lambda: count_up(30))

    assert add(client, {"variant_id": variant_id, "quantity": "35"}).status_code == 409
    assert add(client, {"variant_id": variant_id, "quantity": "29"}).status_code == 303


def add(client: FlaskClient, form: dict[str, Any]) -> Response:
    return client.post("/cart/lines", data=form, headers={"Sec-Fetch-Site": "same-origin"})
