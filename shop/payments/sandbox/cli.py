"""`flask stripe-sandbox`: the sandbox as a process of its own."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import click

from .config import Endpoint, Refused, SandboxConfig


@click.command("stripe-sandbox")
@click.option("--port", type=click.IntRange(1, 65535), envvar="STRIPE_SANDBOX_PORT", default=4242)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="STRIPE_SANDBOX_STATE",
    default="instance/stripe-sandbox.sqlite",
    help="SQLite file that keeps everything over restarts.",
)
@click.option(
    "--webhook-url",
    "webhook_urls",
    multiple=True,
    envvar="STRIPE_SANDBOX_WEBHOOK_URL",
    help="Where events are sent; may be given several times.",
)
@click.option(
    "--webhook-secret",
    envvar="STRIPE_WEBHOOK_SECRET",
    default="",
    help="Signs the webhooks: whsec_…; the first of a comma list.",
)
@click.option("--key", envvar="STRIPE_SECRET_KEY", default="", help="The one key taken: sk_test_…")
@click.option(
    "--base-url",
    envvar="STRIPE_SANDBOX_BASE_URL",
    help="How browsers reach the pages, when not http://127.0.0.1:PORT.",
)
@click.option("--name", envvar="STRIPE_SANDBOX_NAME", default="Your store", show_default=True)
@click.option("--country", envvar="STRIPE_SANDBOX_COUNTRY", default="US", show_default=True)
@click.option(
    "--bank-seconds",
    type=click.FloatRange(min=0),
    envvar="STRIPE_SANDBOX_BANK_SECONDS",
    help="Bank debits are decided by themselves after so long; otherwise on the dashboard.",
)
def command(
    port: int,
    state: Path,
    webhook_urls: tuple[str, ...],
    webhook_secret: str,
    key: str,
    base_url: str | None,
    name: str,
    country: str,
    bank_seconds: float | None,
) -> None:
    """A local stand-in for Stripe's test mode. No real money moves."""
    secret = webhook_secret.split(",")[0].strip()
    try:
        config = SandboxConfig(
            state=state,
            key=key,
            base_url=(base_url or "").rstrip("/"),
            endpoints=tuple(Endpoint(url, secret) for url in webhook_urls),
            business_name=name,
            country=country.upper(),
            bank_seconds=bank_seconds,
            environment=os.environ.get("SHOP_ENV", ""),
        )
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from None
    _serve(config, port)


def _serve(config: SandboxConfig, port: int) -> None:
    """Run until SIGTERM or SIGINT."""
    from .server import SandboxServer

    stop = threading.Event()
    try:
        server = SandboxServer(config, port)
    except OSError as error:
        raise click.ClickException(f"Cannot listen on 127.0.0.1:{port}: {error}") from None
    with server:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        click.echo(
            f"Payment sandbox at {server.config.base_url}/_sandbox/ (test mode, no real money)"
        )
        stop.wait()
