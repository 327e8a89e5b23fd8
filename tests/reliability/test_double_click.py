"""Impatient shoppers: eight presses at once, two tabs, a reload, the way back."""

from __future__ import annotations

from collections.abc import Callable

import requests
import sqlalchemy as sa

from shop.extensions import db
from shop.orders.models import Order
from tests.reliability.invariants import check_invariants
from tests.reliability.shop_processes import TIMEOUT, Shop
from tests.reliability.shopper import Shopper, all_at_once, is_payment_page, words


def states_of(shop: Shop, shopper: Shopper) -> list[str]:
    with shop.app.app_context():
        found = sa.select(Order.state).where(Order.email == shopper.email).order_by(Order.id)
        return list(db.session.scalars(found))


def sessions_of(shop: Shop, shopper: Shopper) -> list[tuple[str, str]]:
    """Status and payment status of every page that Stripe opened for the shopper."""
    with shop.app.app_context():
        found = sa.select(Order.id).where(Order.email == shopper.email).order_by(Order.id)
        ids = list(db.session.scalars(found))
    return [
        (session["status"], session["payment_status"])
        for order_id in ids
        for session in shop.sandbox.sessions_of(order_id)
    ]


def test_eight_presses_at_once_open_one_page_for_one_order(
    shop: Shop, stock: Callable[..., int]
) -> None:
    shopper = Shopper(shop, "eight-presses")
    form = shopper.prepare(stock(on_hand=5))
    hands = [shopper.twin() for _ in range(8)]

    answers = all_at_once(lambda hand: hand.press_pay(form), hands)

    pages = {shopper.payment_page(answer) for answer in answers}
    assert len(pages) == 1
    assert states_of(shop, shopper) == ["pending_payment"]
    assert sessions_of(shop, shopper) == [("open", "unpaid")]

    shopper.come_back(shopper.pay(pages.pop()))
    late = [hand.press_pay(form) for hand in hands[:2]]

    assert all("/orders/" in answer.headers["Location"] for answer in late)
    assert states_of(shop, shopper) == ["paid"]
    assert sessions_of(shop, shopper) == [("complete", "paid")]
    shop.sandbox.wait_delivered()
    shop.settle_down()
    check_invariants(shop)


def test_a_second_tab_with_another_cart_closes_the_first_tabs_page(
    shop: Shop, stock: Callable[..., int]
) -> None:
    first, second = stock(on_hand=5), stock(on_hand=5)
    shopper = Shopper(shop, "two-tabs")
    page_of_first_tab = shopper.begin(first)
    shopper.add(second)

    page_of_second_tab = shopper.payment_page(shopper.press_pay(shopper.review()))

    assert sessions_of(shop, shopper) == [("expired", "unpaid"), ("open", "unpaid")]
    assert states_of(shop, shopper) == ["canceled", "pending_payment"]
    assert requests.get(page_of_first_tab, timeout=TIMEOUT).status_code == 200  # says: it is over
    shopper.come_back(shopper.pay(page_of_second_tab))
    assert states_of(shop, shopper) == ["canceled", "paid"]
    shop.sandbox.wait_delivered()
    shop.settle_down()
    check_invariants(shop)


def test_a_page_that_shows_an_old_total_is_not_charged(
    shop: Shop, stock: Callable[..., int]
) -> None:
    shopper = Shopper(shop, "old-total")
    form = shopper.prepare(stock(on_hand=5))
    shopper.twin().add(stock(on_hand=5))
    shopper.add(stock(on_hand=5))

    answer = shopper.press_pay(form)

    assert answer.status_code == 409
    assert "not been charged" in words(answer)
    assert states_of(shop, shopper) == []
    check_invariants(shop, drained=False)


def test_coming_back_and_pressing_again_leads_to_the_same_page(
    shop: Shop, stock: Callable[..., int]
) -> None:
    shopper = Shopper(shop, "way-back")
    page = shopper.begin(stock(on_hand=5))

    again = [shopper.press_pay(shopper.review()) for _ in range(2)]

    assert [answer.headers["Location"] for answer in again if is_payment_page(answer)] == [page] * 2
    assert states_of(shop, shopper) == ["pending_payment"]
    check_invariants(shop, drained=False)


def test_a_return_address_of_another_order_shows_nothing(
    shop: Shop, stock: Callable[..., int]
) -> None:
    variant_id = stock(on_hand=5)
    own, other = Shopper(shop, "own"), Shopper(shop, "other")
    address = own.pay(own.begin(variant_id))
    foreign = other.pay(other.begin(variant_id))
    crossed = f"{address.partition('?')[0]}?{foreign.partition('?')[2]}"

    answers = [
        requests.get(place, allow_redirects=False, timeout=TIMEOUT)
        for place in (crossed, f"{address}x", address.replace("/return/", "/return/x"))
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    shop.sandbox.wait_delivered()
    shop.settle_down()
    check_invariants(shop)
