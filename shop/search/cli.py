"""Commands: flask search rebuild."""

from __future__ import annotations

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from shop.catalog import service as catalog
from shop.catalog.models import Product
from shop.database import transaction
from shop.extensions import db
from shop.search import index

cli = AppGroup("search", short_help="Look after the search index.")

BATCH = 500


@cli.command()
def rebuild() -> None:
    """Make every published product findable, and nothing else. The shop stays open meanwhile."""
    last, count = 0, 0
    while True:
        with transaction():
            products = db.session.scalars(
                sa.select(Product).where(Product.id > last).order_by(Product.id).limit(BATCH)
            ).all()
            first, last = last + 1, products[-1].id if products else index.LAST_ID
            gone = index.ids_between(first, last) - {product.id for product in products}
            index.remove_many(sorted(gone))
            catalog.refresh_search(products)
            count += sum(product.is_published for product in products)
        if not products:
            break
    click.echo(f"Products that can be found: {count:,}.")
