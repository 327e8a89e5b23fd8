"""The second process: keeps promises, frees expired reservations, reconciles payments."""

from __future__ import annotations

import click


@click.command("worker")
def command() -> None:
    """Send mails, free expired reservations and reconcile payments, until stopped."""
