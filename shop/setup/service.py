"""The owner sets the shop up, step by step, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shop import audit
from shop.accounts import service as accounts
from shop.accounts.models import Account
from shop.audit import Forgotten
from shop.extensions import db
from shop.outbox import service as outbox
from shop.payments.snapshots import AccountFacts
from shop.pricing import published
from shop.pricing import service as pricing
from shop.pricing.places import EVERYWHERE_ELSE, Place
from shop.pricing.published import Loaded
from shop.pricing.service import ShippingZoneDetails, WayDetails
from shop.setup import guesses, own_currency, queries
from shop.setup.models import BEGUN, HIDDEN, SetupStep, Step, StepState
from shop.store import service as store
from shop.store.currencies import Currency
from shop.store.queries import Store

TEST_MAIL = "setup_test"


class HasPrices(Exception):
    """There are amounts in the shop's currency already; the page of its currency changes them."""


@dataclass(frozen=True)
class ShopBasics:
    name: str
    contact_email: str
    country: str
    currency: str
    #: Codes; the first is the shop's own.
    languages: tuple[str, ...]


def begin(email: str, password_hash: str, *, name: str, language: str) -> Account:
    """The first of the staff. Raises accounts.OwnerExists, EmailTaken and UnusableEmail."""
    owner = accounts.create_owner(email, password_hash, name=name, language=language)
    _keep(BEGUN, StepState.DONE)
    return owner


def name_shop(basics: ShopBasics, before: Store, *, by: int) -> Forgotten:
    """What another currency makes forget. Raises HasPrices where it would change under prices, and
    what own_currency.change raises.
    """
    forgotten: Forgotten = []
    if basics.currency != before.currency:
        if own_currency.has_amounts():
            raise HasPrices
        forgotten = own_currency.change(Currency(basics.currency, base=before.currency), by=by)
    values: dict[str, Any] = {
        "name": basics.name,
        "contact_email": basics.contact_email,
        "country": basics.country,
        "languages": list(basics.languages),
    }
    if basics.country != before.country:
        values["time_zone"] = guesses.time_zone_of(basics.country)
    store.change(values, by=by)
    _keep(Step.SHOP, StepState.DONE)
    return forgotten


def open_delivery(way: WayDetails, *, country: str, name: str, is_worldwide: bool, by: int) -> None:
    """One zone with one way. Raises pricing.NameTaken or PlaceTaken."""
    places = (Place(country), Place(EVERYWHERE_ELSE)) if is_worldwide else (Place(country),)
    zone = pricing.add_shipping_zone(ShippingZoneDetails(name, places), by=by)
    pricing.add_way(zone, way, by=by)
    _keep(Step.DELIVERY, StepState.DONE)


def charge_no_tax(*, by: int) -> None:
    _keep(Step.TAXES, StepState.DONE, {"charges": False})
    _record(by, "setup.no_tax", Step.TAXES)


def charge_tax(name: str, *, country: str, region: str, by: int) -> Loaded:
    """By the published table; `country`: only its own zones, empty: all of them."""
    loaded = published.load(name, country=country, region=region, by=by)
    _keep(Step.TAXES, StepState.DONE, {"charges": True})
    return loaded


def note_account(account: AccountFacts, key: str, *, by: int) -> None:
    """Whose account the key opens: what Stripe itself said of it."""
    facts = {
        "account": account.name,
        "country": account.country,
        "is_live": account.is_live,
        "is_charging": account.is_charging,
        "key": queries.fingerprint(key),
    }
    _keep(Step.PAYMENTS, StepState.DONE, facts)
    _record(by, "setup.payments_checked", Step.PAYMENTS, account=account.name,
            is_live=account.is_live)  # fmt: skip


def forget_account(*, by: int) -> None:
    _keep(Step.PAYMENTS, StepState.SKIPPED)
    _record(by, "setup.payment_keys_removed", Step.PAYMENTS)


def skip(step: Step) -> None:
    """For later; what was done stays done."""
    row = queries.step(step)
    if row is None:
        _keep(step, StepState.SKIPPED)


def hide(*, by: int) -> None:
    """Once; there is nothing to hide in a shop that came another way."""
    if not queries.is_listed():
        return
    _keep(HIDDEN, StepState.DONE)
    _record(by, "setup.list_hidden", HIDDEN)


def mail_test(email: str, language: str, *, press: str, by: int) -> None:
    """Once for each press of the button."""
    payload, once = {"email": email, "language": language}, f"{TEST_MAIL}:{press}"
    if outbox.is_promised(once):
        return
    outbox.enqueue(channel=outbox.EMAIL, name=TEST_MAIL, payload=payload, dedupe_key=once)
    _record(by, "setup.test_mailed", "mail")


def _keep(name: str, state: StepState, data: Mapping[str, Any] | None = None) -> None:
    db.session.merge(SetupStep(name=name, state=state, data=dict(data or {})))
    db.session.flush()


def _record(by: int, action: str, what: str, **data: Any) -> None:
    audit.record(by, action, subject_kind="setup", subject_id=0, what=what, **data)
