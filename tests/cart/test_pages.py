"""The basket's page: what a shopper sees of lines, sums and changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from shop.cart.cart import MAX_LINES
from shop.catalog.models import ProductStatus, Variant
from shop.extensions import db
from shop.inventory.models import StockItem
from shop.pricing.models import TaxRate
from tests.factories import (
    make_image,
    make_product,
    make_rates,
    make_store,
    make_variant,
    variants_of,
)
from tests.pages import Page, read


def put(client: FlaskClient, variant: Variant, quantity: int = 1) -> None:
    answer = client.post("/cart/lines", data={"variant_id": variant.id, "quantity": quantity})
    assert answer.status_code == 303


def basket(client: FlaskClient) -> Page:
    answer = client.get("/cart")
    assert answer.status_code == 200
    return read(answer.text)


def test_an_empty_basket_leads_to_the_shop(client: FlaskClient) -> None:
    make_store()

    page = basket(client)

    assert "Your basket is empty" in page.text
    assert page.title == "Your basket | Fettle"
    assert "See all products" in page.text
    assert page.having("a", href="/checkout") == []


def test_a_line_names_the_product_its_options_and_its_amounts(client: FlaskClient) -> None:
    make_store()
    make_rates()
    product = make_product(handle="tuesday-mug", options={"Glaze": ["Cobalt"]})
    make_image(product, file="mug-cobalt")
    (mug,) = variants_of(product)

    put(client, mug, 2)
    page = basket(client)

    assert "Tuesday mug Cobalt £34.00 each Line total: £68.00" in page.text
    assert page.having("a", href="/products/tuesday-mug") != []
    assert page.having("img", src="/media/mug-cobalt-400.webp") != []
    assert page.value("quantity") == "2"
    assert page.having("button", aria_label="Remove Tuesday mug, Cobalt") != []


def test_what_costs_nothing_is_free_and_sums_are_figures(client: FlaskClient) -> None:
    make_store()
    make_rates(shipping=450, free_from=None)
    sticker = make_product("Sticker", handle="sticker", unit_amount=0)

    put(client, variants_of(sticker)[0], 2)

    page = basket(client)
    assert "Sticker Line total: Free" in page.text
    assert "Subtotal £0.00" in page.text
    assert "Total £4.50" in page.text
    assert "Free" in read(client.get("/products/sticker").text).text


def test_the_sums_tell_delivery_and_the_tax_in_the_prices(client: FlaskClient) -> None:
    make_store()
    make_rates(shipping=450, free_from=6000)

    put(client, make_variant(unit_amount=3400))
    page = basket(client)

    # 34.00 / 6 = 5.67 and 4.50 / 6 = 0.75.
    assert "Subtotal £34.00 Delivery United Kingdom, free from £60 £4.50" in page.text
    assert "Total £38.50 Including VAT £6.42" in page.text
    assert "£26 more for free delivery." in page.text


def test_tax_that_is_not_in_the_prices_is_added(client: FlaskClient) -> None:
    make_store(currency="USD", country="US")
    make_rates("US", shipping=500, free_from=None, tax_ppm=80_000, is_included=False)

    put(client, make_variant(unit_amount=10_000))
    page = basket(client)

    assert "Delivery United States $5.00 VAT $8.40 Total $113.40" in page.text
    assert "free from" not in page.text


def test_delivery_is_free_from_the_shops_amount_on(client: FlaskClient) -> None:
    make_store()
    make_rates(shipping=450, free_from=6000)

    put(client, make_variant(unit_amount=3000), 2)
    page = basket(client)

    assert "free from £60 Free Total £60.00" in page.text
    assert "more for free delivery" not in page.text


def test_a_shop_without_delivery_rates_shows_the_subtotal_alone(client: FlaskClient) -> None:
    make_store()

    put(client, make_variant())
    page = basket(client)

    assert "Subtotal £34.00" in page.text
    assert "Delivery" not in page.text


def test_a_changed_price_is_told_once_with_both_amounts(client: FlaskClient) -> None:
    make_store()
    make_rates()
    mug = make_variant(unit_amount=3400)
    put(client, mug)
    db.session.get_one(Variant, mug.id).unit_amount = 3600

    first, second = basket(client), basket(client)

    assert "The price changed from £34.00 to £36.00 since you last looked." in first.text
    assert "The price changed" not in second.text
    assert "£36.00 each" in second.text


def test_a_basket_takes_what_is_left_and_says_so(client: FlaskClient) -> None:
    make_store(stock_display="few")
    make_rates()
    mug = make_variant(on_hand=5)
    put(client, mug, 4)
    db.session.get_one(StockItem, mug.id).on_hand = 2

    page = basket(client)

    assert "Only 2 are left, so your basket has those." in page.text
    assert page.value("quantity") == "2"
    assert page.having("a", href="/checkout") != []


def test_a_basket_lowers_a_line_without_the_number_where_the_shop_says_none(
    client: FlaskClient,
) -> None:
    make_store()
    make_rates()
    mug = make_variant(on_hand=5)
    put(client, mug, 4)
    db.session.get_one(StockItem, mug.id).on_hand = 2

    page = basket(client)

    assert (
        "There are not as many left as you wanted, so your basket has what there is." in page.text
    )
    assert page.value("quantity") == "2"
    assert page.having("input", max="99") != []


@pytest.mark.parametrize("path", ["/cart/lines", "/cart/lines/{id}"])
def test_wanting_more_than_there_is_gets_no_number_as_an_answer(
    client: FlaskClient, path: str
) -> None:
    make_store()
    make_rates()
    mug = make_variant(on_hand=5)
    put(client, mug, 1)

    answer = client.post(
        path.format(id=mug.id),
        data={"variant_id": mug.id, "quantity": 9},
        headers={"Accept": "application/json"},
    )

    assert answer.status_code == 409
    assert answer.json == {
        "error": {"message": "We do not have that many of Tuesday mug. Please choose fewer."}
    }
    assert basket(client).value("quantity") == "1"


def test_wanting_more_than_a_told_number_puts_in_that_many(client: FlaskClient) -> None:
    make_store(stock_display="few")
    make_rates()
    mug = make_variant(on_hand=2)

    answer = client.post(
        "/cart/lines",
        data={"variant_id": mug.id, "quantity": 9},
        headers={"Accept": "application/json"},
    )

    assert (answer.status_code, answer.json["count"]) == (200, 2)
    assert answer.json["notice"] == "There are only 2 of these, so we put in those."


def test_what_sold_out_must_be_removed_before_checkout(client: FlaskClient) -> None:
    make_store()
    make_rates()
    mug, jug = make_variant(unit_amount=3400), make_variant(unit_amount=7200)
    put(client, mug)
    put(client, jug)
    db.session.get_one(StockItem, mug.id).on_hand = 0

    page = basket(client)

    assert "Sold out. You will not be charged for it." in page.text
    assert "Remove what cannot be bought, then you can check out." in page.text
    assert "Subtotal £72.00" in page.text
    assert page.having("a", href="/checkout") == []
    client.post(f"/cart/lines/{mug.id}/delete")
    assert basket(client).having("a", href="/checkout") != []


@pytest.mark.parametrize("is_deleted", [False, True])
def test_what_is_gone_stays_visible_until_it_is_removed(
    client: FlaskClient, is_deleted: bool
) -> None:
    make_store()
    product = make_product("Tuesday mug")
    mug = make_variant() if is_deleted else variants_of(product)[0]
    put(client, mug)
    if is_deleted:
        db.session.delete(db.session.get_one(StockItem, mug.id))
        db.session.flush()
        db.session.delete(db.session.get_one(Variant, mug.id))
    else:
        product.status = ProductStatus.DRAFT

    page = basket(client)

    name = "A product that is gone" if is_deleted else "Tuesday mug"
    assert f"{name} Remove Not for sale any more. You will not be charged for it." in page.text
    assert page.having("button", aria_label=f"Remove {name}") != []
    assert "0 pieces" in page.text


def test_a_quantity_that_is_no_number_keeps_the_basket_and_says_what_to_type(
    client: FlaskClient,
) -> None:
    make_store()
    mug = make_variant()
    put(client, mug, 2)

    answer = client.post(f"/cart/lines/{mug.id}", data={"quantity": "two"})

    assert answer.status_code == 422
    page = read(answer.text)
    assert "Please give the quantity as a whole number, such as 2." in page.text
    assert page.having("div", role="alert") != []
    assert page.value("quantity") == "2"


def test_something_sold_out_is_refused_on_the_page_of_a_basket_that_has_lines(
    client: FlaskClient,
) -> None:
    make_store()
    make_rates()
    mug, jug = make_variant(on_hand=0), make_variant()
    put(client, jug)
    basket(client)  # says that it is in

    answer = client.post("/cart/lines", data={"variant_id": mug.id})

    assert answer.status_code == 409
    assert "Tuesday mug is sold out." in read(answer.text).text
    assert "1 piece" in basket(client).text


@pytest.mark.parametrize(
    ("on_hand", "quantity", "told"),
    [
        (0, "1", "Tuesday mug is sold out."),
        (7, "9", "We do not have that many of Tuesday mug. Please choose fewer."),
        (7, "0", "Please choose one or more."),
        (7, "two", "Please give the quantity as a whole number, such as 2."),
    ],
)
def test_what_an_empty_basket_refuses_is_told_on_the_page_of_the_variant(
    client: FlaskClient, on_hand: int, quantity: str, told: str
) -> None:
    make_store()
    product = make_product("Tuesday mug", options={"Glaze": ["Milk", "Moss"]})
    moss = variants_of(product)[1]
    db.session.get_one(StockItem, moss.id).on_hand = on_hand

    answer = client.post("/cart/lines", data={"variant_id": moss.id, "quantity": quantity})
    page = client.get(answer.location, follow_redirects=True)

    assert answer.status_code == 303
    assert page.request.full_path == f"/products/{product.handle}?glaze=moss"
    assert told in read(page.text).text
    assert len(read(page.text).having("div", role="alert")) == 1
    assert "Your basket is empty" in basket(client).text


def test_what_an_empty_basket_refuses_is_told_a_script_as_ever(client: FlaskClient) -> None:
    make_store()
    mug = make_variant(on_hand=0)

    answer = client.post(
        "/cart/lines", data={"variant_id": mug.id}, headers={"Accept": "application/json"}
    )

    assert answer.status_code == 409
    assert answer.json == {"error": {"message": "Tuesday mug is sold out."}}


def test_something_unknown_is_refused_on_the_baskets_page(client: FlaskClient) -> None:
    make_store()

    answer = client.post("/cart/lines", data={"variant_id": "123456789"})

    assert answer.status_code == 404
    assert "That product is not for sale any more." in read(answer.text).text


def test_fifty_lines_cost_no_more_queries_than_one(
    client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    make_store()
    make_rates()
    product = make_product(options={"Number": [str(n) for n in range(MAX_LINES)]})
    variants = variants_of(product)
    put(client, variants[0])
    with count_queries() as for_one:
        basket(client)
    for variant in variants[1:]:
        put(client, variant)
    basket(client)  # shows the last "is in your basket"

    with count_queries() as for_fifty:
        page = basket(client)

    assert len(page.having("input", name="quantity")) == MAX_LINES
    assert "50 pieces" in page.text
    assert len(for_fifty) == len(for_one)


def test_a_hostile_title_is_text(client: FlaskClient) -> None:
    make_store()
    product = make_product('<script>alert(1)</script>" onx="', options={"<b>": ["<i>Blue</i>"]})

    put(client, variants_of(product)[0])
    answer = client.get("/cart")

    assert "<script>alert" not in answer.text
    assert "<i>Blue" not in answer.text
    page = read(answer.text)
    assert '<script>alert(1)</script>" onx=" <i>Blue</i> £34.00 each' in page.text
    assert all("onx" not in attributes for _, attributes in page.elements)


# Where it goes, and when it arrives


@time_machine.travel(datetime(2026, 11, 23, 11, 46, tzinfo=UTC), tick=False)
def test_the_basket_says_when_it_arrives(client: FlaskClient) -> None:
    make_store()
    make_rates()
    put(client, make_variant())

    page = basket(client)

    assert "Arrives Wed 25 to Thu 26 Nov if you order by 14:00 today" in page.text


def test_delivery_elsewhere_is_worked_out_before_the_checkout(client: FlaskClient) -> None:
    make_store()
    make_rates()
    make_rates("FR", shipping=1250, free_from=None)
    put(client, make_variant(unit_amount=3400))

    page = read(client.get("/cart?country=fr").text)

    assert "Delivery France £12.50" in page.text
    assert page.having("option", value="FR", selected="") != []


@pytest.mark.parametrize("country", ["XX", "US", "", "f" * 300])
def test_a_country_the_shop_does_not_send_to_changes_nothing(
    client: FlaskClient, country: str
) -> None:
    make_store()
    make_rates()
    make_rates("FR", shipping=1250, free_from=None)
    put(client, make_variant(unit_amount=3400))

    page = read(client.get("/cart", query_string={"country": country}).text)

    assert "Delivery United Kingdom, free from £60 £4.50" in page.text


def test_what_is_taken_out_can_be_put_back_without_a_script(client: FlaskClient) -> None:
    make_store()
    make_rates()
    mug = make_variant()
    put(client, mug, 3)

    client.post(f"/cart/lines/{mug.id}/delete")
    page = basket(client)

    assert "Taken out of your basket. Undo" in page.text
    assert (page.value("variant_id"), page.value("quantity")) == (str(mug.id), "3")


def test_the_drawer_offers_to_put_back_what_was_taken_out(client: FlaskClient) -> None:
    make_store()
    mug = make_variant()
    put(client, mug, 3)

    answer = client.post(
        f"/cart/lines/{mug.id}/delete", headers={"Accept": "application/json"}
    ).json

    assert answer["notice"] == "Taken out of your basket."
    assert 'action="/cart/lines"' in answer["lines_html"]
    assert "Undo" in answer["lines_html"]


@pytest.mark.parametrize(
    ("amount", "words"),
    [(3400, "£26 more for free delivery."), (6000, "Delivery is free for this basket.")],
)
def test_the_drawer_says_how_far_it_is_to_free_delivery(
    client: FlaskClient, amount: int, words: str
) -> None:
    make_store()
    make_rates(free_from=6000)
    mug = make_variant(unit_amount=amount)

    answer = client.post(
        "/cart/lines", data={"variant_id": mug.id}, headers={"Accept": "application/json"}
    ).json

    assert words in answer["lines_html"]


def test_a_country_asked_for_stays_while_the_basket_changes(client: FlaskClient) -> None:
    make_store()
    make_rates()
    make_rates("FR", shipping=1250, free_from=None)
    mug = make_variant()
    put(client, mug)

    page = read(client.get("/cart?country=FR").text)
    answer = client.post(f"/cart/lines/{mug.id}?country=FR", data={"quantity": 2})

    assert page.having("form", action=f"/cart/lines/{mug.id}?country=FR") != []
    assert answer.location == "/cart?country=FR"


def test_each_line_is_taxed_as_its_product_says(client: FlaskClient) -> None:
    make_store()
    _rate, standard = make_rates(shipping=0)
    db.session.add(
        TaxRate(zone_id=standard.zone_id, category="reduced", name="VAT", rate_ppm=50_000)
    )
    put(client, make_variant(make_product(options={"Size": []}), unit_amount=1200))
    put(client, make_variant(make_product(options={"Size": []}, tax_category="reduced"),
                             unit_amount=2100))  # fmt: skip
    free = make_variant(make_product(options={"Size": []}), unit_amount=1000, is_taxable=False)
    put(client, free)

    page = basket(client)

    assert "Including VAT 20% £2.00 Including VAT 5% £1.00" in page.text


def test_adding_asks_the_shop_and_the_variant_once(
    client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    """The shop's settings, for the language; where the page cache is on, not even them."""
    make_store()
    variant = make_variant()

    with count_queries() as statements:
        client.post("/cart/lines", data={"variant_id": variant.id, "quantity": "1"})

    assert len(statements) == 2
