"""A running sandbox, the real SDK in front of it, and a store's webhook address behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests
import stripe

from shop.payments.sandbox.config import Endpoint, SandboxConfig
from shop.payments.sandbox.server import SandboxServer

KEY = "sk_test_sandbox_0123456789"
SECRET = "whsec_sandbox_0123456789"
#: Seconds; far more than a busy machine needs.
PATIENCE = 60.0

CARD = {
    "email": "robin@example.com",
    "method": "card",
    "number": "4242 4242 4242 4242",
    "expiry": "12 / 34",
    "cvc": "123",
    "name": "Robin Reed",
    "country": "US",
}


def session_params(**changes: Any) -> dict[str, Any]:
    """What the shop sends for a cart of two shirts: 2 x 19.99 + 5.00 = 44.98."""
    return {
        "mode": "payment",
        "client_reference_id": "1001",
        "customer_email": "robin@example.com",
        "success_url": "http://127.0.0.1:8000/checkout/return?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:8000/checkout/cancel",
        "line_items": [line_item()],
        "shipping_options": [shipping_option()],
        "metadata": {"order_id": "1001"},
        "payment_intent_data": {
            "metadata": {"order_id": "1001"},
            "description": "Order 1001",
            "capture_method": "automatic_async",
            "shipping": {
                "name": "Robin Reed",
                "address": {"line1": "Main St 1", "city": "Springfield", "country": "US"},
            },
        },
        "branding_settings": {"display_name": "Linen & Co"},
        "locale": "auto",
        "submit_type": "pay",
        "billing_address_collection": "auto",
        "adaptive_pricing": {"enabled": False},
        **changes,
    }


def embedded_params(**changes: Any) -> dict[str, Any]:
    """The same in a frame of the shop's page."""
    params = session_params(
        ui_mode="embedded_page",
        return_url="http://127.0.0.1:8000/checkout/return?session_id={CHECKOUT_SESSION_ID}",
        redirect_on_completion="always",
    )
    del params["success_url"], params["cancel_url"]
    return {name: value for name, value in (params | changes).items() if value is not None}


def line_item(
    unit_amount: int = 1999, quantity: int = 2, currency: str = "usd", name: str = "Linen shirt"
) -> dict[str, Any]:
    product = {"name": name, "metadata": {"sku": "LS-BL-M"}}
    price = {"currency": currency, "unit_amount": unit_amount, "product_data": product}
    return {"quantity": quantity, "price_data": price}


def shipping_option(amount: int = 500, currency: str = "usd") -> dict[str, Any]:
    return {
        "shipping_rate_data": {
            "type": "fixed_amount",
            "display_name": "Standard",
            "fixed_amount": {"amount": amount, "currency": currency},
            "delivery_estimate": {
                "minimum": {"unit": "business_day", "value": 2},
                "maximum": {"unit": "business_day", "value": 5},
            },
        }
    }


class Mailbox:
    """A store's webhook address: keeps every event whose signature the SDK accepts."""

    def __init__(self, secret: str = SECRET) -> None:
        self.events: list[dict[str, Any]] = []
        self.refused = 0
        #: Answers for the next webhooks; afterwards each is answered with 200.
        self.answers: list[int] = []
        self._changed = threading.Condition()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, secret))
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/webhooks/stripe"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def wait_for(self, event_type: str, count: int = 1) -> list[dict[str, Any]]:
        """The events of this type once there are so many; fails when they do not come."""

        def found() -> list[dict[str, Any]]:
            return [event for event in self.events if event["type"] == event_type]

        self.wait_until(lambda: len(found()) >= count)
        return found()

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(is_so, PATIENCE), f"only came: {self.types}"

    def take(self, event: dict[str, Any] | None) -> int:
        with self._changed:
            status = self.answers.pop(0) if self.answers else 200
            if event is None or status != 200:
                self.refused += 1
            if event is None:
                status = 400
            elif status == 200:
                self.events.append(event)
            self._changed.notify_all()
        return status

    def close(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def _handler(mailbox: Mailbox, secret: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(mailbox.take(_verified(body, self.headers, secret)))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler


def _verified(body: bytes, headers: Any, secret: str) -> dict[str, Any] | None:
    try:
        event = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], secret)
    except stripe.SignatureVerificationError:
        return None
    return event.to_dict()


@dataclass
class World:
    """One sandbox and what tests do with it. `restart` keeps the state file."""

    state: Path
    mailbox: Mailbox
    settings: dict[str, Any] = field(default_factory=dict)

    def start(self) -> None:
        config = SandboxConfig(
            state=self.state,
            key=KEY,
            endpoints=(Endpoint(self.mailbox.url, SECRET),),
            **{"settle_seconds": 60.0, "retry_delays": (5.0, 30.0, 120.0), **self.settings},
        )
        self.server = SandboxServer(config, 0)
        self.server.start()
        self.url = self.server.config.base_url
        self.http = requests.Session()
        self.http.trust_env = False
        self._sdk_http = stripe.RequestsClient(timeout=PATIENCE)
        self.client = stripe.StripeClient(
            KEY,
            base_addresses={"api": self.url},
            max_network_retries=2,
            http_client=self._sdk_http,
        )

    def stop(self) -> None:
        self.http.close()
        self._sdk_http.close()
        self.server.stop()

    def restart(self) -> None:
        self.stop()
        self.start()

    def open(self, key: str | None = None, **changes: Any) -> stripe.checkout.Session:
        options: Any = {"idempotency_key": key} if key else {}
        params: Any = session_params(**changes)
        return self.client.v1.checkout.sessions.create(params, options)

    def embedded(self, **changes: Any) -> stripe.checkout.Session:
        return self.client.v1.checkout.sessions.create(embedded_params(**changes))

    def pay(self, session: Any, number: str = CARD["number"], **fields: str) -> requests.Response:
        form = {**CARD, "number": number, **fields}
        return self.post(f"/c/pay/{session.id}", form)

    def paid(self, number: str = CARD["number"], **changes: Any) -> stripe.checkout.Session:
        session = self.open(**changes)
        answer = self.pay(session, number)
        assert answer.status_code == 303
        return self.session(session.id)

    def post(self, path: str, form: dict[str, str] | None = None) -> requests.Response:
        return self.http.post(self.url + path, data=form or {}, allow_redirects=False, timeout=30)

    def get(self, path: str) -> requests.Response:
        return self.http.get(self.url + path, allow_redirects=False, timeout=30)

    def api(self, method: str, path: str, **arguments: Any) -> requests.Response:
        """A raw API request, for what the SDK would not send."""
        headers = {"Authorization": f"Bearer {KEY}", **arguments.pop("headers", {})}
        url = f"{self.url}{path}"
        return self.http.request(method, url, headers=headers, timeout=30, **arguments)

    def session(self, session_id: str) -> stripe.checkout.Session:
        return self.client.v1.checkout.sessions.retrieve(session_id)

    def intent(self, session: Any) -> stripe.PaymentIntent:
        intent_id = self.session(session.id).payment_intent
        assert isinstance(intent_id, str)
        params: Any = {"expand": ["latest_charge"]}
        return self.client.v1.payment_intents.retrieve(intent_id, params)

    def faults(self, **switches: Any) -> None:
        answer = self.http.post(f"{self.url}/_sandbox/faults", json=switches, timeout=30)
        assert answer.status_code == 200

    def advance(self, seconds: float) -> None:
        assert self.post("/_sandbox/clock", {"seconds": str(seconds)}).status_code == 200

    def ledger(self) -> dict[str, Any]:
        ledger: dict[str, Any] = self.get("/_sandbox/ledger.json").json()
        return ledger
