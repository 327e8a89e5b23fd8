"""Variants and products that were removed, and come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.audit import AuditEntry, Row
from shop.catalog import prices, service, variant_service
from shop.catalog.models import (
    Collection,
    CollectionProduct,
    PriceChange,
    Product,
    ProductImage,
    ProductOption,
    Variant,
    VariantPrice,
)
from shop.clock import now
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import MovementReason, StockItem


@dataclass(frozen=True)
class Belonging:
    """What another feature holds of a product, to be kept when it is deleted and to come back."""

    #: Of the product and its variants, as JSON can hold it.
    keep: Callable[[int, Sequence[int]], list[Any]]
    #: What was kept, the product, and its variants by the ids they had. What fits no more is left
    #: out.
    restore: Callable[[Sequence[Any], int, Mapping[int, int]], None]


#: By name, put here by the features themselves.
belongings: dict[str, Belonging] = {}
DELETED = "product.deleted"


def forget_belongings(name: str, is_unwanted: Callable[[Any], bool]) -> None:
    """Of products that are deleted and could still come back. Locked, so that none of them comes
    back meanwhile.
    """
    for entry in audit.entries_kept(DELETED, is_to_change=True):
        kept = dict(entry.kept or {})
        held = kept.get(name, [])
        kept[name] = [each for each in held if not is_unwanted(each)]
        if len(kept[name]) < len(held):
            entry.kept = kept


def could_show(file: str) -> bool:
    """Whether a product that is deleted would show the picture again once it came back."""
    return bool(db.session.scalar(sa.select(sa.exists().where(*_holds(file)))))


def deleted_with(text: str) -> Sequence[Mapping[str, Any]]:
    """What is kept of products that could still come back and hold the text somewhere, whole."""
    return db.session.scalars(
        sa.select(AuditEntry.kept).where(*_holds(text)).order_by(AuditEntry.id)
    ).all()


def _holds(text: str) -> tuple[sa.ColumnElement[bool], ...]:
    named = sa.cast(AuditEntry.kept, sa.Text).contains(f'"{text}"', autoescape=True)
    return AuditEntry.action == DELETED, AuditEntry.kept.is_not(None), named


def restore_variant(kept: Mapping[str, Any], *, by: int | None) -> Variant:
    """One that was removed, with the stock it had then. Raises SkuTaken, OptionsTaken,
    OptionsDoNotFit, and LookupError where its product is gone.
    """
    product = db.session.get(Product, kept["product_id"], with_for_update=True)
    if product is None:
        raise LookupError(kept["product_id"])
    variant = audit.remade(Variant, kept)
    variant_service.check_variant(
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


# Products -----------------------------------------------------------------------------------------


def kept_of(product: Product) -> dict[str, Any]:
    """All that `restore_product` needs: with options, pictures, variants, their prices, the history
    of those and their stock, where it stands in collections that are picked by hand, and what
    other features hold of it.
    """
    variants = _rows(Variant, Variant.product_id == product.id)
    ids = [variant.id for variant in variants]
    return audit.values_of(product) | {
        "options": _values(ProductOption, ProductOption.product_id == product.id),
        "images": _values(ProductImage, ProductImage.product_id == product.id),
        "variants": [audit.values_of(variant) for variant in variants],
        "prices": _values(VariantPrice, VariantPrice.variant_id.in_(ids)),
        "history": _values(PriceChange, PriceChange.variant_id.in_(ids)),
        "stock": _values(StockItem, StockItem.variant_id.in_(ids)),
        "collections": [
            [row.collection_id, row.position]
            for row in _rows(CollectionProduct, CollectionProduct.product_id == product.id)
        ],
        **{name: each.keep(product.id, ids) for name, each in belongings.items()},
    }


def restore_product(kept: Mapping[str, Any], *, by: int | None) -> Product:
    """A draft, or put aside, as it was when it was deleted. Its ids are those of before where they
    are free. Raises HandleTaken and SkuTaken.
    """
    service.checked_handle(kept["handle"])
    _check_skus([each["sku"] for each in kept["variants"] if each["sku"]])
    product = audit.remade(Product, kept)
    product.rating_count = product.rating_sum = 0
    if product.publish_at and product.publish_at <= now():
        product.publish_at = product.unpublish_at = None  # the moment has passed without it
    db.session.add(product)
    db.session.flush()
    for option in kept["options"]:
        db.session.add(audit.remade(ProductOption, dict(option, product_id=product.id)))
    images = {
        each["id"]: _added(ProductImage, dict(each, product_id=product.id)).id
        for each in kept["images"]
    }
    variants = {
        each["id"]: _added(
            Variant, dict(each, product_id=product.id, image_id=images.get(each["image_id"] or 0))
        ).id
        for each in kept["variants"]
    }
    _restore_what_hangs_on(kept, variants)
    _restore_places(kept["collections"], product.id)
    for name, belonging in belongings.items():
        belonging.restore(kept.get(name, []), product.id, variants)
    audit.record(
        by, "product.restored", subject_kind="product", subject_id=product.id, title=product.title
    )
    service.keep_in_step([product])
    return product


def _restore_what_hangs_on(kept: Mapping[str, Any], variants: Mapping[int, int]) -> None:
    """Prices, their history and stock. `variants`: ids of before, and those of now."""
    for price in kept["prices"]:
        db.session.add(
            audit.remade(VariantPrice, dict(price, variant_id=variants[price["variant_id"]]))
        )
    for change in kept["history"]:
        values = {name: value for name, value in change.items() if name != "id"}
        db.session.add(
            audit.remade(PriceChange, dict(values, variant_id=variants[change["variant_id"]]))
        )
    db.session.flush()
    for stock in kept["stock"]:
        inventory.restore_stock(dict(stock, variant_id=variants[stock["variant_id"]]))


def _restore_places(places: Sequence[Sequence[int]], product_id: int) -> None:
    """In the collections that are there still, and still picked by hand."""
    for collection_id, position in places:
        collection = db.session.get(Collection, collection_id)
        if collection is not None and not collection.is_rule_based:
            db.session.add(
                CollectionProduct(
                    collection_id=collection_id, product_id=product_id, position=position
                )
            )
    db.session.flush()


def _check_skus(skus: Sequence[str]) -> None:
    taken = db.session.execute(
        sa.select(Variant.sku, Variant.product_id).where(Variant.sku.in_(skus)).limit(1)
    ).first()
    if taken is not None:
        raise variant_service.SkuTaken(taken.sku, taken.product_id)


def _added(model: type[Row], values: Mapping[str, Any]) -> Row:
    row = audit.remade(model, values)
    db.session.add(row)
    db.session.flush()
    return row


def _rows(model: type[Row], which: sa.ColumnElement[bool]) -> Sequence[Row]:
    return db.session.scalars(
        sa.select(model).where(which).order_by(*sa.inspect(model).primary_key)
    ).all()


def _values(model: type[Row], which: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    return [audit.values_of(row) for row in _rows(model, which)]


# Inside -------------------------------------------------------------------------------------------


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
