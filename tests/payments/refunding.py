"""Paying for an order, giving its money back, and what became of it, for tests of refunds."""

from __future__ import annotations

import secrets
from typing import Any

import sqlalchemy as sa

from shop.extensions import db
from shop.money import Money
from shop.orders.models import LineItem, Order, OrderEvent
from shop.outbox.models import OutboxMessage
from shop.payments import events, refund_queries, refunding, settlement
from shop.payments.models import EventStatus, Payment
from shop.payments.params import Shop
from shop.payments.refund_models import Refund
from shop.payments.refund_plan import RefundWish
from tests.factories import stock_of
from tests.fakes import FakeGateway, event

SHOP = Shop("Fettle", "till", "https://shop.example/return", "https://shop.example/back")


def pay(order: Order, gateway: FakeGateway, **values: Any) -> str:
    db.session.commit()
    settlement.start(order.id, gateway, SHOP)
    session_id = list(gateway.sessions)[-1]
    gateway.pay(session_id, **values)
    settlement.settle(session_id, gateway)
    db.session.commit()
    return f"pi_{session_id}"


def wish(order: Order, **values: Any) -> RefundWish:
    made = refund_queries.refunds_of(order.id)
    usual: dict[str, Any] = {
        "delivery": Money(0, "GBP"),
        "press": secrets.token_hex(8),
        "version": refund_queries.version_of(made),
    }
    db.session.rollback()
    return RefundWish(**(usual | values))


def give(order: Order, gateway: FakeGateway, staff: int, **values: Any) -> list[Refund]:
    return refunding.refund(order.id, wish(order, **values), gateway, by=staff)


def pounds(amount: int) -> Money:
    return Money(amount, "GBP")


def line_of(order: Order) -> LineItem:
    found = sa.select(LineItem).where(LineItem.order_id == order.id)
    return db.session.scalars(found.execution_options(populate_existing=True)).one()


def refunds_of(order: Order) -> list[Refund]:
    return refund_queries.refunds_of(order.id)


def held(order: Order) -> list[int]:
    """Refunded amounts of the payments."""
    found = sa.select(Payment.refunded_amount).where(Payment.order_id == order.id)
    return list(db.session.scalars(found.order_by(Payment.id)))


def kinds(order: Order) -> list[str]:
    found = sa.select(OrderEvent.kind).where(OrderEvent.order_id == order.id)
    return list(db.session.scalars(found.order_by(OrderEvent.id)))


def mails() -> list[str]:
    return list(db.session.scalars(sa.select(OutboxMessage.name).order_by(OutboxMessage.id)))


def stock(order: Order) -> tuple[int, int]:
    from shop.catalog.models import Variant

    return stock_of(db.session.get_one(Variant, line_of(order).variant_id))


def nothing_moved(order: Order, gateway: FakeGateway) -> None:
    db.session.rollback()
    db.session.refresh(order)
    assert gateway.refunds == {}
    assert refunds_of(order) == []
    assert held(order) == [0]
    assert (order.refunded_amount, line_of(order).removed_quantity) == (0, 0)
    assert stock(order) == (8, 0)
    assert "order_refunded" not in mails()


def tell(gateway: FakeGateway, kind: str, refund_id: str) -> EventStatus:
    found = gateway.refunds[refund_id]
    happened = event(
        kind, event_id=f"evt_{secrets.token_hex(4)}", id=found.id,
        payment_intent=found.payment_intent_id, amount=found.amount, currency=found.currency,
    )  # fmt: skip
    return events.receive(happened, gateway)
