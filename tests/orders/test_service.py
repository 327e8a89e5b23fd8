from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.catalog.models import Variant
from shop.clock import now
from shop.extensions import db
from shop.inventory import reservations
from shop.inventory.reservations import OutOfStock
from shop.orders import service as orders
from shop.orders.event_kinds import ReviewReason
from shop.orders.models import Order, OrderEvent
from shop.orders.states import MOVES, Move, OrderState, WrongState, next_state
from shop.outbox.models import OutboxMessage
from tests.accounts.people import make_admin
from tests.factories import make_checkout, make_order, make_placement, make_variant, stock_of


def kinds_of(order: Order) -> list[str]:
    return list(
        db.session.scalars(
            sa.select(OrderEvent.kind)
            .where(OrderEvent.order_id == order.id)
            .order_by(OrderEvent.id)
        )
    )


def promises() -> list[str]:
    return list(db.session.scalars(sa.select(OutboxMessage.dedupe_key)))


def test_placing_holds_the_stock_and_freezes_the_lines(app: Flask) -> None:
    variant = make_variant(unit_amount=3400, on_hand=10)

    order = make_order(variant, quantity=2)

    assert stock_of(variant) == (10, 2)
    assert (order.subtotal_amount, order.shipping_amount, order.total_amount) == (6800, 450, 7250)
    assert order.number is None
    assert kinds_of(order) == ["placed"]


def test_units_that_are_held_already_are_not_held_again(app: Flask) -> None:
    mug, cup = make_variant(on_hand=10), make_variant(on_hand=10)
    order = make_order(mug, quantity=2)

    with pytest.raises(RuntimeError), db.session.begin_nested():
        reservations.reserve(order.id, {mug.id: 2, cup.id: 1})

    assert (stock_of(mug), stock_of(cup)) == ((10, 2), (10, 0))


def test_units_given_back_are_taken_up_again_beside_others(app: Flask) -> None:
    mug, cup = make_variant(on_hand=10), make_variant(on_hand=10)
    order = make_order(mug, quantity=2)
    reservations.release(order.id)

    reservations.reserve(order.id, {mug.id: 3, cup.id: 1})

    assert (stock_of(mug), stock_of(cup)) == ((10, 3), (10, 1))
    reservations.release(order.id)
    assert (stock_of(mug), stock_of(cup)) == ((10, 0), (10, 0))


def test_a_shopper_cannot_order_more_than_is_available(app: Flask) -> None:
    variant = make_variant(on_hand=3)
    checkout = make_checkout()

    with pytest.raises(OutOfStock) as refusal, db.session.begin_nested():
        orders.place(
            make_placement(variant, quantity=4),
            checkout_id=checkout.id,
            revision=1,
            expires_at=now(),
        )

    assert refusal.value.variant_id == variant.id
    assert stock_of(variant) == (3, 0)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0


def test_an_untracked_variant_can_always_be_ordered(app: Flask) -> None:
    variant = make_variant(on_hand=0, is_tracked=False)

    make_order(variant, quantity=5, paid=True)

    assert stock_of(variant) == (-5, 0)


def test_paying_sells_the_stock_numbers_the_order_and_promises_one_mail(app: Flask) -> None:
    variant = make_variant(on_hand=10)

    order = make_order(variant, quantity=2, paid=True)

    assert order.state == OrderState.PAID
    assert stock_of(variant) == (8, 0)
    assert promises() == [f"order_confirmation:{order.id}"]
    assert kinds_of(order) == ["placed", "paid"]


def test_paid_orders_are_numbered_without_gaps(app: Flask) -> None:
    first = make_order(paid=True)
    make_order()
    second = make_order(paid=True)

    assert first.number is not None
    assert second.number == first.number + 1


def test_an_order_is_paid_once(app: Flask) -> None:
    variant = make_variant(on_hand=10)
    order = make_order(variant, paid=True)

    with pytest.raises(WrongState):
        orders.mark_paid(order, at=now())

    assert stock_of(variant) == (9, 0)
    assert len(promises()) == 1


def test_an_expired_order_gives_its_stock_back_once(app: Flask) -> None:
    variant = make_variant(on_hand=10)
    order = make_order(variant, quantity=2)

    orders.expire(order)
    with pytest.raises(WrongState):
        orders.expire(order)

    assert stock_of(variant) == (10, 0)


def in_review(on_hand: int = 10) -> tuple[Order, Variant]:
    variant = make_variant(on_hand=on_hand)
    order = make_order(variant, quantity=2)
    orders.flag(order, ReviewReason.AMOUNT_DIFFERS)
    return order, variant


def test_a_person_may_accept_a_reviewed_order(app: Flask) -> None:
    order, variant = in_review()
    staff = make_admin()

    orders.accept(order, by=staff.id)

    assert (order.state, order.review_reason) == (OrderState.PAID, "")
    assert order.number is not None
    assert stock_of(variant) == (8, 0)
    assert promises() == [f"order_confirmation:{order.id}"]
    assert kinds_of(order) == ["placed", "review", "reviewed"]


def test_an_order_whose_stock_is_gone_cannot_be_accepted(app: Flask) -> None:
    order, variant = in_review(on_hand=2)
    reservations.release(order.id)
    make_order(variant, quantity=1)
    staff = make_admin()

    with pytest.raises(OutOfStock):
        orders.accept(order, by=staff.id)

    assert (order.state, order.number) == (OrderState.PAYMENT_REVIEW, None)
    assert stock_of(variant) == (2, 1)
    assert promises() == []


def test_calling_a_reviewed_order_off_frees_its_stock(app: Flask) -> None:
    order, variant = in_review()
    staff = make_admin()

    orders.call_off(order, by=staff.id)

    assert (order.state, order.review_reason) == (OrderState.CANCELED, "")
    assert stock_of(variant) == (10, 0)


def test_a_flag_on_a_paid_order_is_dismissed_and_the_order_stays(app: Flask) -> None:
    order = make_order(paid=True)
    orders.flag(order, ReviewReason.PAID_TWICE)
    staff = make_admin()

    orders.dismiss_review(order, by=staff.id)

    assert (order.state, order.review_reason) == (OrderState.PAID, "")
    with pytest.raises(WrongState):
        orders.call_off(order, by=staff.id)


def test_a_canceled_order_tells_who_and_why(app: Flask) -> None:
    order = make_order()

    orders.cancel(order, reason="asked by phone", by=None)
    db.session.flush()

    event = db.session.scalars(sa.select(OrderEvent).order_by(OrderEvent.id.desc())).first()
    assert event is not None
    assert (event.kind, event.data) == ("canceled", {"reason": "asked by phone"})


def test_a_paid_order_is_left_by_no_move_but_its_cancellation() -> None:
    for move in set(Move) - {Move.CANCEL}:
        with pytest.raises(WrongState):
            next_state(OrderState.PAID, move)


def test_only_money_moves_an_order_that_has_ended() -> None:
    ended = {OrderState.EXPIRED, OrderState.CANCELED}
    moves = {move for (state, move) in MOVES if state in ended}

    assert moves == {Move.PAY, Move.AUTHORIZE, Move.REVIEW}
