"""The command itself: what it refuses, how it stops, and that a killed process loses nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe
from click.testing import CliRunner

from shop.payments.sandbox.cli import command
from tests.payments.sandbox.harness import CARD, KEY, SECRET, Mailbox, session_params
from tests.reliability.processes import PATIENCE, free_port

pytestmark = pytest.mark.processes


class Process:
    """`python -m shop.payments.sandbox`, running until it is killed or terminated."""

    def __init__(self, state: Path, webhook_url: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {
            **os.environ,
            "STRIPE_SANDBOX_PORT": str(self.port),
            "STRIPE_SANDBOX_STATE": str(state),
            "STRIPE_SANDBOX_WEBHOOK_URL": webhook_url,
            "STRIPE_WEBHOOK_SECRET": f"{SECRET},whsec_older",
            "STRIPE_SECRET_KEY": KEY,
        }
        environment.pop("SHOP_ENV", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "shop.payments.sandbox"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.greeting = self.process.stdout.readline()
        self.client = stripe.StripeClient(
            KEY, base_addresses={"api": self.url}, max_network_retries=0
        )

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture
def running(tmp_path: Path, mailbox: Mailbox) -> Iterator[list[Process]]:
    started = [Process(tmp_path / "state.sqlite", mailbox.url)]
    yield started
    for process in started:
        if process.process.poll() is None:
            process.end(signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly(running: list[Process], number: int) -> None:
    assert "no real money" in running[0].greeting

    code = running[0].end(number)

    assert code == 0


def test_a_killed_process_loses_nothing(
    running: list[Process], mailbox: Mailbox, tmp_path: Path
) -> None:
    mailbox.answers = [500] * 5
    first = running[0]
    params: Any = session_params()
    session = first.client.v1.checkout.sessions.create(params, {"idempotency_key": "cs:1:1"})
    paid = requests.post(str(session.url), data=CARD, allow_redirects=False, timeout=30)
    assert paid.status_code == 303
    mailbox.wait_until(lambda: mailbox.refused == 5)

    first.end(signal.SIGKILL)
    second = Process(tmp_path / "state.sqlite", mailbox.url)
    running.append(second)
    requests.post(f"{second.url}/_sandbox/clock", data={"seconds": "6"}, timeout=30)

    again = second.client.v1.checkout.sessions.create(params, {"idempotency_key": "cs:1:1"})
    assert again.id == session.id
    found = second.client.v1.checkout.sessions.retrieve(session.id)
    assert found.payment_status == "paid"
    mailbox.wait_for("checkout.session.completed")
    assert (
        requests.get(f"{second.url}/_sandbox/ledger.json", timeout=30).json()["charges"][0][
            "amount_captured"
        ]
        == 4498
    )


def test_it_is_not_reachable_from_other_machines(running: list[Process]) -> None:
    with socket.socket(socket.AF_INET) as other:
        # 127.0.0.2 is this machine too, but not the one address that is listened on.
        refused = other.connect_ex(("127.0.0.2", running[0].port))

    assert refused != 0


@pytest.mark.parametrize(
    ("arguments", "environment", "complaint"),
    [
        (["--key", ""], {}, "must be a test key"),
        (["--key", "sk_live_123"], {}, "must be a test key"),
        (["--key", "pk_test_123"], {}, "must be a test key"),
        (["--key", KEY], {"SHOP_ENV": "production"}, "does not run with SHOP_ENV=production"),
        (["--key", KEY, "--webhook-url", "http://127.0.0.1/w"], {}, "signing secret"),
        (["--key", KEY, "--webhook-url", "ftp://x", "--webhook-secret", "w"], {}, "Not a webhook"),
        (["--key", KEY, "--port", "0"], {}, "0 is not in the range"),
    ],
)
def test_it_refuses_to_start(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], complaint: str
) -> None:
    state = tmp_path / "state.sqlite"
    clean = {
        "SHOP_ENV": "development",
        "STRIPE_SECRET_KEY": "",
        "STRIPE_WEBHOOK_SECRET": "",
        "STRIPE_SANDBOX_WEBHOOK_URL": "",
        **environment,
    }

    result = CliRunner().invoke(command, ["--state", str(state), *arguments], env=clean)

    assert result.exit_code != 0
    assert complaint in result.output
    assert not state.exists()


def test_a_taken_port_is_explained(running: list[Process], tmp_path: Path) -> None:
    state = tmp_path / "other.sqlite"
    arguments = ["--key", KEY, "--state", str(state), "--port", str(running[0].port)]

    result = CliRunner().invoke(
        command, arguments, env={"SHOP_ENV": "", "STRIPE_SANDBOX_WEBHOOK_URL": ""}
    )

    assert result.exit_code == 1
    assert "Cannot listen on 127.0.0.1" in result.output
