"""Beginning a stock take, counting, and making what was counted the stock."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.clock import now
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import MovementReason, StockItem
from shop.orders import queries as orders
from shop.stock_takes import queries
from shop.stock_takes.models import StockTake, StockTakeLine, TakeState

SUBJECT = "stock_take"
MAX_COUNTED = 1_000_000


class NothingToCount(Exception):
    """No counted variant is among those that were chosen."""


class NotOpen(Exception):
    """The stock take is finished or abandoned."""


class NotListed(Exception):
    """The variant is not part of the stock take."""


class CountedMeanwhile(Exception):
    """Somebody else counted it since the page was shown; carries their number."""

    def __init__(self, counted: int | None) -> None:
        self.counted = counted
        super().__init__(f"{counted} counted now")


class TooMany(Exception):
    """More than MAX_COUNTED."""


class BelowPromised(Exception):
    """Fewer were counted than are promised to orders; carries how many are, by variant."""

    def __init__(self, reserved: dict[int, int]) -> None:
        self.reserved = reserved
        super().__init__(f"{len(reserved)} variants")


def start(
    title: str, variant_ids: sa.Select[*tuple[Any, ...]], *, press: str, by: int
) -> StockTake:
    """Of the variants that are chosen and counted at all. The same press is one stock take.
    Raises NothingToCount.
    """
    made = db.session.scalar(sa.select(StockTake).where(StockTake.press == press))
    if made is not None:
        return made
    take = StockTake(title=title, press=press, account_id=by)
    db.session.add(take)
    db.session.flush()
    chosen = variant_ids.subquery()
    listed = sa.select(sa.literal(take.id), StockItem.variant_id).where(
        StockItem.is_tracked, StockItem.variant_id.in_(sa.select(chosen.c[0]))
    )
    db.session.execute(
        sa.insert(StockTakeLine).from_select(["stock_take_id", "variant_id"], listed)
    )
    count = queries.progress(take.id).listed
    if not count:
        raise NothingToCount
    audit.record(
        by,
        "stock_take.started",
        subject_kind=SUBJECT,
        subject_id=take.id,
        title=title,
        variants=count,
    )
    return take


def count(take_id: int, variant_id: int, units: int, *, was: int | None, by: int) -> None:
    """So many stand there. `was`: what the page showed as counted; raises CountedMeanwhile where
    that is another number now. Raises NotOpen, NotListed and TooMany.
    """
    line = _line(take_id, variant_id)
    if line.counted == units and line.account_id == by:
        return
    if line.counted != was:
        raise CountedMeanwhile(line.counted)
    _note(line, units, by=by)


def add(take_id: int, variant_id: int, units: int, *, by: int) -> int:
    """So many more stand there; how many that are in all. Raises NotOpen, NotListed, TooMany."""
    line = _line(take_id, variant_id)
    _note(line, (line.counted or 0) + units, by=by)
    return line.counted or 0


def finish(take_id: int, *, by: int) -> int:
    """What was counted becomes the stock: one movement for each difference, and what was not
    counted stays. How many differences there were.

    Raises NotOpen, and BelowPromised, which changes nothing.
    """
    take = _locked(take_id)
    refused: dict[int, int] = {}
    differences = queries.differences(take_id)
    for variant_id, units in differences.items():  # by id, the order in which orders lock them
        try:
            inventory.add_on_hand(
                variant_id,
                units,
                reason=MovementReason.STOCK_TAKE,
                by=by,
                note=take.title,
                press=f"stock-take-{take_id}:{variant_id}",
            )
        except inventory.BelowReserved as below:
            refused[variant_id] = below.reserved
    if refused:
        raise BelowPromised(refused)
    _end(
        take,
        TakeState.FINISHED,
        by,
        counted=queries.progress(take_id).counted,
        differences={str(variant_id): units for variant_id, units in differences.items()},
    )
    return len(differences)


def abandon(take_id: int, *, by: int) -> None:
    """Nothing of it becomes the stock. Raises NotOpen."""
    take = _locked(take_id)
    _end(take, TakeState.ABANDONED, by, counted=queries.progress(take_id).counted)


def _end(take: StockTake, state: TakeState, by: int, **told: Any) -> None:
    take.state, take.ended_at = state, now()
    audit.record(
        by,
        f"stock_take.{state}",
        subject_kind=SUBJECT,
        subject_id=take.id,
        state=[TakeState.OPEN, state],
        **told,
    )
    db.session.flush()


def _note(line: StockTakeLine, units: int, *, by: int) -> None:
    if units > MAX_COUNTED:
        raise TooMany
    before, expected = line.counted, _on_the_shelf(line.variant_id)
    line.counted, line.expected = units, expected
    line.counted_at, line.account_id = now(), by
    audit.record(
        by,
        "stock_take.counted",
        subject_kind=SUBJECT,
        subject_id=line.stock_take_id,
        variant_id=line.variant_id,
        counted=[before, units],
    )
    db.session.flush()


def _on_the_shelf(variant_id: int) -> int:
    """What is on hand, and what is paid and not sent, with those units that on hand is below zero
    for. While the counter is locked, no order moves between the two.
    """
    counter = sa.select(StockItem.on_hand).where(StockItem.variant_id == variant_id)
    on_hand = db.session.execute(counter.with_for_update()).scalar_one()
    return on_hand + orders.unsent_units(variant_id)


def _locked(take_id: int) -> StockTake:
    take = db.session.execute(
        sa.select(StockTake)
        .where(StockTake.id == take_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    if not take.is_open:
        raise NotOpen
    return take


def _line(take_id: int, variant_id: int) -> StockTakeLine:
    _locked(take_id)
    line = db.session.scalar(
        sa.select(StockTakeLine)
        .where(StockTakeLine.stock_take_id == take_id, StockTakeLine.variant_id == variant_id)
        .execution_options(populate_existing=True)
    )
    if line is None:
        raise NotListed
    return line
