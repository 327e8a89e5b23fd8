"""Commands: flask demo load."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from shop.database import transaction
from shop.demo.loader import OtherCurrency, copy_pictures
from shop.demo.loader import load as load_demo

cli = AppGroup("demo", short_help="The demo shop.")


@cli.command("load")
def load() -> None:
    """Add the demo shop Fettle: pots, pictures, pages, delivery and tax rates."""
    copied = copy_pictures(current_app.extensions["settings"].media_path)
    try:
        with transaction():
            report = load_demo()
    except OtherCurrency as refusal:
        raise click.ClickException(
            f"This shop sells in {refusal.currency}, the demo in {refusal.demo_currency}."
            " Load it into a shop of its own."
        ) from None
    if report.is_empty and not copied:
        click.echo("The demo shop is already here. Nothing was changed.")
        return
    click.echo(
        f"Added {report.products} products with {report.variants} variants,"
        f" {report.collections} collections, {report.pages} pages, {report.articles} articles,"
        f" {report.rates} rates and {report.reviews} reviews;"
        f" copied {copied} picture files."
    )
