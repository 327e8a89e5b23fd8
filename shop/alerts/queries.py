"""Alerts as the product's page in the admin, the mail and the worker ask for them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from shop.alerts.models import StockAlert
from shop.catalog import restoring
from shop.catalog.models import Product, ProductStatus, Variant
from shop.extensions import db
from shop.inventory.models import StockItem

#: What alerts are called among a deleted product's belongings.
KEPT = "alerts"
#: As secrets.token_urlsafe(24) makes them.
_TOKEN = re.compile(r"[\w-]{32}", re.ASCII)
_is_waiting = StockAlert.notified_at.is_(None)


def waiting(variant_ids: Collection[int]) -> dict[int, int]:
    """How many wait, by variant; those for whom nobody waits are left out."""
    rows = db.session.execute(
        sa.select(StockAlert.variant_id, sa.func.count().label("number"))
        .where(StockAlert.variant_id.in_(variant_ids), _is_waiting)
        .group_by(StockAlert.variant_id)
    )
    return {row.variant_id: row.number for row in rows}


def by_token(token: str) -> StockAlert | None:
    return db.session.scalars(sa.select(StockAlert).where(StockAlert.token == token)).first()


@dataclass(frozen=True)
class KeptAlert:
    """Of a product that is deleted, and would come back with it."""

    variant_id: int
    email: str
    title: str


def kept_by_token(token: str) -> KeptAlert | None:
    if not _TOKEN.fullmatch(token):  # a word that is in all that was deleted, maybe
        return None
    for product in restoring.deleted_with(token):
        for alert in product.get(KEPT, ()):
            if alert["token"] == token:
                return KeptAlert(alert["variant_id"], alert["email"], product["title"])
    return None


def back_in_stock(limit: int) -> dict[int, int | None]:
    """Units of the variants that can be bought and that somebody waits for; none: no limit."""
    is_awaited = sa.exists().where(StockAlert.variant_id == Variant.id, _is_waiting)
    units = StockItem.on_hand - StockItem.reserved
    rows = db.session.execute(
        sa.select(Variant.id, StockItem.is_tracked, units)
        .join(Product, Product.id == Variant.product_id)
        .join(StockItem, StockItem.variant_id == Variant.id)
        .where(
            is_awaited,
            Product.status == ProductStatus.PUBLISHED,
            sa.or_(sa.not_(StockItem.is_tracked), units > 0),
        )
        .order_by(Variant.id)
        .limit(limit)
    )
    return {variant_id: left if is_tracked else None for variant_id, is_tracked, left in rows}


def told_since(variant_id: int, since: datetime) -> int:
    told = sa.select(sa.func.count()).where(
        StockAlert.variant_id == variant_id, StockAlert.notified_at > since
    )
    return db.session.scalar(told.select_from(StockAlert)) or 0


def first_waiting(variant_id: int, limit: int) -> list[StockAlert]:
    """Those who asked first. Locked: two workers do not tell the same people."""
    return list(
        db.session.scalars(
            sa.select(StockAlert)
            .where(StockAlert.variant_id == variant_id, _is_waiting)
            .order_by(StockAlert.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
