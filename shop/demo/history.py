"""A year of made-up sales, so that reports and forecasts of the demo shop have something to tell.

Every order carries the tag "demo". Stock is left as it is, nobody gets a mail, and Stripe never
hears of it: the payments have no number there.
"""

from __future__ import annotations

import math
import random
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from shop.clock import now
from shop.demo.sales import Made, goods_to_sell, make, moments
from shop.extensions import Model, db
from shop.orders.event_kinds import EventKind
from shop.orders.fulfillment_models import Fulfillment, FulfillmentLine
from shop.orders.models import LineItem, Order, OrderCounter, OrderEvent, OrderTag
from shop.orders.states import FulfillmentState, FulfillmentStatus
from shop.payments.models import Payment
from shop.payments.refund_models import Refund, RefundLine, RefundMethod, RefundStatus
from shop.store import queries as store
from shop.traffic.models import TrafficDay
from shop.traffic.steps import Step

TAG = "demo"
#: Orders that are written by one statement.
BATCH = 500


class AlreadyThere(Exception):
    """Made-up orders are in the shop already."""


def fabricate(*, orders: int, days: int, seed: int = 7) -> int:
    """Write so many paid orders over so many days up to now; how many there are.

    Raises NothingToSell and AlreadyThere, and then adds nothing.
    """
    if db.session.scalar(sa.select(OrderTag.order_id).where(OrderTag.tag == TAG).limit(1)):
        raise AlreadyThere
    source = random.Random(seed)  # noqa: S311 - the same history each time, no secret
    goods, currency = goods_to_sell(source), store.current().currency
    at = moments(source, orders, days)
    counter = db.session.get_one(OrderCounter, 1, with_for_update=True)
    made = (make(source, goods, currency, moment) for moment in at)
    while batch := list(islice(made, BATCH)):
        _write(batch, counter)
    _add_traffic(source, at)
    return len(at)


def _write(batch: Sequence[Made], counter: OrderCounter) -> None:
    rows = []
    for each in batch:
        counter.last_number += 1
        state = FulfillmentState.FULFILLED if each.is_sent else FulfillmentState.UNFULFILLED
        rows.append({**each.order, "number": counter.last_number, "fulfillment_state": state})
    db.session.flush()
    ids = _insert(Order, rows)
    lines = [row for id_, each in zip(ids, batch, strict=True) for row in _lines(id_, each)]
    line_ids = _insert(LineItem, lines)
    _insert_all(OrderTag, ({"order_id": id_, "tag": TAG} for id_ in ids))
    pairs = list(zip(ids, batch, strict=True))
    _insert_all(OrderEvent, (row for id_, each in pairs for row in _events(id_, each)))
    paid = [(id_, each) for id_, each in pairs if each.quoted.total]
    payment_ids = _insert(Payment, [_payment(id_, each) for id_, each in paid])
    lines_of = _by_order(lines, line_ids)
    _send(pairs, lines_of)
    _give_back(paid, payment_ids, lines_of)


def _lines(order_id: int, made: Made) -> Iterator[dict[str, Any]]:
    for position, (line, goods) in enumerate(
        zip(made.quoted.lines, made.goods, strict=True), start=1
    ):
        options = (goods.variant.option1, goods.variant.option2, goods.variant.option3)
        yield {
            "order_id": order_id,
            "position": position,
            "variant_id": line.variant_id,
            "title": goods.title,
            "options": " / ".join(filter(None, options)),
            "sku": goods.variant.sku or "",
            "file": goods.file,
            "unit_amount": line.unit.amount,
            "quantity": line.quantity,
            "fulfilled_quantity": line.quantity if made.is_sent else 0,
            "discount_amount": line.discount.amount,
            "total_amount": line.total.amount,
            "tax_amount": line.tax.amount,
        }


def _events(order_id: int, made: Made) -> Iterator[dict[str, Any]]:
    amount = made.quoted.total.amount
    yield {"order_id": order_id, "kind": EventKind.PLACED, "at": made.at,
           "data": {"total": amount, "currency": made.quoted.currency}}  # fmt: skip
    yield {"order_id": order_id, "kind": EventKind.PAID, "at": made.order["paid_at"],
           "data": {"amount": amount, "method": made.label}}  # fmt: skip


def _payment(order_id: int, made: Made) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "amount": made.quoted.total.amount,
        "refunded_amount": made.refunded_amount,
        "currency": made.quoted.currency,
        "method": made.method,
        "method_label": made.label,
        "received_at": made.order["paid_at"],
    }


def _send(pairs: Sequence[tuple[int, Made]], lines_of: dict[int, list[tuple[int, int]]]) -> None:
    sent = [(id_, each) for id_, each in pairs if each.is_sent]
    parcels = _insert(
        Fulfillment,
        [
            {
                "order_id": id_,
                "status": FulfillmentStatus.SENT,
                "press": f"demo:{secrets.token_hex(8)}",
                "created_at": each.at + timedelta(days=1 + math.floor(each.at.minute / 30)),
            }
            for id_, each in sent
        ],
    )
    _insert_all(
        FulfillmentLine,
        (
            {"fulfillment_id": parcel, "line_item_id": line_id, "quantity": quantity}
            for parcel, (id_, _each) in zip(parcels, sent, strict=True)
            for line_id, quantity in lines_of[id_]
        ),
    )


def _give_back(
    paid: Sequence[tuple[int, Made]],
    payment_ids: Sequence[int],
    lines_of: dict[int, list[tuple[int, int]]],
) -> None:
    given = [
        (id_, each, payment)
        for (id_, each), payment in zip(paid, payment_ids, strict=True)
        if each.refunded_amount
    ]
    refund_ids = _insert(
        Refund,
        [
            {
                "order_id": id_,
                "payment_id": payment,
                "method": RefundMethod.BY_HAND,
                "status": RefundStatus.SUCCEEDED,
                "amount": each.refunded_amount,
                "currency": each.quoted.currency,
                "created_at": min(each.at + timedelta(days=9), now()),
            }
            for id_, each, payment in given
        ],
    )
    _insert_all(
        RefundLine,
        (
            {
                "refund_id": refund_id,
                "line_item_id": lines_of[id_][0][0],
                "quantity": lines_of[id_][0][1],
                "amount": each.refunded_amount,
                "taxes": [
                    {"name": tax.rate.name, "rate_ppm": tax.rate.rate_ppm,
                     "amount": tax.amount.amount} for tax in each.quoted.lines[0].taxes
                ],
            }
            for refund_id, (id_, each, _payment_id) in zip(refund_ids, given, strict=True)
        ),
    )  # fmt: skip
    for id_, each, _payment_id in given:
        db.session.execute(
            sa.update(Order).where(Order.id == id_).values(refunded_amount=each.refunded_amount)
        )


def _add_traffic(source: random.Random, moments: Sequence[datetime]) -> None:
    """Visitors to match: about one in forty buys. Today's are counted by the shop itself."""
    sold: dict[Any, int] = {}
    for at in moments:
        if at.date() < now().date():
            sold[at.date()] = sold.get(at.date(), 0) + 1
    known = set(db.session.scalars(sa.select(TrafficDay.day)))
    rows = []
    for day, orders in sold.items():
        if day in known:
            continue
        visits = int(orders * source.uniform(28, 50)) + source.randrange(10)
        shares = (1.0, source.uniform(0.5, 0.65), source.uniform(0.08, 0.12), 0.05)
        for step, share in zip(Step, shares, strict=True):
            rows.append({"day": day, "step": step, "visitors": max(orders, int(visits * share))})
    _insert_all(TrafficDay, rows)


def _by_order(
    lines: Sequence[dict[str, Any]], line_ids: Sequence[int]
) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = {}
    for line, id_ in zip(lines, line_ids, strict=True):
        found.setdefault(line["order_id"], []).append((id_, line["quantity"]))
    return found


def _insert(model: Any, rows: Sequence[dict[str, Any]]) -> list[int]:
    """The ids, in the order of the rows."""
    if not rows:
        return []
    statement = sa.insert(model).returning(model.id, sort_by_parameter_order=True)
    return list(db.session.scalars(statement, rows))


def _insert_all(model: type[Model], rows: Any) -> None:
    written = list(rows)
    if written:
        db.session.execute(sa.insert(model), written)
