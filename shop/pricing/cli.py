"""Commands: flask pricing load-rates."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from shop.database import transaction
from shop.pricing import published

cli = AppGroup("pricing", short_help="Load published rates of tax.")


@cli.command("load-rates")
@click.argument("name", type=click.Choice(published.SETS))
@click.option("--region", default="", help="State in which the shop stands, for India.")
def load_rates(name: str, region: str) -> None:
    """Add the zones of a published table; zones of the shop stay as they are."""
    with transaction():
        loaded = published.load(name, region=region.strip()[:80], by=None)
    click.echo(f"{len(loaded.added)} zones added, {len(loaded.kept)} left out.")
    for zone in loaded.kept:
        click.echo(f"Left out, since the shop has it: {zone}")
