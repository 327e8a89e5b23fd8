"""Commands: flask payments ..."""

from __future__ import annotations

from datetime import timedelta

import click
from flask.cli import AppGroup

from shop.clock import now
from shop.payments.gateway import gateway
from shop.payments.reconcile import look_for_lost_money
from shop.payments.reconcile import reconcile as run_reconcile

cli = AppGroup("payments", short_help="Payments and Stripe.")


@cli.command("reconcile")
@click.option("--days", default=30, show_default=True, help="How far back to look for lost money.")
def reconcile(days: int) -> None:
    """Ask Stripe about every payment that is not settled here."""
    stripe = gateway()
    report = run_reconcile(stripe, settling_time=timedelta(0))
    look_for_lost_money(stripe, now() - timedelta(days=days), report)
    click.echo(
        f"{report.checked} open payments checked, {report.paid} of them paid; "
        f"{report.refunds} refunds sent again; {report.events} missed events taken in."
    )
    for session_id in report.unaccounted:
        click.echo(f"Paid at Stripe without an order here: {session_id}")
    for failure in report.failures:
        click.echo(f"Not checked: {failure}", err=True)
    if report.failures or report.unaccounted:
        raise SystemExit(1)
