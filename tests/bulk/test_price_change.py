from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.bulk.price_change import PriceRule, PriceTooHigh, PriceTooLow
from shop.money import MAX_AMOUNT, Money
from shop.store.currencies import Ending


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        (PriceRule(ppm=-100_000), 3400, 3060),
        (PriceRule(ppm=100_000), 3400, 3740),
        (PriceRule(ppm=75_000), 999, 1074),  # 1073.925
        (PriceRule(ppm=50_000), 10, 11),  # 10.5: half is rounded away from zero
        (PriceRule(ppm=-150_000, ending=Ending.UP_TO_95), 3400, 2895),
        (PriceRule(ppm=-150_000, ending=Ending.WHOLE), 3450, 2900),  # 29.325
        (PriceRule(amount=-250), 3400, 3150),
        (PriceRule(amount=250, ending=Ending.UP_TO_99), 3400, 3699),
        (PriceRule(ppm=-999_999), 3400, 1),  # never nothing
        (PriceRule(ppm=100_000), 0, 0),
    ],
)
def test_a_price_changes_by_one_rule(rule: PriceRule, before: int, after: int) -> None:
    assert rule.applied(Money(before, "GBP")) == Money(after, "GBP")


def test_yen_have_no_smaller_coin() -> None:
    assert PriceRule(ppm=75_000).applied(Money(999, "JPY")) == Money(1074, "JPY")


def test_what_is_no_price_is_refused() -> None:
    with pytest.raises(PriceTooLow):
        PriceRule(amount=-3400).applied(Money(3400, "GBP"))
    with pytest.raises(PriceTooLow):
        PriceRule(ppm=-1_000_000).applied(Money(3400, "GBP"))
    with pytest.raises(PriceTooHigh):
        PriceRule(ppm=1_000_000).applied(Money(MAX_AMOUNT, "GBP"))


@given(
    amounts=st.tuples(st.integers(1, 10_000_000), st.integers(1, 10_000_000)),
    ppm=st.integers(-999_000, 5_000_000),
    ending=st.sampled_from([Ending.EXACT, Ending.UP_TO_95, Ending.WHOLE]),
)
def test_what_cost_more_never_costs_less(
    amounts: tuple[int, int], ppm: int, ending: Ending
) -> None:
    rule = PriceRule(ppm=ppm, ending=ending)

    low, high = (rule.applied(Money(amount, "GBP")) for amount in sorted(amounts))

    assert low <= high
    assert low.amount > 0
