"""Every refusal between the basket and the payment says what happened, what became of the shopper's
money and what to do next; and nothing has moved.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.catalog.models import Variant
from shop.checkout.models import Checkout
from shop.extensions import db
from shop.gift_cards.service import GiftCardGone
from shop.inventory.reservations import OutOfStock
from shop.orders import service as orders_service
from shop.orders.models import Order
from shop.orders.urls import order_link
from shop.payments.gateway import PaymentRefused, PaymentsUnreachable
from shop.payments.models import Payment
from shop.pricing.discount_service import DiscountGone
from tests.factories import DETAILS, make_order, make_rates, make_store, make_variant
from tests.fakes import FakeGateway
from tests.pages import read

MONEY = re.compile(r"You have not been charged|you have not been charged again|need not pay again")
WHAT_TO_DO = re.compile(
    r"Please (check|choose|change|keep|try again|split|write|look)|Put something more into"
    r"|Everything is as you left it|This page tells|You need not pay again"
)


@pytest.fixture
def mug(client: FlaskClient, gateway: FakeGateway) -> Variant:
    make_store()
    make_rates(shipping=0, free_from=None)
    return make_variant(unit_amount=3400)


class Shopper:
    """At the last step, with a gateway and a database to break."""

    def __init__(
        self,
        client: FlaskClient,
        mug: Variant,
        gateway: FakeGateway,
        patch: pytest.MonkeyPatch,
    ) -> None:
        self.client, self.mug, self.gateway, self.patch = client, mug, gateway, patch

    def arrive(self, unit_amount: int = 3400) -> None:
        self.mug.unit_amount = unit_amount
        db.session.commit()
        self.client.post("/cart/lines", data={"variant_id": self.mug.id})
        assert self.client.post("/checkout", data=DETAILS).status_code == 303

    def press(self, **more: str) -> Any:
        total = str(self.mug.unit_amount)
        data = {"total": total} | more
        return self.client.post("/checkout/payment", data=data, follow_redirects=True)

    def fail_with(self, error: Exception) -> Any:
        self.arrive()

        def place(*_: object, **__: object) -> None:
            raise error

        self.patch.setattr("shop.checkout.views.place_and_pay", place)
        return self.press()


def another_delivery(shopper: Shopper) -> Any:
    shopper.arrive()
    return shopper.press(shipping_rate_id="999")


def another_delivery_chosen(shopper: Shopper) -> Any:
    shopper.arrive()
    return shopper.client.post("/checkout/delivery", data={"shipping_rate_id": "999"})


def long_note(shopper: Shopper) -> Any:
    shopper.arrive()
    return shopper.press(note="x" * 501)


def changed_price(shopper: Shopper) -> Any:
    shopper.arrive()
    return shopper.press(total="1")


def unknown_way(shopper: Shopper) -> Any:
    shopper.arrive()
    return shopper.press(pay_by="gold")


def too_little(shopper: Shopper) -> Any:
    shopper.arrive(29)
    return shopper.press()


def too_much(shopper: Shopper) -> Any:
    shopper.arrive(100_000_000)
    return shopper.press()


def not_served_any_more(shopper: Shopper) -> Any:
    shopper.arrive()
    db.session.execute(sa.update(Checkout).values(country="FR"))
    db.session.commit()
    return shopper.client.get("/checkout/payment")


def sold_out(shopper: Shopper) -> Any:
    shopper.arrive()

    def take_the_last(*_: object, **__: object) -> None:
        db.session.execute(sa.text("UPDATE stock_items SET on_hand = 0"))
        db.session.commit()
        raise OutOfStock(shopper.mug.id, 0)

    shopper.patch.setattr("shop.checkout.views.place_and_pay", take_the_last)
    return shopper.press()


def unpaid_order(shopper: Shopper) -> Order:
    order = make_order(shopper.mug)
    db.session.commit()
    return order


def order_refused(shopper: Shopper) -> Any:
    link = order_link(unpaid_order(shopper).token)
    shopper.gateway.failure = PaymentRefused("no", code="x")
    return shopper.client.post(f"/orders/{link}/pay")


def order_unreachable(shopper: Shopper) -> Any:
    link = order_link(unpaid_order(shopper).token)
    shopper.gateway.failure = PaymentsUnreachable("no answer")
    return shopper.client.post(f"/orders/{link}/pay")


def order_over(shopper: Shopper) -> Any:
    order = unpaid_order(shopper)
    orders_service.cancel(order, reason="staff")
    db.session.commit()
    link = order_link(order.token)
    return shopper.client.post(f"/orders/{link}/pay", follow_redirects=True)


def came_back_unpaid(shopper: Shopper) -> Any:
    shopper.arrive()
    shopper.client.post("/checkout/payment", data={"total": "3400"})
    link = order_link(db.session.scalars(sa.select(Order.token)).one())
    return shopper.client.get(f"/checkout/back/{link}", follow_redirects=True)


def returned_while_stripe_is_away(shopper: Shopper) -> Any:
    shopper.arrive()
    shopper.client.post("/checkout/payment", data={"total": "3400"})
    link = order_link(db.session.scalars(sa.select(Order.token)).one())
    (session_id,) = shopper.gateway.sessions
    shopper.gateway.failure = PaymentsUnreachable("no answer")
    address = f"/checkout/return/{link}?session_id={session_id}"
    return shopper.client.get(address, follow_redirects=True)


REFUSALS: list[tuple[Callable[[Shopper], Any], int, str]] = [
    (another_delivery, 422, "That way of delivery is not offered."),
    (another_delivery_chosen, 422, "That way of delivery is not offered."),
    (long_note, 422, "The note or the gift message is too long."),
    (changed_price, 409, "Something changed since you last looked"),
    (unknown_way, 409, "That way to pay is not offered."),
    (too_little, 409, "A card can pay £0.30 or more."),
    (too_much, 409, "That is more than a card can pay at once."),
    (not_served_any_more, 409, "We no longer send to that country."),
    (sold_out, 200, "sold out while you were checking out"),
    (lambda s: s.fail_with(DiscountGone(1)), 409, "Something changed since you last looked"),
    (lambda s: s.fail_with(GiftCardGone(1)), 409, "A gift card was used elsewhere or ended"),
    (lambda s: s.fail_with(PaymentRefused("no", code="x")), 502, "could not be started"),
    (lambda s: s.fail_with(PaymentsUnreachable("no")), 503, "could not reach our payment provider"),
    (order_refused, 502, "The payment could not be started."),
    (order_unreachable, 503, "We could not reach our payment provider."),
    (order_over, 200, "There is nothing to pay on this order any more"),
    (came_back_unpaid, 200, "You have not been charged."),
    (returned_while_stripe_is_away, 200, "We are waiting to hear from our payment provider."),
]


@pytest.mark.parametrize(("refuse", "status", "what_happened"), REFUSALS)
def test_a_refusal_tells_what_happened_what_of_the_money_and_what_to_do(
    client: FlaskClient,
    mug: Variant,
    gateway: FakeGateway,
    monkeypatch: pytest.MonkeyPatch,
    refuse: Callable[[Shopper], Any],
    status: int,
    what_happened: str,
) -> None:
    answer = refuse(Shopper(client, mug, gateway, monkeypatch))

    assert answer.status_code == status
    page = read(answer.text)
    assert what_happened in page.text
    assert MONEY.search(page.text)
    assert WHAT_TO_DO.search(page.text)
    db.session.expire_all()
    assert db.session.scalars(sa.select(Payment)).all() == []
    assert set(db.session.scalars(sa.select(Order.state))) <= {"pending_payment", "canceled"}
