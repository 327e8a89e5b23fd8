"""Stripe Tax as the source of rates: asked once a day for each destination, and kept.

Only the rates are Stripe's. The sums are the shop's own, so that what is agreed to, explained and
paid stays one number; see docs/adr.
"""

from __future__ import annotations

from datetime import timedelta

from shop.clock import now
from shop.database import in_transaction
from shop.extensions import db
from shop.limits import service as limits
from shop.payments.gateway import StripeGateway
from shop.payments.tax_params import calculation
from shop.pricing import queries, service
from shop.pricing.places import Destination
from shop.store.queries import Store

KEPT_FOR = timedelta(hours=24)
#: Then they are not even kept.
FORGOTTEN_AFTER = timedelta(days=30)
#: New destinations in a quarter of an hour from one network: every question has its price.
ALLOWED = 30
#: Where prices never contain the tax, whatever the shop does elsewhere.
ADDED_IN = {"US", "CA"}


class TooManyPlaces(Exception):
    """One network has asked for more destinations than a shopper has addresses."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"wait {seconds} seconds")


def know(
    destination: Destination, shop: Store, gateway: StripeGateway, address: str | None
) -> None:
    """Have the destination's rates at hand, where the shop takes them from Stripe. Where Stripe is
    asked, what the session has read so far is over. `address`: of the network that wants to know.

    Raises PaymentsError, and TooManyPlaces.
    """
    if not shop.is_taxed_by_stripe or not destination.country:
        return
    if queries.has_tax_answer(destination, now() - KEPT_FOR):
        return
    limit = limits.network_limit("taxes", address, ALLOWED)
    if wait := in_transaction(lambda: limits.take([limit])):
        raise TooManyPlaces(wait)
    _ask(destination, shop, gateway)


def forget_old() -> None:
    service.forget_tax_answers(now() - FORGOTTEN_AFTER)


def _ask(destination: Destination, shop: Store, gateway: StripeGateway) -> None:
    db.session.rollback()  # no transaction stays open while Stripe thinks
    told = gateway.taxes(calculation(destination, shop.currency, shop.tax_codes))
    is_included = shop.has_taxes_included and destination.country not in ADDED_IN
    in_transaction(
        lambda: service.keep_tax_answer(
            destination, rates=told.rates, shipping=told.shipping, is_included=is_included
        )
    )
