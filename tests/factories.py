"""Rows with boring, valid values; a test names only what it is about. All of them flush."""

from __future__ import annotations

import itertools
from typing import Any

from shop.catalog.models import Product, ProductImage, ProductOption, ProductStatus, Variant
from shop.clock import now
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import StockItem
from shop.pricing.models import ShippingRate, TaxRate
from shop.store.models import StoreSettings

_count = itertools.count(1)


def make_store(currency: str = "GBP", country: str = "GB", **values: Any) -> StoreSettings:
    defaults = {"name": "Fettle", "contact_email": "hello@fettle.example"}
    store = StoreSettings(currency=currency, country=country, **(defaults | values))
    db.session.add(store)
    db.session.flush()
    return store


def make_rates(
    country: str = "GB",
    *,
    shipping: int = 450,
    free_from: int | None = 6000,
    tax_ppm: int = 200_000,
    is_included: bool = True,
) -> tuple[ShippingRate, TaxRate]:
    rate = ShippingRate(
        country=country, name="Standard", amount=shipping, free_from_amount=free_from,
        min_days=2, max_days=3,
    )
    tax = TaxRate(country=country, name="VAT", rate_ppm=tax_ppm, is_included=is_included)
    db.session.add_all([rate, tax])
    db.session.flush()
    return rate, tax


def make_product(
    title: str = "Tuesday mug",
    *,
    handle: str | None = None,
    unit_amount: int = 3400,
    on_hand: int = 10,
    published: bool = True,
    options: dict[str, list[str]] | None = None,
    **values: Any,
) -> Product:
    """A product with one variant, or one for each value of its single option."""
    n = next(_count)
    product = Product(
        title=title,
        handle=handle or f"product-{n}",
        status=ProductStatus.PUBLISHED if published else ProductStatus.DRAFT,
        published_at=now() if published else None,
        **values,
    )
    db.session.add(product)
    db.session.flush()
    names = list(options or {})
    for position, name in enumerate(names, start=1):
        db.session.add(ProductOption(product_id=product.id, position=position, name=name))
    combinations = list(itertools.product(*(options or {}).values()))
    for position, values_of in enumerate(combinations, start=1):
        chosen = {f"option{i}": value for i, value in enumerate(values_of, start=1)}
        make_variant(
            product, unit_amount=unit_amount, on_hand=on_hand, position=position, **chosen
        )
    return product


def make_variant(
    product: Product | None = None,
    *,
    unit_amount: int = 3400,
    on_hand: int = 10,
    is_tracked: bool = True,
    **values: Any,
) -> Variant:
    if product is None:
        product = make_product(unit_amount=unit_amount, on_hand=on_hand)
        return variants_of(product)[0]
    values.setdefault("sku", f"SKU-{next(_count)}")
    variant = Variant(product_id=product.id, unit_amount=unit_amount, **values)
    db.session.add(variant)
    db.session.flush()
    inventory.create_stock(variant.id, on_hand=on_hand, is_tracked=is_tracked)
    db.session.flush()
    return variant


def make_image(product: Product, **values: Any) -> ProductImage:
    image = ProductImage(product_id=product.id, **({"file": f"pot-{next(_count)}"} | values))
    db.session.add(image)
    db.session.flush()
    return image


def variants_of(product: Product) -> list[Variant]:
    return list(
        db.session.scalars(
            db.select(Variant).where(Variant.product_id == product.id).order_by(Variant.position)
        )
    )


def stock_of(variant: Variant) -> tuple[int, int]:
    """On hand, reserved."""
    item = db.session.get_one(StockItem, variant.id, populate_existing=True)
    return item.on_hand, item.reserved
