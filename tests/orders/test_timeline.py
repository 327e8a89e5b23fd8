from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest

from shop.orders.states import OrderState
from shop.orders.timeline import StepState, steps_of

PLACED = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAID = datetime(2026, 11, 20, 13, tzinfo=UTC)
DAYS = (date(2026, 11, 24), date(2026, 11, 25))


@dataclass(frozen=True)
class Event:
    kind: str
    at: datetime


@dataclass(frozen=True)
class Parcel:
    status: str
    created_at: datetime = PAID
    picked_up_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True)
class Order:
    state: OrderState
    paid_at: datetime | None = None
    events: list[Event] = field(default_factory=list)
    placed_at: datetime = PLACED
    is_sent: bool = True
    fulfillment_state: str = "unfulfilled"
    collect_from: str = ""
    fulfillments: list[Parcel] = field(default_factory=list)


def told(order: Order) -> list[tuple[str, str]]:
    return [(step.kind, step.state) for step in steps_of(order, DAYS)]


def test_a_paid_order_is_being_packed() -> None:
    assert told(Order(OrderState.PAID, PAID)) == [
        ("placed", "done"),
        ("paid", "done"),
        ("packed", "current"),
        ("arrives", "todo"),
    ]


def test_what_goes_by_email_is_neither_packed_nor_carried() -> None:
    assert told(Order(OrderState.PAID, PAID, is_sent=False)) == [
        ("placed", "done"),
        ("paid", "done"),
    ]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (OrderState.PENDING_PAYMENT, "pay"),
        (OrderState.AWAITING_BANK, "bank"),
        (OrderState.PAYMENT_REVIEW, "review"),
        (OrderState.AUTHORIZED, "authorized"),
        (OrderState.AWAITING_MONEY, "pay"),
    ],
)
def test_an_unpaid_order_says_what_it_waits_for(state: OrderState, kind: str) -> None:
    assert told(Order(state)) == [
        ("placed", "done"),
        (kind, "current"),
        ("packed", "todo"),
        ("arrives", "todo"),
    ]


@pytest.mark.parametrize(
    ("state", "days"),
    [
        (OrderState.AWAITING_MONEY, None),
        (OrderState.AWAITING_BANK, None),
        (OrderState.PAYMENT_REVIEW, None),
        (OrderState.PENDING_PAYMENT, DAYS),
        (OrderState.AUTHORIZED, DAYS),
    ],
)
def test_no_day_is_promised_before_anybody_knows_when_the_money_comes(
    state: OrderState, days: tuple[date, date] | None
) -> None:
    assert steps_of(Order(state), DAYS)[-1].days == days


@pytest.mark.parametrize(
    ("state", "kind"), [(OrderState.EXPIRED, "expired"), (OrderState.CANCELED, "canceled")]
)
def test_an_order_that_is_over_has_nothing_to_come(state: OrderState, kind: str) -> None:
    order = Order(state, events=[Event(kind, PAID)])

    assert told(order) == [("placed", "done"), (kind, "done")]
    assert steps_of(order, DAYS)[-1].at == PAID


@pytest.mark.parametrize(
    ("state", "parcels", "collected", "expected"),
    [
        ("partly_fulfilled", [Parcel("sent")], "",
         [("sent", "done"), ("packed", "current"), ("arrives", "todo")]),
        ("fulfilled", [Parcel("undone"), Parcel("sent"), Parcel("sent")], "",
         [("sent", "done"), ("sent", "done"), ("arrives", "current")]),
        ("fulfilled", [Parcel("sent", delivered_at=PAID), Parcel("sent")], "",
         [("sent", "done"), ("sent", "done"), ("delivered", "done"), ("arrives", "current")]),
        ("fulfilled", [Parcel("sent", delivered_at=PAID), Parcel("undone")], "",
         [("sent", "done"), ("delivered", "done")]),
        ("partly_fulfilled", [Parcel("sent", delivered_at=PAID)], "",
         [("sent", "done"), ("delivered", "done"), ("packed", "current"), ("arrives", "todo")]),
        ("ready", [Parcel("ready")], "14 Alder Row", [("ready", "done"), ("picked_up", "todo")]),
        ("fulfilled", [Parcel("picked_up", PAID, PAID)], "14 Alder Row",
         [("ready", "done"), ("picked_up", "done")]),
        ("unfulfilled", [], "14 Alder Row", [("packed", "current"), ("ready", "todo")]),
        ("nothing_to_send", [], "", []),
    ],
)  # fmt: skip
def test_a_paid_order_tells_its_way(
    state: str, parcels: list[Parcel], collected: str, expected: list[tuple[str, str]]
) -> None:
    order = Order(
        OrderState.PAID,
        PAID,
        fulfillment_state=state,
        fulfillments=parcels,
        collect_from=collected,
    )

    assert told(order)[2:] == expected


def test_no_day_is_promised_of_what_is_fetched() -> None:
    unpaid = Order(OrderState.AWAITING_MONEY, collect_from="14 Alder Row")
    paid = Order(OrderState.PAID, PAID, collect_from="14 Alder Row")

    assert told(unpaid) == [("placed", "done"), ("pay", "current"), ("ready", "todo")]
    assert [step.days for step in [*steps_of(unpaid, DAYS), *steps_of(paid, DAYS)]] == [None] * 7


def test_money_given_back_stands_in_its_place() -> None:
    order = Order(OrderState.PAID, PAID, [Event("refunded_at_stripe", PAID)])

    assert ("refunded", "done") in told(order)


@pytest.mark.parametrize("state", list(OrderState))
def test_every_state_has_a_timeline(state: OrderState) -> None:
    steps = steps_of(Order(state, PAID), DAYS)

    assert sum(step.state == StepState.CURRENT for step in steps) <= 1
