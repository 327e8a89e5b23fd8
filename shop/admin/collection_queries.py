"""What the admin's pages of collections show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from shop.catalog.models import Collection, CollectionProduct, Product, ProductImage, ProductStatus
from shop.extensions import db

#: Products of a collection shown at most, and found to be added.
SHOWN, FOUND = 200, 12
#: Collections on a page of their list: most shops have them all in sight.
PAGE_SIZE = 50
#: Products of one are counted so far: its own page counts them all.
MOST_COUNTED = 500


@dataclass(frozen=True)
class CollectionRow:
    id: int
    title: str
    handle: str
    file: str | None
    is_in_menu: bool
    is_rule_based: bool
    product_count: str
    #: How deep it lies in others.
    depth: int
    is_first: bool
    is_last: bool
    #: Title of what it lies in, where that is not among these rows.
    lies_in: str


@dataclass(frozen=True)
class HeldProduct:
    id: int
    title: str
    handle: str
    is_published: bool
    file: str | None


@dataclass(frozen=True)
class Place:
    """Where a collection stands in the tree."""

    id: int
    title: str
    depth: int
    is_first: bool
    is_last: bool
    #: What it lies in.
    parent: Place | None


def tree() -> list[Place]:
    """Each followed by what lies in it. One query."""
    children: dict[int | None, list[tuple[int, str]]] = {}
    rows = db.session.execute(
        sa.select(Collection.parent_id, Collection.id, Collection.title).order_by(
            Collection.position, Collection.id
        )
    )
    for parent_id, id_, title in rows:
        children.setdefault(parent_id, []).append((id_, title))
    places: list[Place] = []

    def add(parent: Place | None, depth: int) -> None:
        siblings = children.pop(parent.id if parent else None, [])
        for at, (id_, title) in enumerate(siblings, start=1):
            place = Place(id_, title, depth, at == 1, at == len(siblings), parent)
            places.append(place)
            add(place, depth + 1)

    add(None, 0)
    return places


def collections(places: Sequence[Place]) -> list[CollectionRow]:
    """Of the collections at these places, in their order. One query."""
    held = (
        sa.select(CollectionProduct.product_id)
        .where(CollectionProduct.collection_id == Collection.id)
        .correlate(Collection)
        .limit(MOST_COUNTED + 1)
        .subquery()
    )
    count = sa.select(sa.func.count()).select_from(held).scalar_subquery()
    found = db.session.execute(
        sa.select(Collection, count).where(Collection.id.in_([place.id for place in places]))
    )
    known = {one.id: (one, number) for one, number in found}
    shown = {place.id for place in places}
    return [_row(place, *known[place.id], shown) for place in places if place.id in known]


def _row(place: Place, one: Collection, count: int, shown: set[int]) -> CollectionRow:
    return CollectionRow(
        one.id,
        one.title,
        one.handle,
        one.file,
        one.is_in_menu,
        one.is_rule_based,
        f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count),
        place.depth,
        place.is_first,
        place.is_last,
        place.parent.title if place.parent and place.parent.id not in shown else "",
    )


def page_with(collection_id: int) -> int:
    """Number of the list's page that shows it."""
    ids = [place.id for place in tree()]
    return ids.index(collection_id) // PAGE_SIZE + 1 if collection_id in ids else 1


def parents_for(collection: Collection | None) -> list[tuple[str, str]]:
    """Id and title of what it may lie in, indented as they lie."""
    own = collection.id if collection else None
    return [
        (str(place.id), "\u2003" * place.depth + place.title) for place in tree() if place.id != own
    ]


def held_by(collection: Collection) -> list[HeldProduct]:
    """The first of them."""
    held = (
        _PRODUCTS.join(CollectionProduct, CollectionProduct.product_id == Product.id)
        .where(CollectionProduct.collection_id == collection.id)
        .order_by(CollectionProduct.position, Product.published_at.desc(), Product.id)
        .limit(SHOWN)
    )
    return [_product(row) for row in db.session.execute(held)]


def count_held_by(collection: Collection) -> int:
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(CollectionProduct)
            .where(CollectionProduct.collection_id == collection.id)
        )
        or 0
    )


def products_to_add(collection: Collection, text: str) -> list[HeldProduct]:
    """Those that are not in it and have all the words in their titles."""
    held = sa.exists().where(
        CollectionProduct.collection_id == collection.id, CollectionProduct.product_id == Product.id
    )
    words = (
        sa.func.lower(Product.title).contains(word.lower(), autoescape=True)
        for word in text.split()[:8]
    )
    found = _PRODUCTS.where(~held, *words).order_by(Product.title, Product.id).limit(FOUND)
    return [_product(row) for row in db.session.execute(found)]


def products_named(ids: Sequence[int]) -> list[HeldProduct]:
    """In their order."""
    rows = db.session.execute(_PRODUCTS.where(Product.id.in_(ids)))
    found = {row.id: _product(row) for row in rows}
    return [found[id_] for id_ in ids if id_ in found]


def _product(row: sa.Row[tuple[int, str, str, str, str | None]]) -> HeldProduct:
    return HeldProduct(
        row.id, row.title, row.handle, row.status == ProductStatus.PUBLISHED, row.file
    )


_image = aliased(ProductImage)
_PRODUCTS = sa.select(
    Product.id,
    Product.title,
    Product.handle,
    Product.status,
    sa.select(_image.file)
    .where(_image.product_id == Product.id)
    .order_by(_image.position, _image.id)
    .limit(1)
    .correlate(Product)
    .scalar_subquery()
    .label("file"),
)


def titles() -> list[tuple[str, str]]:
    """Handle and title of every collection, by title."""
    rows = db.session.execute(
        sa.select(Collection.handle, Collection.title).order_by(Collection.title, Collection.id)
    )
    return [(row[0], row[1]) for row in rows]
