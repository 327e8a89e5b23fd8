"""Rows with boring, valid values; a test names only what it is about. All of them flush."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from shop.addresses import Address
from shop.catalog.models import (
    Product,
    ProductImage,
    ProductOption,
    ProductStatus,
    Swatch,
    Variant,
    VariantPrice,
)
from shop.checkout.models import Checkout
from shop.clock import now
from shop.extensions import db
from shop.gift_cards import queries as gift_card_queries
from shop.gift_cards import service as gift_cards
from shop.gift_cards.models import GiftCard
from shop.gift_cards.service import Gift
from shop.inventory import service as inventory
from shop.inventory.models import StockItem
from shop.money import Money
from shop.orders import service as orders
from shop.orders.models import Order
from shop.orders.placement import Buyer, OrderedLine, Placement
from shop.payments.service import reservation_until
from shop.pricing.discount_models import StoredDiscount
from shop.pricing.discounts import Discount, Kind
from shop.pricing.models import ShippingRate, ShippingZone, TaxRate, TaxZone
from shop.pricing.quote import Item, quote
from shop.pricing.tax import STANDARD, Rate, TaxRules
from shop.store import queries as store
from shop.store.currencies import Currency, Ending, written
from shop.store.models import StoreSettings

VAT = TaxRules(is_included=True, rates={STANDARD: (Rate("VAT", 200_000),)})
_count = itertools.count(1)


def make_store(currency: str = "GBP", country: str = "GB", **values: Any) -> StoreSettings:
    defaults = {"name": "Fettle", "contact_email": "hello@fettle.example"}
    store = StoreSettings(currency=currency, country=country, **(defaults | values))
    db.session.add(store)
    db.session.flush()
    return store


def make_currency(
    code: str,
    rate: str,
    ending: Ending = Ending.EXACT,
    *,
    margin_ppm: int = 0,
    total_units: int = 1,
    is_active: bool = True,
) -> Currency:
    """One more that the shop sells in; its store must be there. One of the same code makes room."""
    store = db.session.get_one(StoreSettings, 1)
    on = date(2026, 11, 26)
    found = Currency(
        code, store.currency, rate, on, margin_ppm, ending, total_units, is_active=is_active
    )
    others = [each for each in store.currencies if each["code"] != code]
    store.currencies = [*others, written(found)]
    db.session.flush()
    return found


def make_price(variant: Variant, currency: str, amount: int, before: int | None = None) -> None:
    """Typed for the currency."""
    db.session.merge(
        VariantPrice(
            variant_id=variant.id, currency=currency, unit_amount=amount, compare_at_amount=before
        )
    )
    db.session.flush()


def make_rates(
    country: str = "GB",
    *,
    shipping: int = 450,
    free_from: int | None = 6000,
    tax_ppm: int = 200_000,
    is_included: bool = True,
) -> tuple[ShippingRate, TaxRate]:
    places = [{"country": country}]
    shipping_zone = ShippingZone(name=country, places=places)
    tax_zone = TaxZone(name=country, places=places, is_included=is_included)
    db.session.add_all([shipping_zone, tax_zone])
    db.session.flush()
    rate = ShippingRate(
        zone_id=shipping_zone.id,
        name="Standard",
        amount=shipping,
        free_from_amount=free_from,
        min_days=2,
        max_days=3,
    )
    tax = TaxRate(zone_id=tax_zone.id, name="VAT", rate_ppm=tax_ppm)
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
        make_variant(product, unit_amount=unit_amount, on_hand=on_hand, position=position, **chosen)
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
        (variant,) = variants_of(product)
        inventory.set_tracked(variant.id, is_tracked)
        return variant
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


def make_swatch(value: str, position: int, color: str) -> Swatch:
    swatch = Swatch(
        option_name="Glaze",
        value=value,
        handle=value.lower(),
        position=position,
        file=f"tile-{value.lower()}",
        color=color,
    )
    db.session.add(swatch)
    db.session.flush()
    return swatch


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


def make_discount(code: str | None = "MUG10", **values: Any) -> StoredDiscount:
    """Ten percent off everything, unless `values` say otherwise."""
    defaults = {"title": "Ten off", "kind": Kind.PERCENTAGE, "value": 100_000}
    discount = StoredDiscount(code=code, **(defaults | values))
    db.session.add(discount)
    db.session.flush()
    return discount


def make_gift_card(amount: int = 5000, currency: str = "GBP", **gift: Any) -> GiftCard:
    """A card from staff, sent to nobody unless `gift` says so."""
    return gift_cards.issue(Money(amount, currency), Gift(**gift))


def make_checkout(**values: Any) -> Checkout:
    checkout = Checkout(
        token=f"checkout-{next(_count)}", **(asdict(ADDRESS) | {"email": BUYER.email} | values)
    )
    db.session.add(checkout)
    db.session.flush()
    return checkout


ADDRESS = Address(
    name="Ines Rowan", line1="14 Alder Row", city="Leeds", postal_code="LS6 2AB", country="GB"
)
BUYER = Buyer(email="ines@example.com", address=ADDRESS, phone="")
#: The same, as the checkout's form sends it.
DETAILS = {
    "email": "ines@example.com",
    "country": "GB",
    "name": "Ines Rowan",
    "line1": "14 Alder Row",
    "postal_code": "LS6 2AB",
    "city": "Leeds",
}


def make_placement(
    *variants: Variant,
    quantity: int = 1,
    shipping: int = 450,
    currency: str = "GBP",
    discounts: Sequence[Discount] = (),
    gift_cards: Sequence[GiftCard] = (),
    sells_gift_cards: bool = False,
    backordered: int = 0,
    gift_email: str = "",
    gift_message: str = "",
    **buyer: str,
) -> Placement:
    items = [Item(v.id, Money(v.unit_amount, currency), quantity) for v in variants]
    shop = replace(store.current(), currency=currency)
    presented = gift_card_queries.presented([card.id for card in gift_cards], shop)
    quoted = quote(
        items,
        shipping=Money(shipping, currency),
        tax=VAT,
        discounts=discounts,
        gift_cards=[card.as_balance for card in presented],
    )
    return Placement(
        buyer=replace(
            BUYER,
            address=replace(
                ADDRESS, **{name: buyer.pop(name) for name in asdict(ADDRESS) if name in buyer}
            ),
            **buyer,
        ),
        lines=tuple(
            OrderedLine(
                variant_id=line.variant_id,
                title="Tuesday mug",
                options="Cobalt",
                sku="FT-MUG-COB",
                file=None,
                unit=line.unit,
                quantity=line.quantity,
                discount=line.discount,
                total=line.total,
                tax=line.tax,
                is_gift_card=sells_gift_cards,
                backordered=backordered,
            )
            for line in quoted.lines
        ),
        bill=quoted.bill,
        steps=quoted.steps,
        shipping_name="Standard",
        shipping_min_days=2,
        shipping_max_days=3,
        gift_message=gift_message,
        gift_email=gift_email,
        gift_cards=quoted.gift_cards,
    )


def make_order(
    *variants: Variant,
    quantity: int = 1,
    paid: bool = False,
    checkout: Checkout | None = None,
    **placement: Any,
) -> Order:
    """A placed order, its stock held; with `paid`, numbered and sold as by a settled payment."""
    chosen = variants or (make_variant(),)
    order = orders.place(
        make_placement(*chosen, quantity=quantity, **placement),
        checkout_id=(checkout or make_checkout()).id,
        revision=1,
        expires_at=reservation_until(),
    )
    if paid:
        orders.mark_paid(order, at=now(), method="Visa 4242")
    db.session.flush()
    return order
