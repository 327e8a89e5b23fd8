"""Money that goes back to gift cards or as credit, and off the cards that an order bought."""

from __future__ import annotations

from contextlib import suppress

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.extensions import db
from shop.gift_cards import queries as gift_card_queries
from shop.gift_cards import service as gift_cards
from shop.gift_cards.models import GiftCard
from shop.orders import service as orders
from shop.orders.models import LineItem, Order
from shop.payments import refunding
from shop.payments.gateway import PaymentRefused
from shop.payments.refund_models import RefundMethod
from shop.payments.refund_plan import GIFT_CARDS
from shop.payments.service import reservation_until
from shop.payments.shares import MoreThanLeft
from shop.pricing.quote import GiftCardUse
from tests.factories import make_checkout, make_order, make_placement, make_variant
from tests.fakes import FakeGateway
from tests.payments.refunding import give, held, line_of, mails, pay, pounds, refunds_of, tell, wish


@pytest.fixture
def by_card_and_gift_card(app: Flask, gateway: FakeGateway) -> Order:
    """72.50, of which a gift card pays 20.00."""
    card = gift_cards.issue(pounds(2000), gift_cards.Gift())
    variant = make_variant(unit_amount=3400, on_hand=10)
    order = orders.place(
        make_placement(variant, quantity=2, gift_cards=[card]),
        checkout_id=make_checkout().id,
        revision=1,
        expires_at=reservation_until(),
    )
    pay(order, gateway)
    return order


def balances() -> list[int]:
    return list(db.session.scalars(sa.select(GiftCard.balance_amount).order_by(GiftCard.id)))


def test_money_goes_back_first_and_then_the_gift_card(
    by_card_and_gift_card: Order, gateway: FakeGateway, staff: int
) -> None:
    order = by_card_and_gift_card
    (first,) = give(order, gateway, staff, amount=pounds(4000))
    assert (first.method, balances()) == ("stripe", [0])

    made = give(order, gateway, staff, amount=pounds(3250))

    db.session.refresh(order)
    assert [(one.method, one.amount, one.status) for one in made] == [
        ("stripe", 1250, "succeeded"), ("gift_card", 2000, "succeeded"),
    ]  # fmt: skip
    assert balances() == [2000]
    assert order.refunded_amount == order.total_amount
    taxes = [tax["amount"] for one in refunds_of(order) for part in one.lines for tax in part.taxes]
    assert sum(taxes) == order.tax_amount
    with pytest.raises(MoreThanLeft):
        give(order, gateway, staff, amount=pounds(1))


def test_staff_may_choose_the_gift_card(
    by_card_and_gift_card: Order, gateway: FakeGateway, staff: int
) -> None:
    with pytest.raises(MoreThanLeft):
        give(by_card_and_gift_card, gateway, staff, amount=pounds(2001), payment_id=GIFT_CARDS)
    assert balances() == [0]

    give(by_card_and_gift_card, gateway, staff, amount=pounds(500), payment_id=GIFT_CARDS)

    assert balances() == [500]
    assert gateway.refunds == {}


@pytest.fixture
def of_gift_cards(app: Flask, gateway: FakeGateway) -> Order:
    """Two cards of 34.00 and a delivery of 4.50."""
    order = make_order(make_variant(unit_amount=3400, on_hand=10), quantity=2)
    db.session.execute(sa.update(LineItem).values(is_gift_card=True))
    pay(order, gateway)
    return order


def active() -> list[bool]:
    return list(db.session.scalars(sa.select(GiftCard.is_active).order_by(GiftCard.id)))


def test_a_bought_card_that_is_given_back_pays_no_more(
    of_gift_cards: Order, gateway: FakeGateway, staff: int
) -> None:
    line_id = line_of(of_gift_cards).id

    give(of_gift_cards, gateway, staff, units={line_id: 1})
    assert active() == [False, True]

    give(of_gift_cards, gateway, staff, amount=pounds(1000))
    assert active() == [False, True]

    give(of_gift_cards, gateway, staff, amount=pounds(2850))
    assert active() == [False, False]


def test_bought_cards_end_with_a_refund_of_all_in_the_dashboard(
    of_gift_cards: Order, gateway: FakeGateway
) -> None:
    (session_id,) = gateway.sessions

    tell(gateway, "refund.created", gateway.refund_in_dashboard(f"pi_{session_id}", 7250))

    assert active() == [False, False]


def cards_left() -> list[tuple[int, bool]]:
    assert list(gift_card_queries.wrong_balances()) == []
    found = sa.select(GiftCard.balance_amount, GiftCard.is_active).order_by(GiftCard.id)
    return [(balance, is_active) for balance, is_active in db.session.execute(found)]


def spend_some(amount: int) -> None:
    """Of the first card, by another order."""
    card = db.session.scalars(sa.select(GiftCard).order_by(GiftCard.id)).first()
    assert card is not None
    other = make_order(make_variant(unit_amount=100), quantity=1)
    gift_cards.spend(other.id, [GiftCardUse(card.id, pounds(amount))])
    db.session.commit()


def test_what_is_left_of_a_card_that_is_given_back_is_void(
    of_gift_cards: Order, gateway: FakeGateway, staff: int
) -> None:
    line_id = line_of(of_gift_cards).id
    spend_some(400)

    give(of_gift_cards, gateway, staff, units={line_id: 2})

    assert cards_left() == [(0, False), (0, False)]
    assert gift_card_queries.refundable(of_gift_cards.id, "GBP") == pounds(0)


def test_a_part_of_the_price_comes_off_the_cards(
    of_gift_cards: Order, gateway: FakeGateway, staff: int
) -> None:
    line_id = line_of(of_gift_cards).id
    give(of_gift_cards, gateway, staff, units={line_id: 1}, amount=pounds(1000))
    assert cards_left() == [(0, False), (3400, True)]

    give(of_gift_cards, gateway, staff, amount=pounds(1000))

    # The delivery takes 0.72 of it.
    assert cards_left() == [(0, False), (2472, True)]


def test_spent_cards_lose_no_more_than_they_have(
    of_gift_cards: Order, gateway: FakeGateway, staff: int
) -> None:
    spend_some(3000)

    give(of_gift_cards, gateway, staff, amount=pounds(6000))

    # 56.28 of the cards' price; 38.00 were on them.
    assert cards_left() == [(0, True), (0, True)]


def test_a_refund_that_is_refused_takes_nothing_off_the_cards(
    of_gift_cards: Order, gateway: FakeGateway, staff: int
) -> None:
    gateway.failure = PaymentRefused("no", code="charge_disputed")
    with suppress(PaymentRefused):
        give(of_gift_cards, gateway, staff, amount=pounds(7250))

    assert cards_left() == [(3400, True), (3400, True)]


def test_money_may_stay_as_store_credit(order: Order, gateway: FakeGateway, staff: int) -> None:
    same = wish(order, amount=pounds(1000), method=RefundMethod.STORE_CREDIT)

    for _ in range(2):
        refunding.refund(order.id, same, gateway, by=staff)

    db.session.refresh(order)
    assert balances() == [1000]
    assert (held(order), order.refunded_amount) == ([1000], 1000)
    assert gateway.refunds == {}
    assert "order_refunded" not in mails()
