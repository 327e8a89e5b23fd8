"""Commands: flask search rebuild."""

from __future__ import annotations

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from shop.catalog import searchable
from shop.catalog.models import Product
from shop.database import in_transaction, transaction
from shop.extensions import db
from shop.search import index, spelling, vocabulary

cli = AppGroup("search", short_help="Look after the search index.")

BATCH = 500


@cli.command()
def rebuild() -> None:
    """Make every published product findable, and nothing else. The shop stays open meanwhile."""
    click.echo(f"Products that can be found: {rebuild_index():,}.")


def rebuild_if_old() -> None:
    """An index that an older release made has no vocabulary; what it misses would not be found."""
    is_old = vocabulary.is_empty() and index.ids_between(1, index.LAST_ID)
    db.session.rollback()
    if is_old:
        rebuild_index()


def rebuild_index() -> int:
    """How many products can be found."""
    last, count = 0, 0
    while True:
        with transaction():
            products = db.session.scalars(
                sa.select(Product).where(Product.id > last).order_by(Product.id).limit(BATCH)
            ).all()
            first, last = last + 1, products[-1].id if products else index.LAST_ID
            gone = index.ids_between(first, last) - {product.id for product in products}
            index.remove_many(sorted(gone))
            searchable.refresh_search(products)
            count += sum(product.is_published for product in products)
        if not products:
            break
    _forget_unused_words()
    settle()
    return count


def settle() -> None:
    """Searches read fewer lists afterwards."""
    while in_transaction(index.settle):
        pass


def _forget_unused_words() -> None:
    last = 0
    while words := vocabulary.words_after(last, BATCH):
        with transaction():
            vocabulary.remove([id_ for id_, word in words if not spelling.is_used(word)])
        last = words[-1][0]
    db.session.rollback()
