"""Many want few: everyone gets an answer, and nobody gets what is not there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shop.clock import now
from shop.database import transaction
from shop.extensions import db
from shop.gift_cards import service as gift_cards
from shop.inventory.models import StockItem
from shop.orders.models import Order
from tests.factories import make_discount, make_gift_card
from tests.reliability.conftest import FULL
from tests.reliability.invariants import check_invariants
from tests.reliability.processes import wait_until
from tests.reliability.shop_processes import Shop
from tests.reliability.shopper import Shopper, all_at_once, each, is_payment_page, words

BUYERS, UNITS = (200, 10) if FULL else (50, 10)


def stock_of(shop: Shop, variant_id: int) -> tuple[int, int]:
    with shop.app.app_context():
        item = db.session.get_one(StockItem, variant_id)
        return item.on_hand, item.reserved


def rush(shop: Shop, variant_id: int, count: int) -> tuple[list[tuple[Shopper, str]], list[str]]:
    """So many press Pay at the same moment: who got a payment page, what the others read."""
    shoppers = [Shopper(shop, f"buyer-{variant_id}-{n}") for n in range(count)]
    forms = each(lambda shopper: shopper.prepare(variant_id), shoppers)
    pairs = list(zip(shoppers, forms, strict=True))
    answers = all_at_once(lambda pair: pair[0].press_pay(pair[1]), pairs)
    lucky, told = [], []
    for shopper, answer in zip(shoppers, answers, strict=True):
        if is_payment_page(answer):
            lucky.append((shopper, answer.headers["Location"]))
            continue
        page = shopper.follow(answer)
        assert page.status_code in (200, 409)
        told.append(words(page))
    return lucky, told


def with_code(shopper: Shopper, variant_id: int, code: str) -> dict[str, str]:
    """Everything up to the button, the code counted."""
    plain = int(shopper.prepare(variant_id)["total"])
    assert shopper.post("/cart/discount", code=code).status_code == 303
    form = shopper.review()
    assert int(form["total"]) < plain
    return form


def last_use_of_a_code(shop: Shop) -> str:
    with shop.app.app_context(), transaction():  # the worker may be writing
        make_discount("LASTONE", limit_total=1)
    return "LASTONE"


def last_of_a_gift_card(shop: Shop) -> str:
    with shop.app.app_context(), transaction():
        return gift_cards.code_of(make_gift_card(500))


@pytest.mark.parametrize("run", range(50 if FULL else 1))
def test_ten_units_go_to_ten_of_fifty_buyers(
    shop: Shop, stock: Callable[..., int], run: int
) -> None:
    variant_id = stock(on_hand=UNITS)

    lucky, told = rush(shop, variant_id, BUYERS)
    held = stock_of(shop, variant_id)
    pages = each(lambda pair: pair[0].come_back(pair[0].pay(pair[1])), lucky)

    assert len(lucky) == UNITS
    assert held == (UNITS, UNITS)
    assert [page.status_code for page in pages] == [200] * UNITS
    assert all("sold out" in text.lower() and "not" in text for text in told)
    assert stock_of(shop, variant_id) == (0, 0)
    shop.sandbox.wait_delivered()
    shop.settle_down()
    check_invariants(shop)


@pytest.mark.parametrize("make", [last_use_of_a_code, last_of_a_gift_card])
def test_what_pays_once_pays_for_one_of_fifty(
    shop: Shop, stock: Callable[..., int], make: Callable[[Shop], str]
) -> None:
    variant_id, code = stock(on_hand=BUYERS), make(shop)
    shoppers = [Shopper(shop, f"saver-{variant_id}-{n}") for n in range(BUYERS)]
    pairs = [(shopper, with_code(shopper, variant_id, code)) for shopper in shoppers]

    answers = all_at_once(lambda pair: pair[0].press_pay(pair[1]), pairs)

    lucky = [
        (shopper, answer.headers["Location"])
        for shopper, answer in zip(shoppers, answers, strict=True)
        if is_payment_page(answer)
    ]
    told = [words(answer) for answer in answers if not is_payment_page(answer)]
    assert len(lucky) == 1
    assert all("You have not been charged" in text for text in told)
    assert stock_of(shop, variant_id) == (BUYERS, 1)
    check_invariants(shop, drained=False)
    ((shopper, page),) = lucky
    assert shopper.come_back(shopper.pay(page)).status_code == 200
    shop.sandbox.wait_delivered()
    shop.settle_down()
    check_invariants(shop)


def test_what_ten_abandon_is_sold_to_the_next_ten(shop: Shop, stock: Callable[..., int]) -> None:
    variant_id = stock(on_hand=UNITS)
    abandoned, _told = rush(shop, variant_id, UNITS)

    shop.sandbox.advance(timedelta(minutes=36).total_seconds())
    wait_until(lambda: stock_of(shop, variant_id) == (UNITS, 0), "the release of the stock")
    restart_the_sandbox(shop)
    lucky, _told = rush(shop, variant_id, UNITS)
    each(lambda pair: pair[0].come_back(pair[0].pay(pair[1])), lucky)

    assert (len(abandoned), len(lucky)) == (UNITS, UNITS)
    assert stock_of(shop, variant_id) == (0, 0)
    shop.sandbox.wait_delivered()
    shop.settle_down()
    check_invariants(shop)


def test_without_a_word_from_stripe_the_worker_asks_and_releases(
    shop: Shop, stock: Callable[..., int]
) -> None:
    variant_id = stock(on_hand=1)
    shopper = Shopper(shop, "absent")
    shop.sandbox.faults(drop_webhooks=True)
    shopper.begin(variant_id)
    with shop.app.app_context():
        overdue = sa.update(Order).where(Order.email == shopper.email)
        db.session.execute(overdue.values(expires_at=now() - timedelta(seconds=1)))
        db.session.commit()

    shop.settle_down()

    assert stock_of(shop, variant_id) == (1, 0)
    assert [s["status"] for s in shop.sandbox.ledger()["sessions"]][-1] == "expired"
    shop.sandbox.behave()
    check_invariants(shop)


def test_two_carts_with_the_same_things_in_opposite_order_do_not_deadlock(
    shop: Shop, stock: Callable[..., int]
) -> None:
    first, second = stock(on_hand=20), stock(on_hand=20)
    shoppers = [Shopper(shop, f"pair-{n}") for n in range(20)]
    orders = [(first, second) if n % 2 else (second, first) for n in range(20)]
    pairs = list(zip(shoppers, orders, strict=True))
    forms = each(lambda pair: pair[0].prepare(*pair[1]), pairs)

    answers = all_at_once(
        lambda pair: pair[0].press_pay(pair[1]), list(zip(shoppers, forms, strict=True))
    )

    assert all(is_payment_page(answer) for answer in answers)
    assert stock_of(shop, first) == stock_of(shop, second) == (20, 20)
    check_invariants(shop)


def restart_the_sandbox(shop: Shop) -> None:
    """Its clock is the real one again, which the shop's deadlines are counted in."""
    shop.stop("sandbox")
    shop.start("sandbox")
