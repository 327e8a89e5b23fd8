"""What the search index is told of products; drafts are not found."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from shop.catalog.models import Product, Variant
from shop.extensions import db
from shop.search import index

# Without "<" inside, a text of nothing but "<" is read once, not once for each.
_TAG = re.compile(r"<[^<>]*>")


def refresh_search(products: Iterable[Product]) -> None:
    """Make the index say what the products say; drafts are not found."""
    db.session.flush()
    products = list(products)
    index.remove_many([product.id for product in products if not product.is_published])
    index.put_many(documents_of([product for product in products if product.is_published]))


def documents_of(products: Sequence[Product]) -> list[index.Document]:
    words: dict[int, list[str]] = {product.id: [] for product in products}
    skus: dict[int, list[str]] = {product.id: [] for product in products}
    variants = sa.select(
        Variant.product_id, Variant.sku, Variant.option1, Variant.option2, Variant.option3
    ).where(Variant.product_id.in_(words))
    for product_id, sku, *options in db.session.execute(variants.order_by(Variant.id)):
        skus[product_id] += [sku] if sku else []
        words[product_id] += options
    return [
        index.Document(
            product.id,
            product.title,
            # A SKU with a space inside is one SKU, and its parts are found all the same.
            " ".join(skus[product.id]),
            _text_of(product, words[product.id]),
        )
        for product in products
    ]


def _text_of(product: Product, option_values: list[str]) -> str:
    description = html.unescape(_TAG.sub(" ", product.description[: index.MAX_TEXT_LENGTH]))
    short = [product.vendor, product.product_type, *map(str, product.tags)]
    return " ".join([*short, *dict.fromkeys(option_values), product.summary, description])
