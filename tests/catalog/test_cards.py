"""Cards of products in lists: each statement about one must be right for all kinds of products."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.catalog import cards as cards_module
from shop.catalog.cards import ProductCard, product_cards
from shop.catalog.facets import Wanted
from shop.catalog.models import Product, Variant
from shop.extensions import db
from shop.inventory.models import Backorders, StockItem
from shop.inventory.queries import TOLD, availability
from shop.money import Money
from shop.store.currencies import Currency
from shop.store.wording import StockDisplay, StockWords
from tests.factories import (
    make_image,
    make_price,
    make_product,
    make_swatch,
    make_variant,
    variants_of,
)

GBP = Currency("GBP")
EUR = Currency("EUR", base="GBP", rate="1.2")
FEW = StockWords(StockDisplay.FEW, 3)


def cards(
    *products: Product, currency: Currency = GBP, words: StockWords = FEW
) -> list[ProductCard]:
    return product_cards([(product.id, None) for product in products], currency, words)


def stock_of(product: Product) -> StockItem:
    return db.session.scalars(
        sa.select(StockItem).where(StockItem.variant_id == variants_of(product)[0].id)
    ).one()


def test_a_card_shows_the_lowest_price_and_the_first_picture(app: Flask) -> None:
    mug = make_product(unit_amount=3400, product_type="Mugs")
    make_variant(mug, unit_amount=2900, option1="Small", position=2)
    make_image(mug, position=2, file="second")
    make_image(mug, position=1, file="first", ground="#F4A98E")

    (card,) = cards(mug)

    assert (card.price, card.is_from, card.was) == (Money(2900, "GBP"), True, None)
    assert card.image is not None
    assert (card.image.file, card.image.ground) == ("first", "#F4A98E")
    assert card.line == "Mugs"


def test_cards_come_in_the_order_asked_for_without_drafts(app: Flask) -> None:
    a, b, draft = make_product(), make_product(), make_product(published=False)

    assert [card.id for card in cards(b, draft, a)] == [b.id, a.id]


def test_a_reduction_of_all_variants_is_told_in_percent(app: Flask) -> None:
    pot = make_product(unit_amount=3840)
    variants_of(pot)[0].compare_at_amount = 4800
    db.session.flush()

    (card,) = cards(pot)

    assert (card.was, card.percent_off, card.is_reduced) == (Money(4800, "GBP"), 20, True)


def test_a_reduction_of_one_variant_is_only_a_sale(app: Flask) -> None:
    pot = make_product(unit_amount=3840)
    make_variant(pot, unit_amount=4000, compare_at_amount=4800, option1="Large", position=2)

    (card,) = cards(pot)

    assert (card.was, card.percent_off, card.is_reduced) == (None, 0, True)


def test_a_compare_at_price_that_is_lower_is_no_reduction(app: Flask) -> None:
    pot = make_product(unit_amount=3840)
    variants_of(pot)[0].compare_at_amount = 3840
    db.session.flush()

    assert (cards(pot)[0].was, cards(pot)[0].is_reduced) == (None, False)


def test_a_card_shows_each_glaze_once_in_the_racks_order(app: Flask) -> None:
    make_swatch("Milk", 2, "#F3F0E6")
    make_swatch("Cobalt", 1, "#1E36B8")
    mug = make_product(options={"Glaze": ["Milk", "Cobalt", "Gold"], "Size": ["S", "M"]})

    assert cards(mug)[0].colors == ("#1E36B8", "#F3F0E6")


def test_a_card_shows_colors_of_second_options_too_and_of_no_other_option(app: Flask) -> None:
    make_swatch("Milk", 1, "#F3F0E6")
    mug = make_product(options={"Size": ["Milk"], "Glaze": ["Milk"]})
    jug = make_product(options={"Size": ["Milk"]})

    assert [card.colors for card in cards(mug, jug)] == [("#F3F0E6",), ()]


def test_a_card_in_another_currency_takes_typed_prices_before_converted_ones(app: Flask) -> None:
    pot = make_product(unit_amount=1000)
    large = make_variant(pot, unit_amount=2000, compare_at_amount=3000, option1="Large", position=2)

    (converted,) = cards(pot, currency=EUR)
    make_price(large, "EUR", 900)
    (typed,) = cards(pot, currency=EUR)

    assert (converted.price, converted.is_from) == (Money(1200, "EUR"), True)
    assert (converted.is_reduced, converted.was) == (True, None)
    assert (typed.price, typed.is_from) == (Money(900, "EUR"), True)
    assert typed.is_reduced is False


def test_the_price_of_an_amount_is_that_of_the_cheapest_variant(app: Flask) -> None:
    tea = make_product(unit_amount=900)
    per_100_g = {"measure_unit": "g", "base_amount": 100, "base_unit": "g"}
    make_variant(tea, unit_amount=500, option1="S", measure_amount=250_000, **per_100_g)
    make_variant(tea, unit_amount=800, option1="L", measure_amount=1_000_000, **per_100_g)

    (card,) = cards(tea)

    assert card.unit_price is not None
    assert (card.unit_price.price, card.unit_price.base) == (Money(200, "GBP"), 100)


def test_stock_is_told_when_little_is_left(app: Flask) -> None:
    few, none, plenty, endless = (make_product(on_hand=units) for units in (3, 0, 4, 0))
    stock_of(endless).is_tracked = False
    db.session.flush()

    said = cards(few, none, plenty, endless)
    unsaid = cards(few, none, plenty, endless, words=StockWords())

    assert [(card.is_low, card.left, card.is_sold_out) for card in said] == [
        (True, 3, False), (False, 0, True), (False, 0, False), (False, 0, False),
    ]  # fmt: skip
    assert [(card.is_low, card.left) for card in unsaid][:2] == [(True, 0), (False, 0)]


def test_a_product_is_sold_out_when_all_of_its_variants_are(app: Flask) -> None:
    half, whole = (make_product(options={"Size": ["S", "M"]}, on_hand=0) for _ in range(2))
    stock_of(half).on_hand = 9
    db.session.flush()

    assert [card.is_sold_out for card in cards(half, whole)] == [False, True]


def test_a_variant_that_nobody_counted_yet_is_sold_out(app: Flask) -> None:
    pot = make_product()
    db.session.delete(stock_of(pot))
    db.session.flush()

    assert cards(pot)[0].is_sold_out


STATES = [
    (on_hand, reserved, tracked, backorders, limit)
    for on_hand, reserved, tracked, backorders, limit in itertools.product(
        (0, 2, 9), (0, 2, 5), (True, False), Backorders, (0, 3)
    )
    if not tracked or reserved <= on_hand + limit
]


def test_the_database_tells_units_as_the_shop_does(app: Flask) -> None:
    product = make_product()
    ids = []
    for number, (on_hand, reserved, tracked, backorders, limit) in enumerate(STATES, start=2):
        variant = make_variant(product, option1=str(number), position=number)
        db.session.execute(
            sa.update(StockItem)
            .where(StockItem.variant_id == variant.id)
            .values(
                on_hand=on_hand,
                reserved=reserved,
                is_tracked=tracked,
                backorders=backorders,
                backorder_limit=limit,
            )
        )
        ids.append(variant.id)

    rows = db.session.execute(
        sa.select(Variant.id, TOLD.label("units"))
        .outerjoin(StockItem, StockItem.variant_id == Variant.id)
        .where(Variant.id.in_(ids))
    )

    told = {id_: found.told for id_, found in availability(ids).items()}
    assert {row.id: row.units for row in rows} == told


def test_cards_cost_three_queries_however_many(
    app: Flask, count_queries: Callable[[], Any]
) -> None:
    products = [make_product(options={"Size": ["S", "M"]}) for _ in range(6)]

    with count_queries() as statements:
        assert len(cards(*products)) == 6

    assert len(statements) == 3


# What a list was filtered for


def wanted(*, is_available: bool = False, **values: tuple[str, ...]) -> Wanted:
    return Wanted(tuple(values.items()), is_available)


def glazed(*glazes: str) -> tuple[Product, dict[str, Variant]]:
    """With a picture of each glaze, in two sizes that cost £30 and £40."""
    pot = make_product(options={"Glaze": list(glazes), "Size": ["S", "L"]}, unit_amount=3000)
    pictures = {glaze: make_image(pot, file=glaze.lower()).id for glaze in glazes}
    variants = {f"{each.option1} {each.option2}": each for each in variants_of(pot)}
    for variant in variants.values():
        variant.image_id = pictures[variant.option1]
        if variant.option2 == "L":
            variant.unit_amount = 4000
    db.session.flush()
    return pot, variants


def sell_out(*variants: Variant) -> None:
    db.session.execute(
        sa.update(StockItem)
        .where(StockItem.variant_id.in_([variant.id for variant in variants]))
        .values(on_hand=0)
    )


def shown(pot: Product, wanted: Wanted) -> tuple[str | None, str, Money, bool]:
    (card,) = product_cards([(pot.id, wanted)], GBP, FEW)
    assert card.url == f"/products/{pot.handle}{card.query}"
    return card.image.file if card.image else None, card.query, card.price, card.is_from


def test_a_filtered_list_shows_and_leads_to_the_glaze_it_is_filtered_for(app: Flask) -> None:
    pot, variants = glazed("Milk", "Cobalt", "Celadon")
    sell_out(variants["Cobalt S"], variants["Cobalt L"])

    (card,) = product_cards([(pot.id, wanted(glaze=("cobalt",)))], GBP, FEW)

    assert shown(pot, wanted(glaze=("cobalt",))) == (
        "cobalt", "?glaze=cobalt", Money(3000, "GBP"), True,
    )  # fmt: skip
    assert card.is_sold_out
    assert card.variant_id == variants["Cobalt S"].id
    assert not cards(pot)[0].is_sold_out
    assert (cards(pot)[0].url, cards(pot)[0].is_from) == (f"/products/{pot.handle}", True)


def test_of_several_glazes_the_first_that_can_be_bought_is_shown(app: Flask) -> None:
    pot, variants = glazed("Milk", "Cobalt", "Celadon")
    either = wanted(glaze=("celadon", "cobalt"))

    assert shown(pot, either)[:2] == ("cobalt", "?glaze=cobalt")
    sell_out(variants["Cobalt S"], variants["Cobalt L"])
    assert shown(pot, either)[:2] == ("celadon", "?glaze=celadon")


def test_a_size_is_shown_as_its_address_opens(app: Flask) -> None:
    pot, variants = glazed("Milk", "Cobalt")
    sell_out(variants["Milk L"])

    assert shown(pot, wanted(size=("s",)))[:2] == ("milk", "?size=s")
    assert shown(pot, wanted(size=("l",))) == ("cobalt", "?size=l", Money(4000, "GBP"), False)
    assert shown(pot, wanted(glaze=("cobalt",), size=("l",)))[:2] == (
        "cobalt", "?glaze=cobalt&size=l",
    )  # fmt: skip


def test_who_wants_it_in_stock_is_shown_the_price_of_what_is(app: Flask) -> None:
    pot, variants = glazed("Milk", "Cobalt")
    sell_out(variants["Cobalt S"])

    in_stock = wanted(glaze=("cobalt",), is_available=True)
    (card,) = product_cards([(pot.id, in_stock)], GBP, FEW)

    assert shown(pot, in_stock) == ("cobalt", "?glaze=cobalt", Money(4000, "GBP"), False)
    assert card.variant_id == variants["Cobalt L"].id


def test_where_no_variant_fits_all_that_is_wanted_the_nearest_is_shown(app: Flask) -> None:
    pot, variants = glazed("Milk", "Cobalt")
    db.session.execute(sa.delete(StockItem).where(StockItem.variant_id == variants["Cobalt L"].id))
    db.session.delete(variants["Cobalt L"])
    db.session.flush()

    assert shown(pot, wanted(glaze=("cobalt",), size=("l",)))[:2] == ("milk", "?size=l")
    assert shown(pot, wanted(glaze=("celadon",)))[:2] == ("milk", "")


def test_an_option_named_as_a_filter_is_called_by_its_own_name_in_addresses(app: Flask) -> None:
    pot = make_product(options={"Type": ["Raw", "Fired"]})

    assert shown(pot, wanted(**{"option-type": ("fired",)}))[1] == "?type=fired"


def test_a_variant_without_a_picture_is_shown_by_one_of_no_other(app: Flask) -> None:
    pot = make_product(options={"Glaze": ["Milk", "Cobalt", "Celadon"]})
    milk = variants_of(pot)[0]
    milk.image_id = make_image(pot, file="milk", position=0).id
    make_image(pot, file="all", position=1)
    bare = make_product(options={"Glaze": ["Milk", "Cobalt"]})
    make_image(bare, file="first")
    lone = make_product(options={"Glaze": ["Milk", "Cobalt"]})
    variants_of(lone)[0].image_id = make_image(lone, file="only").id
    db.session.flush()

    assert shown(pot, wanted(glaze=("cobalt",)))[:2] == ("all", "?glaze=cobalt")
    assert shown(pot, wanted(glaze=("milk",)))[:2] == ("milk", "?glaze=milk")
    assert shown(bare, wanted(glaze=("cobalt",)))[:2] == ("first", "?glaze=cobalt")
    assert shown(lone, wanted(glaze=("cobalt",)))[:2] == ("only", "?glaze=cobalt")


def test_a_picture_that_is_deleted_meanwhile_gives_way_to_the_first(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    pot, _ = glazed("Milk", "Cobalt")
    monkeypatch.setattr(cards_module, "_PICTURES", cards_module._PICTURES.where(sa.false()))

    assert shown(pot, wanted(glaze=("cobalt",)))[:2] == ("milk", "?glaze=cobalt")


def test_one_picture_of_all_variants_is_what_its_address_opens_with(app: Flask) -> None:
    pot = make_product(options={"Glaze": ["Milk", "Cobalt"]})
    make_image(pot, file="first", position=0)
    both = make_image(pot, file="both", position=1)
    for variant in variants_of(pot):
        variant.image_id = both.id
    db.session.flush()

    assert shown(pot, wanted(glaze=("cobalt",)))[:2] == ("both", "?glaze=cobalt")


def test_of_two_glazes_the_price_is_of_the_one_that_is_shown(app: Flask) -> None:
    pot, variants = glazed("Milk", "Cobalt", "Celadon")
    for size in "SL":
        variants[f"Celadon {size}"].unit_amount = 1000
    db.session.flush()

    assert shown(pot, wanted(glaze=("celadon", "cobalt"))) == (
        "cobalt", "?glaze=cobalt", Money(3000, "GBP"), True,
    )  # fmt: skip


def meant(*criteria: tuple[str, str], is_available: bool = False, **filters: str) -> Wanted:
    by_filters = tuple((facet, (handle,)) for facet, handle in filters.items())
    return Wanted(by_filters, is_available, tuple((facet, (handle,)) for facet, handle in criteria))


def test_what_words_mean_is_shown_as_what_is_filtered_for(app: Flask) -> None:
    pot, variants = glazed("Milk", "Cobalt")
    sell_out(variants["Cobalt S"], variants["Cobalt L"])

    assert shown(pot, meant(("glaze", "cobalt"), ("size", "l"))) == (
        "cobalt", "?glaze=cobalt&size=l", Money(4000, "GBP"), False,
    )  # fmt: skip


def test_filters_and_what_is_in_stock_go_before_words(app: Flask) -> None:
    pot, variants = glazed("Milk", "Cobalt", "Celadon")
    sell_out(variants["Cobalt S"], variants["Cobalt L"], variants["Celadon L"])

    by_filter = shown(pot, meant(("size", "l"), is_available=True, glaze="celadon"))
    in_stock = shown(pot, meant(("glaze", "cobalt"), is_available=True))

    assert by_filter == ("celadon", "?glaze=celadon", Money(3000, "GBP"), False)
    assert in_stock == ("milk", "", Money(3000, "GBP"), True)


def test_a_price_that_is_chosen_goes_before_words_and_after_filters(app: Flask) -> None:
    pot, _ = glazed("Milk", "Cobalt", "Celadon")
    cheap = meant(("size", "l"), ("glaze", "celadon"))._replace(highest=3000)
    large = wanted(size=("l",))._replace(highest=3000)
    dear = wanted(glaze=("cobalt",))._replace(lowest=3500, highest=4500)

    assert shown(pot, cheap) == ("celadon", "?glaze=celadon&size=s", Money(3000, "GBP"), False)
    assert shown(pot, dear) == ("cobalt", "?glaze=cobalt&size=l", Money(4000, "GBP"), False)
    assert shown(pot, large) == ("milk", "?size=l", Money(4000, "GBP"), False)


def test_most_of_what_is_meant_is_shown(app: Flask) -> None:
    pot, _ = glazed("Blue", "Night Blue", "Milk")
    night_blue = Wanted((), False, (("glaze", ("night-blue",)), ("glaze", ("blue", "night-blue"))))

    assert shown(pot, night_blue)[:2] == ("night blue", "?glaze=night-blue")


def test_one_product_is_shown_in_several_ways_at_once(
    app: Flask, count_queries: Callable[[], Any]
) -> None:
    pot, _ = glazed("Milk", "Cobalt")
    asked = [(pot.id, None), (pot.id, wanted(glaze=("cobalt",))), (pot.id, wanted(glaze=("milk",)))]

    with count_queries() as statements:
        found = product_cards(asked, GBP, FEW)

    assert [card.key for card in found] == asked
    assert [(card.query, card.options) for card in found] == [
        ("", ""), ("?glaze=cobalt", "Cobalt / S"), ("?glaze=milk", "Milk / S"),
    ]  # fmt: skip
    assert len(statements) == 4
