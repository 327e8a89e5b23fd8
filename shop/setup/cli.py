"""Commands: flask setup ..."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from shop.accounts import queries as accounts
from shop.setup.link import setup_url

cli = AppGroup("setup", short_help="Set up a new shop.")


@cli.command("link")
def link() -> None:
    """Print the link by which a shop without staff gets its owner. It is good for a day."""
    if accounts.has_owner():
        raise click.ClickException("This shop has an owner. See: flask accounts.")
    click.echo(setup_url())
