"""Who may place an order, who must wait, and that a refusal leaves nothing behind."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from shop.audit import AuditEntry
from shop.catalog.models import Variant
from shop.checkout import service as checkouts
from shop.clock import now
from shop.database import in_transaction
from shop.extensions import db
from shop.inventory.models import StockItem
from shop.limits.models import RateLimit
from shop.orders import service as orders
from shop.orders.models import Order
from shop.outbox import mailer
from shop.outbox.models import OutboxMessage
from shop.payments.service import PAGE_OPEN, RESERVATION_GRACE
from shop.protection import queries
from shop.protection import service as protection
from shop.protection.letters import LETTERS
from shop.protection.models import OrderSource, ProtectionCount
from shop.protection.rules import RAN_OUT, STRICT, STRICT_HOLD, USUAL, Reason
from shop.protection.service import Refused, Visitor
from tests.accounts.people import make_admin
from tests.factories import make_checkout, make_placement, make_store, make_variant, stock_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOME, OFFICE = "home", "office"


@pytest.fixture
def mug(app: Flask) -> Variant:
    return make_variant(unit_amount=3400, on_hand=1000)


def place(mug: Variant, network: str = HOME, *, quantity: int = 1, checkout_id: int = 0) -> Order:
    visitor = Visitor(checkout_id or make_checkout().id, network)
    placement = make_placement(mug, quantity=quantity)
    db.session.commit()
    decision = in_transaction(lambda: checkouts.order_for(visitor, placement))
    return db.session.get_one(Order, decision.order_id)


def refusal(*args: object, **kwargs: object) -> Refused:
    before = counted()
    with pytest.raises(Refused) as caught:
        place(*args, **kwargs)
    assert counted() == before
    return caught.value


def counted() -> tuple[object, ...]:
    """Everything a refused order might have moved."""
    return (
        db.session.scalar(sa.select(sa.func.count()).select_from(Order)),
        db.session.scalar(sa.select(sa.func.count()).select_from(OrderSource)),
        db.session.scalar(sa.select(sa.func.sum(StockItem.reserved))),
        db.session.scalar(sa.select(sa.func.sum(RateLimit.used))),
    )


def end(order: Order) -> None:
    orders.expire(orders.locked(order.id))
    db.session.commit()


# Orders ------------------------------------------------------------------------------------------


def test_one_shopper_places_so_many_orders_in_an_hour(mug: Variant) -> None:
    checkout = make_checkout()
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(USUAL.orders_of_shopper):
            end(place(mug, checkout_id=checkout.id, network=""))

        refused = refusal(mug, "", checkout_id=checkout.id)
        clock.shift(timedelta(hours=1))
        place(mug, "", checkout_id=checkout.id)

    assert (refused.reason, refused.seconds) == (Reason.SHOPPER, 3600)


def test_one_network_places_so_many_orders_in_an_hour(mug: Variant) -> None:
    protection.change({"orders_of_network": 3}, by=None)
    for _ in range(3):
        place(mug)

    assert refusal(mug).reason is Reason.NETWORK
    place(mug, OFFICE)


def test_an_order_that_is_not_placed_does_not_count(mug: Variant) -> None:
    protection.change({"orders_of_network": 1}, by=None)
    checkout_id = make_checkout().id
    db.session.commit()

    with pytest.raises(Exception, match="wanted"):
        place(mug, quantity=99_999, checkout_id=checkout_id)

    place(mug, checkout_id=checkout_id)


def test_pressing_pay_again_finds_the_same_order_and_does_not_count(mug: Variant) -> None:
    checkout = make_checkout()
    first = place(mug, checkout_id=checkout.id)

    for _ in range(30):
        assert place(mug, checkout_id=checkout.id).id == first.id


def test_unpaid_orders_of_a_network_are_limited_until_they_end_or_are_paid(mug: Variant) -> None:
    protection.change({"unpaid_of_network": 2}, by=None)
    with time_machine.travel(NOON, tick=False):
        first, second = place(mug), place(mug)

        refused = refusal(mug)

    hold = PAGE_OPEN + RESERVATION_GRACE
    assert (refused.reason, refused.seconds) == (Reason.UNPAID, hold.total_seconds())
    end(first)
    third = place(mug)
    orders.mark_paid(orders.locked(second.id), at=now())
    db.session.commit()
    assert place(mug).id > third.id


def test_who_transfers_the_money_holds_stock_unpaid_for_days(mug: Variant) -> None:
    protection.change({"unpaid_of_network": 1}, by=None)
    order = place(mug)
    orders.wait_for_money(orders.locked(order.id), now() + timedelta(days=7))
    db.session.commit()

    with time_machine.travel(now() + timedelta(days=5)):
        assert refusal(mug).reason is Reason.UNPAID


def test_unpaid_orders_of_a_network_leave_half_of_a_stock_to_others(app: Flask) -> None:
    mug = make_variant(on_hand=40)
    place(mug, quantity=15)
    place(mug, quantity=5)

    assert refusal(mug).reason is Reason.STOCK
    assert stock_of(mug) == (40, 20)
    place(mug, OFFICE, quantity=20)


def test_one_order_may_hold_all_there_is(app: Flask) -> None:
    mug = make_variant(on_hand=40)

    place(mug, quantity=40)

    assert stock_of(mug) == (40, 40)


def test_what_is_not_counted_can_be_held_without_end(app: Flask) -> None:
    poster = make_variant(on_hand=0, is_tracked=False)

    for _ in range(3):
        place(poster, quantity=90)


def test_a_network_whose_orders_run_out_again_and_again_is_under_the_strict_rules(
    mug: Variant,
) -> None:
    for _ in range(RAN_OUT):
        end(place(mug))

    with time_machine.travel(now(), tick=False):
        order = place(mug)
        assert order.expires_at == now() + STRICT_HOLD

    assert refusal(mug).reason is Reason.UNPAID
    assert place(mug, OFFICE).expires_at > now() + STRICT_HOLD


def test_an_unknown_network_is_no_network(mug: Variant) -> None:
    protection.change({"unpaid_of_network": 1, "orders_of_network": 1}, by=None)

    assert place(mug, "").id < place(mug, "").id


# Under attack ------------------------------------------------------------------------------------


def test_under_attack_a_network_has_one_unpaid_order_with_a_short_hold(mug: Variant) -> None:
    protection.switch_on(4, by=make_admin().id)

    with time_machine.travel(now(), tick=False):
        order = place(mug)
        assert order.expires_at == now() + STRICT_HOLD

    assert refusal(mug).reason is Reason.UNPAID


def test_the_strict_rules_end_by_themselves(app: Flask) -> None:
    admin = make_admin(email="ann@example.com")
    with time_machine.travel(NOON, tick=False) as clock:
        protection.switch_on(4, by=admin.id)
        on = queries.current()
        assert (on.is_strict, on.strict_by, on.strict_since) == (True, "ann@example.com", NOON)
        assert on.rules.orders_of_network == STRICT.orders_of_network

        clock.shift(timedelta(hours=4))

        assert not queries.current().is_strict
        assert queries.current().rules == USUAL


def test_without_an_end_they_hold_until_switched_off(app: Flask) -> None:
    protection.switch_on(0, by=None)
    with time_machine.travel(now() + timedelta(days=30), tick=False):
        assert queries.current().is_strict

    protection.switch_off(by=None)

    assert not queries.current().is_strict
    actions = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["protection.switched_on", "protection.switched_off"]


# Declined cards ----------------------------------------------------------------------------------


def decline(order: Order, card: str = "") -> bool:
    assert order.checkout_id is not None
    return protection.note_decline(order.id, order.checkout_id, card)


def test_a_shopper_whose_cards_are_declined_must_wait(mug: Variant) -> None:
    order = place(mug)

    closes = [decline(order) for _ in range(USUAL.declines_of_shopper)]

    assert closes == [False] * (USUAL.declines_of_shopper - 1) + [True]
    assert order.checkout_id is not None
    end(order)
    assert refusal(mug, "", checkout_id=order.checkout_id).reason is Reason.DECLINED
    place(mug, OFFICE)


def test_a_network_of_declined_cards_must_wait(mug: Variant) -> None:
    for _ in range(USUAL.declines_of_network):
        decline(place(mug))

    assert refusal(mug).reason is Reason.DECLINED
    place(mug, OFFICE)


def test_a_card_tried_all_over_closes_every_page_it_is_tried_on(mug: Variant) -> None:
    closes = [
        decline(place(mug, f"network-{n}"), "card-1") for n in range(USUAL.declines_of_card + 1)
    ]

    assert closes == [False] * (USUAL.declines_of_card - 1) + [True, True]
    assert not decline(place(mug, OFFICE), "card-2")


def test_many_declined_cards_switch_the_strict_rules_on_and_write_to_the_shop(
    mug: Variant,
) -> None:
    make_store()
    protection.change({"alarm_declines": 3}, by=None)
    for n in range(5):
        decline(place(mug, f"network-{n}"), f"card-{n}")

    current = queries.current()
    assert (current.is_strict, current.strict_by) == (True, "")
    (message,) = db.session.scalars(sa.select(OutboxMessage)).all()
    letter = LETTERS[message.name](message.payload)
    assert letter is not None
    assert letter.to == "hello@fettle.example"
    text, html = mailer.render(letter)
    assert "3 cards were declined" in text
    assert "/admin/settings/protection" in html


def test_no_alarm_where_the_merchant_wants_none(mug: Variant) -> None:
    protection.change({"alarm_declines": 0, "declines_of_network": 999}, by=None)
    order = place(mug)

    for n in range(60):
        decline(order, f"card-{n}")

    assert not queries.current().is_strict


# What is kept ------------------------------------------------------------------------------------


def test_counts_are_told_by_kind(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        protection.count(Reason.STOCK)
        clock.shift(timedelta(hours=2))
        protection.count(Reason.STOCK)
        protection.count("card")

        assert queries.counts_since(NOON) == {"stock": 2, "card": 1}
        assert queries.counts_since(NOON + timedelta(hours=2)) == {"stock": 1, "card": 1}


def test_sources_and_counts_are_forgotten_and_those_of_unpaid_orders_later(mug: Variant) -> None:
    order = place(mug)
    orders.wait_for_money(orders.locked(order.id), now() + timedelta(days=60))
    protection.count("card")
    with time_machine.travel(now() + timedelta(days=31)):
        protection.forget_old()
        assert queries.unpaid(HOME).count == 1
    end(order)
    with time_machine.travel(now() + timedelta(days=31)):
        protection.forget_old()

    for table in (OrderSource, ProtectionCount):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0


# At once -----------------------------------------------------------------------------------------


def test_of_fifty_orders_at_once_of_one_network_exactly_five_are_placed(
    own_database: Flask,
) -> None:
    with own_database.app_context():
        mug = make_variant(on_hand=1000)
        protection.change({"unpaid_of_network": 5}, by=None)
        visitors = [Visitor(make_checkout().id, HOME) for _ in range(50)]
        placement = make_placement(mug)
        db.session.commit()
    told: list[object] = []
    start = threading.Barrier(50)

    def press(visitor: Visitor) -> None:
        with own_database.app_context():
            start.wait()
            try:
                told.append(in_transaction(lambda: checkouts.order_for(visitor, placement)))
            except Refused as refused:
                told.append(refused.reason)

    threads = [threading.Thread(target=press, args=(visitor,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert told.count(Reason.UNPAID) == 45
    with own_database.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 5
        assert db.session.scalar(sa.select(StockItem.reserved)) == 5
