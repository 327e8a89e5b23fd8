from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.audit import AuditEntry
from shop.catalog import collections, held_by_rules, service, variant_service
from shop.catalog.collections import CollectionDetails, TooDeep, WrongParent
from shop.catalog.models import Collection, CollectionProduct, Product
from shop.catalog.rules import About, Comparison, Condition
from shop.extensions import db
from shop.inventory import reservations
from shop.inventory import service as inventory
from shop.redirects import queries as redirects
from tests.catalog.test_queries import make_collection
from tests.factories import make_order, make_product, variants_of

CHEAP = Condition(About.PRICE, Comparison.LESS, 2500)
FEW = (
    Condition(About.STOCK, Comparison.LESS, 4),
    Condition(About.STOCK, Comparison.GREATER, 0),
)


def held(collection: Collection) -> list[int]:
    return list(
        db.session.scalars(
            sa.select(CollectionProduct.product_id)
            .where(CollectionProduct.collection_id == collection.id)
            .order_by(CollectionProduct.position, CollectionProduct.product_id)
        )
    )


def make_rule(*conditions: Condition, **values: Any) -> Collection:
    details = CollectionDetails(title="Ruled", conditions=conditions, **values)
    return collections.create_collection(details)


# By rules


def test_a_rule_holds_what_meets_it(app: Flask) -> None:
    cheap = make_product(unit_amount=2400)
    make_product(unit_amount=2500)

    assert held(make_rule(CHEAP)) == [cheap.id]


def test_a_product_comes_and_goes_as_it_changes(app: Flask) -> None:
    mug = make_product(unit_amount=3000)
    (variant,) = variants_of(mug)
    cheap = make_rule(CHEAP)
    tagged = make_rule(Condition(About.TAG, Comparison.EQUALS, "Tea"))

    variant_service.change_price(variant, unit_amount=2000, compare_at_amount=None, by=None)
    service.update_product(mug, service.ProductDetails(title="Mug", tags=("tea",)))
    assert (held(cheap), held(tagged)) == ([mug.id], [mug.id])

    variant_service.change_price(variant, unit_amount=2600, compare_at_amount=None, by=None)
    service.update_product(mug, service.ProductDetails(title="Mug"))
    assert (held(cheap), held(tagged)) == ([], [])


def test_a_rule_about_stock_follows_sales_and_counts(app: Flask) -> None:
    mug = make_product(on_hand=5)
    (variant,) = variants_of(mug)
    few = make_rule(*FEW)
    assert held(few) == []

    order = make_order(variant, quantity=2)
    assert held(few) == [mug.id]

    reservations.release(order.id)
    assert held(few) == []

    inventory.set_on_hand(variant.id, 1)
    assert held(few) == [mug.id]

    inventory.set_tracked(variant.id, False)
    assert held(few) == []


def test_stock_is_written_without_reading_products_where_no_rule_asks(
    app: Flask, count_queries: Any
) -> None:
    mug = make_product(on_hand=5)
    (variant,) = variants_of(mug)
    make_rule(CHEAP)
    db.session.flush()

    with count_queries() as statements:
        inventory.set_on_hand(variant.id, 4)

    assert not [statement for statement in statements if "FROM products" in statement]


def test_a_changed_rule_holds_other_products(app: Flask) -> None:
    cheap, dear = make_product(unit_amount=100), make_product(unit_amount=9000)
    collection = make_rule(CHEAP)

    collections.update_collection(
        collection,
        CollectionDetails(
            title="Dear", conditions=(Condition(About.PRICE, Comparison.GREATER, 2500),)
        ),
    )

    assert held(collection) == [dear.id]
    assert cheap.id not in held(collection)


def test_what_a_rule_held_can_be_picked_from_by_hand(app: Flask) -> None:
    cheap, dear = make_product(unit_amount=100), make_product(unit_amount=9000)
    collection = make_rule(CHEAP)

    collections.update_collection(collection, CollectionDetails(title="By hand"))
    collections.add_product(collection, dear.id)

    assert held(collection) == [cheap.id, dear.id]


def test_nothing_is_picked_by_hand_where_a_rule_decides(app: Flask) -> None:
    mug = make_product()
    collection = make_rule(CHEAP)

    with pytest.raises(collections.HeldByRule):
        collections.add_product(collection, mug.id)

    assert held(collection) == []


def test_a_rule_is_tried_before_it_is_saved(app: Flask) -> None:
    cheap = make_product(unit_amount=100)
    newer = make_product(unit_amount=200)
    make_product(unit_amount=100, published=False)

    rule = CollectionDetails(title="", conditions=(CHEAP,)).rule

    assert held_by_rules.matching(rule, limit=5) == (2, [newer.id, cheap.id])


def test_rules_decide_in_batches(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_by_rules, "BATCH", 2)
    pots = [make_product(unit_amount=100) for _ in range(5)]

    collection = make_rule(CHEAP)
    db.session.execute(sa.delete(CollectionProduct))
    held_by_rules.refresh_members([pot.id for pot in pots])

    assert held(collection) == [pot.id for pot in pots]


# By hand


def test_products_are_added_behind_and_moved(app: Flask) -> None:
    a, b, c = (make_product() for _ in range(3))
    collection = make_collection("table", [a, b])

    collections.add_product(collection, c.id)
    collections.add_product(collection, c.id)
    collections.move_product(collection, c.id, -1)
    collections.move_product(collection, a.id, -1)
    collections.remove_product(collection, b.id)

    assert held(collection) == [a.id, c.id]


# The tree


def test_a_collection_cannot_lie_in_itself_or_its_parts(app: Flask) -> None:
    top = make_collection("top", [])
    low = make_collection("low", [], parent_id=top.id)

    for parent_id in (top.id, low.id, 999_999):
        with pytest.raises(WrongParent):
            collections.update_collection(top, CollectionDetails(title="Top", parent_id=parent_id))

    assert top.parent_id is None


def test_the_tree_has_four_levels(app: Flask) -> None:
    one = make_collection("one", [])
    two = make_collection("two", [], parent_id=one.id)
    three = make_collection("three", [], parent_id=two.id)
    four = make_collection("four", [], parent_id=three.id)
    other = make_collection("other", [])
    make_collection("others-part", [], parent_id=other.id)

    with pytest.raises(TooDeep):
        collections.create_collection(CollectionDetails(title="Five", parent_id=four.id))
    with pytest.raises(TooDeep):
        collections.update_collection(other, CollectionDetails(title="Other", parent_id=three.id))

    assert other.parent_id is None


def test_parts_of_a_deleted_collection_lie_where_it_lay(app: Flask) -> None:
    one = make_collection("one", [])
    two = make_collection("two", [make_product()], parent_id=one.id)
    three = make_collection("three", [], parent_id=two.id)

    collections.delete_collection(two)
    db.session.expire_all()

    assert three.parent_id == one.id
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CollectionProduct)) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Product)) == 1


def test_collections_are_moved_among_those_they_lie_with(app: Flask) -> None:
    one, two = make_collection("one", []), make_collection("two", [])
    make_collection("part", [], parent_id=one.id)

    collections.move(two, -1)

    order = sa.select(Collection.handle).where(Collection.parent_id.is_(None))
    order = order.order_by(Collection.position, Collection.id)
    assert list(db.session.scalars(order)) == ["two", "one"]


def test_an_old_address_leads_to_the_new_one(app: Flask) -> None:
    mugs = make_collection("mugs", [])

    collections.update_collection(mugs, CollectionDetails(title="Mugs", handle="all-mugs"))

    assert redirects.target_of("/collections/mugs") == "/collections/all-mugs"


def test_addresses_are_made_from_titles_and_unique(app: Flask) -> None:
    make_collection("mugs", [])

    made = collections.create_collection(CollectionDetails(title="Mugs"))

    assert made.handle == "mugs-2"
    with pytest.raises(collections.CollectionHandleTaken):
        collections.create_collection(CollectionDetails(title="x", handle="mugs"))
    with pytest.raises(collections.BadCollectionHandle):
        collections.create_collection(CollectionDetails(title="x", handle="Mugs!"))


def test_changes_are_in_the_audit_trail(app: Flask) -> None:
    collections.delete_collection(make_rule(CHEAP))

    actions = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id))
    assert list(actions) == ["collection.created", "collection.deleted"]
