from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from shop.catalog import listing
from shop.catalog.models import ProductStatus
from shop.extensions import db
from shop.redirects import service as redirects
from tests.catalog.test_queries import make_collection, make_swatch
from tests.content.test_views import make_page
from tests.factories import (
    make_image,
    make_product,
    make_rates,
    make_store,
    make_variant,
    variants_of,
)
from tests.pages import read


def make_mug(**values: Any) -> None:
    make_store()
    product = make_product(
        handle="tuesday-mug",
        options={"Glaze": ["Cobalt", "Milk"], "Size": ["Small", "Large"]},
        **values,
    )
    for variant, amount in zip(variants_of(product), (2900, 3400, 2900, 3500), strict=True):
        variant.unit_amount = amount
    db.session.flush()


def text_of(html: str) -> str:
    return " ".join(html.split())


# Home


def test_the_rack_leads_to_the_glazes(client: FlaskClient) -> None:
    make_swatch("Cobalt", 1, "#1E36B8")
    make_collection("cobalt", [make_product(options={"Glaze": ["Cobalt"]})])

    page = client.get("/")

    assert 'href="/collections/cobalt"' in page.text


# Lists


def test_many_products_are_counted_alike_wherever_they_are_told(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_product()
    one = listing.all_products
    monkeypatch.setattr(
        listing,
        "all_products",
        lambda *args, **kwargs: replace(one(*args, **kwargs), count=1164, total=2000),
    )

    page = text_of(client.get("/products").text)

    assert "1,164 of 2,000 products" in page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/products", 200),
        ("/products?page=1", 200),
        ("/products?page=", 200),
        ("/products?sort=nonsense", 200),
        ("/products?page=2", 404),
        ("/products?page=0", 404),
        ("/products?page=-1", 404),
        ("/products?page=1e3", 404),
        ("/products?page=٢", 404),
        ("/products?page=99999999999999999999", 404),
        ("/collections/table", 200),
        ("/collections/nowhere", 404),
    ],
)
def test_lists_answer_every_address(client: FlaskClient, path: str, status: int) -> None:
    make_collection("table", [make_product()])

    assert client.get(path).status_code == status
    assert client.head(path).status_code == status


def test_a_list_has_24_products_a_page_and_links_to_the_next(client: FlaskClient) -> None:
    for _ in range(25):
        make_product()

    first, second = client.get("/products?sort=title"), client.get("/products?page=2")

    assert first.text.count('class="product-card"') == 24
    assert 'href="/products?sort=title&amp;page=2" rel="next"' in first.text
    assert "25 products" in first.text
    assert second.text.count('class="product-card"') == 1
    assert 'rel="next"' not in second.text
    assert '<link rel="canonical" href="http://localhost/products?page=2">' in second.text


def test_an_empty_collection_says_so(client: FlaskClient) -> None:
    make_collection("table", [make_product(published=False)])

    page = client.get("/collections/table")

    assert page.status_code == 200
    assert "Nothing here yet" in page.text


def test_a_list_can_be_fetched_without_its_frame(client: FlaskClient) -> None:
    make_product("Tuesday mug")

    page = client.get("/products?fragment=grid")

    assert "Tuesday mug" in page.text
    assert "<html" not in page.text


def test_cards_say_what_is_left(client: FlaskClient) -> None:
    make_store(stock_display="few")
    make_product("Last mug", on_hand=1)
    make_product("Gone mug", on_hand=0)

    page = client.get("/products")

    assert "1 left" in page.text
    assert "Sold out" in page.text


def test_cards_say_few_without_the_number_where_the_shop_says_none(client: FlaskClient) -> None:
    make_store()
    make_product("Last mug", on_hand=1)

    page = client.get("/products")

    assert "Few left" in page.text
    assert "1 left" not in page.text


def test_a_list_costs_seven_queries_however_long(
    client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    """Settings, menu, pages; what changed; cards, their variants with stock, and colors."""
    for _ in range(30):
        make_product(options={"Size": ["S", "M"]})
    for _ in range(2):
        client.get("/products")  # reads what there is, once

    with count_queries() as all_of_them:
        client.get("/products")
    with count_queries() as filtered:
        client.get("/products?size=s&price=10-&available=1&sort=title&page=2")

    assert (len(all_of_them), len(filtered)) == (7, 7)


def test_a_filtered_list_asks_once_more_for_pictures_of_what_it_is_filtered_for(
    client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    for _ in range(30):
        mug = make_product(options={"Glaze": ["Milk", "Cobalt"]})
        variants_of(mug)[1].image_id = make_image(mug).id
    for _ in range(2):
        client.get("/products")  # reads what there is, once

    with count_queries() as statements:
        page = client.get("/products?glaze=cobalt")

    assert len(statements) == 8
    assert page.text.count('?glaze=cobalt" dir') == 24


def test_a_collection_shows_what_its_rule_asks_for(
    client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    mug = make_product(handle="mug", options={"Glaze": ["Milk", "Cobalt"], "Size": ["S", "L"]})
    cobalt = variants_of(mug)[2]
    cobalt.image_id = make_image(mug).id
    make_collection("blue", [mug], conditions=[["option", "equals", "cobalt"]])
    for _ in range(2):
        client.get("/collections/blue")  # reads what there is, once

    def linked(query: str) -> list[str]:
        text = client.get(f"/collections/blue{query}").text
        return re.findall(r'<a href="/products/mug([^"]*)" dir', text)

    with count_queries() as statements:
        assert linked("") == ["?glaze=cobalt"]
    assert linked("?size=l") == ["?glaze=cobalt&amp;size=l"]
    assert linked("?glaze=milk") == ["?glaze=milk"]
    assert len(statements) == 8


@pytest.mark.parametrize("query", ["price=1-100", "available=1", "type=mugs"])
def test_what_is_not_asked_of_variants_changes_no_card(client: FlaskClient, query: str) -> None:
    make_product("Mug", handle="mug", options={"Glaze": ["Milk", "Cobalt"]}, product_type="Mugs")
    make_product("Jug", options={"Glaze": ["Milk"]}, product_type="Jugs")

    assert '<a href="/products/mug" ' in client.get(f"/products?{query}").text


def test_a_filtered_list_shows_what_fits_and_how_to_undo_it(client: FlaskClient) -> None:
    make_store()
    make_product("Tuesday mug", options={"Glaze": ["Cobalt", "Milk"]}, product_type="Mugs")
    make_product("Milk jug", options={"Glaze": ["Milk"]}, product_type="Jugs", unit_amount=7200)

    page = client.get("/products?glaze=cobalt&price=10-40")

    assert "Tuesday mug" in page.text
    assert "Milk jug" not in page.text
    assert "1 of 2 products" in page.text
    assert 'name="glaze" value="cobalt" checked' in page.text
    assert 'href="/products?price=10-40" rel="nofollow"' in page.text  # takes cobalt away
    assert 'href="/products?glaze=cobalt" rel="nofollow"' in page.text  # takes the price away
    assert "£10.00 to £40.00" in page.text
    assert '<a class="chips__clear" href="/products"' in page.text


def test_filtered_lists_are_not_for_search_engines(client: FlaskClient) -> None:
    make_product(options={"Glaze": ["Cobalt"]})
    make_product(options={"Glaze": ["Milk"]})

    plain, filtered = client.get("/products"), client.get("/products?glaze=cobalt")

    assert "noindex" not in plain.text
    assert '<meta name="robots" content="noindex, follow">' in filtered.text
    assert '<link rel="canonical" href="http://localhost/products">' in filtered.text


def test_an_empty_result_tells_which_filter_to_take_away(client: FlaskClient) -> None:
    make_product("Mug", options={"Glaze": ["Cobalt"]}, product_type="Mugs")
    make_product("Jug", options={"Glaze": ["Milk"]}, product_type="Jugs")

    page = client.get("/products?glaze=cobalt&type=jugs")

    assert page.status_code == 200
    assert "Nothing fits all of this" in page.text
    assert "Without Cobalt: 1 product" in text_of(page.text)
    assert "Without Jugs: 1 product" in text_of(page.text)


def test_the_price_fields_of_the_form_lead_to_a_readable_address(client: FlaskClient) -> None:
    make_store()
    make_product(unit_amount=1000)

    answer = client.get("/products?type=mugs&price-from=%C2%A310&price-to=40.50&sort=title")
    empty = client.get("/products?price-from=&price-to=%C2%A3")

    assert answer.headers["Location"] == "/products?type=mugs&sort=title&price=10-40.50"
    assert empty.headers["Location"] == "/products"


@pytest.mark.parametrize(
    ("currency", "typed", "told"),
    [
        ("GBP", "price-from=12,000&price-to=", ["12,000", ""]),
        ("GBP", "price-from=&price-to=forty", ["", "forty"]),
        ("GBP", "price-from=10-20&price-to=", ["10\u201320", ""]),
        ("GBP", "price-from=-5&price-to=1234567.890123", ["\u20135", "1234567.8901"]),
        ("JPY", "price-from=12,000&price-to=1200.50", ["12,000", "1200.50"]),
        ("KWD", "price-from=12,000&price-to=12.5000", ["12,000", "12.5000"]),
    ],
)
def test_an_amount_that_cannot_be_read_is_told_at_its_field_and_kept(
    client: FlaskClient, currency: str, typed: str, told: list[str]
) -> None:
    make_store(currency=currency)
    make_product("Mug", unit_amount=1000, product_type="Mugs")
    make_product("Jug", unit_amount=3000, product_type="Jugs")

    answer = client.get(f"/products?{typed}", follow_redirects=True)

    page = read(answer.text)
    (lowest,), (highest,) = (page.having("input", id=f"price-{end}") for end in ("from", "to"))
    assert answer.status_code == 200
    assert [lowest["value"], highest["value"]] == told
    assert ["aria-invalid" in lowest, "aria-invalid" in highest] == [bool(one) for one in told]
    assert "Not applied: type an amount like" in answer.text
    assert "2 products" in answer.text


@pytest.mark.parametrize(("language", "amount"), [("en", "10.00"), ("de", "10,00")])
def test_the_example_of_an_amount_is_written_in_the_pages_language(
    client: FlaskClient, language: str, amount: str
) -> None:
    make_store(languages=["en", "de"])
    make_product(unit_amount=1000)

    answer = client.get(
        "/products?price-from=12,000", follow_redirects=True, headers={"Accept-Language": language}
    )
    page = read(answer.text).text

    assert f"like {amount}." in page or f"wie {amount} ein." in page


def test_the_amount_that_can_be_read_applies_beside_the_other(client: FlaskClient) -> None:
    make_store()
    make_product("Mug", unit_amount=1000, product_type="Mugs")
    make_product("Jug", unit_amount=3000, product_type="Jugs")

    answer = client.get("/products?price-from=12,000&price-to=20&type=mugs&type=jugs")
    page = client.get(answer.location).text

    assert answer.location == "/products?type=mugs&type=jugs&price=12%2C000-20"
    assert "1 of 2 products" in page
    assert "Not applied" not in client.get("/products?price=10-20").text


@pytest.mark.parametrize(
    "query",
    [
        "glaze=unknown",
        "nonsense=1&glaze=",
        "price=",
        "price=x-y",
        "price=-",
        "price=99999999999-1",
        "price=-5-10",
        "available=yes",
        "type=" + "&type=".join(map(str, range(500))),
        "glaze=%F0%9F%8E%81",
        "sort=relevance&fragment=nothing",
    ],
)
def test_what_an_address_says_wrongly_is_passed_over(client: FlaskClient, query: str) -> None:
    make_product("Mug", options={"Glaze": ["Cobalt"]})

    page = client.get(f"/products?{query}")

    assert page.status_code == 200
    assert "1 product" in page.text


def test_a_parent_collection_holds_what_its_children_hold(client: FlaskClient) -> None:
    table = make_collection("table", [make_product("Platter")], file="shelf")
    mugs = make_collection("mugs", [make_product("Mug")], parent_id=table.id)
    make_collection("big-mugs", [make_product("Half pint")], parent_id=mugs.id)

    parent, leaf = client.get("/collections/table"), client.get("/collections/big-mugs")

    assert "3 products" in parent.text
    assert "/media/shelf-" in parent.text  # for previews of links
    assert '<a class="chip chip--way" href="/collections/mugs">Mugs</a>' in parent.text
    assert "1 product" in leaf.text
    assert '<a href="/collections/table">Table</a>' in leaf.text
    assert '<a href="/collections/mugs">Mugs</a>' in leaf.text


# Product


def test_a_product_shows_its_first_variant(client: FlaskClient) -> None:
    make_mug()

    page = client.get("/products/tuesday-mug")

    assert page.status_code == 200
    assert '<p class="price">£29.00</p>' in page.text
    assert "In stock" in page.text


def test_a_product_says_what_happens_when_it_is_not_right(client: FlaskClient) -> None:
    make_mug()
    make_rates(shipping=450, free_from=6000)
    without = read(client.get("/products/tuesday-mug").text)
    make_page("returns", title="Returns", summary="Thirty days to change your mind.")

    page = read(client.get("/products/tuesday-mug").text)

    assert "Delivery £4.50, free from £60." in page.text
    assert "Thirty days to change your mind. Returns" in page.text
    assert without.having("a", href="/pages/returns") == []


def test_a_value_that_is_its_own_price_is_told_once(client: FlaskClient) -> None:
    make_store()
    card = make_product(handle="card", options={"Value": ["£25", "£50"]})
    for variant, amount in zip(variants_of(card), (2500, 5000), strict=True):
        variant.unit_amount = amount
    db.session.flush()

    assert "value__note" not in client.get("/products/card").text


def test_what_costs_nothing_includes_no_tax(client: FlaskClient) -> None:
    make_store()
    make_rates()
    make_product(handle="mug", unit_amount=3400)
    make_product(handle="clay", unit_amount=0)

    assert "Price includes VAT" in client.get("/products/mug").text
    assert "Price includes" not in client.get("/products/clay").text


@pytest.mark.parametrize(
    ("query", "price"),
    [
        ("glaze=cobalt&size=large", "£34.00"),
        ("glaze=milk&size=large", "£35.00"),
        ("size=large", "£34.00"),
        ("glaze=gold", "£29.00"),
        ("glaze=milk&glaze=cobalt&size=large&x[]=1", "£35.00"),
        ("glaze=%27%22%3C%3E&size=", "£29.00"),
    ],
)
def test_the_address_chooses_the_variant(client: FlaskClient, query: str, price: str) -> None:
    make_mug()

    page = client.get(f"/products/tuesday-mug?{query}")

    assert f'<p class="price">{price}</p>' in page.text


def test_variants_are_links(client: FlaskClient) -> None:
    make_mug()

    page = client.get("/products/tuesday-mug?glaze=milk&size=large")

    assert 'href="/products/tuesday-mug?glaze=cobalt&amp;size=large"' in page.text
    assert 'href="/products/tuesday-mug?glaze=milk&amp;size=small"' in page.text


def test_the_buy_form_carries_the_variant(client: FlaskClient) -> None:
    make_store(stock_display="few")
    product = make_product(handle="tuesday-mug", on_hand=2)

    page = client.get("/products/tuesday-mug")

    assert f'name="variant_id" value="{variants_of(product)[0].id}"' in page.text
    assert 'name="quantity" value="1" min="1" max="2"' in page.text
    assert "Only 2 left" in page.text


def test_a_page_hides_the_stock_in_its_code_too(client: FlaskClient) -> None:
    make_store()
    make_product(handle="tuesday-mug", on_hand=2)
    make_product(handle="tuesday-jug", on_hand=37)

    mug, jug = (client.get(f"/products/tuesday-{name}") for name in ("mug", "jug"))

    assert "Only a few left" in mug.text
    assert "In stock" in jug.text
    assert all('min="1" max="99"' in page.text for page in (mug, jug))


def test_a_shop_may_always_say_the_number(client: FlaskClient) -> None:
    make_store(stock_display="always")
    make_product(handle="tuesday-mug", on_hand=37)

    page = client.get("/products/tuesday-mug")

    assert "37 in stock" in page.text
    assert 'min="1" max="37"' in page.text


def test_a_sold_out_variant_can_be_seen_but_not_bought(client: FlaskClient) -> None:
    make_store()
    make_product(handle="tuesday-mug", options={"Size": ["Small", "Large"]}, on_hand=0)

    page = client.get("/products/tuesday-mug?size=large")

    assert page.status_code == 200
    assert "Sold out" in page.text
    assert "disabled" in page.text
    assert 'name="quantity"' not in page.text


def test_an_untracked_variant_is_in_stock(client: FlaskClient) -> None:
    make_store()
    product = make_product(handle="gift-card", options={})
    for variant in variants_of(product):
        db.session.delete(variant)
    db.session.flush()
    make_variant(product, on_hand=0, is_tracked=False, option1="Default Title")

    page = client.get("/products/gift-card")

    assert "In stock" in page.text
    assert "Default Title" not in page.text


def test_a_choice_can_be_fetched_without_the_frame(client: FlaskClient) -> None:
    make_mug()

    page = client.get("/products/tuesday-mug?glaze=milk&size=large&fragment=product")

    assert '<p class="price">£35.00</p>' in page.text
    assert "<html" not in page.text


def test_what_was_written_is_sanitized(client: FlaskClient) -> None:
    make_store()
    make_product(
        "<b>Mug</b>",
        handle="tuesday-mug",
        description='<p onclick="x()">Blue<script>alert(1)</script></p>',
    )

    page = client.get("/products/tuesday-mug")

    assert "&lt;b&gt;Mug&lt;/b&gt;" in page.text
    assert "<p>Blue</p>" in page.text
    assert "alert(1)" not in page.text


def test_a_picture_that_is_not_fetched_yet_is_a_tile(client: FlaskClient) -> None:
    make_store()
    make_image(make_product("Tuesday mug", handle="tuesday-mug"), file=None)

    page = client.get("/products/tuesday-mug")

    assert page.status_code == 200
    assert "/media/" not in page.text


@pytest.mark.parametrize("handle", ["draft", "nowhere", "a/b", "%00", "é", "x" * 2000])
def test_what_is_not_published_is_not_there(client: FlaskClient, handle: str) -> None:
    make_product(handle="draft", published=False)

    assert client.get(f"/products/{handle}").status_code in (400, 404)


def test_a_product_page_costs_seventeen_queries(
    client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    """Settings, menu, pages; six of the product; what goes with it, its neighbours and their
    cards; stock, rates. What suppliers are to send is asked where something is sold out.
    """
    make_mug()
    make_product(options={"Size": ["S", "M"]})

    with count_queries() as statements:
        client.get("/products/tuesday-mug")

    assert len(statements) == 17


# The frame


def test_a_page_for_strangers_carries_nothing_personal(client: FlaskClient) -> None:
    make_store()

    page = client.get("/")

    assert "Set-Cookie" not in page.headers
    assert '<span class="tool__count" data-cart-count hidden></span>' in page.text
    assert page.headers["Cache-Control"] == "private, no-cache"


def test_the_basket_shows_how_much_is_in_it(client: FlaskClient) -> None:
    make_store()
    variant = make_variant()
    client.post("/cart/lines", data={"variant_id": variant.id, "quantity": "2"})

    page = client.get("/")

    assert '<span class="tool__count" data-cart-count>2</span>' in page.text


def test_the_menu_lists_its_collections(client: FlaskClient) -> None:
    make_collection("table", [], is_in_menu=True)
    make_collection("seconds", [])

    page = client.get("/products")

    assert 'href="/collections/table"' in page.text
    assert 'href="/collections/seconds"' not in page.text


def test_no_page_has_inline_style_or_script(client: FlaskClient) -> None:
    make_mug(summary="Blue")

    for path in ("/", "/products", "/products/tuesday-mug", "/nowhere", "/dev/components"):
        html = client.get(path).text
        assert " style=" not in html
        assert "<style" not in html
        assert " onclick=" not in html
        assert "<script>" not in html


def test_a_long_name_is_set_smaller_than_a_short_one(client: FlaskClient) -> None:
    make_store()
    make_product("Mug", handle="short")
    make_product("Mug " * 16, handle="long")

    assert "<h1><bdi>Mug</bdi></h1>" in client.get("/products/short").text
    assert '<h1 class="is-long"><bdi>Mug Mug' in client.get("/products/long").text


def test_a_withdrawn_product_is_gone_and_shows_what_took_its_place(client: FlaskClient) -> None:
    make_store()
    gone = make_product("Old mug", handle="old-mug")
    table = make_collection("table", [gone, make_product("New mug", handle="new-mug")])
    gone.status = ProductStatus.DRAFT

    answer = client.get("/products/old-mug")

    page = read(answer.text)
    assert answer.status_code == 410
    assert "We do not make this one any more." in page.text
    assert page.having("a", href="/products/new-mug")
    assert page.having("a", href=f"/collections/{table.handle}")
    assert page.having("meta", name="robots", content="noindex")
    assert client.get("/products/old-mug?fragment=product").status_code == 410


def test_a_draft_nobody_has_seen_is_not_there(client: FlaskClient) -> None:
    make_product("Secret", handle="secret", published=False)

    answer = client.get("/products/secret")

    assert answer.status_code == 404
    assert "Secret" not in answer.text


def test_a_withdrawn_product_that_leads_on_does(client: FlaskClient) -> None:
    make_product(handle="old").status = ProductStatus.DRAFT
    redirects.add("/products/old", "/products/new")

    assert client.get("/products/old").location == "/products/new"


def test_an_address_that_shows_nothing_asks_where_it_may_lead_and_for_the_rack(
    client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    client.get("/no/such/page")  # reads the catalog, as a web process does when it starts

    with count_queries() as statements:
        page = client.get("/no/such/page")

    assert page.status_code == 404
    assert "This shelf is empty" in page.text
    assert len(statements) == 3
