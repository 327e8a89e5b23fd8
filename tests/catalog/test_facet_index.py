from __future__ import annotations

import random
from typing import Any

import pytest

from shop.catalog.bitmaps import bitmap_of, ordinals_of
from shop.catalog.facet_index import FacetIndex
from shop.catalog.facets import TYPE, Attribute, Chosen, Facts, Sort


def attribute(facet: str, label: str, **values: Any) -> Attribute:
    return Attribute(facet, label.lower(), facet.title(), label, **values)


def facts(id_: int, *attributes: Attribute, **values: Any) -> Facts:
    price = values.pop("price", 1000)
    given = {
        "title": f"Pot {id_}",
        "published_at": id_,
        "lowest": price,
        "highest": price,
        "is_available": True,
    }
    return Facts(product_id=id_, attributes=attributes, **(given | values))


def index_of(*products: Facts) -> FacetIndex:
    index = FacetIndex()
    index.put(products)
    return index


def ids(index: FacetIndex, chosen: Chosen | None = None, sort: Sort = Sort.NEWEST) -> list[int]:
    return index.page(index.all_products(), chosen or Chosen(), sort, offset=0, limit=10_000)


def counted(index: FacetIndex, chosen: Chosen) -> dict[str, dict[str, int]]:
    counts = index.counts(index.all_products(), chosen)
    return {
        facet.name: {value.handle: value.count for value in facet.values} for facet in counts.facets
    }


COBALT, MILK = attribute("glaze", "Cobalt"), attribute("glaze", "Milk", place=1)
MUG, JUG = attribute(TYPE, "Mug"), attribute(TYPE, "Jug")


def test_bitmaps_hold_what_was_put_into_them() -> None:
    assert ordinals_of(bitmap_of([0, 7, 8, 1000])) == [0, 7, 8, 1000]
    assert bitmap_of([]) == 0
    assert ordinals_of(0) == []


def test_a_value_is_had_while_a_product_comes_in_it() -> None:
    index = index_of(facts(1, attribute("glaze", "Cobalt")), facts(2, attribute("glaze", "Milk")))

    index.remove([1])

    assert [index.has("glaze", value) for value in ("cobalt", "milk", "iron")] == [
        False, True, False,
    ]  # fmt: skip
    assert not index.has("clay", "milk")


def test_values_of_one_facet_add_up_and_facets_narrow() -> None:
    index = index_of(facts(1, COBALT, MUG), facts(2, MILK, MUG), facts(3, COBALT, JUG))

    assert ids(index, Chosen({"glaze": ("cobalt",)})) == [3, 1]
    assert ids(index, Chosen({"glaze": ("cobalt", "milk")})) == [3, 2, 1]
    assert ids(index, Chosen({"glaze": ("cobalt", "milk"), TYPE: ("mug",)})) == [2, 1]


def test_a_facet_counts_as_if_it_were_not_filtered() -> None:
    index = index_of(facts(1, COBALT, MUG), facts(2, MILK, MUG), facts(3, COBALT, JUG))

    assert counted(index, Chosen({"glaze": ("milk",)})) == {
        "glaze": {"cobalt": 2, "milk": 1},
        TYPE: {"mug": 1, "jug": 0},
    }


def test_a_facet_that_parts_nothing_is_not_shown() -> None:
    index = index_of(facts(1, COBALT, MUG), facts(2, MILK, MUG))

    assert list(counted(index, Chosen())) == ["glaze"]


def test_who_wants_a_value_in_stock_wants_that_value_in_stock() -> None:
    gone = attribute("glaze", "Cobalt", is_available=False)
    index = index_of(facts(1, gone, MILK), facts(2, COBALT), facts(3, gone, is_available=False))

    chosen = Chosen({"glaze": ("cobalt",)}, is_available=True)

    assert ids(index, chosen) == [2]
    assert counted(index, chosen)["glaze"] == {"cobalt": 1, "milk": 1}
    assert index.counts(index.all_products(), Chosen()).available == 2


@pytest.mark.parametrize(
    ("lowest", "highest", "expected"),
    [
        (None, 900, [1]),
        (1000, None, [4, 3, 2]),
        (900, 1000, [2, 1]),
        (1001, 1999, [4]),  # its prices lie on both sides
        (3001, None, []),
        (None, None, [4, 3, 2, 1]),
    ],
)
def test_a_price_range_takes_products_with_a_price_in_it(
    lowest: int | None, highest: int | None, expected: list[int]
) -> None:
    index = index_of(
        facts(1, price=900),
        facts(2, price=1000),
        facts(3, price=2000),
        facts(4, lowest=500, highest=3000) if lowest != 900 and highest != 900 else facts(9),
    )
    index.remove([9])

    assert ids(index, Chosen(lowest=lowest, highest=highest)) == expected


def test_orders() -> None:
    index = index_of(
        facts(1, price=300, title="bowl", score=4_000_000),
        facts(2, price=100, title="Vase"),
        facts(3, price=200, title="Ärmel", score=4_500_000),
    )

    assert ids(index, sort=Sort.NEWEST) == [3, 2, 1]
    assert ids(index, sort=Sort.PRICE_LOW) == [2, 3, 1]
    assert ids(index, sort=Sort.PRICE_HIGH) == [1, 3, 2]
    assert ids(index, sort=Sort.TITLE) == [1, 2, 3]
    assert ids(index, sort=Sort.RATING) == [3, 1, 2]
    assert index.is_rated


def test_a_list_with_an_order_of_its_own_keeps_it() -> None:
    index = index_of(*(facts(id_, COBALT if id_ % 2 else MILK) for id_ in range(1, 7)))
    base = index.these([5, 99, 2, 3, 1])

    page = index.page(base, Chosen({"glaze": ("cobalt",)}), Sort.RELEVANCE, offset=1, limit=5)

    assert page == [3, 1]
    assert index.page(base, Chosen(), Sort.NEWEST, offset=0, limit=2) == [5, 3]


def test_sizes_stand_as_merchants_line_them_up_and_numbers_by_size() -> None:
    small, large = attribute("size", "Small"), attribute("size", "Large", place=1)
    pint, cup = attribute("volume", "1200 ml"), attribute("volume", "340 ml", place=1)
    index = index_of(facts(1, large, small, pint), facts(2, small, cup))

    counts = counted(index, Chosen())

    assert list(counts["size"]) == ["small", "large"]
    assert list(counts["volume"]) == ["340 ml", "1200 ml"]


def test_an_index_that_was_changed_equals_one_made_anew() -> None:
    """Hundreds of random changes, then every order and count compared."""
    chance = random.Random(13)

    def made(id_: int) -> Facts:
        given = [attribute("glaze", chance.choice("ABCDE")), attribute(TYPE, chance.choice("XYZ"))]
        price = chance.randrange(100, 900)
        return facts(
            id_, *given, price=price, title=chance.choice("klmn"), published_at=id_ * 7 % 100
        )

    changed, present = FacetIndex(), {id_: made(id_) for id_ in range(1, 300)}
    changed.put(present.values())
    for _ in range(300):
        id_ = chance.randrange(1, 350)
        if id_ in present and chance.random() < 0.4:
            del present[id_]
            changed.remove([id_])
        else:
            present[id_] = made(id_)
            changed.put([present[id_]])
    anew = index_of(*present.values())

    for chosen in (
        Chosen(),
        Chosen({"glaze": ("a", "b")}),
        Chosen({"glaze": ("c",), TYPE: ("x",)}, 200, 600),
    ):
        for sort in (Sort.NEWEST, Sort.PRICE_LOW, Sort.PRICE_HIGH, Sort.TITLE):
            assert ids(changed, chosen, sort) == ids(anew, chosen, sort)
        sorted_counts = [
            {name: sorted(values.items()) for name, values in counted(index, chosen).items()}
            for index in (changed, anew)
        ]
        assert sorted_counts[0] == sorted_counts[1]


def test_both_ways_to_a_page_lead_to_the_same_products(monkeypatch: pytest.MonkeyPatch) -> None:
    index = index_of(*(facts(id_, COBALT if id_ % 3 else MILK) for id_ in range(1, 200)))
    chosen = Chosen({"glaze": ("cobalt",)})
    sorted_out = [ids(index, chosen, sort) for sort in (Sort.PRICE_HIGH, Sort.TITLE)]

    monkeypatch.setattr("shop.catalog.facet_index.FEW_MATCHES", 0)

    assert [ids(index, chosen, sort) for sort in (Sort.PRICE_HIGH, Sort.TITLE)] == sorted_out


def test_both_ways_to_count_tell_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few products are counted one by one, many by their bitmaps; a product counts once, though
    two of its attributes may have one handle.
    """
    twice = attribute("tag", "Blue"), attribute("tag", "blue", is_available=False)
    index = index_of(facts(1, COBALT, MUG, *twice), facts(2, MILK, MUG), facts(3, COBALT, JUG))
    base = index.these([3, 1, 2])

    one_by_one = index.counts(base, Chosen())
    monkeypatch.setattr("shop.catalog.facet_index.FEW_COUNTED", 0)

    assert index.counts(base, Chosen()) == one_by_one
    sizes = {value.handle: value.count for facet in one_by_one.facets for value in facet.values}
    assert sizes == {"cobalt": 2, "milk": 1, "mug": 2, "jug": 1}
    blue = index.counts(index.these([1]), Chosen({"tag": ("blue",)}))
    assert [value.count for facet in blue.facets for value in facet.values] == [1]


def test_the_bounds_of_any_list_are_in_the_currency_that_is_looked_in() -> None:
    index = index_of(facts(1, lowest=1000, highest=2000), facts(2, lowest=1500, highest=3000))
    index.add_currency("EUR", lambda amount: amount * 2, {2: (900, 5900)})

    for listed in (index.all_products(), index.these([2, 1], key=5)):
        own, euros = (index.counts(listed, Chosen(currency=code)) for code in ("", "EUR"))
        assert (own.lowest, own.highest) == (1000, 3000)
        assert (euros.lowest, euros.highest) == (900, 5900)
