"""Changes of collections: their words, their place in the tree, and what was picked for them by
hand; held_by_rules.py tells what their rules hold. All in the caller's transaction; none commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.catalog.handles import free_handle, handle_from, is_handle
from shop.catalog.held_by_rules import apply_rule, insertion
from shop.catalog.models import (
    Collection,
    CollectionProduct,
    Product,
)
from shop.catalog.rules import Condition, Rule, as_rows
from shop.extensions import db
from shop.redirects import service as redirects

#: Levels of the tree.
MAX_DEPTH = 4


class BadCollectionHandle(Exception):
    """Not lower case letters, digits and hyphens."""


class CollectionHandleTaken(Exception):
    """Another collection has this address."""


class WrongParent(Exception):
    """A collection cannot lie in itself, nor in what lies in it."""


class TooDeep(Exception):
    """More than MAX_DEPTH levels."""


class HeldByRule(Exception):
    """Nothing can be picked by hand where a rule decides."""


@dataclass(frozen=True, kw_only=True)
class CollectionDetails:
    title: str
    #: Empty: made from the title, or kept.
    handle: str = ""
    summary: str = ""
    parent_id: int | None = None
    is_in_menu: bool = False
    #: Empty: picked by hand.
    conditions: tuple[Condition, ...] = ()
    needs_all: bool = True

    @property
    def rule(self) -> Rule:
        return Rule(self.conditions, self.needs_all)


# The collection itself


def create_collection(details: CollectionDetails, by: int | None = None) -> Collection:
    """Raises BadCollectionHandle, CollectionHandleTaken, TooDeep."""
    last = db.session.scalar(sa.select(sa.func.max(Collection.position))) or 0
    collection = Collection(handle=_new_handle(details), position=last + 1)
    _describe(collection, details)
    db.session.add(collection)
    db.session.flush()
    _record(collection, "created", by, title=collection.title)
    if details.conditions:
        apply_rule(collection)
    return collection


def update_collection(
    collection: Collection, details: CollectionDetails, by: int | None = None
) -> None:
    """Without its rule it keeps what the rule held, to be picked from by hand. Raises
    BadCollectionHandle, CollectionHandleTaken, WrongParent, TooDeep.
    """
    old, before = collection.rule, audit.values_of(collection)
    if details.handle and details.handle != collection.handle:
        handle = _checked_handle(details.handle)
        redirects.moved(f"/collections/{collection.handle}", f"/collections/{handle}")
        collection.handle = handle
    _describe(collection, details)
    db.session.flush()
    if changes := audit.differences(before, audit.values_of(collection)):
        _record(collection, "updated", by, **changes)
    if details.conditions and details.rule != old:
        apply_rule(collection)


def delete_collection(collection: Collection, by: int | None = None) -> None:
    """Its products stay in the shop; collections in it come to lie where it lay."""
    places = [[place.product_id, place.position] for place in _places(collection)]
    kept = audit.values_of(collection) | {"products": places}
    db.session.execute(
        sa.update(Collection)
        .where(Collection.parent_id == collection.id)
        .values(parent_id=collection.parent_id)
    )
    audit.record_removal(
        kept,
        by,
        "collection.deleted",
        subject_kind="collection",
        subject_id=collection.id,
        title=collection.title,
        handle=collection.handle,
    )
    db.session.delete(collection)
    db.session.flush()


def restore_collection(kept: Mapping[str, Any], by: int | None = None) -> Collection:
    """One that was deleted, with those of its products that there still are; at the top where what
    it lay in is gone. Raises CollectionHandleTaken.
    """
    _checked_handle(kept["handle"])
    collection = audit.remade(Collection, kept)
    if collection.parent_id and db.session.get(Collection, collection.parent_id) is None:
        collection.parent_id = None
    db.session.add(collection)
    db.session.flush()
    if collection.is_rule_based:
        apply_rule(collection)
    else:
        _place_again(collection, kept["products"])
    _record(collection, "restored", by, title=collection.title)
    return collection


def _place_again(collection: Collection, places: Sequence[Sequence[int]]) -> None:
    ids = [product_id for product_id, _ in places]
    known = set(db.session.scalars(sa.select(Product.id).where(Product.id.in_(ids))))
    db.session.add_all(
        CollectionProduct(collection_id=collection.id, product_id=product_id, position=position)
        for product_id, position in places
        if product_id in known
    )
    db.session.flush()


def change_picture(collection: Collection, file: str | None, by: int | None = None) -> None:
    """Base name in the media folder; none takes the picture away."""
    collection.file = file
    db.session.flush()
    _record(collection, "pictured", by, file=file)


def move(collection: Collection, step: int, by: int | None = None) -> None:
    """One place up (-1) or down (1) among those it lies with."""
    siblings = list(
        db.session.scalars(
            sa.select(Collection)
            .where(Collection.parent_id.is_not_distinct_from(collection.parent_id))
            .order_by(Collection.position, Collection.id)
        )
    )
    positions = sorted(sibling.position for sibling in siblings)
    before = siblings.index(collection)
    _swap(siblings, before, step)
    # Equal places would not be an order.
    for number, sibling in enumerate(siblings):
        positions[number] = max(positions[number], positions[number - 1] + 1 if number else 0)
        sibling.position = positions[number]
    if (after := siblings.index(collection)) != before:
        _record(collection, "moved", by, position=[before + 1, after + 1])
    db.session.flush()


# Picked by hand


def add_product(collection: Collection, product_id: int, by: int | None = None) -> bool:
    """Behind the others; whether it was not there yet. Raises HeldByRule."""
    is_new = bool(add_products(collection, [product_id]))
    if is_new:
        _record(collection, "product_added", by, product_id=product_id)
    return is_new


def add_products(collection: Collection, product_ids: Sequence[int]) -> set[int]:
    """Behind the others, in this order; those that were not in it yet. Raises HeldByRule."""
    _refuse_rule(collection)
    present = sa.select(CollectionProduct.product_id).where(
        CollectionProduct.collection_id == collection.id,
        CollectionProduct.product_id.in_(product_ids),
    )
    known = set(db.session.scalars(present))
    missing = [id_ for id_ in product_ids if id_ not in known]
    if missing:
        last = sa.select(sa.func.max(CollectionProduct.position)).where(
            CollectionProduct.collection_id == collection.id
        )
        first = (db.session.scalar(last) or 0) + 1
        rows = [
            {"collection_id": collection.id, "product_id": id_, "position": position}
            for position, id_ in enumerate(missing, start=first)
        ]
        db.session.execute(insertion(db.engine.dialect.name).on_conflict_do_nothing(), rows)
    return set(missing)


class Shelves:
    """Collections by their titles, from the outermost in; made where they are missing."""

    def __init__(self, by: int | None) -> None:
        self._by = by
        rows = db.session.scalars(sa.select(Collection).order_by(Collection.id.desc()))
        self._known = {(row.parent_id, row.title.casefold()): row for row in rows}
        #: Ids of those that were made.
        self.made: list[int] = []

    def at(self, way: Sequence[str]) -> Collection:
        """The innermost of the way."""
        parent: Collection | None = None
        for title in way:
            parent = self._in(parent, title)
        if parent is None:
            raise ValueError("an empty way leads nowhere")
        return parent

    def _in(self, parent: Collection | None, title: str) -> Collection:
        key = (parent.id if parent else None, title.casefold())
        if key not in self._known:
            details = CollectionDetails(title=title, parent_id=key[0])
            self._known[key] = create_collection(details, by=self._by)
            self.made.append(self._known[key].id)
        return self._known[key]


def move_product(collection: Collection, product_id: int, step: int, by: int | None = None) -> None:
    """One place up (-1) or down (1); at the end nothing moves. Raises HeldByRule."""
    _refuse_rule(collection)
    places = _places(collection)
    place = next((n for n, one in enumerate(places) if one.product_id == product_id), None)
    if place is not None:
        _swap(places, place, step)
    for number, one in enumerate(places, start=1):
        one.position = number
        if one.product_id == product_id and place is not None and number != place + 1:
            moved = [place + 1, number]
            _record(collection, "product_moved", by, product_id=product_id, position=moved)
    db.session.flush()


def remove_product(collection: Collection, product_id: int, by: int | None = None) -> None:
    """Raises HeldByRule."""
    _refuse_rule(collection)
    db.session.execute(
        sa.delete(CollectionProduct).where(
            CollectionProduct.collection_id == collection.id,
            CollectionProduct.product_id == product_id,
        )
    )
    _record(collection, "product_removed", by, product_id=product_id)


# Inside


def _describe(collection: Collection, details: CollectionDetails) -> None:
    _check_parent(collection, details.parent_id)
    collection.title = details.title
    collection.summary = details.summary
    collection.parent_id = details.parent_id
    collection.is_in_menu = details.is_in_menu
    collection.conditions = as_rows(details.conditions)
    collection.needs_all = details.needs_all


def _new_handle(details: CollectionDetails) -> str:
    if details.handle:
        return _checked_handle(details.handle)
    taken = db.session.scalars(sa.select(Collection.handle))
    return free_handle(handle_from(details.title), set(taken))


def _checked_handle(handle: str) -> str:
    if not is_handle(handle):
        raise BadCollectionHandle(handle)
    if db.session.scalar(sa.select(Collection.id).where(Collection.handle == handle)) is not None:
        raise CollectionHandleTaken(handle)
    return handle


def _check_parent(collection: Collection, parent_id: int | None) -> None:
    if parent_id is None:
        return
    rows = db.session.execute(sa.select(Collection.id, Collection.parent_id))
    parents = {row.id: row.parent_id for row in rows}
    if parent_id not in parents:
        raise WrongParent(parent_id)
    above = _way_up(parent_id, parents)
    if collection.id in above:
        raise WrongParent(parent_id)
    below = max(
        (
            len(way) - way.index(collection.id)
            for one in parents
            if collection.id in (way := list(reversed(_way_up(one, parents))))
        ),
        default=1,
    )
    if len(above) + below > MAX_DEPTH:
        raise TooDeep(parent_id)


def _way_up(id_: int | None, parents: dict[int, int | None]) -> list[int]:
    """The collection, what it lies in, and so on."""
    way: list[int] = []
    while id_ is not None and id_ not in way:
        way.append(id_)
        id_ = parents.get(id_)
    return way


def _refuse_rule(collection: Collection) -> None:
    if collection.is_rule_based:
        raise HeldByRule(collection.id)


def _places(collection: Collection) -> list[CollectionProduct]:
    return list(
        db.session.scalars(
            sa.select(CollectionProduct)
            .where(CollectionProduct.collection_id == collection.id)
            .order_by(CollectionProduct.position, CollectionProduct.product_id)
        )
    )


def _swap(things: list[Any], place: int, step: int) -> None:
    other = place + step
    if 0 <= other < len(things):
        things[place], things[other] = things[other], things[place]


def _record(collection: Collection, what: str, by: int | None, **data: Any) -> None:
    audit.record(
        by, f"collection.{what}", subject_kind="collection", subject_id=collection.id, **data
    )
