"""What products are made of, as far as a file can change it: flat, so that two states are compared
key by key, and plain, so that JSON holds them.

"title", "options", "variant:12" (it exists), "variant:12:sku", "image:5:alt", "stock:12:on_hand",
"collection:3" (picked by hand).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection as Ids
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.catalog.models import (
    Collection,
    CollectionProduct,
    Product,
    ProductImage,
    ProductOption,
    Variant,
)
from shop.extensions import db
from shop.inventory.models import StockItem

Snapshot = dict[str, Any]
#: What it was and what it is, by key; None: was or is not there.
Changes = dict[str, list[Any]]

PRODUCT = (
    "title", "description", "summary", "vendor", "product_type", "tax_category", "tags",
    "seo_title", "seo_description", "facts", "status", "published_at", "import_columns",
)  # fmt: skip
VARIANT = (
    "position", "sku", "option1", "option2", "option3", "unit_amount", "compare_at_amount",
    "cost_amount", "barcode", "weight_grams", "is_taxable", "requires_shipping", "measure_amount",
    "measure_unit", "base_amount", "base_unit", "image_id", "import_columns",
)  # fmt: skip
IMAGE = ("position", "alt")
STOCK = ("on_hand", "is_tracked", "backorders", "backorder_limit", "promised_on")


def take(
    product_ids: Ids[int],
    *,
    product: tuple[str, ...] = PRODUCT,
    variant: tuple[str, ...] = VARIANT,
    image: tuple[str, ...] = IMAGE,
) -> dict[int, Snapshot]:
    """As they are in the caller's transaction: six queries. Others than the usual columns are for
    other callers than imports, which compare what they kept with what is there.
    """
    ids = list(product_ids)
    if not ids:
        return {}
    db.session.flush()
    found: dict[int, Snapshot] = {}
    for row in _rows(Product, product, Product.id, ids):
        found[row.id] = {name: audit.plain(getattr(row, name)) for name in product} | {
            "options": []
        }
    options = sa.select(ProductOption.product_id, ProductOption.name)
    for row in db.session.execute(
        options.where(ProductOption.product_id.in_(ids)).order_by(ProductOption.position)
    ):
        found[row.product_id]["options"].append(row.name)
    owners: dict[int, int] = {}
    for row in _rows(Variant, variant, Variant.product_id, ids):
        owners[row.id] = row.product_id
        found[row.product_id] |= _keys("variant", row, variant)
    for row in _rows(ProductImage, image, ProductImage.product_id, ids):
        found[row.product_id] |= _keys("image", row, image)
    columns = [getattr(StockItem, name) for name in STOCK]
    stock = sa.select(StockItem.variant_id.label("id"), *columns)
    for row in db.session.execute(
        stock.join(Variant).where(Variant.product_id.in_(ids)).order_by(StockItem.variant_id)
    ):
        found[owners[row.id]] |= _keys("stock", row, STOCK)
    for row in db.session.execute(_PICKED.where(CollectionProduct.product_id.in_(ids))):
        found[row.product_id][f"collection:{row.collection_id}"] = True
    return found


def differences(before: Snapshot, after: Snapshot) -> Changes:
    keys = dict.fromkeys([*before, *after])
    return {
        key: [before.get(key), after.get(key)] for key in keys if before.get(key) != after.get(key)
    }


def fingerprint(snapshot: Snapshot) -> str:
    """The same while nobody changes the product; what is on hand changes with every sale."""
    kept = {key: value for key, value in snapshot.items() if not key.endswith(":on_hand")}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def labels_of(snapshot: Snapshot, changes: Iterable[str]) -> dict[str, str]:
    """What to call the variants that these keys are about: by SKU, or by their options."""
    ids = {parts[1] for key in changes if (parts := key.split(":"))[0] in ("variant", "stock")}
    return {id_: label for id_ in sorted(ids) if (label := _label(snapshot, id_))}


def ids_in(keys: Iterable[str], kind: str) -> list[int]:
    """Of the things of a kind that the keys say exist."""
    parts = (key.split(":") for key in keys)
    return [int(part[1]) for part in parts if len(part) == 2 and part[0] == kind]


def _label(snapshot: Snapshot, id_: str) -> str:
    options = [snapshot.get(f"variant:{id_}:option{number}") for number in (1, 2, 3)]
    return snapshot.get(f"variant:{id_}:sku") or " / ".join(filter(None, options))


def _rows(model: Any, names: Iterable[str], column: Any, ids: list[int]) -> Iterable[Any]:
    columns = [getattr(model, name) for name in names]
    wanted = (
        sa.select(model.id, column.label("product_id"), *columns)
        if column is not model.id
        else sa.select(model.id, *columns)
    )
    return db.session.execute(wanted.where(column.in_(ids)).order_by(model.id))


def _keys(kind: str, row: Any, names: Iterable[str]) -> Mapping[str, Any]:
    values = {f"{kind}:{row.id}:{name}": audit.plain(getattr(row, name)) for name in names}
    return {f"{kind}:{row.id}": True, **values}


_PICKED = (
    sa.select(CollectionProduct.product_id, CollectionProduct.collection_id)
    .join(Collection)
    .where(sa.cast(Collection.conditions, sa.Text) == "[]")
    .order_by(CollectionProduct.collection_id)
)
