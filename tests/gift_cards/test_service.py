"""Balances and their ledger: held with the order, given back once, never spent twice."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.exc import IntegrityError

from shop.clock import now
from shop.database import in_transaction, transaction
from shop.extensions import db
from shop.gift_cards import codes, queries, service
from shop.gift_cards.models import EntryKind, GiftCard, GiftCardEntry
from shop.gift_cards.queries import NotUsable
from shop.gift_cards.service import Gift, GiftCardGone, MoreThanSpent
from shop.money import Money
from shop.orders import service as orders
from shop.orders.models import Order
from shop.orders.states import OrderState
from shop.outbox.models import OutboxMessage
from shop.payments.service import reservation_until
from shop.store.queries import Store
from tests.factories import (
    make_checkout,
    make_gift_card,
    make_order,
    make_placement,
    make_variant,
    stock_of,
)
from tests.rush import place_at_once


def balance(card: GiftCard) -> int:
    """As counted, which is what the ledger adds up to."""
    assert list(queries.wrong_balances()) == []
    return db.session.get_one(GiftCard, card.id, populate_existing=True).balance_amount


def entries(card: GiftCard) -> list[tuple[str, int, int]]:
    """Oldest first: kind, amount, balance after it."""
    return [
        (entry.kind, entry.amount, entry.balance_amount)
        for entry in reversed(queries.ledger_of(card.id))
    ]


def mails() -> list[str]:
    return list(
        db.session.scalars(
            sa.select(OutboxMessage.dedupe_key)
            .where(OutboxMessage.name == service.MAIL)
            .order_by(OutboxMessage.id)
        )
    )


def pounds(amount: int) -> Money:
    return Money(amount, "GBP")


def test_a_card_from_staff_has_its_amount_a_code_and_one_mail(app: Flask) -> None:
    card = make_gift_card(5000, email="Noor@example.com", message="Well done")

    code = service.code_of(card)
    assert entries(card) == [("issued", 5000, 5000)]
    assert (card.email, card.last_four) == ("noor@example.com", code[-4:])
    assert queries.card_of_code(codes.spelled(code).lower()) is card
    assert mails() == [f"gift_card:{card.id}"]


def test_the_database_holds_no_code(app: Flask) -> None:
    card = make_gift_card(email="noor@example.com")

    code = service.code_of(card)
    kept = [*card.__dict__.values(), *db.session.scalars(sa.select(OutboxMessage.payload))]
    assert not any(code in str(value) for value in kept)


def test_an_order_holds_what_its_cards_pay_from_the_moment_it_is_placed(app: Flask) -> None:
    first, second = make_gift_card(2000), make_gift_card(5000)

    order = make_order(make_variant(unit_amount=3400), gift_cards=[first, second])

    assert (balance(first), balance(second)) == (0, 3150)
    assert (order.total_amount, order.gift_card_amount, order.due.amount) == (3850, 3850, 0)
    assert [(use.last_four, use.amount.amount) for use in order.bill.gift_cards] == [
        (first.last_four, 2000),
        (second.last_four, 1850),
    ]
    assert queries.held_by(order.id) == {first.id: 2000, second.id: 1850}


@pytest.mark.parametrize("end", ["expire", "cancel"])
def test_an_order_that_dies_unpaid_gives_the_money_back_once(app: Flask, end: str) -> None:
    card = make_gift_card(2000)
    order = make_order(gift_cards=[card])

    if end == "expire":
        orders.expire(order)
    else:
        orders.cancel(order, reason="replaced")
    service.give_back(order.id)

    assert entries(card) == [("issued", 2000, 2000), ("spent", -2000, 0), ("returned", 2000, 2000)]
    assert balance(card) == 2000


def test_a_disabled_card_gets_back_what_a_dead_order_held(app: Flask) -> None:
    card = make_gift_card(2000)
    order = make_order(gift_cards=[card])
    card.is_active = False

    orders.expire(order)

    assert balance(card) == 2000


def test_money_that_comes_late_takes_the_card_again(app: Flask) -> None:
    card = make_gift_card(2000)
    order = make_order(gift_cards=[card])
    orders.expire(order)

    orders.retake_stock(order)
    service.spend_again(order.id)

    assert balance(card) == 0
    assert queries.held_by(order.id) == {card.id: 2000}


def test_money_that_comes_late_moves_nothing_where_the_card_is_spent(app: Flask) -> None:
    card, variant = make_gift_card(2000), make_variant(on_hand=5)
    order = make_order(variant, gift_cards=[card])
    orders.expire(order)
    make_order(gift_cards=[card])

    with pytest.raises(GiftCardGone), db.session.begin_nested():
        orders.retake_stock(order)

    assert stock_of(variant) == (5, 0)
    assert queries.held_by(order.id) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"is_active": False},
        {"expires_on": now().date() - timedelta(days=1)},
        {"currency": "EUR"},
        {"balance_amount": 1999},
    ],
)
def test_a_card_that_ended_meanwhile_moves_nothing(app: Flask, change: dict[str, object]) -> None:
    card, other, variant = make_gift_card(2000), make_gift_card(1000), make_variant(on_hand=10)
    placement = make_placement(variant, gift_cards=[other, card])
    checkout = make_checkout()
    for name, value in change.items():
        setattr(card, name, value)
    db.session.flush()

    with pytest.raises(GiftCardGone) as refusal, db.session.begin_nested():
        orders.place(placement, checkout_id=checkout.id, revision=1, expires_at=reservation_until())

    assert refusal.value.card_id == card.id
    assert other.balance_amount == 1000
    assert stock_of(variant) == (10, 0)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0


def test_the_database_itself_refuses_a_negative_balance(app: Flask) -> None:
    card = make_gift_card(2000)

    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(sa.update(GiftCard).values(balance_amount=-1))

    assert balance(card) == 2000


def test_what_a_card_is_good_for(app: Flask) -> None:
    card, shop = make_gift_card(2000), Store()

    assert queries.present(card, shop).refusal is None
    assert queries.present(card, replace(shop, currency="EUR")).refusal is NotUsable.OTHER_CURRENCY
    card.is_active = False
    assert queries.present(card, shop).refusal is NotUsable.DISABLED


@pytest.mark.parametrize(
    ("at", "refusal"),
    [
        (datetime(2026, 12, 31, 4, 59, tzinfo=UTC), None),
        (datetime(2027, 1, 1, 4, 59, tzinfo=UTC), None),
        (datetime(2027, 1, 1, 5, 0, tzinfo=UTC), NotUsable.EXPIRED),
    ],
)
def test_the_last_day_ends_when_the_shops_day_ends(
    app: Flask, at: datetime, refusal: NotUsable | None
) -> None:
    card = make_gift_card(2000, expires_on=date(2026, 12, 31))

    with time_machine.travel(at, tick=False):
        assert queries.present(card, Store(time_zone="America/New_York")).refusal is refusal


def test_what_the_own_unpaid_order_holds_is_still_there_to_spend(app: Flask) -> None:
    card = make_gift_card(2000)
    order = make_order(gift_cards=[card])

    (own,) = queries.presented([card.id], Store(), order.id)
    (others,) = queries.presented([card.id], Store())

    assert (own.balance.amount, own.refusal) == (2000, None)
    assert (others.balance.amount, others.refusal) == (0, NotUsable.EMPTY)


# Bought


def test_a_paid_order_issues_one_card_for_each_unit_once(app: Flask) -> None:
    variant = make_variant(unit_amount=2500, is_tracked=False)
    order = make_order(
        variant,
        quantity=2,
        sells_gift_cards=True,
        gift_email="noor@example.com",
        gift_message="Happy birthday",
    )
    assert list(queries.bought_by(order.id)) == []

    orders.mark_paid(order, at=now())

    cards = queries.bought_by(order.id)
    assert [(card.balance_amount, card.email, card.message) for card in cards] == [
        (2500, "noor@example.com", "Happy birthday")
    ] * 2
    assert {card.sender for card in cards} == {"Ines Rowan"}
    assert len({service.code_of(card) for card in cards}) == 2
    assert mails() == [f"gift_card:{card.id}" for card in cards]


def test_the_table_refuses_a_second_card_for_the_same_unit(app: Flask) -> None:
    order = make_order(make_variant(unit_amount=2500), sells_gift_cards=True, paid=True)
    (card,) = queries.bought_by(order.id)
    assert card.line_item_id is not None

    with pytest.raises(IntegrityError), db.session.begin_nested():
        service.issue_bought(
            pounds(2500), Gift(), order_id=order.id, line_item_id=card.line_item_id, unit=1
        )

    assert len(queries.bought_by(order.id)) == 1


def test_what_is_bought_for_oneself_comes_to_the_buyer(app: Flask) -> None:
    order = make_order(make_variant(unit_amount=2500), sells_gift_cards=True, paid=True)

    (card,) = queries.bought_by(order.id)
    assert (card.email, card.sender) == ("ines@example.com", "")


# Given back


def test_refunds_go_back_in_parts_and_the_same_one_only_once(app: Flask) -> None:
    first, second = make_gift_card(2000), make_gift_card(5000)
    order = make_order(make_variant(unit_amount=3400), gift_cards=[first, second], paid=True)

    for _ in range(2):
        parts = service.refund_to(order.id, pounds(2500), key="refund:1")
        assert [(part.id, part.amount.amount) for part in parts] == [
            (first.id, 2000),
            (second.id, 500),
        ]
    assert queries.refundable(order.id, "GBP") == pounds(1350)
    service.refund_to(order.id, pounds(1350), key="refund:2")

    assert (balance(first), balance(second)) == (2000, 5000)
    assert queries.refundable(order.id, "GBP") == pounds(0)


@pytest.mark.parametrize("paid_back", [0, 1000])
def test_never_more_goes_back_than_was_spent(app: Flask, paid_back: int) -> None:
    card = make_gift_card(2000)
    order = make_order(gift_cards=[card], paid=True)
    if paid_back:
        service.refund_to(order.id, pounds(paid_back), key="refund:1")

    with pytest.raises(MoreThanSpent):
        service.refund_to(order.id, pounds(2001 - paid_back), key="refund:2")

    assert balance(card) == paid_back


# Store credit


def test_store_credit_of_an_address_grows(app: Flask) -> None:
    first = service.give_credit("Ines@example.com", pounds(1000), key="refund:7")
    again = service.give_credit("ines@example.com", pounds(1000), key="refund:7")
    more = service.give_credit("ines@EXAMPLE.com", pounds(500), note="For the broken handle")
    euros = service.give_credit("ines@example.com", Money(900, "EUR"))

    assert first.id == again.id == more.id != euros.id
    assert balance(first) == 1500
    assert queries.store_credit_of("INES@example.com", "GBP") is first
    assert len(mails()) == 3


def test_credit_has_a_limit(app: Flask) -> None:
    card = service.give_credit("ines@example.com", pounds(99_999_999))

    with pytest.raises(service.TooMuch):
        service.give_credit("ines@example.com", pounds(1))

    assert balance(card) == 99_999_999


# Codes and secrets


def test_a_code_outlives_a_new_secret_key_while_the_old_one_is_known(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = make_gift_card()
    code, secret = service.code_of(card), service.settings().secret_key

    keys = property(lambda _: [secret, "another secret, longer than thirty-two"])
    monkeypatch.setattr(type(service.settings()), "secret_keys", keys)
    assert service.code_of(card) == code

    monkeypatch.setattr(type(service.settings()), "secret_keys", property(lambda _: ["lost"]))
    with pytest.raises(service.CodeLost):
        service.code_of(card)
    assert queries.card_of_code(code) is card


# At once


def test_of_fifty_at_once_exactly_one_spends_the_last_of_a_card(own_database: Flask) -> None:
    with own_database.app_context(), transaction():
        variant = make_variant(on_hand=100)
        card = make_gift_card(2000)
        card_id = card.id
        placements = [
            make_placement(variant, gift_cards=[card], email=f"buyer{number}@example.com")
            for number in range(50)
        ]

    told = place_at_once(own_database, placements, GiftCardGone)

    with own_database.app_context():
        (order,) = db.session.scalars(sa.select(Order)).all()
        assert (order.state, order.gift_card_amount) == (OrderState.PENDING_PAYMENT, 2000)
        assert db.session.get_one(GiftCard, card_id).balance_amount == 0
        spent = sa.select(GiftCardEntry.order_id).where(GiftCardEntry.kind == EntryKind.SPENT)
        assert db.session.scalars(spent).all() == [order.id]
        assert list(queries.wrong_balances()) == []
    assert told == ["gone"] * 49 + ["placed"]


def test_credit_given_first_by_two_at_once_is_one_credit(own_database: Flask) -> None:
    start = threading.Barrier(8)

    def give(number: int) -> None:
        start.wait()
        with own_database.app_context():
            in_transaction(
                lambda: service.give_credit(
                    "ines@example.com", pounds(100), key=f"refund:{number % 4}"
                )
            )

    threads = [threading.Thread(target=give, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with own_database.app_context():
        card = db.session.scalars(sa.select(GiftCard)).one()
        assert card.balance_amount == 400
        assert list(queries.wrong_balances()) == []
