"""What the cart page must know of the variants in it, read afresh at each view."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shop.catalog.measures import Measures
from shop.catalog.models import Product, ProductImage, ProductStatus, Variant, measures_of
from shop.catalog.options import options_in
from shop.catalog.price_lists import Priced
from shop.extensions import db
from shop.inventory.models import Backorders, StockItem
from shop.inventory.queries import Availability, availability_in
from shop.money import Money
from shop.store.currencies import Currency, Price


@dataclass(frozen=True)
class VariantFacts:
    variant_id: int
    handle: str
    title: str
    options: str
    sku: str
    file: str | None
    ground: str
    unit: Money
    #: Before a reduction, where it is one.
    was: Money | None
    #: What one costs in the shop's own currency, in its minor unit.
    base_amount: int
    measures: Measures | None
    #: Empty: not taxed.
    tax_category: str
    requires_shipping: bool
    weight_grams: int
    product_id: int
    is_published: bool
    is_gift_card: bool
    stock: Availability


def variant_facts(
    variant_ids: Collection[int], currency: Currency, *, has_pictures: bool = True
) -> dict[int, VariantFacts]:
    """Two queries for any number of variants, one without their pictures; what does not exist is
    not in the answer.
    """
    if not variant_ids:
        return {}
    rows = _VARIANTS.run(currency, ids=list(variant_ids))
    pictures = _pictures({row.product_id for row, _price in rows}) if has_pictures else {}
    return {row.id: _facts(row, price, pictures.get(row.product_id, {})) for row, price in rows}


def variants_named(codes: Collection[str]) -> dict[str, int]:
    """Ids by SKU, as it was written, or by the id itself where no SKU is called so."""
    wanted = {code.lower(): code for code in codes}
    found = db.session.execute(
        sa.select(sa.func.lower(Variant.sku), Variant.id).where(
            sa.func.lower(Variant.sku).in_(wanted)
        )
    )
    ids = {wanted[sku]: id_ for sku, id_ in found}
    return {
        code: int(code) for code in codes if code.isascii() and code.isdigit() and len(code) < 10
    } | ids


def _pictures(product_ids: set[int]) -> dict[int, dict[int, tuple[str | None, str]]]:
    found: dict[int, dict[int, tuple[str | None, str]]] = {}
    for row in db.session.execute(_PICTURES, {"ids": list(product_ids)}):
        found.setdefault(row.product_id, {})[row.id] = (row.file, row.ground)
    return found


def _facts(row: Any, price: Price, pictures: dict[int, tuple[str | None, str]]) -> VariantFacts:
    first = next(iter(pictures.values()), (None, ""))
    file, ground = pictures.get(row.image_id, first)
    return VariantFacts(
        variant_id=row.id,
        handle=row.handle,
        title=row.title,
        options=options_in(row),
        sku=row.sku or "",
        file=file,
        ground=ground,
        unit=price.unit,
        was=price.was,
        base_amount=row.unit_amount,
        measures=measures_of(row),
        tax_category=row.tax_category if row.is_taxable and not row.is_gift_card else "",
        requires_shipping=row.requires_shipping and not row.is_gift_card,
        weight_grams=row.weight_grams,
        product_id=row.product_id,
        is_published=row.status == ProductStatus.PUBLISHED,
        is_gift_card=row.is_gift_card,
        stock=availability_in(row),
    )


# The statements, built once: every change of a cart runs them.

_IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
_VARIANTS = Priced(
    sa.select(
        Variant.id,
        Variant.product_id,
        Product.handle,
        Product.title,
        Product.status,
        Variant.option1,
        Variant.option2,
        Variant.option3,
        Variant.sku,
        Variant.image_id,
        Variant.unit_amount,
        Variant.compare_at_amount,
        Variant.measure_amount,
        Variant.measure_unit,
        Variant.base_amount,
        Variant.base_unit,
        Variant.is_taxable,
        Product.tax_category,
        Product.is_gift_card,
        Variant.requires_shipping,
        Variant.weight_grams,
        sa.func.coalesce(StockItem.on_hand, 0).label("on_hand"),
        sa.func.coalesce(StockItem.reserved, 0).label("reserved"),
        sa.func.coalesce(StockItem.is_tracked, True).label("is_tracked"),
        sa.func.coalesce(StockItem.backorders, Backorders.NONE.value).label("backorders"),
        sa.func.coalesce(StockItem.backorder_limit, 0).label("backorder_limit"),
        StockItem.promised_on,
    )
    .join(Product, Product.id == Variant.product_id)
    .outerjoin(StockItem, StockItem.variant_id == Variant.id)
    .where(Variant.id.in_(_IDS))
)
_PICTURES = (
    sa.select(ProductImage.id, ProductImage.product_id, ProductImage.file, ProductImage.ground)
    .where(ProductImage.product_id.in_(_IDS), ProductImage.file.is_not(None))
    .order_by(ProductImage.position, ProductImage.id)
)
