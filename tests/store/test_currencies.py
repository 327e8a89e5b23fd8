"""What a price is in another currency: by rate and rounding, or typed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.money import Money, exponent, step
from shop.store.currencies import Currency, Ending, price_in
from shop.store.queries import Store

CODES = st.sampled_from(["JPY", "KWD", "CHF", "EUR", "USD", "INR"])
RATES = st.decimals("0.0001", "30000", places=4).map(str)


@st.composite
def currencies(draw: st.DrawFn) -> Currency:
    code = draw(CODES)
    fitting = [ending for ending in Ending if ending.rounding.fits(code)]
    return Currency(
        code,
        draw(st.sampled_from(["GBP", "JPY", "KWD"])),
        draw(RATES),
        margin_ppm=draw(st.integers(0, 200_000)),
        ending=draw(st.sampled_from(fitting)),
    )


@pytest.mark.parametrize(
    ("code", "rate", "ending", "amount", "expected"),
    [
        # 34.00 x 1.1734 = 39.8956
        ("EUR", "1.1734", Ending.EXACT, 3400, 3990),
        ("EUR", "1.1734", Ending.UP_TO_95, 3400, 3995),
        ("EUR", "1.1734", Ending.UP_TO_99, 3400, 3999),
        ("EUR", "1.1734", Ending.UP_TO_90, 3400, 3990),
        ("EUR", "1.1734", Ending.WHOLE, 3400, 4000),
        ("EUR", "1.1734", Ending.NEAREST_5, 3400, 4000),
        # 39.96 is above 39.95, so it is the next.
        ("EUR", "1.1753", Ending.UP_TO_95, 3400, 4095),
        # What ends so already stays.
        ("EUR", "1", Ending.UP_TO_95, 3995, 3995),
        # 34.00 x 1.0725 = 36.465, to five centimes.
        ("CHF", "1.0725", Ending.NEAREST_0_05, 3400, 3645),
        # 34.00 x 198.4 = 6745.6
        ("JPY", "198.4", Ending.EXACT, 3400, 6746),
        ("JPY", "198.4", Ending.NEAREST_100, 3400, 6700),
        # 34.00 x 0.4123 = 14.0182; cards settle dinars to ten fils.
        ("KWD", "0.4123", Ending.EXACT, 3400, 14_020),
        ("KWD", "0.4123", Ending.UP_TO_95, 3400, 14_950),
        # Half a cent goes up.
        ("USD", "1.5", Ending.EXACT, 1, 2),
        # Free stays free, and what costs something never becomes free.
        ("EUR", "1.1734", Ending.UP_TO_95, 0, 0),
        ("JPY", "198.4", Ending.NEAREST_1000, 20, 1000),
        ("EUR", "0.001", Ending.EXACT, 1, 1),
    ],
)
def test_an_amount_is_converted_and_rounded_as_the_merchant_wants_it(
    code: str, rate: str, ending: Ending, amount: int, expected: int
) -> None:
    assert Currency(code, "GBP", rate, ending=ending).of(amount) == Money(expected, code)


def test_the_margin_is_added_to_the_rate() -> None:
    # 100.00 x 1.20 x 1.025 = 123.00
    assert Currency("EUR", "GBP", "1.2", margin_ppm=25_000).of(10_000) == Money(12_300, "EUR")


def test_the_shops_own_currency_converts_nothing() -> None:
    assert Currency("GBP").of(3401) == Money(3401, "GBP")


def test_a_typed_price_stands_as_it_was_typed() -> None:
    euro = Currency("EUR", "GBP", "1.2", ending=Ending.UP_TO_95)

    assert price_in(euro, 3400, 4000).unit == Money(4095, "EUR")
    assert price_in(euro, 3400, 4000).was == Money(4895, "EUR")
    typed = price_in(euro, 3400, 4000, 3600)
    assert (typed.unit, typed.was) == (Money(3600, "EUR"), None)
    assert price_in(euro, 3400, None, 3600, 4200).was == Money(4200, "EUR")


def test_a_reduction_that_rounding_swallows_is_none() -> None:
    yen = Currency("JPY", "GBP", "200", ending=Ending.NEAREST_1000)

    assert price_in(yen, 3400, 3420).was is None


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ("EUR", set()),
        ("KWD", set()),
        ("JPY", {"up_to_99", "up_to_95", "up_to_90", "nearest_0_05"}),
    ],
)
def test_some_currencies_have_no_such_amounts(code: str, refused: set[str]) -> None:
    assert {one for one in Ending if not one.rounding.fits(code)} == refused


@given(currency=currencies(), amounts=st.tuples(st.integers(0, 10**8), st.integers(0, 10**8)))
def test_prices_keep_their_order_and_can_be_paid(
    currency: Currency, amounts: tuple[int, int]
) -> None:
    low, high = sorted(amounts)

    converted = [currency.of(low).amount, currency.of(high).amount]

    assert converted == sorted(converted)
    assert [amount > 0 for amount in converted] == [low > 0, high > 0]
    assert all(amount % step(currency.code) == 0 for amount in converted)


@given(currency=currencies(), amount=st.integers(1, 10**8))
def test_rounding_moves_by_less_than_one_step_of_the_rule(currency: Currency, amount: int) -> None:
    rule, units = currency.ending.rounding, 10 ** exponent(currency.code)
    unit = int(rule.multiple * units) or step(currency.code)
    exact = amount * currency.whole_rate * units / 10 ** exponent(currency.base)

    moved = currency.of(amount).amount - exact

    if rule.less:
        assert 0 <= moved < unit
    elif currency.of(amount).amount > unit:
        assert abs(moved) * 2 <= unit


def test_a_visitor_sees_a_currency_that_is_offered_or_the_shops_own() -> None:
    euro = Currency("EUR", "GBP", "1.2")
    store = Store(currencies=(euro, Currency("USD", "GBP", "1.3", is_active=False)))

    assert list(store.offered) == ["GBP", "EUR"]
    assert store.in_currency("EUR").selling == euro
    for code in ("GBP", "USD", "XXX", ""):
        assert store.in_currency(code).selling == Currency("GBP")
    assert replace(store, rounding_units=5).base.total_units == 5
