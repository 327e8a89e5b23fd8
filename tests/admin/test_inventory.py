from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.admin.inventory_queries import PAGE_SIZE
from shop.audit import AuditEntry
from shop.catalog.models import Collection, CollectionProduct, Variant
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import STAFF_REASONS, Backorders, StockItem, StockMovement
from shop.store.models import StoreSettings
from tests.factories import make_order, make_product, make_variant, stock_of, variants_of

JSON = {"Accept": "application/json"}


def make_named(title: str, *, on_hand: int, is_tracked: bool = True, **values: str) -> Variant:
    (variant,) = variants_of(make_product(title, on_hand=on_hand))
    for name, value in values.items():
        setattr(variant, name, value)
    inventory.set_tracked(variant.id, is_tracked)
    db.session.flush()
    return variant


def entries() -> list[AuditEntry]:
    return list(db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)))


def movements(variant: Variant) -> list[StockMovement]:
    found = sa.select(StockMovement).where(StockMovement.variant_id == variant.id)
    return list(db.session.scalars(found.order_by(StockMovement.id)))


def typed(*rows: tuple[Variant, str, int], how: str = "set", **more: str) -> dict[str, str]:
    """What a browser sends: variant, what was typed, what the page showed."""
    data = {"how": how, "reason": "correction", "press": "press-1"}
    for variant, units, was in rows:
        data |= {f"v{variant.id}-units": units, f"v{variant.id}-was": str(was)}
    return data | more


def test_the_list_tells_on_hand_reserved_and_available(staff: FlaskClient) -> None:
    variant = make_named("Tuesday mug", on_hand=7, sku="FT-MUG")
    make_order(variant, quantity=2)

    page = staff.get("/admin/inventory").text

    assert "Tuesday mug" in page
    assert "FT-MUG" in page
    for counter in ('data-of="on_hand">7<', 'data-of="reserved">2<', 'data-of="available">5<'):
        assert counter in page


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("show=low", ["Low jug", "Out jug"]),
        ("show=out", ["Out jug"]),
        ("show=untracked", ["Endless jug"]),
        ("q=LOW-1", ["Low jug"]),
        ("q=4006381333931", ["Full jug"]),
        ("sort=least", ["Out jug", "Low jug", "Endless jug", "Full jug"]),
        ("sort=most", ["Full jug", "Endless jug", "Low jug", "Out jug"]),
        ("q=nothing", []),
    ],
)
def test_the_list_is_narrowed_and_sorted_by_its_address(
    staff: FlaskClient, query: str, wanted: list[str]
) -> None:
    make_named("Full jug", on_hand=90, barcode="4006381333931")
    make_named("Low jug", on_hand=2, sku="LOW-1")
    make_named("Out jug", on_hand=0)
    make_named("Endless jug", on_hand=5, is_tracked=False)

    page = staff.get(f"/admin/inventory?{query}").text

    titles = ["Full jug", "Low jug", "Out jug", "Endless jug"]
    places = {title: page.find(f">{title}</a>") for title in titles}
    found = sorted((place, title) for title, place in places.items() if place > 0)
    shown = [title for _place, title in found]
    assert shown == wanted if "sort" in query else sorted(shown) == sorted(wanted)


def test_the_list_can_be_of_one_collection(staff: FlaskClient) -> None:
    product = make_product("Jug")
    make_product("Plate")
    collection = Collection(handle="jugs", title="Jugs")
    db.session.add(collection)
    db.session.flush()
    db.session.add(CollectionProduct(collection_id=collection.id, product_id=product.id))

    page = staff.get(f"/admin/inventory?collection={collection.id}").text

    assert ">Jug</a>" in page
    assert ">Plate</a>" not in page


def test_a_threshold_of_its_own_goes_before_the_shops(staff: FlaskClient) -> None:
    variant = make_named("Jug", on_hand=9)
    inventory.set_low_stock_at(variant.id, 10, by=None)

    assert ">Jug</a>" in staff.get("/admin/inventory?show=low").text
    assert "1</b> <span" in staff.get("/admin").text


def test_a_shop_without_products_is_told_what_will_stand_here(staff: FlaskClient) -> None:
    assert "Nothing to count yet" in staff.get("/admin/inventory").text


def test_several_rows_are_set_at_once(staff: FlaskClient) -> None:
    first, second = make_variant(on_hand=10), make_variant(on_hand=4)
    untouched = make_variant(on_hand=3)

    answer = staff.post(
        "/admin/inventory",
        data=typed((first, "7", 10), (second, "6", 4), (untouched, "", 3), note="Counted twice"),
    )

    assert answer.status_code == 303
    assert [stock_of(one)[0] for one in (first, second, untouched)] == [7, 6, 3]
    last = movements(first)[-1]
    assert (last.quantity, last.reason, last.note) == (-3, "correction", "Counted twice")
    assert last.account_id is not None
    assert [entry.data["on_hand"] for entry in entries()] == [[10, 7], [4, 6]]


@pytest.mark.parametrize(("how", "after"), [("add", 15), ("take", 5)])
def test_units_are_added_or_taken_away(staff: FlaskClient, how: str, after: int) -> None:
    variant = make_variant(on_hand=10)

    staff.post("/admin/inventory", data=typed((variant, "5", 10), how=how, reason="damaged"))

    assert stock_of(variant) == (after, 0)
    assert movements(variant)[-1].reason == "damaged"


def test_one_press_adds_once(staff: FlaskClient) -> None:
    variant = make_variant(on_hand=10)
    data = typed((variant, "5", 10), how="add")

    for _ in range(2):
        assert staff.post("/admin/inventory", data=data).status_code == 303

    assert stock_of(variant) == (15, 0)
    assert len(entries()) == 1


def test_a_number_that_changed_meanwhile_is_not_overwritten_and_nothing_else_is_kept(
    staff: FlaskClient,
) -> None:
    first, second = make_variant(on_hand=10), make_variant(on_hand=4)

    answer = staff.post("/admin/inventory", data=typed((first, "12", 10), (second, "9", 5)))

    assert answer.status_code == 422
    assert "Meanwhile it became 4" in answer.text
    assert 'value="12"' in answer.text
    assert [stock_of(one)[0] for one in (first, second)] == [10, 4]
    assert entries() == []


def test_never_below_what_is_promised(staff: FlaskClient) -> None:
    variant = make_variant(on_hand=5)
    make_order(variant, quantity=3)

    for how, units in (("set", "2"), ("take", "3")):
        answer = staff.post("/admin/inventory", data=typed((variant, units, 5), how=how))

        assert answer.status_code == 422
        assert "3 are promised to orders" in answer.text
    assert stock_of(variant) == (5, 3)
    assert entries() == []


@pytest.mark.parametrize("units", ["-3", "a", "1.5", "9999999", "٣"])
def test_what_is_no_number_of_units_is_refused_and_kept(staff: FlaskClient, units: str) -> None:
    variant = make_variant(on_hand=5)

    answer = staff.post("/admin/inventory", data=typed((variant, units, 5)))

    assert answer.status_code == 422
    assert f'value="{units}"' in answer.text
    assert stock_of(variant) == (5, 0)


def test_a_reason_that_staff_cannot_give_is_refused(staff: FlaskClient) -> None:
    variant = make_variant(on_hand=5)

    answer = staff.post("/admin/inventory", data=typed((variant, "4", 5), reason="sale"))

    assert answer.status_code == 422
    assert stock_of(variant) == (5, 0)


def test_every_reason_of_staff_can_be_chosen(staff: FlaskClient) -> None:
    variant = make_variant()

    page = staff.get(f"/admin/inventory/{variant.id}").text

    assert all(f'<option value="{reason}"' in page for reason in STAFF_REASONS)


def test_figures_are_grouped_as_the_readers_language_does(staff: FlaskClient) -> None:
    variant = make_variant(on_hand=12_000)
    db.session.get_one(StoreSettings, 1).languages = ["en", "de"]
    page = f"/admin/inventory/{variant.id}"

    for address in ("/admin/inventory", page):
        assert ">12,000<" in staff.get(address).text
        assert ">12.000<" in staff.get(address, headers={"Accept-Language": "de"}).text
    answer = staff.post("/admin/inventory", data=typed((variant, "13000", 12_000)), headers=JSON)
    row = answer.json["rows"][str(variant.id)]
    assert (row["was"], row["on_hand"], row["available"]) == (13_000, "13,000", "13,000")


def test_a_script_changes_one_row_and_is_told_what_it_is_now(staff: FlaskClient) -> None:
    variant = make_variant(on_hand=10)

    answer = staff.post("/admin/inventory", data=typed((variant, "2", 10)), headers=JSON)

    assert answer.status_code == 200
    row = answer.json["rows"][str(variant.id)]
    assert (row["was"], row["available"], row["is_low"]) == (2, "2", True)
    assert answer.json["press"] != "press-1"


def test_a_script_is_told_why_a_row_was_refused(staff: FlaskClient) -> None:
    variant = make_variant(on_hand=10)

    answer = staff.post("/admin/inventory", data=typed((variant, "2", 9)), headers=JSON)

    assert answer.status_code == 422
    assert answer.json["errors"] == ["Meanwhile it became 10. Check your number and save again."]
    assert stock_of(variant) == (10, 0)


def test_a_variant_that_is_gone_is_told(staff: FlaskClient) -> None:
    variant = make_variant()
    data = typed((variant, "5", 10)) | {"v99999-units": "3", "v99999-was": "1"}

    answer = staff.post("/admin/inventory", data=data, headers=JSON)

    assert answer.json["errors"] == ["This variant is not in the shop any more."]
    assert stock_of(variant) == (10, 0)


# One variant


def test_the_ledger_has_every_movement_with_a_running_balance(staff: FlaskClient) -> None:
    variant = make_variant(on_hand=10)
    order = make_order(variant, quantity=4, paid=True)
    staff.post(
        f"/admin/inventory/{variant.id}",
        data=typed((variant, "2", 6), how="take", reason="lost", note="Fell off the shelf"),
    )

    page = " ".join(staff.get(f"/admin/inventory/{variant.id}").text.split())

    assert [page.index(f"</span>{balance}</td>") > 0 for balance in (4, 6, 10)] == [True] * 3
    assert page.index("Lost") < page.index("Fell off the shelf")
    assert f"/admin/orders/{order.id}" in page
    assert f"Order {order.number}" in page
    assert "by Maya Kerr" in page


def test_the_balance_goes_on_over_the_pages_of_a_ledger(staff: FlaskClient) -> None:
    variant = make_variant(on_hand=0)
    for _ in range(PAGE_SIZE + 2):
        inventory.set_on_hand(variant.id, stock_of(variant)[0] + 1)

    page = staff.get(f"/admin/inventory/{variant.id}?page=2").text

    assert "</span>2</td>" in page
    assert "</span>1</td>" in page
    assert "</span>3</td>" not in page


def test_what_is_paid_and_not_sent_is_told_beside_the_counters(staff: FlaskClient) -> None:
    variant = make_variant(on_hand=10)
    make_order(variant, quantity=4, paid=True)

    assert "<dt>Paid, to send</dt><dd>4</dd>" in staff.get(f"/admin/inventory/{variant.id}").text


def test_settings_of_a_variant_are_kept_and_recorded(staff: FlaskClient) -> None:
    variant = make_variant(on_hand=10)

    staff.post(
        f"/admin/inventory/{variant.id}/settings", data={"low_stock_at": "8", "cost": "12.50"}
    )

    item = db.session.get_one(StockItem, variant.id, populate_existing=True)
    assert (item.low_stock_at, item.is_tracked) == (8, False)
    assert db.session.get_one(Variant, variant.id, populate_existing=True).cost_amount == 1250
    assert {entry.action: entry.data for entry in entries()} == {
        "stock.tracking_changed": {"is_tracked": [True, False]},
        "stock.threshold_changed": {"low_stock_at": [None, 8]},
        "variant.cost_changed": {"cost_amount": [None, 1250]},
    }


@pytest.mark.parametrize("data", [{"cost": "abc"}, {"low_stock_at": "-1"}])
def test_settings_that_cannot_be_are_refused(staff: FlaskClient, data: dict[str, str]) -> None:
    variant = make_variant(on_hand=10)

    answer = staff.post(f"/admin/inventory/{variant.id}/settings", data={"is_tracked": "1"} | data)

    assert answer.status_code == 422
    assert next(iter(data.values())) in answer.text
    assert entries() == []


def test_back_orders_are_allowed_with_a_limit_and_a_date(staff: FlaskClient) -> None:
    variant = make_variant(on_hand=0)

    answer = staff.post(
        f"/admin/inventory/{variant.id}/backorders",
        data={"kind": "preorder", "limit": "20", "promised_on": "2099-03-12"},
    )

    item = db.session.get_one(StockItem, variant.id, populate_existing=True)
    assert answer.status_code == 303
    assert (item.backorders, item.backorder_limit) == ("preorder", 20)
    assert str(item.promised_on) == "2099-03-12"
    assert entries()[-1].data["backorder_limit"] == ["0", "20"]


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "backorder", "limit": ""},
        {"kind": "backorder", "limit": "0"},
        {"kind": "backorder", "limit": "many"},
        {"kind": "backorder", "limit": "5", "promised_on": "soon"},
        {"kind": "always", "limit": "5"},
    ],
)
def test_back_orders_that_make_no_sense_are_refused(
    staff: FlaskClient, data: dict[str, str]
) -> None:
    variant = make_variant(on_hand=0)

    answer = staff.post(f"/admin/inventory/{variant.id}/backorders", data=data)

    assert answer.status_code == 422
    assert entries() == []
    item = db.session.get_one(StockItem, variant.id, populate_existing=True)
    assert item.backorders == Backorders.NONE


def test_who_waits_for_stock_is_listed_the_oldest_first(staff: FlaskClient) -> None:
    variant = make_variant(on_hand=0)
    inventory.set_backorders(variant.id, Backorders.BACKORDER, limit=9, promised_on=None, by=None)
    first = make_order(variant, quantity=2, backordered=2, paid=True)
    second = make_order(variant, quantity=1, backordered=1, paid=True)

    page = staff.get(f"/admin/inventory/{variant.id}").text

    waiting = page[page.index("Waiting for stock") :]
    assert waiting.index(f"/orders/{first.id}") < waiting.index(f"/orders/{second.id}")


def test_a_list_is_as_many_queries_for_fifty_variants_as_for_one(
    staff: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    make_variant()
    with count_queries() as few:
        staff.get("/admin/inventory")
    for _ in range(PAGE_SIZE + 1):
        make_variant()
    with count_queries() as many:
        staff.get("/admin/inventory")

    assert len(many) == len(few)
    reads = [one for one in many if "stock_items" in str(one) or "product" in str(one)]
    assert len(reads) <= 6


def test_the_ledger_is_as_many_queries_however_long_it_is(
    staff: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    variant = variants_of(make_product(options={"Glaze": ["Cobalt"]}, on_hand=3))[0]
    with count_queries() as few:
        staff.get(f"/admin/inventory/{variant.id}")
    for units in range(20, 40):
        inventory.set_on_hand(variant.id, units)
    make_order(variant, paid=True)
    with count_queries() as many:
        staff.get(f"/admin/inventory/{variant.id}")

    assert len(many) == len(few)
