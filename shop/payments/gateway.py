"""The only code that talks to Stripe. The SDK's types stay in this file; the shop sees the values
of snapshots.py.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import stripe
from flask import Flask, current_app

from shop.clock import now
from shop.payments.keys import with_keys
from shop.payments.snapshots import (
    AccountFacts,
    BalanceEntry,
    RefundSnapshot,
    SessionSnapshot,
    StripeEventFacts,
    balance_entry_of,
    event_of,
    readable_event,
    refund_of,
    session_of,
)
from shop.payments.tax_params import TaxFacts, facts_of
from shop.settings import Settings

log = logging.getLogger("shop.payments.gateway")
T = TypeVar("T")

#: The version this code was written against; the SDK pins the same one.
API_VERSION = "2026-10-28.endive"
#: Seconds to connect, and to wait for an answer: three tries must stay bearable for a shopper.
TIMEOUT = (3.05, 10)
RETRIES = 2
#: Stripe's own default; far more than clocks drift, far less than a replay is worth.
SIGNATURE_TOLERANCE = 300
#: The code of a refusal that a new request, with a new key, may get past.
SAVED_FAILURE = "saved_failure"
#: 429 is never retried by the SDK.
BUSY_TRIES, BUSY_WAIT = 3, 0.3


class PaymentsError(Exception):
    """Stripe could not be asked, or said no. Nothing was charged by this call."""

    def __init__(self, message: str, *, code: str = "", request_id: str = "") -> None:
        self.code, self.request_id = code, request_id
        super().__init__(message)


class PaymentsUnreachable(PaymentsError):
    """No answer: the outcome is unknown, and the same call with the same key may be repeated."""


class PaymentsNotSetUp(PaymentsUnreachable):
    """The shop has no key of Stripe's: nobody was asked."""


class PaymentRefused(PaymentsError):
    """Stripe understood and said no."""


class BadSignature(Exception):
    """Not an event that Stripe signed for this shop."""


class NotAnEvent(Exception):
    """Signed by Stripe, but not one of the events this shop subscribes to: a thin event, say."""


class StripeGateway:
    """Stripe, or any server that speaks its API. One per process; safe to share by threads."""

    def __init__(
        self,
        secret_key: str,
        *,
        api_base: str,
        webhook_secrets: Sequence[str],
        is_live: bool,
        store_id: str,
    ) -> None:
        self.is_live = is_live
        #: False: there is no key, and no call asks anybody.
        self.is_set_up = bool(secret_key)
        #: Stands in the metadata of everything this shop makes at Stripe.
        self.store_id = store_id
        self._webhook_secrets = webhook_secrets
        self._stripe = stripe.StripeClient(
            secret_key or "sk_none",
            stripe_version=API_VERSION,
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=TIMEOUT),
            base_addresses={"api": api_base},
        )

    @property
    def is_test(self) -> bool:
        return self.is_set_up and not self.is_live

    @property
    def _client(self) -> stripe.StripeClient:
        """Raises PaymentsNotSetUp."""
        if not self.is_set_up:
            raise PaymentsNotSetUp("no key")
        return self._stripe

    def create_session(self, params: dict[str, Any], *, idempotency_key: str) -> SessionSnapshot:
        """Open a payment page; the same key gives the same page."""
        sessions = self._client.v1.checkout.sessions
        created = _asked(
            lambda: sessions.create(params, {"idempotency_key": idempotency_key})  # type: ignore[arg-type]  # frozen JSON
        )
        return session_of(created.to_dict())

    def session(self, session_id: str) -> SessionSnapshot:
        sessions = self._client.v1.checkout.sessions
        expand = ["payment_intent.latest_charge"]
        found = _asked(lambda: sessions.retrieve(session_id, {"expand": expand}))
        return session_of(found.to_dict())

    def expire_session(self, session_id: str) -> SessionSnapshot:
        """Close the payment page, and tell what became of it: it may have been paid just before."""
        try:
            _asked(lambda: self._client.v1.checkout.sessions.expire(session_id))
        except PaymentRefused as refusal:
            log.info("session not expired: %s", refusal.code, extra={"session": session_id})
        return self.session(session_id)

    def capture(self, payment_intent_id: str, *, idempotency_key: str) -> None:
        """Take all of the money that was authorized; the same key takes it once."""
        intents, options = self._client.v1.payment_intents, {"idempotency_key": idempotency_key}
        _asked(lambda: intents.capture(payment_intent_id, {}, options))  # type: ignore[arg-type]  # plain dict

    def cancel_payment(self, payment_intent_id: str, *, idempotency_key: str) -> None:
        """Let go of the money that was authorized."""
        intents, options = self._client.v1.payment_intents, {"idempotency_key": idempotency_key}
        _asked(lambda: intents.cancel(payment_intent_id, {}, options))  # type: ignore[arg-type]  # plain dict

    def session_of_payment(self, payment_intent_id: str) -> str | None:
        """The Checkout Session a PaymentIntent belongs to."""
        query = {"payment_intent": payment_intent_id, "limit": 1}
        found = _asked(lambda: self._client.v1.checkout.sessions.list(query))  # type: ignore[arg-type]  # plain dict
        return found.data[0].id if found.data else None

    def sessions_since(self, since: datetime) -> Iterator[SessionSnapshot]:
        query = {"created": {"gte": int(since.timestamp())}, "limit": 100}
        page = _asked(lambda: self._client.v1.checkout.sessions.list(query))  # type: ignore[arg-type]  # plain dict
        for found in _pages(page):
            yield session_of(found.to_dict())

    def create_refund(self, params: dict[str, Any], *, idempotency_key: str) -> RefundSnapshot:
        """Give money back; the same key gives it back once."""
        refunds = self._client.v1.refunds
        created = _asked(
            lambda: refunds.create(params, {"idempotency_key": idempotency_key})  # type: ignore[arg-type]  # plain dict
        )
        return refund_of(created.to_dict())

    def refunds_of_payment(self, payment_intent_id: str) -> list[RefundSnapshot]:
        """Oldest first."""
        query = {"payment_intent": payment_intent_id, "limit": 100}
        page = _asked(lambda: self._client.v1.refunds.list(query))  # type: ignore[arg-type]  # plain dict
        return [refund_of(found.to_dict()) for found in _pages(page)][::-1]

    def balance(self, since: datetime, until: datetime, *, most: int) -> list[BalanceEntry]:
        """What moved the account's balance, newest first; the newest `most` of them."""
        created = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
        query = {"created": created, "limit": 100, "expand": ["data.source"]}
        page = _asked(lambda: self._client.v1.balance_transactions.list(query))  # type: ignore[arg-type]  # plain dict
        return [balance_entry_of(found.to_dict()) for found in islice(_pages(page), most)]

    def taxes(self, params: dict[str, Any]) -> TaxFacts:
        """What Stripe Tax would take; nothing is recorded there."""
        told = _asked(lambda: self._client.v1.tax.calculations.create(params))  # type: ignore[arg-type]  # plain dict
        return facts_of(told.to_dict())

    def events_since(self, since: datetime, types: Sequence[str]) -> list[StripeEventFacts]:
        """Oldest first."""
        query = {"created": {"gte": int(since.timestamp())}, "types": list(types), "limit": 100}
        page = _asked(lambda: self._client.v1.events.list(query))  # type: ignore[arg-type]  # plain dict
        found = [event for each in _pages(page) if (event := readable_event(each.to_dict()))]
        return [replace(event, is_fetched=True) for event in reversed(found)]

    def account(self) -> AccountFacts:
        """Raises PaymentsError when the account cannot be reached with this key."""
        found = _asked(lambda: self._client.v1.accounts.retrieve_current()).to_dict()
        names = (
            found.get("business_profile") or {},
            (found.get("settings") or {}).get("dashboard"),
        )
        return AccountFacts(
            id=found["id"],
            name=names[0].get("name") or (names[1] or {}).get("display_name") or found["id"],
            country=found.get("country") or "",
            is_charging=found.get("charges_enabled") is not False,
            is_live=self.is_live,
        )

    def add_webhook(self, url: str, events: Sequence[str]) -> tuple[str, str]:
        """Have these events sent to the address; the endpoint's id, and the secret that signs."""
        params = {
            "url": url,
            "enabled_events": list(events),
            "api_version": API_VERSION,
            "metadata": {"store_id": self.store_id},
        }
        endpoints = self._client.v1.webhook_endpoints
        made = _asked(lambda: endpoints.create(params))  # type: ignore[arg-type]  # plain dict
        return made.id, str(made.secret)

    def remove_webhooks(self, url: str, *, besides: str) -> None:
        """Whatever else sends to the address: what it signs, the shop could not believe."""
        endpoints = self._client.v1.webhook_endpoints
        for found in list(_pages(_asked(lambda: endpoints.list({"limit": 100})))):
            if found.url == url and found.id != besides:
                _asked(lambda old=found.id: endpoints.delete(old))  # type: ignore[misc]  # bound now

    def read_event(self, payload: bytes, signature: str) -> StripeEventFacts:
        """Raises BadSignature unless one of the secrets signed these very bytes just now, and
        NotAnEvent when what they signed is no event that the shop could read.
        """
        _require_fresh(signature)
        if not any(_is_signed(payload, signature, secret) for secret in self._webhook_secrets):
            raise BadSignature
        try:
            return event_of(json.loads(payload))
        except (ValueError, TypeError, RecursionError, OverflowError):
            raise NotAnEvent from None


def init_gateway(app: Flask, settings: Settings) -> None:
    stripe.enable_telemetry = False
    stripe.set_app_info("Till")
    app.extensions["payments"] = _PerProcess(settings)


def gateway() -> StripeGateway:
    """The current app's gateway."""
    found: _PerProcess = current_app.extensions["payments"]
    return found.get()


def gateway_of(settings: Settings) -> StripeGateway:
    return StripeGateway(
        settings.stripe_secret_key,
        api_base=settings.stripe_api,
        webhook_secrets=settings.webhook_secrets,
        is_live=settings.is_stripe_live,
        store_id=settings.stripe_store_id,
    )


class _PerProcess:
    """Makes the client on first use, so that a forked server process gets its own, and anew when
    other keys were typed.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings, self._lock = settings, threading.Lock()
        self._made: tuple[Settings, StripeGateway] | None = None

    def get(self) -> StripeGateway:
        settings = with_keys(self._settings)
        with self._lock:
            if self._made is None or self._made[0] != settings:
                self._made = settings, gateway_of(settings)
            return self._made[1]


def _asked(call: Callable[[], T]) -> T:
    """Ask Stripe, and tell failures apart by what they mean for the shopper's money."""
    for attempt in range(1, BUSY_TRIES + 1):
        try:
            return call()
        except stripe.RateLimitError as error:
            if attempt == BUSY_TRIES:
                raise PaymentsUnreachable("busy", request_id=error.request_id or "") from error
            time.sleep(BUSY_WAIT * attempt)
        except (stripe.APIConnectionError, stripe.APIError) as error:
            log.warning("stripe unreachable", extra={"stripe_request": error.request_id})
            if _is_saved(error):
                raise PaymentRefused("failed", code=SAVED_FAILURE) from error
            raise PaymentsUnreachable("no answer") from error
        except stripe.StripeError as error:
            log.warning(
                "stripe refused",
                extra={
                    "code": error.code,
                    "param": getattr(error, "param", ""),
                    "stripe_request": error.request_id,
                },
            )
            raise PaymentRefused(
                str(error.user_message or ""),
                code=error.code or "",
                request_id=error.request_id or "",
            ) from error
    raise AssertionError("unreachable")


def _is_saved(error: stripe.StripeError) -> bool:
    """Whether Stripe keeps this failure under the request's key: asking again changes nothing.

    Source: docs.stripe.com/api/idempotent_requests.
    """
    headers = {str(name).lower(): value for name, value in (error.headers or {}).items()}
    return headers.get("idempotent-replayed") == "true"


def _pages(page: Any) -> Iterator[Any]:
    """Every object of a list, page by page; a failure half way is told like any other."""
    while True:
        yield from page.data
        if not page.has_more:
            return
        page = _asked(page.next_page)


def _require_fresh(signature: str) -> None:
    """The SDK accepts signatures from the future; a replay could wait for its day."""
    stamp = next((part[2:] for part in signature.split(",") if part.startswith("t=")), "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise BadSignature
    if abs(now().timestamp() - int(stamp)) > SIGNATURE_TOLERANCE:
        raise BadSignature


def _is_signed(payload: bytes, signature: str, secret: str) -> bool:
    try:
        text = payload.decode()
        return bool(
            stripe.WebhookSignature.verify_header(text, signature, secret, SIGNATURE_TOLERANCE)
        )
    # The SDK raises TypeError for a signature outside ASCII.
    except (stripe.SignatureVerificationError, UnicodeDecodeError, TypeError):
        return False
