"""The history of prices: written with every change of a price or of what is shown, never edited."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from shop.catalog.models import PriceChange, Product, ProductStatus, Variant, VariantPrice
from shop.catalog.price_history import PriceState, lowest_before_reduction
from shop.clock import now
from shop.extensions import db
from shop.money import Money
from shop.store.currencies import Currency

#: No price is looked for that far back: a reduction looks back 30 days, and 12 months are the
#: longest that one should go on.
KEPT_FOR = timedelta(days=396)
BATCH = 500


def note(
    *,
    variant_ids: Collection[int] = (),
    product_ids: Collection[int] = (),
    at: datetime | None = None,
) -> None:
    """The prices of these variants, and of these products' variants, are from now on what they
    are in the database.
    """
    for column, ids in ((Variant.id, variant_ids), (Variant.product_id, product_ids)):
        for part in _parts(sorted(ids)):
            _note(column.in_(part), at or now())


def lowest_before(variant_ids: Collection[int], currency: Currency) -> dict[int, Money]:
    """Of each variant that is reduced now, the lowest price of the 30 days before; one that was
    never sold before is not in the answer. In another currency: at the rate of now, and of prices
    typed for it nothing is known. One query.
    """
    if not variant_ids:
        return {}
    is_typed = sa.exists().where(
        VariantPrice.variant_id == PriceChange.variant_id, VariantPrice.currency == currency.code
    )
    rows = db.session.execute(
        sa.select(
            PriceChange.variant_id,
            PriceChange.unit_amount,
            PriceChange.compare_at_amount,
            PriceChange.is_public,
            PriceChange.at,
        )
        .where(
            PriceChange.variant_id.in_(variant_ids), sa.true() if currency.is_base else ~is_typed
        )
        .order_by(PriceChange.variant_id, PriceChange.at, PriceChange.id)
    )
    states: dict[int, list[PriceState]] = {}
    for row in rows:
        state = PriceState(row.unit_amount, row.compare_at_amount, row.is_public, row.at)
        states.setdefault(row.variant_id, []).append(state)
    found = {variant_id: lowest_before_reduction(known) for variant_id, known in states.items()}
    return {id_: currency.of(lowest) for id_, lowest in found.items() if lowest is not None}


def forget_old() -> None:
    """All that ended before KEPT_FOR; the price that held then is still needed."""
    newer = aliased(PriceChange)
    limit = now() - KEPT_FOR
    ended = sa.exists().where(
        newer.variant_id == PriceChange.variant_id, newer.id > PriceChange.id, newer.at < limit
    )
    db.session.execute(
        sa.delete(PriceChange)
        .where(PriceChange.at < limit, ended)
        .execution_options(synchronize_session=False)
    )


def _note(which: sa.ColumnElement[bool], at: datetime) -> None:
    db.session.flush()
    is_public = Product.status == ProductStatus.PUBLISHED
    rows = sa.select(
        Variant.id,
        Variant.unit_amount,
        Variant.compare_at_amount,
        is_public,
        sa.literal(at, PriceChange.at.type),
    ).join(Product, Product.id == Variant.product_id)
    columns = ["variant_id", "unit_amount", "compare_at_amount", "is_public", "at"]
    db.session.execute(sa.insert(PriceChange).from_select(columns, rows.where(which)))


def _parts(ids: list[int]) -> list[list[int]]:
    return [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
