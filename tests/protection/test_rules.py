from __future__ import annotations

from dataclasses import replace

import pytest

from shop.protection.rules import STRICT, USUAL, may_hold, stricter


@pytest.mark.parametrize(
    ("wanted", "held", "on_hand", "may"),
    [
        (1, 49, 100, True),
        (1, 50, 100, False),
        (60, 0, 100, False),
        # Half of a small stock is next to nothing.
        (1, 9, 10, True),
        (1, 10, 10, False),
        (10, 0, 4, True),
    ],
)
def test_unpaid_orders_of_a_network_hold_half_of_a_stock_or_ten_units(
    wanted: int, held: int, on_hand: int, may: bool
) -> None:
    assert may_hold(wanted, held, on_hand, USUAL) is may


def test_a_shop_may_let_a_network_hold_everything() -> None:
    assert may_hold(1000, 1000, 1000, replace(USUAL, stock_percent=100))


def test_strict_rules_never_allow_more_than_the_usual_ones() -> None:
    rules = stricter(replace(USUAL, orders_of_network=2, declines_of_shopper=1))

    assert (rules.orders_of_network, rules.declines_of_shopper) == (2, 1)
    assert rules.unpaid_of_network == STRICT.unpaid_of_network
    assert rules.is_strict
    assert not USUAL.is_strict
