"""The only writer of stock, with reservations.py: here is what staff and imports enter, there what
orders hold. Each change is one conditional UPDATE, so that two at once cannot both take the last
unit; every change of what is on hand leaves a movement.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.extensions import db
from shop.inventory.models import Backorders, MovementReason, Reservation, StockItem, StockMovement

#: Largest stock a shop may enter.
MAX_ON_HAND = 1_000_000


#: Told which variants' stock changed, at the end of each change and inside its transaction, when
#: all its rows are locked. Features to the right put themselves here: see create_app.
watchers: list[Callable[[Sequence[int]], None]] = []


class StockChanged(Exception):
    """Somebody bought or counted meanwhile; carries what is on hand now."""

    def __init__(self, variant_id: int, on_hand: int) -> None:
        self.variant_id, self.on_hand = variant_id, on_hand
        super().__init__(f"variant {variant_id}: {on_hand} on hand now")


class BelowReserved(Exception):
    """Fewer units than are promised to orders."""

    def __init__(self, variant_id: int, reserved: int) -> None:
        self.variant_id, self.reserved = variant_id, reserved
        super().__init__(f"variant {variant_id}: {reserved} reserved")


class SoldAhead(BelowReserved):
    """Units are sold that are still to come: what is on hand is not a number to be typed then, but
    one to add to. `reserved` is how many.
    """


class TooMany(Exception):
    """More on hand than any shop may enter."""


class NoStock(Exception):
    """The variant is gone, or never had stock."""


class LimitTaken(Exception):
    """More units wait for stock already than the new limit allows."""

    def __init__(self, variant_id: int, waiting: int) -> None:
        self.variant_id, self.waiting = variant_id, waiting
        super().__init__(f"variant {variant_id}: {waiting} wait for stock")


@dataclass(frozen=True)
class NewStock:
    variant_id: int
    on_hand: int
    is_tracked: bool
    backorders: Backorders = Backorders.NONE
    #: Units that may wait for stock at a time.
    backorder_limit: int = 0
    promised_on: date | None = None


def create_stock(
    variant_id: int,
    *,
    on_hand: int,
    is_tracked: bool = True,
    reason: MovementReason = MovementReason.INITIAL,
) -> None:
    db.session.add(StockItem(variant_id=variant_id, on_hand=on_hand, is_tracked=is_tracked))
    db.session.flush()
    if on_hand:
        note_movement(variant_id, on_hand, reason)
    tell_watchers([variant_id])


def restore_stock(values: Mapping[str, Any]) -> None:
    """Of a variant that comes back: as audit.values_of told it, without what was promised."""
    item = audit.remade(StockItem, dict(values, reserved=0))
    db.session.add(item)
    db.session.flush()
    if item.on_hand:
        note_movement(item.variant_id, item.on_hand, MovementReason.INITIAL)
    tell_watchers([item.variant_id])


def create_stocks(stocks: Sequence[NewStock], *, reason: MovementReason) -> None:
    """Like `create_stock` for many variants, in a few statements."""
    db.session.add_all(
        StockItem(
            variant_id=new.variant_id,
            on_hand=new.on_hand,
            is_tracked=new.is_tracked,
            backorders=new.backorders,
            backorder_limit=new.backorder_limit,
            promised_on=new.promised_on,
        )
        for new in stocks
    )
    for new in stocks:
        if new.on_hand:
            note_movement(new.variant_id, new.on_hand, reason)
    db.session.flush()
    tell_watchers([new.variant_id for new in stocks])


def set_tracked(variant_id: int, is_tracked: bool, *, by: int | None = None) -> None:
    """Raises BelowReserved where tracking would begin with more promised than there is."""
    item = locked_item(variant_id)
    if item.is_tracked == is_tracked:
        return
    if is_tracked and item.reserved > item.on_hand:
        raise BelowReserved(variant_id, item.reserved)
    item.is_tracked = is_tracked
    audit.record(
        by,
        "stock.tracking_changed",
        subject_kind="variant",
        subject_id=variant_id,
        is_tracked=[not is_tracked, is_tracked],
    )
    db.session.flush()
    give_to_waiting(variant_id)  # what nobody counts is there
    tell_watchers([variant_id])


def set_on_hand(
    variant_id: int,
    quantity: int,
    *,
    expected: int | None = None,
    reason: MovementReason = MovementReason.ADJUSTMENT,
    by: int | None = None,
    note: str = "",
    press: str | None = None,
) -> None:
    """Set what is in the building. `expected` is what the person saw; a sale meanwhile raises
    StockChanged instead of being overwritten. Raises BelowReserved below what is promised, and
    SoldAhead where orders wait for stock.
    """
    item = locked_item(variant_id)
    if quantity == item.on_hand or _is_made(press):
        return
    if expected is not None and item.on_hand != expected:
        raise StockChanged(variant_id, item.on_hand)
    if item.is_tracked and item.on_hand < 0:
        raise SoldAhead(variant_id, -item.on_hand)
    _adjust(item, quantity - item.on_hand, reason=reason, by=by, note=note, press=press)


def add_on_hand(
    variant_id: int,
    quantity: int,
    *,
    reason: MovementReason,
    by: int | None,
    note: str = "",
    press: str | None = None,
    purchase_order_id: int | None = None,
) -> None:
    """Units come in (+) or go out (-). The same `press` of a button counts once.

    What comes in goes to the orders that have waited longest. Raises BelowReserved and TooMany.
    """
    item = locked_item(variant_id)
    if not quantity or _is_made(press):
        return
    _adjust(
        item,
        quantity,
        reason=reason,
        by=by,
        note=note,
        press=press,
        purchase_order_id=purchase_order_id,
    )


def set_low_stock_at(variant_id: int, units: int | None, *, by: int | None) -> None:
    """From so many available units down it counts as low; none: by the shop's number."""
    item = locked_item(variant_id)
    if item.low_stock_at == units:
        return
    audit.record(
        by,
        "stock.threshold_changed",
        subject_kind="variant",
        subject_id=variant_id,
        low_stock_at=[item.low_stock_at, units],
    )
    item.low_stock_at = units
    db.session.flush()


def set_backorders(
    variant_id: int, kind: Backorders, *, limit: int, promised_on: date | None, by: int | None
) -> None:
    """Whether it is sold beyond what is on hand, and how many units may wait for stock at a time.

    Ending it lets those wait on who do. Raises LimitTaken where more do than the limit.
    """
    item = locked_item(variant_id)
    waiting = max(0, item.reserved - item.on_hand) if item.is_tracked else 0
    if kind is Backorders.NONE:
        limit, promised_on = waiting, promised_on if waiting else None
    if limit < waiting:
        raise LimitTaken(variant_id, waiting)
    before = {name: str(getattr(item, name)) for name in _BACKORDERS}
    item.backorders, item.backorder_limit, item.promised_on = kind, limit, promised_on
    after = {name: str(getattr(item, name)) for name in _BACKORDERS}
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not changes:
        return
    audit.record(
        by, "stock.backorders_changed", subject_kind="variant", subject_id=variant_id, **changes
    )
    db.session.flush()
    tell_watchers([variant_id])


def forget_stock(variant_id: int) -> None:
    """Nobody counts the variant any more, and it has no units. Raises BelowReserved while some are
    on hand or promised.
    """
    forgotten = db.session.scalar(
        sa.delete(StockItem)
        .where(StockItem.variant_id == variant_id)
        .where(StockItem.reserved == 0, StockItem.on_hand == 0)
        .returning(StockItem.variant_id)
        .execution_options(synchronize_session=False)
    )
    if forgotten is None:
        raise BelowReserved(variant_id, _current(variant_id).reserved)
    tell_watchers([variant_id])


#: Whose entry in the audit log is one for all of their rows.
_RECORDED_WHOLE = (MovementReason.IMPORT, MovementReason.STOCK_TAKE)
_BACKORDERS = ("backorders", "backorder_limit", "promised_on")


def tell_watchers(variant_ids: Sequence[int]) -> None:
    for watcher in watchers if variant_ids else ():
        watcher(variant_ids)


def give_to_waiting(variant_id: int) -> None:
    """What is free now goes to those who have waited longest. The variant's row is locked."""
    waits = (Reservation.variant_id == variant_id, Reservation.waiting > 0)
    total = db.session.scalar(sa.select(sa.func.sum(Reservation.waiting)).where(*waits))
    if not total:
        return
    item = _current(variant_id)
    short = max(0, item.reserved - item.on_hand) if item.is_tracked else 0
    free = int(total) - short
    rows = sa.select(Reservation.id, Reservation.waiting).where(*waits).order_by(Reservation.id)
    for row in db.session.execute(rows).all() if free > 0 else ():
        taken = min(free, row.waiting)
        wait_for(row.id, row.waiting - taken)
        free -= taken
        if not free:
            return


def wait_for(reservation_id: int, units: int) -> None:
    db.session.execute(
        sa.update(Reservation)
        .where(Reservation.id == reservation_id)
        .values(waiting=units)
        .execution_options(synchronize_session=False)
    )


def _adjust(
    item: StockItem,
    quantity: int,
    *,
    reason: MovementReason,
    by: int | None,
    note: str,
    press: str | None,
    purchase_order_id: int | None = None,
) -> None:
    """A change by staff or an import; the item is locked. Raises BelowReserved and TooMany."""
    on_hand = item.on_hand + quantity
    if item.is_tracked and quantity < 0 and on_hand < item.reserved:
        raise BelowReserved(item.variant_id, item.reserved)
    if on_hand > MAX_ON_HAND:
        raise TooMany
    if reason not in _RECORDED_WHOLE:
        audit.record(
            by,
            "stock.adjusted",
            subject_kind="variant",
            subject_id=item.variant_id,
            on_hand=[item.on_hand, on_hand],
            reason=reason,
            note=note,
        )
    item.on_hand = on_hand
    note_movement(
        item.variant_id,
        quantity,
        reason,
        account_id=by,
        note=note,
        press=press,
        purchase_order_id=purchase_order_id,
    )
    db.session.flush()
    give_to_waiting(item.variant_id)
    tell_watchers([item.variant_id])


def _is_made(press: str | None) -> bool:
    """Whether this press of the button did its work already; the variant's row is locked."""
    if not press:
        return False
    made = sa.select(StockMovement.id).where(StockMovement.press == press)
    return db.session.scalar(made) is not None


def change_counters(variant_id: int, *, reserved: int, on_hand: int) -> None:
    db.session.execute(
        sa.update(StockItem)
        .where(StockItem.variant_id == variant_id)
        .values(reserved=StockItem.reserved + reserved, on_hand=StockItem.on_hand + on_hand)
        .execution_options(synchronize_session=False)
    )


def locked(variant_ids: Collection[int]) -> dict[int, StockItem]:
    """Stock by variant, in the order in which orders lock it too; nobody changes it meanwhile."""
    rows = db.session.scalars(
        sa.select(StockItem)
        .where(StockItem.variant_id.in_(variant_ids))
        .order_by(StockItem.variant_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {item.variant_id: item for item in rows}


def locked_item(variant_id: int) -> StockItem:
    """Raises NoStock."""
    found = db.session.execute(
        sa.select(StockItem)
        .where(StockItem.variant_id == variant_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if found is None:
        raise NoStock
    return found


def _current(variant_id: int) -> StockItem:
    return db.session.get_one(StockItem, variant_id, populate_existing=True)


def note_movement(
    variant_id: int,
    quantity: int,
    reason: MovementReason,
    *,
    order_id: int | None = None,
    account_id: int | None = None,
    note: str = "",
    press: str | None = None,
    purchase_order_id: int | None = None,
) -> None:
    db.session.add(
        StockMovement(
            variant_id=variant_id,
            quantity=quantity,
            reason=reason,
            order_id=order_id,
            account_id=account_id,
            note=note,
            press=press,
            purchase_order_id=purchase_order_id,
        )
    )
