"""What is to come in, and when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from shop import substrings
from shop.extensions import db
from shop.paging import in_order, page_of
from shop.purchasing.models import PurchaseLine, PurchaseOrder


@dataclass(frozen=True)
class Incoming:
    units: int
    #: The first day that some are expected; none: nobody knows.
    expected_on: date | None


@dataclass(frozen=True)
class PurchaseRow:
    """An order as the list shows it."""

    id: int
    supplier: str
    reference: str
    expected_on: date | None
    is_open: bool
    created_at: datetime
    ordered: int
    received: int
    incoming: int

    def is_late(self, today: date) -> bool:
        return self.is_open and self.expected_on is not None and self.expected_on < today


_INCOMING = sa.case(
    (
        PurchaseLine.quantity - PurchaseLine.canceled > PurchaseLine.received,
        PurchaseLine.quantity - PurchaseLine.canceled - PurchaseLine.received,
    ),
    else_=0,
)


def incoming(variant_ids: Collection[int]) -> dict[int, Incoming]:
    """By variant; those of which nothing is to come are left out."""
    units = sa.func.sum(_INCOMING)
    rows = db.session.execute(
        sa.select(PurchaseLine.variant_id, units, sa.func.min(PurchaseOrder.expected_on))
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseLine.purchase_order_id)
        .where(PurchaseLine.variant_id.in_(variant_ids), _is_open(), _INCOMING > 0)
        .group_by(PurchaseLine.variant_id)
    )
    return {row[0]: Incoming(int(row[1]), row[2]) for row in rows}


def units_incoming() -> dict[int, int]:
    """Of all variants that something of is to come."""
    rows = db.session.execute(
        sa.select(PurchaseLine.variant_id, sa.func.sum(_INCOMING))
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseLine.purchase_order_id)
        .where(PurchaseOrder.is_open, _INCOMING > 0)
        .group_by(PurchaseLine.variant_id)
    )
    return {variant_id: int(units) for variant_id, units in rows}


def told_days(variant_ids: Collection[int]) -> dict[int, date]:
    """When variants are expected, where shoppers may know it. No query for none of them."""
    if not variant_ids:
        return {}
    rows = db.session.execute(_TOLD_DAYS, {"ids": list(variant_ids)})
    return {row[0]: row[1] for row in rows}


def orders(*, text: str, is_open: bool | None, page: int, per_page: int) -> Sequence[PurchaseRow]:
    """A page, the newest first, and one more where another follows: two queries, one more for a
    text.
    """
    query = sa.select(PurchaseOrder)
    if is_open is not None:
        query = query.where(PurchaseOrder.is_open.is_(is_open))
    if text:
        query = query.where(substrings.holds(PurchaseOrder, text))
    newest = [PurchaseOrder.id.desc()]
    rows = db.session.scalars(page_of(query, newest, page, per_page)).all()
    found = in_order(rows, page)
    sums = _sums([order.id for order in found])
    return [_row(order, sums.get(order.id, (0, 0, 0))) for order in found]


def order(order_id: int) -> PurchaseOrder | None:
    """With its lines."""
    return db.session.scalar(
        sa.select(PurchaseOrder)
        .where(PurchaseOrder.id == order_id)
        .options(selectinload(PurchaseOrder.lines))
        .execution_options(populate_existing=True)
    )


def _is_open() -> sa.ColumnElement[bool]:
    """Said so that no index of open orders is read: a few variants have fewer lines than that."""
    return PurchaseOrder.is_open.is_not(sa.false())


def _sums(order_ids: Collection[int]) -> dict[int, Any]:
    rows = db.session.execute(
        sa.select(
            PurchaseLine.purchase_order_id,
            sa.func.sum(PurchaseLine.quantity),
            sa.func.sum(PurchaseLine.received),
            sa.func.sum(_INCOMING),
        )
        .where(PurchaseLine.purchase_order_id.in_(order_ids))
        .group_by(PurchaseLine.purchase_order_id)
    )
    return {row[0]: tuple(int(value) for value in row[1:]) for row in rows}


def _row(order: PurchaseOrder, sums: tuple[int, int, int]) -> PurchaseRow:
    return PurchaseRow(
        order.id,
        order.supplier,
        order.reference,
        order.expected_on,
        order.is_open,
        order.created_at,
        *sums,
    )


#: Built once: the pages of products ask it.
_TOLD_DAYS: sa.Select[*tuple[Any, ...]] = (
    sa.select(PurchaseLine.variant_id, sa.func.min(PurchaseOrder.expected_on))
    .join(PurchaseOrder, PurchaseOrder.id == PurchaseLine.purchase_order_id)
    .where(
        PurchaseLine.variant_id.in_(sa.bindparam("ids", expanding=True)),
        _is_open(),
        PurchaseOrder.is_told,
        PurchaseOrder.expected_on.is_not(None),
        _INCOMING > 0,
    )
    .group_by(PurchaseLine.variant_id)
)
