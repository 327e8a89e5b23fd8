"""A year of made-up sales, so that reports and forecasts of the demo shop have something to tell.

Every order carries the tag "demo". Stock is left as it is, nobody gets a mail, and Stripe never
hears of it: the payments have no number there.
"""

from __future__ import annotations

import math
import random
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from shop.addresses import Address
from shop.catalog.models import Product, ProductImage, ProductStatus, Variant
from shop.clock import now
from shop.extensions import Model, db
from shop.money import Money
from shop.orders.event_kinds import EventKind
from shop.orders.fulfillment_models import Fulfillment, FulfillmentLine
from shop.orders.models import LineItem, Order, OrderCounter, OrderEvent, OrderTag
from shop.orders.states import FulfillmentState, FulfillmentStatus, OrderState
from shop.payments.models import Payment
from shop.payments.refund_models import Refund, RefundLine, RefundMethod, RefundStatus
from shop.pricing.discount_models import StoredDiscount
from shop.pricing.discounts import Discount, Kind
from shop.pricing.quote import Item, Quote, quote
from shop.pricing.tax import STANDARD, Rate, TaxRules
from shop.store import queries as store
from shop.traffic.models import TrafficDay
from shop.traffic.steps import Step

TAG = "demo"
#: Orders that are written by one statement.
BATCH = 500
#: Older ones have been sent.
SENT_AFTER = timedelta(days=3)
FREE_DELIVERY_FROM, DELIVERY = 6000, 450

_COUNTRIES = {"GB": 70, "DE": 9, "FR": 6, "IE": 5, "NL": 4, "US": 4, "JP": 2}
_VAT_PPM = {"GB": 200_000, "DE": 190_000, "FR": 200_000, "IE": 230_000, "NL": 210_000}
_CITIES = {
    "GB": ("Leeds", "LS6 2AB"), "DE": ("Bremen", "28195"), "FR": ("Lyon", "69001"),
    "IE": ("Cork", "T12 W8K0"), "NL": ("Utrecht", "3511 AA"), "US": ("Portland", "97201"),
    "JP": ("Kyoto", "600-8001"),
}  # fmt: skip
_METHODS = (("card", "Visa 4242", 62), ("card", "Mastercard 4444", 24), ("paypal", "", 9),
            ("bank_transfer", "", 5))  # fmt: skip
_FIRST = ("Ines", "Tom", "Maya", "Jonas", "Clara", "Owen", "Priya", "Lena", "Sam", "Noor")
_LAST = ("Rowan", "Alder", "Birch", "Hazel", "Thorn", "Ashby", "Reed", "Moss", "Linden", "Heath")
#: Of a week, Monday first, and of a year, January first: how a small shop of gifts sells.
_WEEK = (0.9, 0.85, 0.9, 1.0, 1.05, 1.1, 1.2)
_YEAR = (0.7, 0.8, 0.9, 0.9, 1.0, 0.9, 0.8, 0.8, 1.0, 1.1, 1.6, 1.9)


class NothingToSell(Exception):
    """No published product has a variant."""


class AlreadyThere(Exception):
    """Made-up orders are in the shop already."""


@dataclass(frozen=True)
class Goods:
    variant: Variant
    title: str
    file: str | None
    weight: float


@dataclass(frozen=True)
class Made:
    """One order, with all that hangs on it."""

    order: dict[str, Any]
    quoted: Quote
    goods: Sequence[Goods]
    at: datetime
    method: str
    label: str
    is_sent: bool
    #: Of the first line; 0: none of it was given back.
    refunded: int


def fabricate(*, orders: int, days: int, seed: int = 7) -> int:
    """Write so many paid orders over so many days up to now; how many there are.

    Raises NothingToSell and AlreadyThere, and then adds nothing.
    """
    if db.session.scalar(sa.select(OrderTag.order_id).where(OrderTag.tag == TAG).limit(1)):
        raise AlreadyThere
    source = random.Random(seed)  # noqa: S311 - the same history each time, no secret
    goods, currency = _goods(source), store.current().currency
    moments = _moments(source, orders, days)
    counter = db.session.get_one(OrderCounter, 1, with_for_update=True)
    made = (_make(source, goods, currency, at) for at in moments)
    while batch := list(islice(made, BATCH)):
        _write(batch, counter)
    _add_traffic(source, moments)
    return len(moments)


def _goods(source: random.Random) -> list[Goods]:
    """A few sell well, most seldom."""
    first = (
        sa.select(sa.func.min(ProductImage.file))
        .where(ProductImage.product_id == Product.id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(Variant, Product.title, first)
        .join(Product, Product.id == Variant.product_id)
        .where(Product.status == ProductStatus.PUBLISHED, sa.not_(Product.is_gift_card))
        .order_by(Variant.id)
    ).all()
    if not rows:
        raise NothingToSell
    ranks = list(range(1, len(rows) + 1))
    source.shuffle(ranks)
    return [
        Goods(row[0], row[1], row[2], 1 / rank**0.9) for row, rank in zip(rows, ranks, strict=True)
    ]


def _moments(source: random.Random, orders: int, days: int) -> list[datetime]:
    """More on weekends, before the holidays, and as the shop grows."""
    at, today = now(), now().date()
    dates = [today - timedelta(days=back) for back in range(days, -1, -1)]
    weights = [
        _WEEK[day.weekday()] * _YEAR[day.month - 1] * (0.6 + 0.8 * place / len(dates))
        for place, day in enumerate(dates)
    ]
    found = []
    for day in source.choices(dates, weights, k=orders):
        minute = min(1439, max(0, int(source.gauss(15 * 60, 240))))
        moment = datetime.combine(day, time(), UTC) + timedelta(
            minutes=minute, seconds=source.randrange(60)
        )
        found.append(moment if moment <= at else at - timedelta(minutes=source.randrange(1, 600)))
    return sorted(found)


def _make(source: random.Random, goods: Sequence[Goods], currency: str, at: datetime) -> Made:
    country = source.choices(list(_COUNTRIES), list(_COUNTRIES.values()))[0]
    chosen = list(
        {
            each.variant.id: each
            for each in source.choices(
                goods, [each.weight for each in goods], k=source.choice((1, 1, 1, 2, 2, 3))
            )
        }.values()
    )
    quoted = _quote(source, chosen, currency, country)
    method, label = source.choices([pair[:2] for pair in _METHODS], [pair[2] for pair in _METHODS])[
        0
    ]
    return Made(
        order=_order(source, quoted, currency, country, at),
        quoted=quoted,
        goods=chosen,
        at=at,
        method=method,
        label=label,
        is_sent=at < now() - SENT_AFTER,
        refunded=1 if source.random() < 0.03 and at < now() - SENT_AFTER else 0,
    )


def _quote(source: random.Random, goods: Sequence[Goods], currency: str, country: str) -> Quote:
    items = [
        Item(
            each.variant.id, Money(each.variant.unit_amount, currency), source.choice((1, 1, 1, 2))
        )
        for each in goods
    ]
    subtotal = sum(item.unit.amount * item.quantity for item in items)
    shipping = Money(0 if subtotal >= FREE_DELIVERY_FROM else DELIVERY, currency)
    ppm = _VAT_PPM.get(country)
    rates = {STANDARD: (Rate("VAT", ppm),)} if ppm else {}
    is_discounted = source.random() < 0.12
    tenth = Discount(_discount_id(), "A tenth off your first pot", Kind.PERCENTAGE, "FIRSTPOT",
                     100_000)  # fmt: skip
    return quote(
        items,
        shipping=shipping,
        tax=TaxRules(is_included=True, rates=rates),
        discounts=[tenth] if is_discounted else [],
    )


def _discount_id() -> int:
    known = db.session.info.get("demo_discount")
    if known is None:
        known = db.session.scalar(sa.select(sa.func.min(StoredDiscount.id))) or 0
        db.session.info["demo_discount"] = known
    return int(known)


def _order(
    source: random.Random, quoted: Quote, currency: str, country: str, at: datetime
) -> dict[str, Any]:
    # Few come often, most once: each draw is the square of an even one.
    who = int(source.random() ** 2 * 900)
    name = f"{_FIRST[who % 10]} {_LAST[who // 10 % 10]}"
    city, postal_code = _CITIES[country]
    address = Address(
        name=name, line1=f"{1 + who % 90} Alder Row", city=city, postal_code=postal_code,
        country=country,
    )  # fmt: skip
    bill = quoted.bill
    return {
        "token": secrets.token_urlsafe(24),
        "fingerprint": secrets.token_hex(32),
        "state": OrderState.PAID,
        "currency": currency,
        "subtotal_amount": bill.subtotal.amount,
        "discount_amount": bill.discount.amount,
        "shipping_amount": bill.shipping.amount,
        "shipping_discount_amount": bill.shipping_discount.amount,
        "tax_amount": bill.tax.amount,
        "rounding_amount": bill.rounding.amount,
        "total_amount": bill.total.amount,
        "is_tax_included": bill.is_tax_included,
        "tax_lines": [
            {"name": tax.name, "rate_ppm": tax.rate_ppm, "base": tax.base.amount,
             "amount": tax.amount.amount} for tax in bill.taxes
        ],
        "discount_lines": [
            {"discount_id": line.discount_id, "title": line.title, "code": line.code,
             "amount": line.amount.amount} for line in bill.discounts
        ],
        **asdict(address),
        "email": f"{name.lower().replace(' ', '.')}.{who}@example.com",
        "shipping_name": "Standard",
        "shipping_min_days": 2,
        "shipping_max_days": 4,
        "placed_at": at,
        "paid_at": at + timedelta(minutes=source.randrange(1, 6)),
    }  # fmt: skip


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
        "refunded_amount": _refunded(made),
        "currency": made.quoted.currency,
        "method": made.method,
        "method_label": made.label,
        "received_at": made.order["paid_at"],
    }


def _refunded(made: Made) -> int:
    """The first line, whole: what can be given back in any order's sum."""
    return made.quoted.lines[0].total.amount if made.refunded else 0


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
        if _refunded(each)
    ]
    refund_ids = _insert(
        Refund,
        [
            {
                "order_id": id_,
                "payment_id": payment,
                "method": RefundMethod.BY_HAND,
                "status": RefundStatus.SUCCEEDED,
                "amount": _refunded(each),
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
                "amount": _refunded(each),
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
            sa.update(Order).where(Order.id == id_).values(refunded_amount=_refunded(each))
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
