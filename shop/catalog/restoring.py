"""Variants that were removed, and come back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.catalog import prices, service
from shop.catalog.models import Product, ProductImage, Variant, VariantPrice
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import MovementReason


def restore_variant(kept: Mapping[str, Any], *, by: int | None) -> Variant:
    """One that was removed, with the stock it had then. Raises SkuTaken, OptionsTaken,
    OptionsDoNotFit, and LookupError where its product is gone.
    """
    product = db.session.get(Product, kept["product_id"], with_for_update=True)
    if product is None:
        raise LookupError(kept["product_id"])
    variant = audit.remade(Variant, kept)
    service.check_variant(
        product.id,
        variant.sku,
        (variant.option1, variant.option2, variant.option3),
    )
    if variant.image_id and db.session.get(ProductImage, variant.image_id) is None:
        variant.image_id = None
    variant.position = _last_position(product.id) + 1
    db.session.add(variant)
    db.session.flush()
    _with_prices_and_stock(variant, kept)
    audit.record(
        by, "variant.restored", subject_kind="variant", subject_id=variant.id, sku=variant.sku
    )
    service.keep_in_step([product])
    return variant


def _last_position(product_id: int) -> int:
    highest = sa.select(sa.func.max(Variant.position)).where(Variant.product_id == product_id)
    return db.session.scalar(highest) or 0


def _with_prices_and_stock(variant: Variant, kept: Mapping[str, Any]) -> None:
    for price in kept["prices"]:
        db.session.add(audit.remade(VariantPrice, dict(price, variant_id=variant.id)))
    inventory.create_stock(
        variant.id,
        on_hand=kept["on_hand"],
        is_tracked=kept["is_tracked"],
        reason=MovementReason.INITIAL,
    )
    prices.note(variant_ids=[variant.id])
