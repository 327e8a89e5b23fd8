"""How far the shop is: facts that are looked up, not ticks that somebody made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from shop.catalog.models import Product, ProductStatus
from shop.clock import now
from shop.content.models import Page
from shop.extensions import db
from shop.outbox.models import OutboxMessage
from shop.outbox.service import EMAIL
from shop.payments.keys import KeySource, source_of, with_keys
from shop.payments.models import StripeEvent
from shop.pricing import queries as pricing
from shop.pricing.models import TaxZone
from shop.pricing.places import Destination
from shop.settings import Settings
from shop.setup.models import BEGUN, HIDDEN, SetupStep, Step, StepState
from shop.store.queries import Store

#: Handles of the pages that a shop must have before it sells.
LEGAL_PAGES = ("terms", "privacy", "returns")
#: An event of Stripe's that came since then shows that events arrive.
EVENTS_ARRIVE = timedelta(days=30)


class Probe(StrEnum):
    SHOP = "shop"
    PRODUCT = "product"
    DELIVERY = "delivery"
    TAXES = "taxes"
    KEY = "key"
    EVENTS = "events"
    MAIL = "mail"
    LEGAL = "legal"


@dataclass(frozen=True)
class Progress:
    """`facts`: of each probe whether it holds."""

    facts: Mapping[Probe, bool]
    states: Mapping[str, str]
    #: Handles of legal pages that are not there.
    missing_pages: Sequence[str]

    @property
    def open(self) -> list[Probe]:
        return [probe for probe, holds in self.facts.items() if not holds]

    @property
    def is_shown(self) -> bool:
        """On the admin's home: until all of it holds, in a shop that its owner sets up."""
        return BEGUN in self.states and HIDDEN not in self.states and bool(self.open)

    def state_of(self, step: Step) -> str:
        """ "done", "skipped" or "open"; what is there counts, whoever made it."""
        if self._is_there(step):
            return StepState.DONE
        is_skipped = self.states.get(step) == StepState.SKIPPED
        return StepState.SKIPPED if is_skipped else "open"

    def _is_there(self, step: Step) -> bool:
        return {
            Step.SHOP: self.facts[Probe.SHOP],
            Step.DELIVERY: self.facts[Probe.DELIVERY],
            Step.TAXES: self.facts[Probe.TAXES],
            Step.PAYMENTS: self.facts[Probe.KEY],
            Step.PRODUCTS: self.facts[Probe.PRODUCT],
        }[step]

    def next_after(self, step: Step | None = None) -> Step | None:
        """The first that nobody has done or skipped, from behind `step` on."""
        steps = list(Step)
        start = steps.index(step) + 1 if step else 0
        ahead = [*steps[start:], *steps[:start]]
        return next((each for each in ahead if self.state_of(each) == "open"), None)


def is_listed() -> bool:
    """Whether the owner sets the shop up, and has not hidden what is missing."""
    names = set(db.session.scalars(sa.select(SetupStep.name)))
    return BEGUN in names and HIDDEN not in names


def progress(shop: Store, settings: Settings) -> Progress:
    """In three queries."""
    rows = {row.name: row for row in db.session.scalars(sa.select(SetupStep))}
    has_product, has_taxes, has_mailed, last_event, pages = _facts()
    ways = pricing.shipping_options(Destination(shop.country), shop.base)
    return Progress(
        facts={
            Probe.SHOP: Step.SHOP in rows and rows[Step.SHOP].state == StepState.DONE,
            Probe.DELIVERY: bool(ways),
            Probe.TAXES: _is_done(rows, Step.TAXES) or has_taxes or shop.is_taxed_by_stripe,
            Probe.KEY: is_key_checked(rows.get(Step.PAYMENTS), settings),
            Probe.EVENTS: last_event is not None and last_event > now() - EVENTS_ARRIVE,
            Probe.PRODUCT: has_product,
            Probe.LEGAL: len(pages) == len(LEGAL_PAGES),
            Probe.MAIL: has_mailed,
        },
        states={name: row.state for name, row in rows.items()},
        missing_pages=[handle for handle in LEGAL_PAGES if handle not in pages],
    )


def step(name: str) -> SetupStep | None:
    return db.session.get(SetupStep, name)


def is_key_checked(row: SetupStep | None, settings: Settings) -> bool:
    """Whether Stripe knew the key that counts now, when it was asked. The stand-in needs none."""
    source = source_of(settings)
    if source is KeySource.SANDBOX:
        return True
    return (
        source is not KeySource.NONE
        and row is not None
        and row.data.get("key") == fingerprint(with_keys(settings).stripe_secret_key)
    )


def fingerprint(key: str) -> str:
    """Tells keys apart and gives none away."""
    return hashlib.sha256(f"stripe-key:{key}".encode()).hexdigest()[:16]


def _is_done(rows: Mapping[str, SetupStep], step: Step) -> bool:
    return step in rows and rows[step].state == StepState.DONE


def _facts() -> tuple[bool, bool, bool, Any, set[str]]:
    is_mailed = sa.and_(OutboxMessage.channel == EMAIL, OutboxMessage.sent_at.is_not(None))
    found = db.session.execute(
        sa.select(
            sa.exists(sa.select(Product.id).where(Product.status == ProductStatus.PUBLISHED)),
            sa.exists(sa.select(TaxZone.id)),
            sa.exists(sa.select(OutboxMessage.id).where(is_mailed)),
            sa.select(sa.func.max(StripeEvent.received_at)).scalar_subquery(),
            *(sa.exists(_legal_page(handle)) for handle in LEGAL_PAGES),
        )
    ).one()
    pages = {handle for handle, is_there in zip(LEGAL_PAGES, found[4:], strict=True) if is_there}
    return found[0], found[1], found[2], found[3], pages


def _legal_page(handle: str) -> sa.Select[int]:
    is_written = sa.and_(Page.handle == handle, Page.is_published, Page.body != "")
    return sa.select(Page.id).where(is_written)
