"""Ordering from suppliers, and taking in what they send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from shop import audit
from shop.catalog import costs
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import MovementReason, StockMovement
from shop.purchasing.models import PurchaseLine, PurchaseOrder

SUBJECT = "purchase_order"
#: Different variants on one order.
MAX_LINES = 500


class AlreadyListed(Exception):
    """The variant is on the order."""

    def __init__(self, variant_id: int) -> None:
        self.variant_id = variant_id
        super().__init__(f"variant {variant_id} is on the order")


class TooManyLines(Exception):
    """More than MAX_LINES."""


class FewerThanReceived(Exception):
    """What came or was called off cannot be ordered any less; carries how many units that are."""

    def __init__(self, settled: int) -> None:
        self.settled = settled
        super().__init__(f"{settled} are settled")


class OverReceipt(Exception):
    """More came than was ordered; carries by how many units, by line."""

    def __init__(self, over: Mapping[int, int]) -> None:
        self.over = over
        super().__init__(f"{len(over)} lines")


class NothingReceived(Exception):
    """No unit was typed."""


@dataclass(frozen=True)
class PurchaseDetails:
    supplier: str
    reference: str = ""
    expected_on: date | None = None
    is_told: bool = False
    note: str = ""


@dataclass(frozen=True)
class Ordered:
    variant_id: int
    quantity: int
    cost_amount: int | None = None


def create(
    details: PurchaseDetails, lines: Sequence[Ordered], *, press: str, by: int
) -> PurchaseOrder:
    """The same press of the button is one order. Raises TooManyLines and AlreadyListed."""
    made = db.session.scalar(sa.select(PurchaseOrder).where(PurchaseOrder.press == press))
    if made is not None:
        return made
    order = PurchaseOrder(**asdict(details), press=press, account_id=by, is_open=bool(lines))
    db.session.add(order)
    db.session.flush()
    audit.record(
        by, "purchase_order.created", subject_kind=SUBJECT, subject_id=order.id, **_plain(details)
    )
    add_lines(order.id, lines, by=by)
    return order


def describe(order: PurchaseOrder, details: PurchaseDetails, *, by: int) -> None:
    audit.change(order, asdict(details), by, "purchase_order.changed", subject_kind=SUBJECT)


def add_lines(order_id: int, lines: Sequence[Ordered], *, by: int) -> None:
    """Raises TooManyLines and AlreadyListed."""
    order = locked(order_id)
    listed = {line.variant_id for line in order.lines}
    if len(listed) + len(lines) > MAX_LINES:
        raise TooManyLines
    for wanted in lines:
        if wanted.variant_id in listed:
            raise AlreadyListed(wanted.variant_id)
        listed.add(wanted.variant_id)
        db.session.add(PurchaseLine(purchase_order_id=order_id, **asdict(wanted)))
        audit.record(
            by,
            "purchase_order.line_added",
            subject_kind=SUBJECT,
            subject_id=order_id,
            **asdict(wanted),
        )
    _recount(order_id)


def change_line(
    order_id: int, line_id: int, quantity: int, cost_amount: int | None, *, by: int
) -> None:
    """Raises FewerThanReceived. A quantity of 0 takes the line off the order."""
    line = _line(locked(order_id), line_id)
    settled = line.received + line.canceled
    if quantity < settled:
        raise FewerThanReceived(settled)
    before = {"quantity": line.quantity, "cost_amount": line.cost_amount}
    after = {"quantity": quantity, "cost_amount": cost_amount}
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not changes:
        return
    if quantity:
        line.quantity, line.cost_amount = quantity, cost_amount
    else:
        db.session.delete(line)
    audit.record(
        by,
        "purchase_order.line_changed",
        subject_kind=SUBJECT,
        subject_id=order_id,
        variant_id=line.variant_id,
        **changes,
    )
    _recount(order_id)


def receive(
    order_id: int, units: Mapping[int, int], *, press: str, by: int, may_be_over: bool = False
) -> int:
    """Units by line came in: they are on hand now, and what one costs is what it costs from now on.
    How many units it were; the same press counts once.

    Raises NothingReceived, and OverReceipt where more came than is to come, unless that may be.
    """
    order = locked(order_id)
    lines = {line.id: line for line in order.lines}
    came = {lines[one]: count for one, count in units.items() if count > 0 and one in lines}
    if not came:
        raise NothingReceived
    if _is_made(press, order_id):
        return sum(came.values())
    over = {line.id: count - line.incoming for line, count in came.items()}
    over = {line_id: count for line_id, count in over.items() if count > 0}
    if over and not may_be_over:
        raise OverReceipt(over)
    for line, count in sorted(came.items(), key=lambda each: each[0].variant_id):
        _take_in(order, line, count, press=press, by=by)
    audit.record(
        by,
        "purchase_order.received",
        subject_kind=SUBJECT,
        subject_id=order_id,
        units={str(line.variant_id): count for line, count in came.items()},
    )
    _recount(order_id)
    return sum(came.values())


def cancel_rest(order_id: int, *, by: int) -> int:
    """What has not come will not. How many units that were; again, none."""
    order = locked(order_id)
    rest = {line: line.incoming for line in order.lines if line.incoming}
    for line, units in rest.items():
        line.canceled += units
    if rest:
        audit.record(
            by,
            "purchase_order.rest_canceled",
            subject_kind=SUBJECT,
            subject_id=order_id,
            units={str(line.variant_id): units for line, units in rest.items()},
        )
    _recount(order_id)
    return sum(rest.values())


def locked(order_id: int) -> PurchaseOrder:
    """With its lines, as they are now."""
    return db.session.execute(
        sa.select(PurchaseOrder)
        .where(PurchaseOrder.id == order_id)
        .options(selectinload(PurchaseOrder.lines))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def _take_in(order: PurchaseOrder, line: PurchaseLine, units: int, *, press: str, by: int) -> None:
    inventory.add_on_hand(
        line.variant_id,
        units,
        reason=MovementReason.RECEIVED,
        by=by,
        note=order.reference,
        press=f"{press}:{line.id}",
        purchase_order_id=order.id,
    )
    line.received += units
    if line.cost_amount is not None:
        costs.change_cost(line.variant_id, line.cost_amount, by=by)


def _is_made(press: str, order_id: int) -> bool:
    """Whether this press of the button did its work already; the order is locked."""
    made = sa.select(StockMovement.id).where(
        StockMovement.purchase_order_id == order_id,
        StockMovement.press.startswith(f"{press}:", autoescape=True),
    )
    return db.session.scalar(made.limit(1)) is not None


def _line(order: PurchaseOrder, line_id: int) -> PurchaseLine:
    return next(line for line in order.lines if line.id == line_id)


def _recount(order_id: int) -> None:
    """Bring the order's state up to its lines."""
    db.session.flush()
    order = locked(order_id)
    order.is_open = any(line.incoming for line in order.lines)
    db.session.flush()


def _plain(details: PurchaseDetails) -> dict[str, object]:
    """As JSON can hold it."""
    values = asdict(details)
    return values | {"expected_on": str(details.expected_on) if details.expected_on else None}
