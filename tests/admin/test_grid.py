"""Many products in one table."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.admin import grid_views
from shop.audit import AuditEntry
from shop.catalog.models import Product, Variant
from shop.extensions import db
from shop.inventory import reservations
from tests.factories import make_order, make_product, stock_of, variants_of

ALL = "title status tags product_type vendor sku price compare_at cost barcode weight on_hand"


def fields(page: str) -> dict[str, Any]:
    """What a browser would send of the table, or of the page that shows the changes."""
    form = page.split('<form id="edit"')[1].split("</form>")[0]
    found: dict[str, Any] = {}
    for name, value in re.findall(r'<input[^>]* name="([^"]*)" value="([^"]*)"', form):
        found.setdefault(name, []).append(unescape(value))
    for name, options in re.findall(r'<select[^>]* name="([^"]*)"(.*?)</select>', form, re.S):
        found[name] = re.findall(r'value="([^"]*)" selected', options)
    return found


def opened(staff: FlaskClient, *products: Product, columns: str = ALL) -> dict[str, Any]:
    db.session.commit()
    response = staff.get(
        "/admin/products/bulk",
        query_string={"id": [product.id for product in products], "col": columns.split()},
    )
    assert response.status_code == 200
    return fields(response.text)


def send(staff: FlaskClient, values: dict[str, Any]) -> Any:
    return staff.post("/admin/products/bulk", data=values)


def save(staff: FlaskClient, values: dict[str, Any]) -> Any:
    """By way of the page that shows what changes."""
    looked = send(staff, values)
    assert looked.status_code == 200
    return send(staff, fields(looked.text) | {"do": "save"})


def entries() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0


def refreshed(variant: Variant) -> Variant:
    return db.session.get_one(Variant, variant.id, populate_existing=True)


def test_cells_are_shown_as_old_and_new_and_then_saved(staff: FlaskClient) -> None:
    mug = make_product("Mug", options={"Glaze": ["Cobalt", "Milk"]}, published=False, on_hand=5)
    jug = make_product("Jug")
    cobalt, milk = variants_of(mug)
    (only,) = variants_of(jug)
    values = opened(staff, mug, jug) | {
        f"v-{cobalt.id}-title": "Tuesday mug",
        f"v-{cobalt.id}-status": "published",
        f"v-{cobalt.id}-tags": "tea, new",
        f"v-{cobalt.id}-price": "36",
        f"v-{milk.id}-cost": "12,50",
        f"v-{milk.id}-weight": "350",
        f"v-{milk.id}-barcode": "5901234123457",
        f"v-{milk.id}-on_hand": "9",
        f"v-{only.id}-sku": "FT-JUG",
        f"v-{only.id}-compare_at": "40.00",
        f"v-{only.id}-vendor": "Fettle",
    }

    looked = send(staff, values)

    assert looked.status_code == 200
    assert "11 changes" in looked.text
    assert "<del>£34.00</del>" in looked.text
    assert "<ins>£36.00</ins>" in looked.text
    assert entries() == 0
    response = send(staff, fields(looked.text) | {"do": "save"})
    assert response.status_code == 303
    mug = db.session.get_one(Product, mug.id, populate_existing=True)
    assert (mug.title, mug.status, mug.tags) == ("Tuesday mug", "published", ["tea", "new"])
    assert refreshed(cobalt).unit_amount == 3600
    milk = refreshed(milk)
    assert (milk.cost_amount, milk.weight_grams, milk.barcode) == (1250, 350, "5901234123457")
    assert stock_of(milk) == (9, 0)
    only = refreshed(only)
    assert (only.sku, only.compare_at_amount) == ("FT-JUG", 4000)
    assert db.session.get_one(Product, jug.id, populate_existing=True).vendor == "Fettle"
    assert "11 cells saved." in staff.get(response.location).text


def test_a_table_sent_untouched_changes_nothing(staff: FlaskClient) -> None:
    product = make_product("Mug", tags=["a", "b c"], options={"Size": ["S", "L"]})

    response = send(staff, opened(staff, product))

    assert response.status_code == 200
    assert "data-grid" in response.text
    assert entries() == 0


def test_columns_that_are_not_shown_stay_as_they_are(staff: FlaskClient) -> None:
    product = make_product("Mug", tags=["tea"], vendor="Fettle", summary="Good.")
    (variant,) = variants_of(product)
    variant.barcode, variant.weight_grams, variant.cost_amount = "123", 350, 900
    values = opened(staff, product, columns="price")
    assert f"v-{variant.id}-title" not in values

    assert save(staff, values | {f"v-{variant.id}-price": "36"}).status_code == 303

    variant = refreshed(variant)
    assert (variant.unit_amount, variant.barcode, variant.weight_grams, variant.cost_amount) == (
        3600, "123", 350, 900,
    )  # fmt: skip
    product = db.session.get_one(Product, product.id, populate_existing=True)
    assert (product.tags, product.vendor, product.summary) == (["tea"], "Fettle", "Good.")
    assert list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id))) == [
        "variant.price_changed", "product_table.saved",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "text", "sentence"),
    [
        ("title", "", "Give the product a title."),
        ("title", "x" * 256, "Use at most 255 characters."),
        ("status", "sold", "Choose draft, published or archived."),
        ("tags", "x" * 61, "A tag has at most 60 characters."),
        ("price", "", "Type an amount like 34.00"),
        ("price", "-1", "Type an amount like 34.00"),
        ("compare_at", "cheap", "Type an amount like 34.00"),
        ("cost", "1e3", "Type an amount like 34.00"),
        ("weight", "1.5", "Type whole grams"),
        ("on_hand", "many", "Type a whole number"),
        ("on_hand", "1000001", "Type a whole number"),
        ("on_hand", "٣", "Type a whole number"),
    ],
)
def test_a_bad_cell_keeps_all_from_being_saved_and_is_told_beside_it(
    staff: FlaskClient, column: str, text: str, sentence: str
) -> None:
    product = make_product("Mug", options={"Glaze": ["Cobalt", "Milk"]})
    cobalt, milk = variants_of(product)
    typed = {f"v-{cobalt.id}-{column}": text, f"v-{milk.id}-price": "99"}

    response = send(staff, opened(staff, product) | typed | {"do": "save"})

    assert response.status_code == 422
    assert sentence in response.text
    assert f'id="field-v-{cobalt.id}-{column}-error"' in response.text
    assert f'href="#field-v-{cobalt.id}-{column}"' in response.text
    assert fields(response.text)[f"v-{milk.id}-price"] == ["99"]
    assert refreshed(milk).unit_amount == 3400
    assert entries() == 0


def test_what_only_the_database_knows_keeps_all_from_being_saved(staff: FlaskClient) -> None:
    variants_of(make_product("Other"))[0].sku = "TAKEN"
    product = make_product("Mug", options={"Glaze": ["Cobalt", "Milk"]}, on_hand=5)
    cobalt, milk = variants_of(product)
    make_order(milk, quantity=4)
    values = opened(staff, product) | {
        f"v-{cobalt.id}-title": "Changed",
        f"v-{cobalt.id}-sku": "TAKEN",
        f"v-{milk.id}-on_hand": "3",
    }

    response = save(staff, values)

    assert response.status_code == 422
    assert "has a variant with this SKU" in response.text
    assert "4 are promised to orders; it cannot be less." in response.text
    assert db.session.get_one(Product, product.id, populate_existing=True).title == "Mug"
    assert stock_of(milk) == (5, 4)
    assert entries() == 0


def test_two_rows_cannot_take_the_same_sku(staff: FlaskClient) -> None:
    first, second = make_product("Mug"), make_product("Jug")
    typed = {f"v-{variants_of(each)[0].id}-sku": "SAME" for each in (first, second)}

    response = send(staff, opened(staff, first, second) | typed)

    assert response.status_code == 422
    assert "Two rows have this SKU." in response.text


def test_a_row_that_somebody_else_changed_is_told_and_then_replaced_knowingly(
    staff: FlaskClient,
) -> None:
    first, second = make_product("Mug"), make_product("Jug")
    mug, jug = variants_of(first)[0], variants_of(second)[0]
    values = opened(staff, first, second) | {f"v-{mug.id}-price": "36", f"v-{jug.id}-price": "52"}
    looked = fields(send(staff, values).text)
    mug.unit_amount = 3500
    db.session.commit()

    response = send(staff, looked | {"do": "save"})

    assert response.status_code == 409
    assert "Meanwhile it became “£35.00”." in response.text
    assert f'id="field-v-{jug.id}-price-error"' not in response.text
    assert (refreshed(mug).unit_amount, refreshed(jug).unit_amount) == (3500, 3400)
    assert save(staff, fields(response.text)).status_code == 303
    assert (refreshed(mug).unit_amount, refreshed(jug).unit_amount) == (3600, 5200)


def test_a_row_that_was_not_touched_may_have_changed(staff: FlaskClient) -> None:
    first, second = make_product("Mug", on_hand=9), make_product("Jug")
    mug, jug = variants_of(first)[0], variants_of(second)[0]
    values = opened(staff, first, second, columns="price") | {f"v-{jug.id}-price": "52"}
    reservations.sell(make_order(mug, quantity=2).id)
    db.session.commit()

    assert save(staff, values).status_code == 303
    assert stock_of(mug) == (7, 0)
    assert refreshed(jug).unit_amount == 5200


def test_a_sale_meanwhile_is_not_overwritten(staff: FlaskClient) -> None:
    product = make_product("Mug", on_hand=9)
    (variant,) = variants_of(product)
    values = opened(staff, product) | {f"v-{variant.id}-on_hand": "20"}
    reservations.sell(make_order(variant, quantity=2).id)
    db.session.commit()

    response = send(staff, values | {"do": "save"})

    assert response.status_code == 409
    assert "Meanwhile it became “7”." in response.text
    assert stock_of(variant) == (7, 0)


@pytest.mark.parametrize("values", [{}, {"id": "1"}, {"id": "1", "product": "x"}])
def test_a_form_without_rows_is_refused(staff: FlaskClient, values: dict[str, str]) -> None:
    assert send(staff, values).status_code == 422


def test_all_that_match_come_in_pages_and_the_list_leads_here(
    staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid_views, "PAGE_SIZE", 2)
    for number in range(3):
        make_product(f"Pot {number}", tags=["old"])
    make_product("Jug")
    db.session.commit()

    way = staff.get("/admin/products/actions?action=edit&all=1&list-tag=old")
    first = staff.get(way.location).text
    second = staff.get(f"{way.location}&page=2").text

    assert ("Pot 0" in first, "Pot 1" in first, "Pot 2" in first) == (True, True, False)
    assert ("Pot 2" in second, "Jug" in second) == (True, False)


def test_the_table_asks_a_fixed_number_of_questions(staff: FlaskClient, count_queries: Any) -> None:
    for number in range(20):
        make_product(f"Pot {number}", options={"Glaze": ["Cobalt", "Milk"]})
    db.session.commit()

    with count_queries() as statements:
        assert staff.get("/admin/products/bulk?all=1").text.count("data-grid") == 1

    # Account, shop, menu; ids, products, variants, stock.
    assert len(statements) == 7
