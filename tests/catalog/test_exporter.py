"""The catalog as a product CSV."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.catalog import images, variant_service
from shop.catalog import service as catalog
from shop.catalog.csvfile import neutral
from shop.catalog.models import Product, ProductImage, Variant
from shop.catalog.service import ProductDetails
from shop.catalog.variant_service import VariantDetails
from shop.extensions import db
from shop.inventory import service as inventory
from shop.media.pictures import StoredPicture
from tests.catalog.sheets import MEDIA, OURS, SHARED, bring_in, cells_of, export, outcomes
from tests.factories import make_product

BY_NAME = {path.stem: path for path in OURS}


def original(path: Path) -> list[list[str]]:
    """The file's cells, without empty lines."""
    data = path.read_bytes()
    text = data.decode("cp1252" if path.stem == "by-hand" else "utf-8-sig")
    delimiter = {"today": ";", "by-hand": "\t"}.get(path.stem, ",")
    return [row for row in cells_of(text, delimiter) if row]


def exported(wanted: str) -> list[str]:
    """The cells of a column, from the first product on."""
    header, *rows = cells_of(export())
    return [row[header.index(wanted)] for row in rows]


def product(handle: str) -> Product:
    return db.session.scalars(sa.select(Product).where(Product.handle == handle)).one()


def variants(handle: str) -> list[Variant]:
    return list(
        db.session.scalars(
            sa.select(Variant)
            .where(Variant.product_id == product(handle).id)
            .order_by(Variant.position)
        )
    )


@pytest.mark.parametrize("path", [*OURS, *SHARED], ids=lambda path: path.name)
def test_an_imported_file_comes_out_cell_by_cell(app: Flask, path: Path) -> None:
    bring_in(path.read_bytes())

    assert cells_of(export()) == original(path)


@pytest.mark.parametrize("path", [*OURS, *SHARED], ids=lambda path: path.name)
def test_an_export_changes_nothing_when_imported_again(app: Flask, path: Path) -> None:
    bring_in(path.read_bytes())
    first = export()

    report = bring_in(first)

    assert outcomes(report) == (0, 0, len(report.products))
    assert export() == first


def test_two_files_share_their_columns(app: Flask) -> None:
    bring_in(BY_NAME["fashion"].read_bytes())
    bring_in(BY_NAME["home"].read_bytes())

    header, *rows = cells_of(export())

    fashion, home = original(BY_NAME["fashion"]), original(BY_NAME["home"])
    assert header == home[0]
    assert rows == [[*row, ""] for row in fashion[1:]] + home[1:]


def test_files_of_different_years_give_each_column_once(app: Flask) -> None:
    bring_in(BY_NAME["home"].read_bytes())
    bring_in(BY_NAME["today"].read_bytes())

    report = bring_in(export())

    assert outcomes(report) == (0, 0, 7)


def test_a_changed_cell_is_written_and_its_neighbors_stay(app: Flask) -> None:
    bring_in(BY_NAME["home"].read_bytes())
    lamp = product("brass-lamp")
    (variant,) = variants("brass-lamp")
    before = cells_of(export())

    variant_service.change_price(variant, unit_amount=6500, compare_at_amount=7500, by=None)
    lamp.title = "Brass reading lamp"
    inventory.set_on_hand(variant.id, 9)
    db.session.flush()

    after = cells_of(export())
    changed = [
        (before[0][column], was, now)
        for row_before, row_after in zip(before, after, strict=True)
        for column, (was, now) in enumerate(zip(row_before, row_after, strict=True))
        if was != now
    ]
    assert changed == [
        ("Title", "Brass Lamp", "Brass reading lamp"),
        ("Variant Inventory Qty", "2", "9"),
        ("Variant Price", "59.99", "65.00"),
    ]


def test_a_product_taken_out_of_the_shop_is_exported_so(app: Flask) -> None:
    bring_in(BY_NAME["home"].read_bytes())

    catalog.unpublish(product("brass-lamp"))
    catalog.publish(product("oak-stool"))

    assert exported("Published") == ["true", "", "false", "true"]


def test_a_file_without_a_column_gets_it_when_it_is_needed(app: Flask) -> None:
    bring_in("Handle,Title,Price\na,A,5\nb,B,6\n")

    catalog.unpublish(product("a"))
    variants("b")[0].barcode = "4006381333931"
    db.session.flush()

    assert cells_of(export()) == [
        ["Handle", "Title", "Price", "Variant Barcode", "Status"],
        ["a", "A", "5", "", "draft"],
        ["b", "B", "6", "4006381333931", "active"],
    ]


def test_new_variants_and_pictures_get_rows(app: Flask) -> None:
    bring_in(BY_NAME["home"].read_bytes())
    planter = product("terracotta-planter")

    variant_service.add_variant(
        planter, VariantDetails(unit_amount=2000, options=("Huge", "", "")), on_hand=1
    )
    images.add_image(planter, StoredPicture("p-one", 800, 800, "#FFFFFF"), alt="One")
    images.add_image(planter, StoredPicture("p-two", 800, 800, "#FFFFFF"), alt="Two")

    pictures = "https://pictures.example/files/"
    assert exported("Option1 Value")[:4] == ["Regular", "Large", "Huge", ""]
    assert exported("Image Src")[:4] == [
        f"{pictures}planter.jpg",
        f"{pictures}planter-large.jpg",
        f"{MEDIA}/p-one-800.jpg",
        f"{MEDIA}/p-two-800.jpg",
    ]
    assert exported("Handle")[:4] == ["terracotta-planter"] * 4
    assert outcomes(bring_in(export())) == (0, 0, 3)
    assert db.session.scalar(sa.select(sa.func.count(ProductImage.id))) == 5


def test_a_removed_variant_leaves_no_row(app: Flask) -> None:
    bring_in(BY_NAME["fashion"].read_bytes())
    pullover = product("ferry-pullover")

    variant_service.discard_variants(variants("ferry-pullover")[:1], by=None)
    catalog.keep_in_step([pullover])

    rows = [row for row in cells_of(export()) if row[0] == "ferry-pullover"]
    assert [(row[1], row[8]) for row in rows] == [("Ferry Pullover", "Medium"), ("", "Large")]
    assert rows[0][24] == "https://pictures.example/files/pullover@2x.jpg"


def test_a_shop_that_never_imported_exports_and_imports_itself(app: Flask) -> None:
    mug = catalog.create_product(
        ProductDetails(
            title="=Tuesday mug",
            summary="For Tuesdays",
            description="<p>Holds 300 ml</p>",
            tags=("Mug", "Cobalt"),
        )
    )
    variant_service.set_options(mug, ["Glaze"])
    variant_service.add_variant(
        mug, VariantDetails(unit_amount=3400, sku="+1", options=("Cobalt", "", "")), on_hand=3
    )
    catalog.publish(mug)
    make_product("Draft", published=False)
    first = export()

    report = bring_in(first)

    assert "'=Tuesday mug" in first
    assert "'+1" in first
    assert all(
        not change for row in report.products for change in row.changes if "use" not in change
    )
    assert (mug.title, mug.summary, mug.tags) == ("=Tuesday mug", "For Tuesdays", ["Mug", "Cobalt"])
    assert export() == first


def test_every_exported_cell_is_text_to_a_spreadsheet(app: Flask) -> None:
    signs = ["=", "+", "-", "@", "\t", "＝", "＋", "－", "＠"]
    for sign in signs:
        text = f"{sign}cmd|' /C calc'!A0"
        catalog.create_product(
            ProductDetails(title=text, description=text, vendor=text, tags=(text,))
        )

    cells = list(itertools.chain(*cells_of(export())))

    assert not [cell for cell in cells if cell[:1] in {*signs, "\r"}]
    assert len([cell for cell in cells if cell.startswith("'")]) == 4 * len(signs)


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\n\t"),
    max_size=30,
)
NAMES = [
    *("Body (HTML)", "Vendor", "Tags", "Variant Barcode", "SEO Title", "Included / Germany"),
    *(
        "Google Shopping / Condition",
        "Colour (product.metafields.custom.colour)",
        "Variant Tax Code",
    ),
]


@given(rows=st.lists(st.lists(TEXT, min_size=len(NAMES), max_size=len(NAMES)), max_size=3))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_a_file_held_comes_out_again(app: Flask, rows: list[list[str]]) -> None:
    """But for signs that begin a formula, which get their apostrophe."""
    header = ["Handle", "Title", "Price", *NAMES]
    table = [[f"p{n}", f"P {n}", "5", *row] for n, row in enumerate(rows)]
    lines = (",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table)
    savepoint = db.session.begin_nested()

    bring_in("\r\n".join([",".join(header), *lines]))
    out = cells_of(export()) if rows else [header]

    savepoint.rollback()
    assert out == [header, *([_once_neutral(cell) for cell in row] for row in table)]


def _once_neutral(cell: str) -> str:
    return cell if cell.startswith("'") else neutral(cell)


def test_what_a_product_is_taxed_as_goes_out_and_comes_back(app: Flask) -> None:
    made = make_product("A book", tax_category="reduced")
    make_product("A mug")
    file = export()

    assert exported("Tax category (product.metafields.till.tax_category)") == ["reduced", ""]
    made.tax_category = "standard"
    assert outcomes(bring_in(file)) == (0, 1, 1)
    assert product(made.handle).tax_category == "reduced"


def test_the_usual_taxes_need_no_column(app: Flask) -> None:
    make_product("A mug")

    assert "Tax category" not in export()
