"""The life of an order as its buyer follows it: what was, what is, what comes. [pure]"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from shop.orders.states import OrderState


class StepKind(StrEnum):
    PLACED = "placed"
    PAY = "pay"
    BANK = "bank"
    AUTHORIZED = "authorized"
    REVIEW = "review"
    PAID = "paid"
    PACKED = "packed"
    SENT = "sent"
    READY = "ready"
    PICKED_UP = "picked_up"
    ARRIVES = "arrives"
    DELIVERED = "delivered"
    EXPIRED = "expired"
    CANCELED = "canceled"
    REFUNDED = "refunded"


class StepState(StrEnum):
    DONE = "done"
    CURRENT = "current"
    TODO = "todo"


@dataclass(frozen=True)
class Step:
    kind: StepKind
    state: StepState
    at: datetime | None = None
    #: First and last day it is expected on.
    days: tuple[date, date] | None = None


class Event(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...


class Parcel(Protocol):
    @property
    def status(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def picked_up_at(self) -> datetime | None: ...
    @property
    def delivered_at(self) -> datetime | None: ...


class Followed(Protocol):
    """What of an order the timeline is made from."""

    @property
    def state(self) -> str: ...
    @property
    def placed_at(self) -> datetime: ...
    @property
    def paid_at(self) -> datetime | None: ...
    @property
    def fulfillment_state(self) -> str: ...
    @property
    def collect_from(self) -> str: ...
    @property
    def events(self) -> Sequence[Event]: ...
    @property
    def is_sent(self) -> bool: ...
    @property
    def fulfillments(self) -> Sequence[Parcel]: ...


_ENDS = {
    OrderState.EXPIRED: StepKind.EXPIRED,
    OrderState.CANCELED: StepKind.CANCELED,
}
_WAITS = {
    OrderState.PENDING_PAYMENT: StepKind.PAY,
    OrderState.AWAITING_BANK: StepKind.BANK,
    OrderState.AWAITING_MONEY: StepKind.PAY,
    OrderState.AUTHORIZED: StepKind.AUTHORIZED,
    OrderState.PAYMENT_REVIEW: StepKind.REVIEW,
}
#: When the money comes, nobody knows: no day can be promised before.
_UNTIMED = (OrderState.AWAITING_BANK, OrderState.AWAITING_MONEY, OrderState.PAYMENT_REVIEW)
_LEFT = {"sent": StepKind.SENT, "ready": StepKind.READY, "picked_up": StepKind.READY}
_REFUNDED = ("refunded", "refunded_at_stripe")


def steps_of(order: Followed, arrives: tuple[date, date]) -> list[Step]:
    """Oldest first."""
    placed = Step(StepKind.PLACED, StepState.DONE, order.placed_at)
    state = OrderState(order.state)
    if state in _ENDS:
        return [placed, *_paid(order), *_refunds(order), _end(order, _ENDS[state])]
    if state in _WAITS:
        waits = Step(_WAITS[state], StepState.CURRENT)
        promised = None if state in _UNTIMED else arrives
        return [placed, waits, *_sending(order, StepState.TODO, promised)]
    return [placed, *_paid(order), *_refunds(order), *_way(order, arrives)]


def _way(order: Followed, arrives: tuple[date, date]) -> list[Step]:
    """What is packed, sent and fetched of a paid order."""
    parcels = [one for one in order.fulfillments if one.status != "undone"]
    left = [Step(_LEFT[one.status], StepState.DONE, one.created_at) for one in parcels]
    arrived = [
        Step(StepKind.DELIVERED, StepState.DONE, one.delivered_at)
        for one in parcels
        if one.delivered_at
    ]
    fetched = [
        Step(StepKind.PICKED_UP, StepState.DONE, one.picked_up_at)
        for one in parcels
        if one.picked_up_at
    ]
    if order.fulfillment_state == "nothing_to_send":
        return []
    if order.fulfillment_state in ("unfulfilled", "partly_fulfilled"):
        return [*left, *arrived, *fetched, *_sending(order, StepState.CURRENT, arrives)]
    if order.collect_from:
        waits = Step(StepKind.PICKED_UP, StepState.TODO)
        return [*left, *(fetched or [waits])]
    if len(arrived) == len(parcels):
        return [*left, *arrived]
    return [*left, *arrived, Step(StepKind.ARRIVES, StepState.CURRENT, days=arrives)]


def _sending(order: Followed, packed: StepState, arrives: tuple[date, date] | None) -> list[Step]:
    """Nothing where it goes by email. No day is promised to who fetches it: a mail tells when."""
    if not order.is_sent:
        return []
    if order.collect_from:
        being_packed = [Step(StepKind.PACKED, packed)] if packed == StepState.CURRENT else []
        return [*being_packed, Step(StepKind.READY, StepState.TODO)]
    return [
        Step(StepKind.PACKED, packed),
        Step(StepKind.ARRIVES, StepState.TODO, days=arrives),
    ]


def _paid(order: Followed) -> list[Step]:
    return [Step(StepKind.PAID, StepState.DONE, order.paid_at)] if order.paid_at else []


def _refunds(order: Followed) -> list[Step]:
    return [
        Step(StepKind.REFUNDED, StepState.DONE, event.at)
        for event in order.events
        if event.kind in _REFUNDED
    ]


def _end(order: Followed, kind: StepKind) -> Step:
    at = next((event.at for event in reversed(order.events) if event.kind == kind), None)
    return Step(kind, StepState.DONE, at)
