"""Commands: flask demo load, flask demo history."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from shop.database import transaction
from shop.demo import history as made_up
from shop.demo.loader import OtherCurrency, copy_pictures
from shop.demo.loader import load as load_demo
from shop.demo.sales import NothingToSell

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


@cli.command("history")
@click.option("--orders", default=4000, show_default=True, type=click.IntRange(1, 200_000))
@click.option("--days", default=400, show_default=True, type=click.IntRange(1, 1500))
@click.option("--seed", default=7, show_default=True, help="Another one makes another history.")
def history(orders: int, days: int, seed: int) -> None:
    """Add made-up paid orders, tagged "demo", so that the reports have something to tell."""
    if current_app.extensions["settings"].is_production:
        raise click.ClickException("Made-up orders have no place in a shop that sells.")
    try:
        with transaction():
            count = made_up.fabricate(orders=orders, days=days, seed=seed)
    except NothingToSell:
        raise click.ClickException(
            "The shop sells nothing yet. First: flask --app shop demo load"
        ) from None
    except made_up.AlreadyThere:
        raise click.ClickException("The made-up orders are there. Nothing was changed.") from None
    click.echo(f"Added {count} made-up orders of the last {days} days.")
