"""The edge from "Pay" to Stripe's page: place the order, ask Stripe, send the shopper on.

Each step is its own short transaction, Stripe is asked between them, and each may be repeated
after a crash without a second order or a second page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from shop.checkout import service
from shop.database import in_transaction
from shop.orders import service as orders
from shop.orders.placement import Placement
from shop.orders.states import OrderState, WrongState
from shop.payments import settlement
from shop.payments.gateway import StripeGateway
from shop.payments.models import Closing
from shop.payments.params import Shop
from shop.protection.service import Visitor

#: An outdated order makes room, a closed page gives a new order; more rounds mean a fault.
MAX_ROUNDS = 4


@dataclass(frozen=True)
class Outcome:
    """Where the shopper goes: to the payment page, or to the order that is settled already."""

    order_id: int
    payment_url: str | None = None


def place_and_pay(
    visitor: Visitor,
    placement: Placement,
    gateway: StripeGateway,
    shop_for: Callable[[str], Shop],
) -> Outcome:
    """`shop_for`: by the order's token. Raises Refused, OutOfStock, DiscountGone, GiftCardGone,
    PaymentRefused and PaymentsUnreachable; no money has moved then.
    """
    for _ in range(MAX_ROUNDS):
        decision = in_transaction(lambda: _decide(visitor, placement))
        if decision.is_settled:
            return Outcome(decision.order_id)
        if decision.is_outdated:
            old = settlement.close(decision.order_id, gateway, why=Closing.REPLACED)
            if old.state in (OrderState.PENDING_PAYMENT, *service.DEAD):
                continue
            return Outcome(decision.order_id)  # it was paid just before: show that, charge nothing
        try:
            page = settlement.start(decision.order_id, gateway, shop_for(decision.token))
        except WrongState:
            continue
        return Outcome(decision.order_id, page.url)
    raise RuntimeError("the order could not be brought to payment")


def _decide(visitor: Visitor, placement: Placement) -> service.Decision:
    decision = service.order_for(visitor, placement)
    is_paid_on_page = placement.due and not placement.offline
    if decision.is_settled or decision.is_outdated or is_paid_on_page:
        return decision
    order = orders.locked(decision.order_id)
    if not placement.due:  # Stripe is not asked for a payment of zero
        orders.mark_paid(order, at=order.placed_at)
    elif placement.offline:
        orders.wait_for_money(order, order.placed_at + timedelta(days=placement.offline.hold_days))
    return replace(decision, is_settled=True)
