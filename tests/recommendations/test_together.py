"""Which products count as bought together."""

from __future__ import annotations

import pytest

from shop.recommendations.together import (
    MAX_COMPANIONS,
    MAX_PRODUCTS,
    MIN_ORDERS,
    companions,
    lift,
)

MUG, SAUCER, BESTSELLER, VASE = 1, 2, 3, 4


def ids(found: dict[int, list[object]], product: int) -> list[int]:
    return [companion.product_id for companion in found.get(product, [])]


def test_a_pair_is_told_from_both_sides() -> None:
    found = companions([{MUG, SAUCER}] * 3 + [{VASE}] * 7)

    (saucer,) = found[MUG]
    assert (saucer.product_id, saucer.orders, saucer.score) == (SAUCER, 3, 1.0)
    assert [each.product_id for each in found[SAUCER]] == [MUG]
    assert VASE not in found


def test_an_accident_is_no_pair() -> None:
    assert companions([{MUG, SAUCER}] * (MIN_ORDERS - 1) + [{VASE}] * 10) == {}


def test_a_bestseller_that_stands_beside_everything_is_nobodys_companion() -> None:
    """It is in half of all orders, and in half of the mug's too."""
    orders = [{MUG, BESTSELLER}] * 10 + [{MUG}] * 10 + [{BESTSELLER}] * 90 + [{VASE}] * 90

    assert companions(orders) == {}
    assert lift(10, 20, 100, 200) == 1.0


def test_the_closer_pair_stands_before_the_more_frequent_one() -> None:
    """Both stand beside the mug more often than chance; the bestseller in more orders."""
    orders = [{MUG, SAUCER}] * 5 + [{MUG, BESTSELLER}] * 8 + [{BESTSELLER}] * 60 + [{VASE}] * 200

    found = companions(orders)

    assert [(each.product_id, each.orders) for each in found[MUG]] == [
        (SAUCER, 5),
        (BESTSELLER, 8),
    ]


def test_the_same_product_twice_in_an_order_counts_once() -> None:
    found = companions([[MUG, SAUCER, MUG]] * 3 + [[VASE]] * 9)

    assert found[MUG][0].orders == 3


def test_orders_of_very_many_products_say_nothing() -> None:
    huge = set(range(100, 100 + MAX_PRODUCTS + 1))

    assert companions([huge] * 5 + [{VASE}] * 50) == {}


def test_only_the_best_are_kept() -> None:
    orders = [{MUG, other} for other in range(10, 10 + MAX_COMPANIONS + 3)] * 3

    found = companions([*orders, *[{VASE}] * 1000])

    assert len(found[MUG]) == MAX_COMPANIONS
    assert [each.product_id for each in found[MUG]] == list(range(10, 10 + MAX_COMPANIONS))


def test_counting_ends_where_its_budget_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest orders come first, so the old ones are left out."""
    monkeypatch.setattr("shop.recommendations.together.MAX_PAIRS", 5)

    found = companions([{MUG, SAUCER}] * 3 + [{VASE}] * 7 + [{VASE, BESTSELLER}] * 9)

    assert set(found) == {MUG, SAUCER}


def test_no_orders_have_no_pairs() -> None:
    assert companions([]) == {}
