"""What discounts take off, and why one takes nothing."""

from __future__ import annotations

import pytest

from shop.money import Money
from shop.pricing.discounts import (
    Applied,
    Discount,
    DiscountItem,
    Goods,
    Kind,
    Refusal,
    Tier,
    apply,
)

DELIVERY = Money(450, "GBP")
MUGS = Goods(product_ids=frozenset({1}))


def item(amount: int, quantity: int = 1, product_id: int = 1, **values: object) -> DiscountItem:
    return DiscountItem(Money(amount, "GBP"), quantity, product_id, **values)


def discount(kind: Kind = Kind.PERCENTAGE, value: int = 100_000, **values: object) -> Discount:
    return Discount(values.pop("id", 1), "Ten off", kind, value=value, **values)


def applied(items: list[DiscountItem], *discounts: Discount) -> Applied:
    return apply(items, discounts, shipping=DELIVERY)


def off(result: Applied, lines: int) -> list[int]:
    return [result.of_line(index, "GBP").amount for index in range(lines)]


def test_a_percentage_is_taken_of_each_line_it_fits() -> None:
    # 10 % of 3 x 3.33 = 0.999 -> 1.00
    result = applied([item(333, 3), item(5000, product_id=2)], discount(goods=MUGS))

    assert off(result, 2) == [100, 0]


def test_an_amount_is_spread_in_proportion_and_adds_up() -> None:
    result = applied([item(1000), item(1000), item(1000)], discount(Kind.AMOUNT, 1000))

    assert off(result, 3) == [334, 333, 333]


def test_an_amount_never_exceeds_what_it_is_taken_off() -> None:
    result = applied([item(300), item(9000, product_id=2)], discount(Kind.AMOUNT, 1000, goods=MUGS))

    assert off(result, 2) == [300, 0]


def test_free_delivery_takes_the_delivery_off() -> None:
    result = applied([item(1000)], discount(Kind.FREE_SHIPPING, 0))

    assert (off(result, 1), result.of_shipping("GBP").amount) == ([0], 450)


def test_the_cheapest_of_three_is_given() -> None:
    items = [item(1000), item(3000), item(2000)]

    result = applied(items, discount(Kind.BUY_X_GET_Y, 1_000_000, buy_quantity=2, get_quantity=1))

    assert off(result, 3) == [1000, 0, 0]


def test_a_unit_is_bought_or_given_but_not_both() -> None:
    two_for_one = discount(Kind.BUY_X_GET_Y, 1_000_000, buy_quantity=1, get_quantity=1)

    assert [off(applied([item(1000, n)], two_for_one), 1)[0] for n in (1, 2, 3, 4)] == [
        0, 1000, 1000, 2000,
    ]  # fmt: skip


def test_it_is_given_only_so_often() -> None:
    once = discount(Kind.BUY_X_GET_Y, 500_000, buy_quantity=1, get_quantity=1, most_times=1)

    assert off(applied([item(1000, 10)], once), 1) == [500]


def test_the_highest_tier_that_is_reached_counts() -> None:
    tiers = (Tier(5000, 50_000), Tier(10_000, 100_000))

    assert [
        off(applied([item(amount)], discount(tiers=tiers)), 1) for amount in (4999, 5000, 10_000)
    ] == [[0], [250], [1000]]


def test_discounts_that_combine_are_taken_one_after_the_other() -> None:
    # 10 % of 100.00, then 10.00 of the 90.00 that are left.
    result = applied([item(10_000)], discount(id=1), discount(Kind.AMOUNT, 1000, id=2))

    assert off(result, 1) == [2000]
    assert [share.total.amount for share in result.shares] == [1000, 1000]


def test_one_that_stands_alone_is_taken_where_it_takes_more() -> None:
    alone = discount(Kind.AMOUNT, 3000, id=2, combines=False)

    result = applied([item(10_000)], discount(id=1), alone)

    assert [share.discount.id for share in result.shares] == [2]
    assert [(one.id, why) for one, why in result.refused] == [(1, Refusal.BETTER_WITHOUT)]


def test_of_two_equal_ways_the_typed_code_counts() -> None:
    typed = discount(id=2, code="TEN", combines=False)

    result = applied([item(10_000)], discount(id=1), typed)

    assert [share.discount.id for share in result.shares] == [2]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"minimum_amount": 5000}, Refusal.BELOW_MINIMUM),
        ({"minimum_quantity": 2}, Refusal.TOO_FEW),
        ({"goods": Goods(product_ids=frozenset({9}))}, Refusal.NOTHING_FITS),
        ({"tiers": (Tier(5000, 100_000),)}, Refusal.BELOW_MINIMUM),
    ],
)
def test_what_it_lacks_is_told(values: dict[str, object], why: Refusal) -> None:
    result = applied([item(1000)], discount(**values))

    assert (result.shares, [reason for _, reason in result.refused]) == ((), [why])


def test_gift_cards_are_never_discounted() -> None:
    result = applied([item(5000, is_discountable=False), item(1000)], discount())

    assert off(result, 2) == [0, 100]
