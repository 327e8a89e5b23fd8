"""The ways in which a bill can be paid, and why not by card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from shop.money import MAX_AMOUNT, Money
from shop.orders.placement import OfflinePayment, PayBy
from shop.payments import queries as payments
from shop.payments.amounts import AmountNotExpressible, least, to_stripe
from shop.payments.gateway import gateway
from shop.payments.models import PaymentSettings
from shop.protection import queries as protection
from shop.web.filters import money


@dataclass(frozen=True)
class WaysToPay:
    #: None: on Stripe's page, which needs no agreement with the shop.
    offered: Mapping[str, OfflinePayment | None]
    #: Why a card cannot pay, and what to do; empty: it can.
    not_by_card: str = ""

    def usual(self, wanted: str) -> str:
        """What is chosen already; empty where nothing can be."""
        return wanted if wanted in self.offered else next(iter(self.offered), "")


def ways_to_pay(due: Money, chosen: PaymentSettings, *, is_pickup: bool) -> WaysToPay:
    """`is_pickup`: the order is collected, so that cash can change hands. Who pays later holds
    stock for days, so the strict rules let nobody.
    """
    complaint = _not_by_card(due)
    offered: dict[str, OfflinePayment | None] = {} if complaint else {PayBy.CARD: None}
    offline = payments.offline_payments(chosen, is_pickup=is_pickup)
    if offline and protection.current().is_strict:
        offline = []
    return WaysToPay(offered | {offer.pay_by: offer for offer in offline}, complaint)


def _not_by_card(due: Money) -> str:
    if not gateway().is_set_up:
        return _(
            "This shop does not take cards yet. You have not been charged. Please write to us."
        )
    smallest = least(due.currency)
    if due and due < smallest:
        return _(
            "A card can pay %(amount)s or more. Put something more into your basket to reach that. "
            "You have not been charged.",
            amount=money(smallest),
        )
    try:
        is_too_much = to_stripe(due) > MAX_AMOUNT
    except AmountNotExpressible:
        return _(
            "This total cannot be paid by card. You have not been charged. Please write to us."
        )
    if is_too_much:
        return _(
            "That is more than a card can pay at once. You have not been charged. Please split the "
            "order in two."
        )
    return ""
