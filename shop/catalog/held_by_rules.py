"""What the rules of collections hold. It stands in collection_products like what was picked by
hand, so lists and everything else read one table, and is brought up to date with each change of a
product, of its stock, and of the rule. In the caller's transaction; none commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from shop.catalog.models import Collection, CollectionProduct, Product, ProductStatus, Variant
from shop.catalog.rules import Rule, Traits
from shop.extensions import db
from shop.inventory.models import StockItem

#: Products looked at in one go.
BATCH = 500


def matching(rule: Rule, *, limit: int) -> tuple[int, list[int]]:
    """How many published products the rule holds, and the first of them, the newest."""
    held = [
        product_id
        for part in _all_traits(Product.status == ProductStatus.PUBLISHED)
        for product_id, traits in part
        if rule.holds(traits)
    ]
    return len(held), held[-limit:][::-1]


def apply_rule(collection: Collection) -> None:
    """What was picked by hand goes, unless the rule holds it too."""
    rule = collection.rule
    for part in _all_traits(sa.true()):
        ids = [product_id for product_id, _ in part]
        held = {product_id for product_id, traits in part if rule.holds(traits)}
        _hold(collection.id, ids, held)
    db.session.execute(
        sa.update(CollectionProduct)
        .where(CollectionProduct.collection_id == collection.id, CollectionProduct.position != 1)
        .values(position=1)
    )


def refresh_members(product_ids: Iterable[int]) -> None:
    """Let all rules decide anew about these products."""
    _decide(list(product_ids), _rule_based())


def stock_changed(variant_ids: Sequence[int]) -> None:
    """Let the rules about stock decide anew about the products of these variants."""
    about_stock = [collection for collection in _rule_based() if collection.rule.is_about_stock]
    if about_stock:
        products = sa.select(Variant.product_id).where(Variant.id.in_(variant_ids)).distinct()
        _decide(list(db.session.scalars(products)), about_stock)


def _rule_based() -> Sequence[Collection]:
    return db.session.scalars(_RULE_BASED).all()


#: Built once: each order asks.
_RULE_BASED = (
    sa.select(Collection)
    .where(sa.cast(Collection.conditions, sa.Text) != "[]")
    .order_by(Collection.id)
)


def _decide(product_ids: list[int], collections: Sequence[Collection]) -> None:
    if not collections:
        return
    for start in range(0, len(product_ids), BATCH):
        ids = product_ids[start : start + BATCH]
        traits = dict(_traits(ids))
        for collection in collections:
            rule = collection.rule
            held = {id_ for id_ in ids if id_ in traits and rule.holds(traits[id_])}
            _hold(collection.id, ids, held)


def _hold(collection_id: int, among: Sequence[int], held: set[int]) -> None:
    """Of these products the collection holds just `held`."""
    places = sa.and_(
        CollectionProduct.collection_id == collection_id, CollectionProduct.product_id.in_(among)
    )
    present = set(db.session.scalars(sa.select(CollectionProduct.product_id).where(places)))
    if gone := present - held:
        db.session.execute(
            sa.delete(CollectionProduct).where(
                CollectionProduct.collection_id == collection_id,
                CollectionProduct.product_id.in_(gone),
            )
        )
    if new := held - present:
        db.session.execute(
            insertion(db.engine.dialect.name).on_conflict_do_nothing(),
            [
                {"collection_id": collection_id, "product_id": product_id, "position": 1}
                for product_id in sorted(new)
            ],
        )


def insertion(dialect: str) -> Any:
    """Two at once may both find the same product missing."""
    kind = postgresql if dialect == "postgresql" else sqlite
    return kind.insert(CollectionProduct)


def _all_traits(
    which: sa.ColumnExpressionArgument[bool],
) -> Iterator[list[tuple[int, Traits]]]:
    """By id, in batches, so that no shop is too large."""
    last = 0
    while True:
        ids = db.session.scalars(
            sa.select(Product.id).where(Product.id > last, which).order_by(Product.id).limit(BATCH)
        ).all()
        if not ids:
            return
        yield list(_traits(ids))
        last = ids[-1]


def _traits(ids: Sequence[int]) -> Iterator[tuple[int, Traits]]:
    db.session.flush()
    variants: dict[int, list[Any]] = {}
    for row in db.session.execute(_VARIANTS.where(Variant.product_id.in_(ids))):
        variants.setdefault(row.product_id, []).append(row)
    for product in db.session.execute(_PRODUCTS.where(Product.id.in_(ids))):
        yield product.id, _traits_of(product, variants.get(product.id, []))


def _traits_of(product: Any, variants: Sequence[Any]) -> Traits:
    units = [
        (row.on_hand or 0) - (row.reserved or 0) if row.is_tracked is not False else None
        for row in variants
    ]
    counted = [unit for unit in units if unit is not None]
    options = {value for row in variants for value in (row.option1, row.option2, row.option3)}
    return Traits(
        title=product.title,
        product_type=product.product_type,
        vendor=product.vendor,
        tags=tuple(map(str, product.tags)),
        options=tuple(sorted(options - {""})),
        prices=tuple(row.unit_amount for row in variants),
        compare_ats=tuple(
            row.compare_at_amount for row in variants if row.compare_at_amount is not None
        ),
        stock=sum(counted) if len(counted) == len(units) else None,
    )


_PRODUCTS = sa.select(
    Product.id, Product.title, Product.product_type, Product.vendor, Product.tags
).order_by(Product.id)
_VARIANTS = sa.select(
    Variant.product_id,
    Variant.option1,
    Variant.option2,
    Variant.option3,
    Variant.unit_amount,
    Variant.compare_at_amount,
    StockItem.on_hand,
    StockItem.reserved,
    StockItem.is_tracked,
).outerjoin(StockItem, StockItem.variant_id == Variant.id)
