"""How far a stock take is, and what it differs by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from shop.accounts.models import Account
from shop.catalog.models import Product, Variant
from shop.extensions import db
from shop.paging import in_order, page_of
from shop.stock_takes.models import StockTake, StockTakeLine, TakeState

PAGE_SIZE = 50


class LineFilter(StrEnum):
    ALL = ""
    LEFT = "left"
    COUNTED = "counted"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Progress:
    listed: int
    counted: int
    different: int
    #: Units more (+) or fewer (-) than expected, and what they cost in minor units of the shop's
    #: currency; those whose cost nobody knows are worth nothing here.
    units: int
    worth: int


@dataclass(frozen=True)
class TakeRow:
    id: int
    title: str
    state: TakeState
    created_at: datetime
    ended_at: datetime | None
    listed: int
    counted: int


@dataclass(frozen=True)
class CountedLine:
    variant_id: int
    counted: int | None
    expected: int | None
    counted_at: datetime | None
    #: Who of the staff counted it last.
    by: str | None

    @property
    def difference(self) -> int | None:
        if self.counted is None or self.expected is None:
            return None
        return self.counted - self.expected


_DIFFERENCE = StockTakeLine.counted - StockTakeLine.expected


def progress(take_id: int) -> Progress:
    row = db.session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(StockTakeLine.counted),
            sa.func.coalesce(sa.func.sum(sa.case((_DIFFERENCE != 0, 1), else_=0)), 0),
            sa.func.coalesce(sa.func.sum(_DIFFERENCE), 0),
            sa.func.coalesce(sa.func.sum(_DIFFERENCE * Variant.cost_amount), 0),
        )
        .join(Variant, Variant.id == StockTakeLine.variant_id)
        .where(StockTakeLine.stock_take_id == take_id)
    ).one()
    return Progress(*(int(value) for value in row))


def differences(take_id: int) -> dict[int, int]:
    """Units by variant, by id; those without one are left out."""
    rows = db.session.execute(
        sa.select(StockTakeLine.variant_id, _DIFFERENCE)
        .where(StockTakeLine.stock_take_id == take_id, _DIFFERENCE != 0)
        .order_by(StockTakeLine.variant_id)
    )
    return {row[0]: int(row[1] or 0) for row in rows}


def takes(page: int, per_page: int) -> Sequence[TakeRow]:
    """A page, the newest first, and one more where another follows: two queries."""
    query = page_of(sa.select(StockTake), [StockTake.id.desc()], page, per_page)
    found = in_order(db.session.scalars(query).all(), page)
    counts = {
        row[0]: (row[1], row[2])
        for row in db.session.execute(
            sa.select(
                StockTakeLine.stock_take_id, sa.func.count(), sa.func.count(StockTakeLine.counted)
            )
            .where(StockTakeLine.stock_take_id.in_([take.id for take in found]))
            .group_by(StockTakeLine.stock_take_id)
        )
    }
    return [
        TakeRow(
            take.id,
            take.title,
            TakeState(take.state),
            take.created_at,
            take.ended_at,
            *counts.get(take.id, (0, 0)),
        )
        for take in found
    ]


def take(take_id: int) -> StockTake | None:
    return db.session.get(StockTake, take_id, populate_existing=True)


def lines(take_id: int, only: LineFilter, page: int) -> list[CountedLine]:
    """A page and one more where another follows, by product."""
    found = db.session.execute(
        sa.select(
            StockTakeLine.variant_id,
            StockTakeLine.counted,
            StockTakeLine.expected,
            StockTakeLine.counted_at,
            sa.func.coalesce(Account.name, Account.email).label("by"),
        )
        .outerjoin(Account, Account.id == StockTakeLine.account_id)
        .join(Variant, Variant.id == StockTakeLine.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .where(StockTakeLine.stock_take_id == take_id, *_CONDITIONS[only])
        .order_by(Product.title, Product.id, Variant.position, Variant.id)
        .limit(PAGE_SIZE + 1)
        .offset((page - 1) * PAGE_SIZE)
    )
    return [CountedLine(**row._mapping) for row in found]


_CONDITIONS: dict[LineFilter, list[sa.ColumnElement[bool]]] = {
    LineFilter.ALL: [],
    LineFilter.LEFT: [StockTakeLine.counted.is_(None)],
    LineFilter.COUNTED: [StockTakeLine.counted.is_not(None)],
    LineFilter.DIFFERENT: [_DIFFERENCE != 0],
}
