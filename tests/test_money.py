from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.money import CurrencyMismatch, Money, UnreadableAmount, plain_amount, read_amount, step

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("34", "EUR", 3400),
        ("34.5", "EUR", 3450),
        ("34,50", "EUR", 3450),
        ("0.05", "EUR", 5),
        ("1200", "JPY", 1200),
        ("1200.00", "JPY", 1200),
        ("1.25", "KWD", 1250),
        ("1.230", "KWD", 1230),
    ],
)
def test_an_amount_is_read_with_either_decimal_mark(text: str, currency: str, amount: int) -> None:
    assert read_amount(text, currency) == Money(amount, currency)


@pytest.mark.parametrize(
    "text",
    ["", "-1", "+5", "1e3", "NaN", "Infinity", "1_000", "1.234,50", "34.505", "٣", "１２",
     "0x10", "1" * 400, "999999999", "12.3.4", "one"],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(UnreadableAmount):
        read_amount(text, "EUR")


@pytest.mark.parametrize(
    ("text", "currency"),
    [("12,000", "JPY"), ("12.000", "JPY"), ("1,000", "EUR"), ("1.000", "EUR"), ("1,000", "KWD")],
)
def test_a_thousand_is_never_read_as_one(text: str, currency: str) -> None:
    with pytest.raises(UnreadableAmount):
        read_amount(text, currency)


def test_an_amount_that_no_card_can_settle_is_refused() -> None:
    # Cards settle dinars to ten fils.
    with pytest.raises(UnreadableAmount):
        read_amount("1.234", "KWD")


def test_two_currencies_do_not_add_up() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "JPY")


@pytest.mark.parametrize(
    ("amount", "currency", "rate", "share"),
    [
        # 19 % of 9.99 is 1.8981; of 0.50 is 0.095, a half, rounded up.
        (999, "EUR", "0.19", 190),
        (50, "EUR", "0.19", 10),
        (-50, "EUR", "0.19", -10),
        # 10 % of 1,005 yen is 100.5.
        (1005, "JPY", "0.10", 101),
        # 5 % of 1.230 dinars is 0.0615, to the nearest ten fils 0.060.
        (1230, "KWD", "0.05", 60),
    ],
)
def test_a_share_is_rounded_half_up_to_what_can_be_paid(
    amount: int, currency: str, rate: str, share: int
) -> None:
    assert Money(amount, currency).share(Fraction(rate)) == Money(share, currency)


@given(
    amount=st.integers(-10_000_000, 10_000_000),
    weights=st.lists(st.integers(0, 10_000), min_size=1, max_size=60).filter(any),
    currency=CURRENCIES,
)
def test_a_split_adds_up_to_the_whole(amount: int, weights: list[int], currency: str) -> None:
    whole = Money(amount, currency)

    parts = whole.split(weights)

    assert sum(part.amount for part in parts) == amount
    assert len(parts) == len(weights)


@given(units=st.integers(0, 1_000_000), currency=CURRENCIES)
def test_what_is_written_is_read_again(units: int, currency: str) -> None:
    money = Money(units * step(currency), currency)

    assert read_amount(plain_amount(money), currency) == money
