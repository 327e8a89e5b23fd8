"""Changing what goes with products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.catalog.models import Product
from shop.catalog.positions import number
from shop.catalog.service import Direction
from shop.database import upsert
from shop.extensions import db
from shop.recommendations.models import MAX_PICKS, ProductCompanion, ProductPick
from shop.recommendations.queries import kept_companions
from shop.recommendations.together import Companion

#: Rows written by one statement.
_BATCH = 500


class TooManyPicks(Exception):
    """A product has MAX_PICKS at most."""


class NotAnotherProduct(Exception):
    """It does not exist, or is the product itself."""


# By hand. Callers hold the product's row lock, so that no two picks get the same place.


def pick(product_id: int, picked_id: int, *, by: int | None) -> None:
    """Put it behind the others; once picked nothing happens.

    Raises NotAnotherProduct, TooManyPicks.
    """
    if product_id == picked_id or db.session.get(Product, picked_id) is None:
        raise NotAnotherProduct
    picks = _picks(product_id)
    if any(each.picked_id == picked_id for each in picks):
        return
    if len(picks) >= MAX_PICKS:
        raise TooManyPicks
    db.session.add(ProductPick(product_id=product_id, picked_id=picked_id, position=len(picks) + 1))
    _record(by, "product.picked", product_id, picked_id)


def move_pick(product_id: int, picked_id: int, direction: Direction, *, by: int | None) -> None:
    """One place up or down; at the end nothing moves."""
    picks = _picks(product_id)
    place = next((i for i, each in enumerate(picks) if each.picked_id == picked_id), None)
    if place is None:
        return
    other = place + (1 if direction is Direction.DOWN else -1)
    if not 0 <= other < len(picks):
        return
    picks[place], picks[other] = picks[other], picks[place]
    number(picks)
    _record(by, "product.pick_moved", product_id, picked_id)


def unpick(product_id: int, picked_id: int, *, by: int | None) -> None:
    picks = _picks(product_id)
    gone = [each for each in picks if each.picked_id == picked_id]
    if not gone:
        return
    db.session.delete(gone[0])
    number([each for each in picks if each is not gone[0]])
    _record(by, "product.unpicked", product_id, picked_id)


def keep_picks(product_id: int, variant_ids: Sequence[int]) -> list[Any]:
    """Of a product that is deleted: its own picks, and where it is picked itself."""
    rows = db.session.scalars(
        sa.select(ProductPick)
        .where(sa.or_(ProductPick.product_id == product_id, ProductPick.picked_id == product_id))
        .order_by(ProductPick.product_id, ProductPick.position)
    )
    return [
        [
            None if row.product_id == product_id else row.product_id,
            None if row.picked_id == product_id else row.picked_id,
            row.position,
        ]
        for row in rows
    ]


def restore_picks(kept: Sequence[Any], product_id: int, variants: Mapping[int, int]) -> None:
    """Where the other product is still there, and has room for one more."""
    for of, picked, position in kept:
        other = db.session.get(Product, of or picked, with_for_update=True)
        picks = _picks(of or product_id) if other else []
        if other is None or len(picks) >= MAX_PICKS:
            continue
        row = ProductPick(
            product_id=of or product_id, picked_id=picked or product_id, position=position
        )
        picks.insert(position - 1, row)
        db.session.add(row)
        number(picks)


# From orders


def keep_companions(found: Mapping[int, Sequence[Companion]]) -> int:
    """Make the table say this; how many rows changed. What is the same is not written, and two
    workers that write at once leave what one of them found.
    """
    wanted = {
        (product_id, companion.product_id): (position, companion.orders)
        for product_id, companions in found.items()
        for position, companion in enumerate(companions, start=1)
    }
    kept = kept_companions()
    gone = sorted(kept.keys() - wanted.keys())
    new = sorted(key for key, value in wanted.items() if kept.get(key) != value)
    for start in range(0, len(gone), _BATCH):
        _forget(gone[start : start + _BATCH])
    for start in range(0, len(new), _BATCH):
        _keep([(*key, *wanted[key]) for key in new[start : start + _BATCH]])
    return len(gone) + len(new)


def _forget(keys: Sequence[tuple[int, int]]) -> None:
    columns = sa.tuple_(ProductCompanion.product_id, ProductCompanion.companion_id)
    db.session.execute(
        sa.delete(ProductCompanion)
        .where(columns.in_(keys))
        .execution_options(synchronize_session=False)
    )


def _keep(rows: Sequence[tuple[int, int, int, int]]) -> None:
    """A product deleted since it was counted is left out."""
    known = set(
        db.session.scalars(
            sa.select(Product.id).where(Product.id.in_({id_ for row in rows for id_ in row[:2]}))
        )
    )
    values = [
        {"product_id": row[0], "companion_id": row[1], "position": row[2], "orders": row[3]}
        for row in rows
        if row[0] in known and row[1] in known
    ]
    if not values:
        return
    statement = upsert(ProductCompanion)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["product_id", "companion_id"],
            set_={
                "position": statement.excluded.position,
                "orders": statement.excluded.orders,
            },
        ),
        values,
    )


# Inside


def _picks(product_id: int) -> list[ProductPick]:
    return list(
        db.session.scalars(
            sa.select(ProductPick)
            .where(ProductPick.product_id == product_id)
            .order_by(ProductPick.position, ProductPick.picked_id)
        )
    )


def _record(by: int | None, action: str, product_id: int, picked_id: int) -> None:
    audit.record(by, action, subject_kind="product", subject_id=product_id, picked_id=picked_id)
    db.session.flush()
