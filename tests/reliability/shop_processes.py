"""A whole shop as real processes on ports, a database and a folder of its own."""

from __future__ import annotations

import contextlib
import json
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa
import stripe
from flask import Flask

from shop import supervisor
from shop.extensions import db
from shop.outbox.models import OutboxMessage
from shop.settings import Settings
from tests.conftest import dispose, migrated_app
from tests.reliability.processes import Nursery, Running, free_port, wait_until

KEY = "sk_test_sandbox_reliability"
SECRET, OLD_SECRET = "whsec_of_today_0123456789", "whsec_of_yesterday_0123456789"
TIMEOUT = 120


def session() -> requests.Session:
    """Nothing of the machine's proxies; requests that come from the shop's own pages."""
    http = requests.Session()
    http.trust_env = False
    http.headers["Sec-Fetch-Site"] = "same-origin"
    return http


class Sandbox:
    """The stand-in for Stripe, seen from outside."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = session()

    def faults(self, **switches: Any) -> None:
        answer = self.http.post(f"{self.url}/_sandbox/faults", json=switches, timeout=TIMEOUT)
        assert answer.status_code == 200, answer.text

    def behave(self) -> None:
        self.http.delete(f"{self.url}/_sandbox/faults", timeout=TIMEOUT)

    def advance(self, seconds: float) -> None:
        form = {"seconds": str(seconds)}
        answer = self.http.post(f"{self.url}/_sandbox/clock", data=form, timeout=TIMEOUT)
        assert answer.status_code == 200, answer.text

    def ledger(self) -> dict[str, Any]:
        answer = self.http.get(f"{self.url}/_sandbox/ledger.json", timeout=TIMEOUT)
        ledger: dict[str, Any] = answer.json()
        return ledger

    def sessions_of(self, order_id: int) -> list[dict[str, Any]]:
        reference = str(order_id)
        return [s for s in self.ledger()["sessions"] if s["client_reference_id"] == reference]

    def events(self, *types: str) -> list[dict[str, Any]]:
        """Newest first, as Stripe lists them."""
        answer = self.http.get(
            f"{self.url}/v1/events",
            params={"limit": 100, **{f"types[{i}]": name for i, name in enumerate(types)}},
            headers={"Authorization": f"Bearer {KEY}"},
            timeout=TIMEOUT,
        )
        assert answer.status_code == 200, answer.text
        events: list[dict[str, Any]] = answer.json()["data"]
        return events

    def wait_delivered(self) -> None:
        """Until every webhook that is due has arrived or has failed once."""
        wait_until(
            lambda: all(
                row["state"] != "pending" or row["attempts"] for row in self.ledger()["deliveries"]
            ),
            "the delivery of all webhooks",
        )


@dataclass
class Shop:
    """Stays migrated and seeded over any number of starts, stops and kills."""

    settings: Settings
    app: Flask
    #: What starts the app: the shop's own factory, or one that can be killed at a point.
    target: str = ""
    running: dict[str, Running] = field(default_factory=dict)
    #: Answers of 500 and above that the test itself caused.
    expected_faults: frozenset[int] = frozenset()
    environment: dict[str, str] = field(default_factory=dict)
    _nurseries: dict[frozenset[tuple[str, str]], Nursery] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.url = self.settings.url
        self.sandbox = Sandbox(self.settings.stripe_api)
        self.http = session()

    @property
    def folder(self) -> Path:
        return self.settings.data_folder

    @property
    def mails(self) -> list[Path]:
        return sorted(self.settings.mail_folder.glob("*.eml"))

    def close(self) -> None:
        self.kill()
        for nursery in self._nurseries.values():
            nursery.close()

    # Processes ----------------------------------------------------------------------------------

    def start(self, *names: str) -> None:
        """All three, or the named ones; returns when they answer."""
        chosen = names or ("sandbox", "web", "worker")
        for name in chosen:
            self.running[name] = self._spawn(name, self._commands()[name])
        for name in chosen:
            self._wait_for(name)

    def stop(self, *names: str) -> dict[str, int]:
        """Exit codes by name."""
        return {name: self.running.pop(name).stop() for name in names or tuple(self.running)}

    def kill(self, *names: str) -> None:
        for name in names or tuple(self.running):
            self.running.pop(name).kill()

    def run(self, *arguments: str) -> int:
        """`flask ...` to its end; the exit code."""
        process = self._spawn("-".join(arguments[:2]), [*self._flask(), *arguments])
        try:
            return process.wait()
        finally:
            process.kill()

    def run_once(self) -> None:
        """What the worker would do by and by: everything due is done."""
        assert self.run("worker", "--once") == 0

    def settle_down(self) -> None:
        """The same where a worker runs too, which may be keeping the last promise just now."""
        self.run_once()
        self.wait_for_promises()

    def wait_for_promises(self) -> None:
        wait_until(lambda: not self._open_promises(), "every promise to be kept")

    def reconcile(self) -> None:
        assert self.run("payments", "reconcile") == 0

    def log(self, name: str) -> str:
        file = self.folder / "logs" / f"{name}.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def requests_logged(self) -> Iterator[dict[str, Any]]:
        """The web server's own list of what it answered."""
        for line in self.log("web").splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                entry = json.loads(line)
                if isinstance(entry, dict) and entry.get("message") == "request":
                    yield entry

    # Webhooks -----------------------------------------------------------------------------------

    def deliver(self, payload: bytes, signature: str | bytes) -> requests.Response:
        headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
        return requests.post(
            f"{self.url}/webhooks/stripe", data=payload, headers=headers, timeout=TIMEOUT
        )

    def deliver_event(self, event: dict[str, Any], secret: str = SECRET) -> requests.Response:
        payload = json.dumps(event)
        return self.deliver(payload.encode(), signed(payload, secret))

    # Inside -------------------------------------------------------------------------------------

    def _open_promises(self) -> int:
        open_ones = sa.select(sa.func.count(OutboxMessage.id)).where(
            OutboxMessage.sent_at.is_(None), OutboxMessage.parked_at.is_(None)
        )
        with self.app.app_context():
            return db.session.scalar(open_ones) or 0

    def _commands(self) -> dict[str, list[str]]:
        """The web server by the supervisor's own command line."""
        web = supervisor._web(self.settings)
        return {
            "web": [self.target or word if word == "shop:create_web_app" else word for word in web],
            "worker": [*self._flask(), "worker"],
            "sandbox": [sys.executable, "-m", "shop.payments.sandbox"],
        }

    def _flask(self) -> list[str]:
        return [sys.executable, "-m", "flask", "--app", self.target or "shop:create_app"]

    def _spawn(self, name: str, command: list[str]) -> Running:
        logs = self.folder / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        return self._nursery().spawn(name, command, logs / f"{name}.log")

    def _nursery(self) -> Nursery:
        """The one of the settings as they are now."""
        environment = _environment(self.settings) | self.environment
        key = frozenset(environment.items())
        if key not in self._nurseries:
            self._nurseries[key] = Nursery(environment)
        return self._nurseries[key]

    def _wait_for(self, name: str) -> None:
        address = {"web": f"{self.url}/readyz", "sandbox": f"{self.sandbox.url}/_sandbox/faults"}
        if name not in address:
            wait_until(lambda: "worker started" in self.log("worker"), "the worker's start")
            return

        def answers() -> bool:
            assert self.running[name].is_alive, self.log(name)[-2000:]
            with contextlib.suppress(requests.RequestException):
                return self.http.get(address[name], timeout=5).status_code == 200
            return False

        wait_until(answers, f"{name} to answer")


@contextlib.contextmanager
def own_shop(database_url: str, folder: Path, **changes: Any) -> Iterator[Shop]:
    """Migrated and empty, nothing started; everything is killed at the end."""
    port = free_port(in_a_row=2)
    settings = Settings(
        secret_key=secrets.token_urlsafe(48),
        port=port,
        shop_url=f"http://127.0.0.1:{port}",
        stripe_api_base=f"http://127.0.0.1:{port + 1}",
        stripe_secret_key=KEY,
        stripe_webhook_secret=f"{SECRET},{OLD_SECRET}",
        database_url=database_url,
        data_path=str(folder),
        # Each shopper says where it comes from, as a proxy would: see Shopper.
        trusted_proxies=1,
    )
    app = migrated_app(settings)
    shop = Shop(settings, app, **changes)
    try:
        yield shop
    finally:
        shop.close()
        with app.app_context():
            db.session.remove()
        dispose(app)


def signed(payload: str, secret: str = SECRET, *, at: int | None = None) -> str:
    """The header that Stripe would send with it."""
    return stripe.WebhookSignature.generate_signature_header(payload, secret, timestamp=at)


def _environment(settings: Settings) -> dict[str, str]:
    """Every setting by name, so that a developer's .env has no say."""
    values = {name.upper(): getattr(settings, name) for name in Settings.__dataclass_fields__}
    sandbox = {
        "STRIPE_SANDBOX_PORT": settings.sandbox_port,
        "STRIPE_SANDBOX_STATE": settings.data_folder / "stripe-sandbox.sqlite",
        "STRIPE_SANDBOX_WEBHOOK_URL": f"{settings.local_url}/webhooks/stripe",
    }
    return {name: str(value) for name, value in (values | sandbox).items()}
