"""Which products are bought together more than chance would have it. [pure]

The score is the cosine of two products' orders: how many have both, over the geometric mean of how
many have each. Bestsellers stand in many orders beside anything and score low for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

#: Fewer orders with both are an accident.
MIN_ORDERS = 3
#: Both stand together so many times as often as they would if people chose blindly.
MIN_LIFT = 1.2
#: Orders of more products are a shop's or a school's and say little of taste.
MAX_PRODUCTS = 20
#: Pairs counted at most, the newest orders' first: a bound on time and memory in any shop.
MAX_PAIRS = 2_000_000
#: Kept for each product.
MAX_COMPANIONS = 8


@dataclass(frozen=True)
class Companion:
    product_id: int
    #: Orders with both.
    orders: int
    score: float


def companions(orders: Iterable[Collection[int]]) -> dict[int, list[Companion]]:
    """The best companions of each product, the closest first.

    `orders`: what each holds, the newest first.
    """
    baskets = list(_within_budget(frozenset(order) for order in orders))
    alone = Counter(product for basket in baskets for product in basket)
    frequent = {product for product, count in alone.items() if count >= MIN_ORDERS}
    together: Counter[tuple[int, int]] = Counter()
    for basket in baskets:
        together.update(combinations(sorted(basket & frequent), 2))
    found: dict[int, list[Companion]] = {}
    for (first, second), both in together.items():
        if both < MIN_ORDERS or lift(both, alone[first], alone[second], len(baskets)) < MIN_LIFT:
            continue
        score = both / sqrt(alone[first] * alone[second])
        found.setdefault(first, []).append(Companion(second, both, score))
        found.setdefault(second, []).append(Companion(first, both, score))
    return _best(found)


def lift(both: int, first: int, second: int, all_orders: int) -> float:
    return both * all_orders / (first * second)


def _within_budget(baskets: Iterable[frozenset[int]]) -> Iterator[frozenset[int]]:
    left = MAX_PAIRS
    for basket in baskets:
        if len(basket) > MAX_PRODUCTS:
            continue
        left -= len(basket) * (len(basket) - 1) // 2
        if left < 0:
            return
        yield basket


def _best(found: Mapping[int, list[Companion]]) -> dict[int, list[Companion]]:
    return {
        product: sorted(each, key=lambda c: (-c.score, -c.orders, c.product_id))[:MAX_COMPANIONS]
        for product, each in found.items()
    }
