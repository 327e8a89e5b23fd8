"""Products and collections as JSON, shaped like the public addresses of Shopify's storefronts, so
that what reads those reads this. Amounts are decimal strings; stock is told as yes or no.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shop.catalog.models import Product, ProductImage, ProductOption, Variant
from shop.catalog.options import ONLY_OPTION, ONLY_VARIANT
from shop.catalog.queries import CollectionLink
from shop.money import plain_amount
from shop.store.currencies import Price
from shop.web.filters import rich_text

Node = dict[str, Any]
#: Base sizes of our pictures' renditions.
_SUFFIX = "-800.jpg"


def product(
    row: Product, available: Mapping[int, bool], prices: Mapping[int, Price], *, site_url: str
) -> Node:
    """`available` and `prices`: by variant."""
    images = [_image(image, row, site_url) for image in row.images if image.file]
    return {
        "id": row.id,
        "title": row.title,
        "handle": row.handle,
        "body_html": str(rich_text(row.description)),
        "vendor": row.vendor,
        "product_type": row.product_type,
        "tags": ", ".join(str(tag) for tag in row.tags),
        "created_at": _instant(row.created_at),
        "published_at": _instant(row.published_at),
        "updated_at": _instant(row.updated_at),
        "variants": [
            _variant(variant, available[variant.id], prices[variant.id]) for variant in row.variants
        ],
        "options": [_option(option, row) for option in row.options] or [_no_option(row)],
        "images": images,
        "image": images[0] if images else None,
    }


def listed(
    row: Product, available: Mapping[int, bool], prices: Mapping[int, Price], *, site_url: str
) -> Node:
    """As lists print it: tags one by one."""
    node = product(row, available, prices, site_url=site_url)
    node["tags"] = [str(tag) for tag in row.tags]
    return node


def collection(row: CollectionLink, count: int, *, site_url: str) -> Node:
    return {
        "id": row.id,
        "handle": row.handle,
        "title": row.title,
        "body_html": str(rich_text(row.summary)),
        "products_count": count,
        "image": {"src": f"{site_url}/media/{row.file}{_SUFFIX}"} if row.file else None,
    }


def _variant(row: Variant, is_available: bool, price: Price) -> Node:
    values = [row.option1 or None, row.option2 or None, row.option3 or None]
    return {
        "id": row.id,
        "product_id": row.product_id,
        "title": " / ".join(row.option_values) or ONLY_VARIANT,
        "option1": values[0] or ONLY_VARIANT,
        "option2": values[1],
        "option3": values[2],
        "sku": row.sku or "",
        "barcode": row.barcode,
        "requires_shipping": row.requires_shipping,
        "taxable": row.is_taxable,
        "available": is_available,
        "price": plain_amount(price.unit),
        "price_currency": price.unit.currency,
        "compare_at_price": plain_amount(price.was) if price.was else None,
        "grams": row.weight_grams,
        "position": row.position,
        "image_id": row.image_id,
    }


def _option(option: ProductOption, row: Product) -> Node:
    values = [
        (variant.option1, variant.option2, variant.option3)[option.position - 1]
        for variant in row.variants
    ]
    return {
        "name": option.name,
        "position": option.position,
        "values": list(dict.fromkeys(values)),
    }


def _no_option(row: Product) -> Node:
    return {"name": ONLY_OPTION, "position": 1, "values": [ONLY_VARIANT]}


def _image(image: ProductImage, row: Product, site_url: str) -> Node:
    return {
        "id": image.id,
        "product_id": row.id,
        "position": image.position,
        "alt": image.alt,
        "src": f"{site_url}/media/{image.file}{_SUFFIX}",
        "width": image.width,
        "height": image.height,
        "variant_ids": [variant.id for variant in row.variants if variant.image_id == image.id],
    }


def _instant(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
