"""Back-orders and what a variant costs, in and out of a product CSV."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.catalog import costs
from shop.catalog.models import Variant
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
        variant("MLK").id, Backorders.PREORDER, limit=9, promised_on=date(2027, 3, 1), by=None
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
        variant("COB").id, Backorders.PREORDER, limit=9, promised_on=date(2027, 3, 1), by=None
    )
    other = MUGS.replace("continue,34,12.5", "deny,34,20").replace(
        "MLK,shopify,3,deny,34,", "MLK,shopify,3,continue,34,7"
    )

    undone = undo(run(other, press="2").id)

    assert undone.conflict_count == 0
    assert selling("COB") == (True, "preorder", 9)
    assert item("COB").promised_on == date(2027, 3, 1)
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
