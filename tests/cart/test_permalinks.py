"""Addresses that name what to put into the basket."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from shop.cart.permalinks.wanted import Wanted, read_permalink
from shop.catalog.models import Variant
from shop.extensions import db
from tests.factories import make_discount, make_rates, make_store, make_variant
from tests.pages import read


@pytest.fixture
def mug(client: FlaskClient) -> Variant:
    make_store()
    make_rates()
    return named("FT-MUG", unit_amount=3400)


def named(sku: str, **values: int) -> Variant:
    variant = make_variant(**values)
    variant.sku = sku
    db.session.commit()
    return variant


def cart_of(client: FlaskClient) -> str:
    with client.session_transaction() as kept:
        return str(kept.get("cart", ""))


def packed(*lines: tuple[Variant, int]) -> str:
    return "-".join(f"{variant.id:x}.{quantity:x}" for variant, quantity in lines)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("FT-MUG:2,FT-BOWL:1", [("FT-MUG", 2), ("FT-BOWL", 1)]),
        ("FT-MUG", [("FT-MUG", 1)]),
        ("FT-MUG,FT-MUG:2", [("FT-MUG", 3)]),
        ("A:B:2", [("A:B", 2)]),
        ("A:B", [("A:B", 1)]),
        ("FT-MUG:0", []),
        ("FT-MUG:1000", [("FT-MUG", 99)]),
        (" , ,", []),
        (":2", []),
    ],
)
def test_an_address_is_read_leniently(text: str, wanted: list[tuple[str, int]]) -> None:
    assert read_permalink(text) == [Wanted(*pair) for pair in wanted]


def test_looking_changes_nothing(client: FlaskClient, mug: Variant) -> None:
    answer = client.get("/cart/FT-MUG:2?code=SPRING", headers={"Sec-Purpose": "prefetch"})

    page = read(answer.text)
    assert (answer.status_code, cart_of(client)) == (200, "")
    assert "Nothing of this is in your basket yet." in page.text
    assert "£34.00 each" in page.text
    assert "2 pieces" in page.text
    assert "With the code SPRING." in page.text
    assert "Set-Cookie" not in answer.headers
    assert len(page.having("meta", name="robots", content="noindex")) == 1


def test_what_the_shop_does_not_have_has_no_picture(client: FlaskClient, mug: Variant) -> None:
    page = read(client.get("/cart/FT-MUG,FT-NEVER").text)

    assert "Nothing for sale here is called FT-NEVER." in page.text
    assert len(page.having("span", class_="cart-line__picture")) == 1


def test_one_press_puts_it_in(client: FlaskClient, mug: Variant) -> None:
    bowl = named("ft-bowl", unit_amount=2000)
    make_discount()
    db.session.commit()

    answer = client.post("/cart/FT-MUG:2,FT-BOWL", data={"code": "MUG10"})

    assert (answer.status_code, answer.location) == (303, "/cart")
    assert cart_of(client) == packed((mug, 2), (bowl, 1))
    assert "MUG10" in read(client.get("/cart").text).text


def test_it_is_added_to_the_basket_or_takes_its_place(client: FlaskClient, mug: Variant) -> None:
    bowl = named("FT-BOWL")
    client.post("/cart/lines", data={"variant_id": bowl.id})
    page = read(client.get("/cart/FT-MUG").text)
    assert "Empty my basket first" in page.text

    client.post("/cart/FT-MUG")
    assert cart_of(client) == packed((bowl, 1), (mug, 1))
    client.post("/cart/FT-MUG:3", data={"replace": "1"})

    assert cart_of(client) == packed((mug, 3))


def test_a_variants_id_is_as_good_as_its_sku(client: FlaskClient, mug: Variant) -> None:
    client.post(f"/cart/{mug.id}:2")

    assert cart_of(client) == packed((mug, 2))


def test_a_sku_of_digits_is_not_taken_for_an_id(client: FlaskClient, mug: Variant) -> None:
    other = named(str(mug.id))

    client.post(f"/cart/{mug.id}")

    assert cart_of(client) == packed((other, 1))


def test_what_cannot_be_had_is_told_and_the_rest_goes_in(client: FlaskClient, mug: Variant) -> None:
    named("FT-GONE", on_hand=0)
    address = "/cart/FT-GONE,FT-NEVER:3,FT-MUG"

    page = read(client.get(address).text)
    assert "is sold out." in page.text
    assert "Nothing for sale here is called FT-NEVER." in page.text
    told = read(client.post(address, follow_redirects=True).text)

    assert cart_of(client) == packed((mug, 1))
    assert "is sold out." in told.text
    assert "Nothing for sale here is called FT-NEVER." in told.text


def test_more_than_there_is_is_refused_without_telling_how_many(
    client: FlaskClient, mug: Variant
) -> None:
    named("FT-FEW", on_hand=3)

    page = read(client.get("/cart/FT-FEW:9,FT-MUG").text)
    client.post("/cart/FT-FEW:9,FT-MUG")

    assert "We do not have that many" in page.text
    assert cart_of(client) == packed((mug, 1))


@pytest.mark.parametrize("address", ["/cart/nothing", "/cart/999999999", "/cart/%3Cscript%3E:x"])
def test_an_address_of_nothing_says_so(client: FlaskClient, mug: Variant, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 404
    assert "Nothing of this can be bought" in read(answer.text).text
    assert client.post(address).status_code == 303
    assert cart_of(client) == ""


def test_an_unknown_code_is_told(client: FlaskClient, mug: Variant) -> None:
    told = read(client.post("/cart/FT-MUG", data={"code": "NO"}, follow_redirects=True).text)

    assert cart_of(client) == packed((mug, 1))
    assert "NO" in told.text
