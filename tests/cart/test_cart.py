from __future__ import annotations

import pytest
from flask.sessions import SecureCookieSessionInterface
from hypothesis import given
from hypothesis import strategies as st

from shop.cart.cart import (
    MAX_LINES,
    MAX_QUANTITY,
    Cart,
    CartFull,
    UnreadableQuantity,
    pack,
    read_quantity,
    unpack,
)


def test_adding_the_same_variant_adds_to_its_line() -> None:
    cart = Cart()

    cart.add(7, 2)
    cart.add(7, 3)

    assert cart.quantities == {7: 5}


def test_a_line_holds_no_more_than_its_cap() -> None:
    cart = Cart()

    assert cart.add(7, MAX_QUANTITY + 20) == MAX_QUANTITY


def test_a_full_cart_takes_more_of_what_it_has_but_nothing_new() -> None:
    cart = Cart(dict.fromkeys(range(1, MAX_LINES + 1), 1))

    cart.add(1, 1)
    with pytest.raises(CartFull):
        cart.add(999, 1)

    assert cart.quantities[1] == 2
    assert len(cart.quantities) == MAX_LINES


def test_none_of_something_takes_its_line_away() -> None:
    cart = Cart({7: 2})

    cart.set(7, 0)

    assert cart.is_empty


@given(
    quantities=st.dictionaries(
        st.integers(1, 2**31 - 1), st.integers(1, MAX_QUANTITY), max_size=MAX_LINES
    )
)
def test_what_is_packed_is_unpacked(quantities: dict[int, int]) -> None:
    assert unpack(pack(Cart(quantities))).quantities == quantities


@given(garbage=st.one_of(st.text(), st.integers(), st.none(), st.lists(st.text())))
def test_an_unreadable_cookie_is_an_empty_cart_or_what_is_readable_of_it(garbage: object) -> None:
    cart = unpack(garbage)

    assert all(0 < quantity <= MAX_QUANTITY for quantity in cart.quantities.values())


@pytest.mark.parametrize(
    "text", ["-1", "0.5", "1e2", "NaN", "Infinity", "１２", "1_000", " 1 ", "", "9" * 400, "²"]
)
def test_a_quantity_is_ascii_digits_only(text: str) -> None:
    with pytest.raises(UnreadableQuantity):
        read_quantity(text)


def test_fifty_large_lines_fit_the_cookie(shared_app: object) -> None:
    from flask import Flask

    assert isinstance(shared_app, Flask)
    cart = Cart({2**31 - 1 - n: MAX_QUANTITY for n in range(MAX_LINES)})
    seen = "-".join(f"{2**31 - 1 - n:x}.{99_999_999 - n:x}" for n in range(MAX_LINES))
    serializer = SecureCookieSessionInterface().get_signing_serializer(shared_app)
    assert serializer is not None

    cookie = serializer.dumps({"cart": pack(cart), "seen": seen, "checkout": "x" * 32})

    # Browsers keep 4,096 bytes of name, value and attributes.
    assert len(cookie) < 3000
