"""A product's options: what is looked at changes nothing, what is sent changes all of it."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shop.audit import AuditEntry
from shop.catalog.models import Product, ProductOption, Variant
from shop.extensions import db
from shop.orders import service as orders
from shop.orders.models import LineItem
from tests.admin.test_products import complaints_in
from tests.factories import make_order, make_product, make_variant, stock_of, variants_of


@pytest.fixture
def mug(staff: FlaskClient) -> Product:
    product = make_product("Mug", options={"Glaze": ["Cobalt", "Heather"]}, unit_amount=3400)
    cobalt, heather = variants_of(product)
    cobalt.weight_grams, heather.unit_amount = 340, 3900
    db.session.commit()
    return product


def form_of(client: FlaskClient, product: Product) -> dict[str, str]:
    page = client.get(f"/admin/products/{product.id}/options").text
    fields = re.findall(
        r'<input (?!type="checkbox")[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', page
    )
    return {name: value for name, value in fields if name != "q"}


def look(client: FlaskClient, product: Product, **changes: str) -> TestResponse:
    values = form_of(client, product) | {_name(key): text for key, text in changes.items()}
    return client.post(f"/admin/products/{product.id}/options", data=values)


def arrange(
    client: FlaskClient, product: Product, cells: list[int], **changes: str
) -> TestResponse:
    values: dict[str, object] = dict(form_of(client, product))
    values |= {_name(key): text for key, text in changes.items()} | {"cell": cells}
    return client.post(f"/admin/products/{product.id}/variants", data=values)


def _name(key: str) -> str:
    return "option-" + key.removeprefix("o").replace("_", "-")


def cells_of(product: Product) -> list[tuple[str, ...]]:
    db.session.expire_all()
    return [tuple(variant.option_values) for variant in variants_of(product)]


def options_of(product: Product) -> list[str]:
    found = sa.select(ProductOption.name).where(ProductOption.product_id == product.id)
    return list(db.session.scalars(found.order_by(ProductOption.position)))


def ticked(page: str) -> list[bool]:
    boxes = re.findall(r'<input type="checkbox" name="cell"[^>]*>', page)
    return ["checked" in box for box in boxes]


def test_the_page_shows_options_and_values(staff: FlaskClient, mug: Product) -> None:
    values = form_of(staff, mug)

    assert values["option-0-name"] == "Glaze"
    assert (values["option-0-value-0"], values["option-0-value-1"]) == ("Cobalt", "Heather")
    assert values["option-1-name"] == values["option-2-name"] == ""


def test_looking_changes_nothing(staff: FlaskClient, mug: Product) -> None:
    answer = look(staff, mug, o1_name="Size", o1_more="S\nL")

    assert answer.status_code == 200
    assert "Cobalt / S" in answer.text
    assert ticked(answer.text) == [True] * 4
    assert (options_of(mug), cells_of(mug)) == (["Glaze"], [("Cobalt",), ("Heather",)])


def test_a_new_option_makes_a_grid(staff: FlaskClient, mug: Product) -> None:
    cobalt, heather = (variant.id for variant in variants_of(mug))

    answer = arrange(staff, mug, [0, 1, 3], o1_name="Size", o1_more="S\nL")

    assert answer.status_code == 303
    assert options_of(mug) == ["Glaze", "Size"]
    assert cells_of(mug) == [("Cobalt", "S"), ("Cobalt", "L"), ("Heather", "L")]
    first, second, third = variants_of(mug)
    assert first.id == cobalt
    assert (second.unit_amount, second.weight_grams, second.sku) == (3400, 340, None)
    assert third.unit_amount == 3900  # as its neighbor, which was not wanted any more
    assert stock_of(first) == (10, 0)
    assert stock_of(second) == stock_of(third) == (0, 0)
    assert db.session.get(Variant, heather) is None


def test_values_are_renamed_swapped_and_put_in_order(staff: FlaskClient, mug: Product) -> None:
    cobalt, heather = (variant.id for variant in variants_of(mug))

    answer = arrange(
        staff, mug, [0, 1],
        o0_value_0="Heather", o0_value_0_place="2", o0_value_1="Cobalt", o0_value_1_place="1",
    )  # fmt: skip

    assert answer.status_code == 303
    assert cells_of(mug) == [("Cobalt",), ("Heather",)]
    assert [variant.id for variant in variants_of(mug)] == [heather, cobalt]


def test_a_removed_value_is_named_with_its_stock_first(staff: FlaskClient, mug: Product) -> None:
    page = look(staff, mug, o0_value_1_remove="1").text
    assert "1 variant goes" in page
    assert "Heather, 10 on hand" in page

    assert arrange(staff, mug, [0], o0_value_1_remove="1").status_code == 303
    assert cells_of(mug) == [("Cobalt",)]


def test_an_order_keeps_the_line_of_a_variant_that_went(staff: FlaskClient, mug: Product) -> None:
    _cobalt, heather = variants_of(mug)
    order = make_order(heather, quantity=1)
    orders.mark_paid(order, at=order.placed_at)
    db.session.commit()

    assert arrange(staff, mug, [0], o0_value_1_remove="1").status_code == 303
    line = db.session.scalars(sa.select(LineItem).where(LineItem.order_id == order.id)).one()
    assert (line.variant_id, line.quantity) == (None, 1)


def test_units_promised_to_an_unpaid_order_stop_all_of_it(staff: FlaskClient, mug: Product) -> None:
    _cobalt, heather = variants_of(mug)
    make_order(heather, quantity=2)
    db.session.commit()

    answer = arrange(staff, mug, [0, 2], o0_value_1_remove="1", o0_more="Ash")

    assert answer.status_code == 422
    assert "Nothing was changed" in answer.text
    assert cells_of(mug) == [("Cobalt",), ("Heather",)]
    assert stock_of(heather) == (10, 2)


def test_at_least_one_combination_stays(staff: FlaskClient, mug: Product) -> None:
    answer = arrange(staff, mug, [])

    assert answer.status_code == 422
    assert "Keep one combination at least" in answer.text
    assert cells_of(mug) == [("Cobalt",), ("Heather",)]


def test_a_change_by_somebody_else_is_not_written_over(staff: FlaskClient, mug: Product) -> None:
    values: dict[str, object] = dict(form_of(staff, mug))
    make_variant(mug, option1="Ash", position=3)
    db.session.commit()

    for path in ("options", "variants"):
        answer = staff.post(f"/admin/products/{mug.id}/{path}", data=values | {"cell": [0]})
        assert answer.status_code == 409
        assert "Ash" in answer.text
    assert cells_of(mug) == [("Cobalt",), ("Heather",), ("Ash",)]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"o0_name": ""}, "Give the option a name, such as Glaze or Size."),
        ({"o0_value_0": ""}, "A value needs a name; tick Remove to drop it."),
        ({"o0_value_0": "heather"}, "Two values have the same name."),
        ({"o1_name": "Size"}, "An option needs one value at least."),
        ({"o1_name": "glaze", "o1_more": "S"}, "Two options have the same name."),
        ({"o0_remove": "1"}, "Without that option, several variants would be the same: One size."
         " Remove those you no longer sell first."),
        ({"o1_name": "No", "o1_more": "\n".join(map(str, range(126)))},
         "That makes 252 combinations; a product has 250 at most."),
        ({"o1_name": "x" * 256, "o1_more": "S"}, "Use at most 255 characters for a name."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_typed_words_stay(
    staff: FlaskClient, mug: Product, changes: dict[str, str], sentence: str
) -> None:
    answer = look(staff, mug, **changes)

    assert answer.status_code == 422
    assert complaints_in(answer.text) == [sentence]
    assert cells_of(mug) == [("Cobalt",), ("Heather",)]


def test_a_single_variant_of_an_import_has_no_option_yet(staff: FlaskClient) -> None:
    product = make_product("Bowl", options={"Title": ["Default Title"]})
    db.session.commit()
    assert form_of(staff, product)["option-0-name"] == ""

    answer = arrange(staff, product, [0, 1], o0_name="Size", o0_more="S\nL")

    assert answer.status_code == 303
    assert (options_of(product), cells_of(product)) == (["Size"], [("S",), ("L",)])


def test_the_way_back_keeps_what_was_typed(staff: FlaskClient, mug: Product) -> None:
    values = form_of(staff, mug) | {"option-1-name": "Size", "option-1-more": "S", "back": "1"}
    again = staff.post(f"/admin/products/{mug.id}/options", data=values)

    assert again.status_code == 200
    assert 'name="option-1-name"' in again.text
    assert 'value="Size"' in again.text


def test_the_audit_trail_says_who_changed_what(staff: FlaskClient, mug: Product) -> None:
    arrange(staff, mug, [0, 2], o0_value_1_remove="1", o0_more="Ash\nOat")

    entry = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "product.options_changed")
    ).one()
    assert entry.data["added"] == ["Oat"]
    assert entry.data["removed"] == ["Heather"]
