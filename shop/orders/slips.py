"""What a packing slip lists: what is in this parcel, and what comes in others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shop.inventory import queries as stock
from shop.orders import queries
from shop.orders.fulfillment_models import Fulfillment
from shop.orders.models import LineItem, Order


@dataclass(frozen=True)
class SlipRow:
    line: LineItem
    units: int
    #: They wait for stock.
    is_waiting: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether these are all the units of the line that are sent at all."""
        return self.units == self.line.quantity - self.line.removed_quantity


@dataclass(frozen=True)
class Slip:
    #: With its lines.
    order: Order
    inside: tuple[SlipRow, ...]
    #: To be sent after this one.
    later: tuple[SlipRow, ...] = ()
    #: In other parcels, which are packed already.
    elsewhere: tuple[SlipRow, ...] = ()
    parcel_id: int | None = None

    @property
    def is_part(self) -> bool:
        return bool(self.later or self.elsewhere)


def of_orders(order_ids: Iterable[int]) -> list[Slip]:
    """What can be packed now of each; of one that is sent, all of it."""
    found = [order for id_ in order_ids if (order := queries.order_with_lines(id_))]
    waiting = stock.waiting_by_order([order.id for order in found])
    return [_of_order(order, waiting.get(order.id, {})) for order in found]


def of_parcels(parcel_ids: Iterable[int]) -> list[Slip]:
    """What each has, and what was to be sent after all of them when this was asked."""
    found = [parcel for id_ in parcel_ids if (parcel := queries.parcel(id_))]
    waiting = stock.waiting_by_order([parcel.order_id for parcel in found])
    return [_of_parcel(parcel, waiting.get(parcel.order_id, {})) for parcel in found]


def _of_order(order: Order, waiting: Mapping[int, int]) -> Slip:
    lines = [line for line in order.lines if not line.is_gift_card]
    if not any(line.unsent_quantity for line in lines):
        return Slip(order, _rows({line: line.quantity - line.removed_quantity for line in lines}))
    late = {line: _waiting_of(line, waiting) for line in lines}
    return Slip(
        order,
        inside=_rows({line: line.unsent_quantity - late[line] for line in lines}),
        later=_rows(late, is_waiting=True),
        elsewhere=_rows({line: line.fulfilled_quantity for line in lines}),
    )


def _of_parcel(parcel: Fulfillment, waiting: Mapping[int, int]) -> Slip:
    inside = {part.line_item_id: part.quantity for part in parcel.lines}
    lines = [line for line in parcel.order.lines if not line.is_gift_card]
    late = {line: _waiting_of(line, waiting) for line in lines}
    return Slip(
        parcel.order,
        inside=_rows({line: inside.get(line.id, 0) for line in lines}),
        later=_rows({line: line.unsent_quantity - late[line] for line in lines})
        + _rows(late, is_waiting=True),
        elsewhere=_rows({line: line.fulfilled_quantity - inside.get(line.id, 0) for line in lines}),
        parcel_id=parcel.id,
    )


def _waiting_of(line: LineItem, waiting: Mapping[int, int]) -> int:
    return min(line.unsent_quantity, waiting.get(line.variant_id or 0, 0))


def _rows(units: Mapping[LineItem, int], *, is_waiting: bool = False) -> tuple[SlipRow, ...]:
    return tuple(SlipRow(line, count, is_waiting) for line, count in units.items() if count > 0)
