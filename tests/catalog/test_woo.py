"""WooCommerce's export read as products of the shop."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.catalog import collections
from shop.catalog.columns import read_facts, written_facts
from shop.catalog.csvfile import FileRefused
from shop.catalog.models import Collection, CollectionProduct, Product
from shop.catalog.rules import About, Comparison, Condition
from shop.catalog.sheet import Sheet, SheetProduct
from shop.catalog.sheet_reader import read_sheet
from shop.extensions import db
from tests.catalog.sheets import bring_in, cells_of, export, outcomes

SAMPLE = Path(__file__).parent / "data" / "woo" / "pottery.csv"
SHORT = "Type,SKU,Name,Published,Regular price,Stock,Parent,Attribute 1 name,Attribute 1 value(s)\n"


def sample(today: date | None = None) -> Sheet:
    return read_sheet(SAMPLE.read_bytes(), "GBP", today=today)


def product(handle: str, sheet: Sheet | None = None) -> SheetProduct:
    found = (sheet or sample()).products
    return next(one for one in found if one.values.handle == handle)


def test_a_variable_product_has_its_variations_in_their_order() -> None:
    mug = product("tuesday-mug")

    assert mug.values.option_names == ("Glaze",)
    assert [
        (one.values.sku, one.values.options[0], one.values.unit_amount, one.values.quantity)
        for one in mug.variants
    ] == [("MUG-COB", "Cobalt", 3000, 5), ("MUG-MLK", "Milk", 3650, 3)]
    cobalt, milk = (one.values for one in mug.variants)
    assert (cobalt.compare_at_amount, milk.compare_at_amount) == (3400, None)
    assert (cobalt.weight_grams, milk.weight_grams) == (350, 400)
    assert (cobalt.is_tracked, milk.is_tracked) == (True, True)
    assert (cobalt.sells_on, milk.sells_on) == (True, False)
    assert milk.image_url == "https://pots.example/mug-milk.jpg"


def test_words_pictures_categories_and_attributes_come_along() -> None:
    mug = product("tuesday-mug")

    assert mug.values.summary == "A mug for Tuesdays & others."
    assert mug.values.description == "<p>Thrown by hand.</p>\n<p>Holds 300 ml.</p>"
    assert (mug.values.vendor, mug.values.tags) == ("Fettle", ("mug", "gift"))
    assert mug.values.collections == (("Kitchen", "Mugs"), ("New",))
    assert mug.values.facts == (("Material", "Stoneware, Kaolin"),)
    assert [image.values.url for image in mug.images] == [
        "https://pots.example/mug.jpg",
        "https://pots.example/mug-2.jpg",
        "https://pots.example/mug-milk.jpg",
    ]


def test_a_simple_product_has_one_variant_and_its_sale() -> None:
    jug = product("milk-jug")
    (only,) = (one.values for one in jug.variants)

    assert (only.unit_amount, only.compare_at_amount, only.quantity) == (3950, 4800, 7)
    assert (only.barcode, jug.values.tax_category) == ("4006381333931", "reduced")
    assert only.requires_shipping


def test_drafts_hidden_and_virtual_products_are_told_apart() -> None:
    recipes = product("glaze-recipes")
    (only,) = (one.values for one in recipes.variants)

    assert not recipes.values.is_published
    assert (only.requires_shipping, only.is_taxable, only.is_tracked) == (False, False, False)
    assert recipes.values.collections == (("Music, books",),)
    assert not product("sunday-plate").values.is_published


def test_a_variation_for_any_value_becomes_one_for_each() -> None:
    plate = product("sunday-plate")

    assert [(one.values.sku, one.values.options[:2]) for one in plate.variants] == [
        ("PLATE-S", ("Small", "Cobalt")),
        ("PLATE-S-small-milk", ("Small", "Milk")),
    ]


@pytest.mark.parametrize(
    ("today", "prices"),
    [
        (None, (8000, None)),
        (date(2026, 11, 30), (8000, None)),
        (date(2026, 12, 1), (6000, 8000)),
        (date(2026, 12, 24), (6000, 8000)),
        (date(2026, 12, 25), (8000, None)),
    ],
)
def test_a_sale_with_dates_counts_between_them(
    today: date | None, prices: tuple[int, int | None]
) -> None:
    (vase,) = (one.values for one in product("doorway-vase", sample(today)).variants)

    assert (vase.unit_amount, vase.compare_at_amount) == prices
    assert (vase.quantity, vase.is_tracked) == (0, True)  # out of stock without a number


def test_what_cannot_be_sold_is_told_in_the_files_own_words() -> None:
    assert [str(fault) for fault in sample().faults] == [
        "line 11, Type: products of the type grouped cannot be sold here",
        "line 12, Parent: the product of this variation is not here",
    ]


def test_faults_name_the_files_columns_and_lines() -> None:
    sheet = read_sheet(
        (SHORT + "simple,A,Mug,1,abc,,,,\nvariable,B,Jug,1,,,,Size,S\n"
         "variation,C,,1,5,1.5,B,Size,S\n").encode(), "GBP",
    )  # fmt: skip

    assert [(fault.line, fault.column) for fault in sheet.faults] == [
        (2, "Regular price"),
        (4, "Stock"),
    ]


def test_a_german_file_is_read(app: Flask) -> None:
    header = (
        "ID;Typ;Artikelnummer;Name;Veröffentlicht;Vorrätig?;Lager;Gewicht (g);Angebotspreis;"
        "Regulärer Preis;Kategorien;Schlagwörter;Bilder;Übergeordnetes Produkt;Attribut 1 Name;"
        "Attribut 1 Wert(e)\n"
    )
    rows = (
        "1;variable;T;Tasse;1;1;;250;;;Küche > Tassen;;;;Größe;Groß, Klein\n"
        "2;variation;T-1;Tasse - Groß;1;1;4;;;12,50;;;;T;Größe;Groß\n"
    )

    report = bring_in((header + rows).encode("cp1252"), "EUR")

    assert outcomes(report) == (1, 0, 0)
    (line,) = [row for row in cells_of(export("EUR"))[1:] if "T-1" in row]
    assert {"12.50", "Groß", "250", "4"} <= set(line)


def test_the_same_file_again_changes_nothing(app: Flask) -> None:
    data = SAMPLE.read_bytes()
    faultless = b"\n".join(data.splitlines()[:-2]) + b"\n"

    first, second = bring_in(faultless), bring_in(faultless)

    assert outcomes(first) == (5, 0, 0)
    assert outcomes(second) == (0, 0, 5), [report.changes for report in second.products]


def test_what_came_in_comes_out_and_in_again_as_shopifys(app: Flask) -> None:
    bring_in(b"\n".join(SAMPLE.read_bytes().splitlines()[:-2]) + b"\n")
    written = export()

    again = bring_in(written)

    assert outcomes(again) == (0, 0, 5), [report.changes for report in again.products]
    assert export() == written


def test_an_unknown_unit_of_weight_is_refused() -> None:
    with pytest.raises(FileRefused) as refusal:
        read_sheet(b"Type,Name,Regular price,Weight (st)\nsimple,A,1,1\n", "GBP")

    assert str(refusal.value) == "line 1, Weight (st): st is no unit of weight that is known"


@pytest.mark.parametrize(
    "facts",
    [
        (("Height", "95 mm"),),
        (("Ratio", "1:2"), ("a: b", "c\\n"), ("back\\slash", "line\nbreak")),
        (("", "a value alone"),),
    ],
)
def test_facts_are_read_as_they_were_written(facts: tuple[tuple[str, str], ...]) -> None:
    assert read_facts(written_facts(facts)) == facts


def test_categories_become_collections_and_nothing_is_taken_out(app: Flask) -> None:
    bring_in(b"\n".join(SAMPLE.read_bytes().splitlines()[:-2]) + b"\n")

    found = {
        (parent, title, handle)
        for parent, title, handle in db.session.execute(
            sa.select(Collection.parent_id.is_not(None), Collection.title, Product.handle)
            .join(CollectionProduct, CollectionProduct.collection_id == Collection.id)
            .join(Product, Product.id == CollectionProduct.product_id)
        )
    }

    assert found == {
        (True, "Mugs", "tuesday-mug"),
        (False, "New", "tuesday-mug"),
        (False, "Kitchen", "milk-jug"),
        (False, "Kitchen", "sunday-plate"),
        (False, "Music, books", "glaze-recipes"),
        (True, "Vases", "doorway-vase"),
    }


def collections_of(handle: str) -> list[str]:
    return list(
        db.session.scalars(
            sa.select(Collection.title)
            .join(CollectionProduct, CollectionProduct.collection_id == Collection.id)
            .join(Product, Product.id == CollectionProduct.product_id)
            .where(Product.handle == handle)
        )
    )


def test_a_collection_that_a_rule_holds_is_left_to_its_rule(app: Flask) -> None:
    rule = (Condition(About.TAG, Comparison.EQUALS, "sale"),)
    held = collections.create_collection(
        collections.CollectionDetails(title="kitchen", conditions=rule)
    )

    report = bring_in("Handle,Title,Price,Collection\njug,Jug,5,Kitchen\n")

    assert [str(note) for note in report.products[0].notes] == [
        "Kitchen: a rule decides what this collection holds"
    ]
    assert collections_of("jug") == []
    assert held.is_rule_based
