"""Back-orders and what a variant costs, in and out of a product CSV."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.catalog import costs
from shop.catalog.models import Product, Variant
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import Backorders, StockItem
from tests.catalog.sheets import bring_in, by_column, cells_of, export, outcomes
from tests.factories import make_order, make_product, stock_of, variants_of
from tests.imports.files import import_of, run, undo

HEADER = (
    "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,"
    "Variant Inventory Qty,Variant Inventory Policy,Variant Price,Cost per item\n"
)
MUGS = HEADER + (
    "mug,Mug,Glaze,Cobalt,COB,shopify,3,continue,34,12.5\n"
    "mug,,,Milk,MLK,shopify,3,deny,34,\n"
    "mug,,,Ochre,OCH,,3,continue,34,0\n"
)


def variant(sku: str) -> Variant:
    return db.session.scalars(sa.select(Variant).where(Variant.sku == sku)).one()


def item(sku: str) -> StockItem:
    return db.session.get_one(StockItem, variant(sku).id, populate_existing=True)


def selling(sku: str) -> tuple[bool, str, int]:
    found = item(sku)
    return found.is_tracked, found.backorders, found.backorder_limit


def test_continue_sells_a_counted_variant_beyond_its_stock(app: Flask) -> None:
    bring_in(MUGS)

    assert selling("COB") == (True, "backorder", inventory.MAX_ON_HAND)
    assert selling("MLK") == (True, "none", 0)
    assert selling("OCH") == (False, "none", 0)  # nobody counts it: it always sells


def test_the_cost_comes_along(app: Flask) -> None:
    bring_in(MUGS)

    assert [variant(sku).cost_amount for sku in ("COB", "MLK", "OCH")] == [1250, None, 0]


def test_the_file_comes_out_as_it_came_and_changes_nothing_again(app: Flask) -> None:
    bring_in(MUGS)

    out = export()

    assert cells_of(out) == cells_of(MUGS)
    assert outcomes(bring_in(out)) == (0, 0, 1)
    assert outcomes(bring_in(MUGS)) == (0, 0, 1)


def test_what_the_shop_changed_goes_out_and_into_another_shop(app: Flask) -> None:
    bring_in(MUGS)
    inventory.set_backorders(variant("COB").id, Backorders.NONE, limit=0, promised_on=None, by=None)
    inventory.set_backorders(
        variant("MLK").id, Backorders.PREORDER, limit=9, promised_on=date(2099, 3, 1), by=None
    )
    costs.change_cost(variant("COB").id, 1300, by=None)
    costs.change_cost(variant("MLK").id, 1400, by=None)

    rows = by_column(export())

    assert rows["Variant Inventory Policy"] == ["deny", "continue", "continue"]
    assert rows["Cost per item"] == ["13.00", "14.00", "0"]
    again = bring_in(export()).products[0].changes
    assert not [change for change in again if "does not use" not in change]
    assert selling("MLK") == (True, "preorder", 9)  # its kind, limit and day are the shop's own


def test_a_shop_that_never_imported_gives_both_away(app: Flask) -> None:
    (waiting,) = variants_of(make_product("Mug", on_hand=0))
    waiting.cost_amount = 990
    inventory.set_backorders(waiting.id, Backorders.BACKORDER, limit=5, promised_on=None, by=None)

    rows = by_column(export())

    assert rows["Variant Inventory Policy"] == ["continue"]
    assert rows["Variant Inventory Tracker"] == ["shopify"]
    assert rows["Cost per item"] == ["9.90"]
    assert outcomes(bring_in(export())) == (0, 0, 1)


def test_columns_are_added_where_a_file_had_none(app: Flask) -> None:
    bring_in("Handle,Title,Variant SKU,Variant Inventory Qty,Variant Price\nmug,Mug,COB,3,34\n")
    assert "Policy" not in export()
    assert "Cost" not in export()

    inventory.set_backorders(
        variant("COB").id, Backorders.BACKORDER, limit=5, promised_on=None, by=None
    )
    costs.change_cost(variant("COB").id, 500, by=None)

    rows = by_column(export())
    assert rows["Variant Inventory Policy"] == ["continue"]
    assert rows["Cost per item"] == ["5.00"]
    assert "Variant Inventory Tracker" not in rows  # a quantity says that it is counted


def test_a_file_turns_it_on_and_off(app: Flask) -> None:
    bring_in(MUGS)
    sku_and_policy = "Handle,Variant SKU,Variant Inventory Policy\nmug,{},{}\n"

    off = bring_in(sku_and_policy.format("COB", "deny"))
    on = bring_in(sku_and_policy.format("MLK", "continue"))
    blank = bring_in(sku_and_policy.format("MLK", ""))

    assert "COB: is not sold beyond what is on hand" in off.products[0].changes
    assert "MLK: is sold beyond what is on hand" in on.products[0].changes
    assert not [change for change in blank.products[0].changes if "on hand" in change]
    assert selling("COB") == (True, "none", 0)
    assert selling("MLK") == (True, "backorder", inventory.MAX_ON_HAND)


def test_ending_it_lets_those_wait_on_who_do(app: Flask) -> None:
    bring_in(MUGS)
    make_order(variant("COB"), quantity=5, backordered=2)

    bring_in(MUGS.replace("continue,34,12.5", "deny,34,12.5"))

    assert selling("COB") == (True, "none", 2)
    assert stock_of(variant("COB")) == (3, 5)


def test_an_empty_cost_leaves_what_is_known(app: Flask) -> None:
    bring_in(MUGS)

    report = bring_in(MUGS.replace("12.5", ""))

    assert variant("COB").cost_amount == 1250
    assert not [change for change in report.products[0].changes if "Cost" in change]


def test_a_changed_cost_is_told(app: Flask) -> None:
    bring_in(MUGS)

    report = bring_in(MUGS.replace("12.5", "13"))

    assert report.products[0].changes == ("COB: Cost per item",)
    assert variant("COB").cost_amount == 1300


@pytest.mark.parametrize("cell", ["1,234", "-1", "cheap"])
def test_a_cost_that_means_nothing_is_refused(app: Flask, cell: str) -> None:
    done = run(MUGS.replace(",12.5", f',"{cell}"'))

    assert (done.created_count, done.faulty_count) == (0, 1)
    assert db.session.scalar(sa.select(sa.func.count(Variant.id))) == 0


def test_a_cost_carried_along_from_before_counts_until_the_shop_knows_one(app: Flask) -> None:
    bring_in(MUGS)
    cobalt = variant("COB")
    cobalt.cost_amount = None
    cobalt.import_columns = {"row": 0, "cells": {"Cost per item": ["12.5"]}}
    assert by_column(export())["Cost per item"][0] == "12.5"

    costs.change_cost(cobalt.id, 1300, by=None)

    assert by_column(export())["Cost per item"][0] == "13.00"


def test_undoing_brings_both_back(app: Flask) -> None:
    run(MUGS)
    inventory.set_backorders(
        variant("COB").id, Backorders.PREORDER, limit=9, promised_on=date(2099, 3, 1), by=None
    )
    other = MUGS.replace("continue,34,12.5", "deny,34,20").replace(
        "MLK,shopify,3,deny,34,", "MLK,shopify,3,continue,34,7"
    )

    undone = undo(run(other, press="2").id)

    assert undone.conflict_count == 0
    assert selling("COB") == (True, "preorder", 9)
    assert item("COB").promised_on == date(2099, 3, 1)
    assert selling("MLK") == (True, "none", 0)
    assert [variant(sku).cost_amount for sku in ("COB", "MLK")] == [1250, None]


def test_undoing_leaves_what_somebody_set_since(app: Flask) -> None:
    run(MUGS)
    done = run(MUGS.replace("3,deny,34,", "3,continue,34,7"), press="2")
    inventory.set_backorders(
        variant("MLK").id, Backorders.BACKORDER, limit=4, promised_on=None, by=None
    )
    costs.change_cost(variant("MLK").id, 800, by=None)
    db.session.commit()

    undone = undo(done.id)

    assert import_of(done.id).conflict_count == undone.conflict_count == 1  # one product
    assert selling("MLK") == (True, "backorder", 4)
    assert variant("MLK").cost_amount == 800


KIND = "Back-order kind (variant.metafields.till.backorder_kind)"
LIMIT = "Back-order limit (variant.metafields.till.backorder_limit)"
DAY = "Promised on (variant.metafields.till.promised_on)"
TERMS = (
    f"Handle,Variant SKU,Variant Inventory Policy,{KIND},{LIMIT},{DAY}\n"
    "mug,{sku},{policy},{kind},{limit},{day}\n"
)


def terms(
    sku: str = "MLK", policy: str = "", kind: str = "", limit: str = "", day: str = ""
) -> str:
    return TERMS.format(sku=sku, policy=policy, kind=kind, limit=limit, day=day)


def test_kind_limit_and_day_go_out_and_into_another_shop(app: Flask) -> None:
    bring_in(MUGS)
    assert "metafields.till.backorder" not in export()  # without a limit is the usual
    inventory.set_backorders(
        variant("MLK").id, Backorders.PREORDER, limit=9, promised_on=date(2027, 3, 1), by=None
    )
    out = export()

    rows = by_column(out)
    assert (rows[KIND], rows[LIMIT], rows[DAY]) == (
        ["", "preorder", ""], ["", "9", ""], ["", "2027-03-01", ""],
    )  # fmt: skip
    assert outcomes(bring_in(out)) == (0, 0, 1)
    db.session.delete(db.session.scalars(sa.select(Product)).one())
    db.session.flush()

    bring_in(out)

    assert selling("MLK") == (True, "preorder", 9)
    assert item("MLK").promised_on == date(2027, 3, 1)
    assert selling("COB") == (True, "backorder", inventory.MAX_ON_HAND)
    assert cells_of(export()) == cells_of(out)


def test_a_file_says_how_it_is_sold_and_empty_cells_leave_that(app: Flask) -> None:
    bring_in(MUGS)

    first = bring_in(terms(policy="continue", kind="Pre-order", limit="20", day="2027-03-01"))
    assert "MLK: is sold beyond what is on hand" in first.products[0].changes
    assert selling("MLK") == (True, "preorder", 20)

    second = bring_in(terms(limit="30"))
    assert "MLK: how it is sold beyond what is on hand" in second.products[0].changes
    assert (selling("MLK"), item("MLK").promised_on) == (
        (True, "preorder", 30), date(2027, 3, 1),
    )  # fmt: skip

    bring_in(terms(policy="continue"))
    assert selling("MLK") == (True, "preorder", 30)
    bring_in(terms(policy="deny", limit="30"))
    assert selling("MLK") == (True, "none", 0)


def test_a_limit_alone_does_not_begin_to_sell_on(app: Flask) -> None:
    bring_in(MUGS)

    bring_in(terms(limit="30", day="2027-03-01"))

    assert selling("MLK") == (True, "none", 0)
    assert item("MLK").promised_on is None


@pytest.mark.parametrize(
    "cells",
    [
        {"kind": "perhaps"}, {"limit": "many"}, {"limit": "-1"}, {"limit": "1000001"},
        {"day": "1.3.2027"}, {"day": "2027-02-30"}, {"day": "soon"},
    ],
)  # fmt: skip
def test_terms_that_mean_nothing_are_refused(app: Flask, cells: dict[str, str]) -> None:
    run(MUGS)

    done = run(terms(policy="continue", **cells), press="2")

    assert (done.updated_count, done.faulty_count) == (0, 1)
    assert selling("MLK") == (True, "none", 0)


def test_a_limit_below_what_waits_is_refused(app: Flask) -> None:
    run(MUGS)
    make_order(variant("COB"), quantity=5, backordered=2)
    db.session.commit()

    done = run(terms(sku="COB", limit="1"), press="2")

    assert (done.updated_count, done.faulty_count) == (0, 1)
    assert selling("COB") == (True, "backorder", inventory.MAX_ON_HAND)


def test_undoing_brings_the_terms_back(app: Flask) -> None:
    run(MUGS)
    inventory.set_backorders(
        variant("COB").id, Backorders.PREORDER, limit=9, promised_on=date(2027, 3, 1), by=None
    )
    db.session.commit()

    undone = undo(run(terms(sku="COB", kind="backorder", limit="4"), press="2").id)

    assert undone.conflict_count == 0
    assert selling("COB") == (True, "preorder", 9)
