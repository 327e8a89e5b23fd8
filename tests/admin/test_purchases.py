from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.catalog.models import Product, Variant
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import Backorders
from shop.purchasing.models import PurchaseLine, PurchaseOrder
from tests.factories import make_order, make_variant, stock_of
from tests.pages import read

NEW = "/admin/inventory/incoming/new"


def make_coded(*, on_hand: int = 10, **codes: str) -> Variant:
    variant = make_variant(on_hand=on_hand)
    for name, code in codes.items():
        setattr(variant, name, code)
    db.session.flush()
    return variant


def entries() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0


def order_from(staff: FlaskClient, lines: str, **more: str) -> PurchaseOrder:
    data = {"supplier": "Clay & Sons", "lines": lines, "press": "press"} | more
    answer = staff.post(NEW, data=data)
    assert answer.status_code == 303, answer.text
    return db.session.scalars(sa.select(PurchaseOrder).order_by(PurchaseOrder.id.desc())).one()


def line_of(variant: Variant) -> PurchaseLine:
    found = sa.select(PurchaseLine).where(PurchaseLine.variant_id == variant.id)
    return db.session.scalars(found.execution_options(populate_existing=True)).one()


def test_an_order_is_typed_or_pasted_line_by_line(staff: FlaskClient) -> None:
    first, second = make_coded(sku="FT-MUG"), make_coded(sku="FT JUG")
    make_coded(barcode="4006381333931")

    order_from(staff, "ft-mug 12 8.50\n\nFT JUG\t3\n4006381333931;2;1,20")

    assert (line_of(first).quantity, line_of(first).cost_amount) == (12, 850)
    assert (line_of(second).quantity, line_of(second).cost_amount) == (3, None)
    page = staff.get("/admin/inventory/incoming").text
    assert "Clay &amp; Sons" in page
    assert '<span class="cell-label">To come</span>17' in page


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("", "Type at least one line."),
        ("FT-MUG", "Line 1: type SKU, number and cost"),
        ("FT-MUG 0", "Line 1: type SKU, number and cost"),
        ("FT-MUG 3 cheap", "Line 1: cheap is no amount."),
        ("FT-MUG 3\nft-mug 4", "Line 2: ft-mug is there twice."),
        ("FT-MUG 3\nFT-NONE 4", "Line 2: no variant has the SKU or barcode FT-NONE."),
        ("FT-MUG 3\n4006381333931 4", "Line 2: 4006381333931 is there twice."),
        ("SAME 3", "Line 1: several variants have the barcode SAME. Type the SKU."),
    ],
)
def test_lines_that_make_no_sense_are_refused_and_kept(
    staff: FlaskClient, lines: str, complaint: str
) -> None:
    make_coded(sku="FT-MUG", barcode="4006381333931")
    for _ in range(2):
        make_coded(barcode="SAME")

    answer = staff.post(NEW, data={"supplier": "Clay & Sons", "lines": lines, "press": "a"})

    assert answer.status_code == 422
    assert complaint in answer.text
    assert lines in answer.text
    assert db.session.scalar(sa.select(PurchaseOrder.id)) is None
    assert entries() == 0


def test_all_that_is_wrong_with_an_order_is_told_at_once(staff: FlaskClient) -> None:
    make_coded(sku="FT-MUG")
    lines = "FT-MUG 3\n\nFT-NONE 4\nFT-MUG\nFT-MUG 1\nFT-MUG 2 cheap"

    answer = staff.post(NEW, data={"supplier": "", "lines": lines, "press": "a"})

    assert answer.status_code == 422
    for complaint in (
        "Type who sends it.",
        "Line 3: no variant has the SKU or barcode FT-NONE.",
        "Line 4: type SKU, number and cost",
        "Line 5: FT-MUG is there twice.",
        "Line 6: cheap is no amount.",
    ):
        assert complaint in answer.text
    assert db.session.scalar(sa.select(PurchaseOrder.id)) is None
    assert entries() == 0


def test_of_very_many_faulty_lines_not_each_is_told(staff: FlaskClient) -> None:
    lines = "\n".join(f"FT-{number} 1" for number in range(30))

    answer = staff.post(NEW, data={"supplier": "Clay & Sons", "lines": lines, "press": "a"})

    assert answer.status_code == 422
    assert "Line 10: no variant" in answer.text
    assert "Line 11: no variant" not in answer.text
    assert "And 20 more lines." in answer.text


def test_further_lines_that_the_order_has_are_told_with_what_else_is_wrong(
    staff: FlaskClient,
) -> None:
    variant = make_coded(sku="FT-MUG")
    order = order_from(staff, "FT-MUG 2")
    line = line_of(variant)
    data = {
        f"line-{line.id}-quantity": "many",
        f"line-{line.id}-cost": "",
        "lines": "FT-MUG 3\nFT-NONE 1",
    }

    answer = staff.post(f"/admin/inventory/incoming/{order.id}/lines", data=data)

    assert answer.status_code == 422
    assert "Line 1: FT-MUG is on this order already." in answer.text
    assert "Line 2: no variant has the SKU or barcode FT-NONE." in answer.text
    assert read(answer.text).having("a", href=f"#field-line-{line.id}-quantity")
    assert line_of(variant).quantity == 2


def test_what_an_order_costs_tells_of_costs_that_nobody_knows(staff: FlaskClient) -> None:
    make_coded(sku="FT-MUG")
    make_coded(sku="FT-JUG")
    order = order_from(staff, "FT-MUG 10 8.50\nFT-JUG 3")

    page = staff.get(f"/admin/inventory/incoming/{order.id}").text

    assert "£85.00, and 1 line whose cost is not known" in page
    assert "in all" not in page


def test_a_receipts_summary_names_the_variant(staff: FlaskClient) -> None:
    variant = make_coded(sku="FT-MUG")
    order = order_from(staff, "FT-MUG 2")
    line = line_of(variant)

    answer = staff.post(
        f"/admin/inventory/incoming/{order.id}/receipts",
        data={f"came-{line.id}-units": "two", "press": "b"},
    )

    assert answer.status_code == 422
    page = read(answer.text)
    assert page.having("a", href=f"#field-came-{line.id}-units")
    product = db.session.get_one(Product, variant.product_id)
    assert f"{product.title}, Came in: " in page.text
    assert line_of(variant).received == 0


def test_all_that_is_to_come_is_taken_in_by_one_press(staff: FlaskClient) -> None:
    variant = make_coded(on_hand=1, sku="FT-MUG")
    order = order_from(staff, "FT-MUG 12 8.50")
    address = f"/admin/inventory/incoming/{order.id}"
    line = line_of(variant)
    assert f'name="came-{line.id}-units" value="12"' in staff.get(address).text

    data = {f"came-{line.id}-units": "12", "press": "b"}
    for _ in range(2):
        assert staff.post(f"{address}/receipts", data=data).status_code in (303, 422)

    assert stock_of(variant) == (13, 0)
    assert line_of(variant).received == 12


def test_too_many_are_asked_about_before_anything_is_taken_in(staff: FlaskClient) -> None:
    variant = make_coded(on_hand=0, sku="FT-MUG")
    order = order_from(staff, "FT-MUG 2")
    address = f"/admin/inventory/incoming/{order.id}/receipts"
    data = {f"came-{line_of(variant).id}-units": "5", "press": "b"}

    answer = staff.post(address, data=data)

    assert answer.status_code == 422
    assert "3 more than are to come" in answer.text
    assert stock_of(variant) == (0, 0)
    assert staff.post(address, data=data | {"over": "1"}).status_code == 303
    assert stock_of(variant) == (5, 0)


def test_lines_are_changed_added_and_taken_off(staff: FlaskClient) -> None:
    first, second = make_coded(sku="FT-MUG"), make_coded(sku="FT-JUG")
    order = order_from(staff, "FT-MUG 2\nFT-JUG 3")
    one, other = line_of(first), line_of(second)
    data = {
        f"line-{one.id}-quantity": "4",
        f"line-{one.id}-cost": "9",
        f"line-{other.id}-quantity": "0",
        f"line-{other.id}-cost": "",
    }

    answer = staff.post(f"/admin/inventory/incoming/{order.id}/lines", data=data)

    assert answer.status_code == 303
    assert (line_of(first).quantity, line_of(first).cost_amount) == (4, 900)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PurchaseLine)) == 1


def test_the_list_of_stock_tells_what_is_incoming_and_when(staff: FlaskClient) -> None:
    make_coded(sku="FT-MUG")
    order_from(staff, "FT-MUG 12", expected_on="2099-05-12")

    page = staff.get("/admin/inventory").text

    assert "</span>12<small>12\N{NO-BREAK SPACE}May</small>" in page


def test_a_sold_out_product_says_when_it_is_expected_if_the_merchant_wants(
    staff: FlaskClient,
) -> None:
    variant = make_coded(on_hand=0, sku="FT-MUG")
    address = f"/products/{db.session.get_one(Product, variant.product_id).handle}"
    order = order_from(staff, "FT-MUG 12", expected_on="2099-05-12")
    assert "back on" not in staff.get(address).text

    data = {"supplier": "Clay & Sons", "expected_on": "2099-05-12", "is_told": "1"}
    staff.post(f"/admin/inventory/incoming/{order.id}", data=data)

    assert "Sold out, back on 12\N{NO-BREAK SPACE}May" in staff.get(address).text


def test_what_comes_in_serves_those_who_wait(staff: FlaskClient) -> None:
    variant = make_coded(on_hand=0, sku="FT-MUG")
    inventory.set_backorders(variant.id, Backorders.BACKORDER, limit=5, promised_on=None, by=None)
    waiting = make_order(variant, quantity=2, backordered=2, paid=True)
    assert f"/admin/orders/{waiting.id}" in staff.get("/admin/inventory/waiting").text
    order = order_from(staff, "FT-MUG 3")

    staff.post(
        f"/admin/inventory/incoming/{order.id}/receipts",
        data={f"came-{line_of(variant).id}-units": "3", "press": "b"},
    )

    assert "Nobody waits for stock" in staff.get("/admin/inventory/waiting").text
    assert stock_of(variant) == (1, 0)


def test_calling_off_the_rest_ends_what_is_expected(staff: FlaskClient) -> None:
    variant = make_coded(sku="FT-MUG")
    order = order_from(staff, "FT-MUG 3")

    staff.post(f"/admin/inventory/incoming/{order.id}/cancellation")

    assert line_of(variant).canceled == 3
    assert "Nothing is on its way" in staff.get("/admin/inventory/incoming").text
