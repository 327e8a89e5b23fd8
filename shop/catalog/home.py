"""What the home page's sections show of the catalog, in a number of queries that does not grow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import sqlalchemy as sa

from shop.catalog.cards import Asked, ProductCard, cards_as
from shop.catalog.meant import by_rule, wanted_of
from shop.catalog.models import CollectionProduct, Product, ProductStatus
from shop.catalog.queries import (
    CollectionLink,
    RuledLink,
    SwatchTile,
    collections_by_handle,
    is_within,
)
from shop.catalog.racks import rack
from shop.catalog.rules import Rule
from shop.catalog.shelves import open_if_read
from shop.extensions import db
from shop.store.queries import Store
from shop.theme.sections import (
    Collections,
    FeaturedCollection,
    Newest,
    Section,
    SwatchRack,
)

#: Tiles where a section names no collections.
MAX_TILES = 4


@dataclass(frozen=True, kw_only=True)
class HomeShelves:
    """By the ids of the sections they stand in."""

    cards: Mapping[str, Sequence[ProductCard]]
    collections: Mapping[str, CollectionLink]
    tiles: Mapping[str, Sequence[CollectionLink]]
    swatches: Sequence[SwatchTile]


def shelves(
    sections: Sequence[Section], *, store: Store, menu: Sequence[CollectionLink]
) -> HomeShelves:
    """Eight queries at most, however many sections there are, where the catalog is read."""
    named = collections_by_handle(_named(sections))
    featured = [each for each in sections if isinstance(each, FeaturedCollection)]
    return HomeShelves(
        cards=_cards(sections, named, store),
        collections={s.id: named[s.collection] for s in featured if s.collection in named},
        tiles={s.id: _tiles(s, named, menu) for s in sections if isinstance(s, Collections)},
        swatches=rack() if any(isinstance(s, SwatchRack) for s in sections) else [],
    )


def _named(sections: Sequence[Section]) -> set[str]:
    found = {s.collection for s in sections if isinstance(s, FeaturedCollection)}
    return found.union(*(s.collections for s in sections if isinstance(s, Collections)))


def _tiles(
    section: Collections, named: Mapping[str, CollectionLink], menu: Sequence[CollectionLink]
) -> list[CollectionLink]:
    if section.collections:
        return [named[handle] for handle in section.collections if handle in named]
    return [shelf for shelf in menu if shelf.file][:MAX_TILES]


def _cards(
    sections: Sequence[Section], named: Mapping[str, RuledLink], store: Store
) -> dict[str, list[ProductCard]]:
    ids = _product_ids(sections, named)
    rails = _as_meant(ids, _rules_of([s for s in sections if s.id in ids], named))
    cards = cards_as(list(dict.fromkeys(chain.from_iterable(rails.values()))), store)
    return {
        section_id: [cards[one] for one in asked if one in cards]
        for section_id, asked in rails.items()
    }


def _rules_of(sections: Sequence[Section], named: Mapping[str, RuledLink]) -> dict[str, Rule]:
    """By section, those that ask for an option's value."""
    rails = [s for s in sections if isinstance(s, FeaturedCollection)]
    rules = {s.id: named[s.collection].rule for s in rails}
    return {id_: rule for id_, rule in rules.items() if rule.for_options}


def _as_meant(
    ids: Mapping[str, Sequence[int]], rules: Mapping[str, Rule]
) -> dict[str, list[Asked]]:
    """By section; of those with a rule, in the value that it asks for."""
    usual: dict[str, list[Asked]] = {
        section_id: [(id_, None) for id_ in found] for section_id, found in ids.items()
    }
    if not rules:
        return usual
    with open_if_read() as shop:
        if shop is None:
            return usual
        meant = {
            section_id: list(
                wanted_of(shop.index, ids[section_id], by_rule(shop.index, rule)).items()
            )
            for section_id, rule in rules.items()
        }
    return usual | meant


def _product_ids(
    sections: Sequence[Section], named: Mapping[str, RuledLink]
) -> dict[str, list[int]]:
    """Of all sections in one query, each part of which walks an index."""
    parts = []
    for number, section in enumerate(sections):
        if isinstance(section, Newest):
            ids = _PUBLISHED.order_by(Product.published_at.desc(), Product.id.desc())
        elif isinstance(section, FeaturedCollection) and section.collection in named:
            ids = _of_collection(named[section.collection].id)
        else:
            continue
        part = ids.limit(section.count).subquery()
        parts.append(sa.select(sa.literal(number), part.c.id))
    found: dict[str, list[int]] = {}
    for number, product_id in db.session.execute(sa.union_all(*parts)) if parts else ():
        found.setdefault(sections[number].id, []).append(product_id)
    return found


def _of_collection(collection_id: int) -> sa.Select[int]:
    """Its own products in their order, then those of the collections that lie in it."""
    own = sa.and_(
        CollectionProduct.product_id == Product.id,
        CollectionProduct.collection_id == collection_id,
    )
    return (
        _PUBLISHED.outerjoin(CollectionProduct, own)
        .where(is_within(collection_id))
        .order_by(CollectionProduct.position.is_(None), CollectionProduct.position, Product.id)
    )


_PUBLISHED = sa.select(Product.id).where(Product.status == ProductStatus.PUBLISHED)
