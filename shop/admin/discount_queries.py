"""Discounts as staff list and find them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from shop import substrings
from shop.admin.queries import PAGE_SIZE
from shop.catalog.models import Collection, Product
from shop.extensions import db
from shop.paging import listed
from shop.pricing.discount_models import StoredDiscount
from shop.substrings import Way


class DiscountFilter(StrEnum):
    ALL = ""
    ACTIVE = "active"
    SCHEDULED = "scheduled"
    OVER = "over"
    PAUSED = "paused"


def status_of(discount: StoredDiscount, at: datetime) -> DiscountFilter:
    """Over is also what was used as often as it may be."""
    if not discount.is_active:
        return DiscountFilter.PAUSED
    if discount.ends_at is not None and discount.ends_at <= at:
        return DiscountFilter.OVER
    if discount.limit_total is not None and discount.used_count >= discount.limit_total:
        return DiscountFilter.OVER
    if discount.starts_at is not None and discount.starts_at > at:
        return DiscountFilter.SCHEDULED
    return DiscountFilter.ACTIVE


def discounts(
    *, text: str, only: DiscountFilter, at: datetime, page: int
) -> Sequence[StoredDiscount]:
    """A page, the newest first, and one more where another follows: one query, one more for a
    text.
    """
    ids = sa.select(StoredDiscount.id).where(*_conditions(text, only, at))
    newest = [StoredDiscount.id.desc()]
    return db.session.scalars(
        listed(sa.select(StoredDiscount), StoredDiscount.id, ids, newest, page, PAGE_SIZE)
    ).all()


def listing(*, text: str, only: DiscountFilter, at: datetime) -> sa.Select[StoredDiscount]:
    """The newest first."""
    rows = sa.select(StoredDiscount).where(*_conditions(text, only, at))
    return rows.order_by(StoredDiscount.id.desc())


def _conditions(text: str, only: DiscountFilter, at: datetime) -> list[sa.ColumnElement[bool]]:
    conditions = [substrings.holds(StoredDiscount, text)] if text else []
    return conditions if only is DiscountFilter.ALL else [*conditions, _is(only, at)]


def _is(status: DiscountFilter, at: datetime) -> sa.ColumnElement[bool]:
    """As `status_of`. One query, but for those that are over: most are, sooner or later."""
    is_active = StoredDiscount.is_active.is_(True)
    over = sa.or_(
        sa.func.coalesce(StoredDiscount.ends_at <= at, sa.false()),
        sa.func.coalesce(StoredDiscount.used_count >= StoredDiscount.limit_total, sa.false()),
    )
    to_come = StoredDiscount.starts_at > at
    has_begun = sa.or_(StoredDiscount.starts_at.is_(None), StoredDiscount.starts_at <= at)
    may_go_on = [StoredDiscount.ends_at.is_(None), StoredDiscount.ends_at > at]
    if status is DiscountFilter.PAUSED:
        return _few(sa.not_(StoredDiscount.is_active))
    if status is DiscountFilter.OVER:
        return sa.and_(is_active, over)
    if status is DiscountFilter.SCHEDULED:
        return _few(sa.and_(is_active, sa.not_(over), to_come))
    return _few(*(sa.and_(is_active, ends, sa.not_(over), has_begun) for ends in may_go_on))


def _few(*parts: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    ways = [Way(part, sa.select(StoredDiscount.id).where(part)) for part in parts]
    return substrings.narrowed(StoredDiscount.id, ways)


def product_ids(handles: Iterable[str]) -> dict[str, int]:
    rows = db.session.execute(
        sa.select(Product.handle, Product.id).where(Product.handle.in_(list(handles)))
    )
    return {row.handle: row.id for row in rows}


def handles(product_ids: Iterable[int]) -> dict[int, str]:
    """By id, in the order of the titles."""
    rows = db.session.execute(
        sa.select(Product.id, Product.handle)
        .where(Product.id.in_(list(product_ids)))
        .order_by(Product.title)
    )
    return {row.id: row.handle for row in rows}


def titles(product_ids: Iterable[int]) -> list[str]:
    found = sa.select(Product.title).where(Product.id.in_(list(product_ids)))
    return list(db.session.scalars(found.order_by(Product.title)))


def collections() -> list[tuple[int, str]]:
    rows = db.session.execute(
        sa.select(Collection.id, Collection.title).order_by(Collection.title, Collection.id)
    )
    return [(row.id, row.title) for row in rows]
