"""Net sales, the payments' sums and Stripe's balance are one figure, whatever was given back."""

from __future__ import annotations

import random
import secrets
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.clock import now
from shop.extensions import db
from shop.money import Money
from shop.orders.models import LineItem, Order
from shop.payments import refund_queries, refunding, settlement
from shop.payments.gateway import StripeGateway
from shop.payments.models import PaymentAttempt
from shop.payments.params import Shop
from shop.payments.refund_models import RefundMethod
from shop.payments.refund_plan import RefundWish
from shop.payments.shares import MoreThanLeft
from shop.pricing.discounts import Discount, Kind
from shop.reports import money_queries
from shop.reports.periods import Period
from tests.accounts.people import make_admin
from tests.factories import make_discount, make_gift_card, make_order, make_store, make_variant
from tests.payments.sandbox.harness import KEY, SECRET, World

SHOP = Shop("Fettle", "till", "https://shop.example/return", "https://shop.example/back")


@pytest.fixture
def gateway(world: World) -> StripeGateway:
    return StripeGateway(
        KEY, api_base=world.url, webhook_secrets=[SECRET], is_live=False, store_id="till"
    )


def pay(order: Order, world: World, gateway: StripeGateway) -> None:
    order_id = order.id
    db.session.commit()
    settlement.start(order_id, gateway, SHOP)
    attempt = sa.select(PaymentAttempt.session_id).where(PaymentAttempt.order_id == order_id)
    session_id = db.session.scalars(attempt).one()
    db.session.rollback()
    world.pay(SimpleNamespace(id=session_id))
    settlement.settle(session_id or "", gateway)
    db.session.commit()


def give_back(order_id: int, amount: int, gateway: StripeGateway, staff: int) -> None:
    """Some units of its first line, or some of its delivery."""
    made = refund_queries.refunds_of(order_id)
    lines = sa.select(LineItem).where(LineItem.order_id == order_id)
    line = db.session.scalars(lines).first()
    assert line is not None
    wish = RefundWish(
        units={line.id: 1} if amount % 2 else {},
        delivery=Money(0 if amount % 2 else 100, "GBP"),
        method=RefundMethod.STORE_CREDIT if amount == 3 else None,
        press=secrets.token_hex(8),
        version=refund_queries.version_of(made),
    )
    db.session.rollback()
    with suppress(MoreThanLeft):  # it is all given back already
        refunding.refund(order_id, wish, gateway, by=staff)
    db.session.commit()


@pytest.mark.parametrize("seed", range(4))
def test_sales_payments_and_stripe_say_the_same(
    app: Flask, world: World, gateway: StripeGateway, seed: int
) -> None:
    source = random.Random(seed)
    make_store()
    staff = make_admin().id
    tenth = Discount(make_discount("TENTH").id, "A tenth off", Kind.PERCENTAGE, "TENTH", 100_000)
    for _ in range(6):
        card = make_gift_card(source.choice([500, 1200]))
        order = make_order(
            make_variant(unit_amount=source.randrange(600, 9000), on_hand=50),
            make_variant(unit_amount=source.randrange(600, 9000), on_hand=50),
            quantity=source.randrange(1, 4),
            shipping=450,
            discounts=[tenth] if source.random() < 0.5 else [],
            gift_cards=[card] if source.random() < 0.3 else [],
        )
        order_id = order.id
        pay(order, world, gateway)
        for _ in range(source.randrange(3)):
            give_back(order_id, source.randrange(10), gateway, staff)
    today = now().date()
    period = Period(today - timedelta(days=1), today + timedelta(days=1), now().tzinfo)

    (bridge,) = money_queries.bridge(period)
    (method,) = money_queries.by_method(period.since, period.until)
    entries = gateway.balance(period.since, period.until, most=1000)

    at_stripe = sum(entry.amount for entry in entries)
    assert at_stripe == method.net == bridge.money
    assert bridge.beyond == 0
    assert bridge.net_sales - bridge.by_gift_cards + bridge.kept_as_credit == at_stripe
    assert {entry.payment_intent_id[:3] for entry in entries} == {"pi_"}
    assert {entry.refund_id[:3] for entry in entries if entry.type == "refund"} <= {"re_"}
