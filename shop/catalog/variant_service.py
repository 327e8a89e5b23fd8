"""Changes of options and variants, one at a time. Each keeps the search index, the rules of
collections and the audit trail in step, in the caller's transaction; none commits. How many of them
are brought to a plan at once is in variants.py.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.catalog import held_by_rules, prices
from shop.catalog.measures import Measures
from shop.catalog.models import MAX_OPTIONS, Product, ProductOption, Variant, VariantPrice
from shop.catalog.service import keep_in_step
from shop.extensions import db
from shop.inventory import queries as stock
from shop.inventory import service as inventory
from shop.inventory.models import MovementReason


class SkuTaken(Exception):
    def __init__(self, sku: str, product_id: int) -> None:
        self.sku, self.product_id = sku, product_id
        super().__init__(f"{sku!r} belongs to a variant of product {product_id}")


class OptionsTaken(Exception):
    """The product has a variant with these option values."""

    def __init__(self, options: tuple[str, str, str]) -> None:
        self.options = options
        super().__init__(f"{options} exists")


class OptionsDoNotFit(Exception):
    """A variant needs one value for each option of its product, and no more."""

    def __init__(self, options: tuple[str, str, str], option_count: int) -> None:
        self.options, self.option_count = options, option_count
        super().__init__(f"{options} for {option_count} options")


class UnitsPromised(Exception):
    """Orders that are not settled yet hold units of the variant."""

    def __init__(self, variant_id: int) -> None:
        self.variant_id = variant_id
        super().__init__(f"variant {variant_id} is promised to orders")


@dataclass(frozen=True, kw_only=True)
class VariantDetails:
    #: In minor units of the shop's currency.
    unit_amount: int
    compare_at_amount: int | None = None
    sku: str | None = None
    barcode: str = ""
    #: One value for each of the product's options, empty beyond them.
    options: tuple[str, str, str] = ("", "", "")
    weight_grams: int = 0
    is_taxable: bool = True
    requires_shipping: bool = True
    restock_on: date | None = None
    measures: Measures | None = None


@dataclass(frozen=True, kw_only=True)
class VariantFacts:
    """What only the merchant and the parcel's price ask for."""

    barcode: str
    weight_grams: int
    #: In minor units of the shop's currency; none: not known.
    cost_amount: int | None


def set_options(product: Product, names: Sequence[str]) -> None:
    """Name the ways its variants differ, at most three; values stay with the variants."""
    if len(names) > MAX_OPTIONS:
        raise ValueError("a product has at most three options")
    known = {option.position: option for option in options_of(product.id)}
    for position, name in enumerate(names, start=1):
        if position in known:
            known[position].name = name
        else:
            db.session.add(ProductOption(product_id=product.id, position=position, name=name))
    for position in range(len(names) + 1, MAX_OPTIONS + 1):
        if position in known:
            db.session.delete(known[position])
    db.session.flush()


def add_variant(
    product: Product,
    details: VariantDetails,
    *,
    on_hand: int = 0,
    is_tracked: bool = True,
    by: int | None = None,
) -> Variant:
    """Raises SkuTaken, OptionsTaken, OptionsDoNotFit."""
    check_variant(product.id, details.sku, details.options)
    last = db.session.scalar(
        sa.select(sa.func.max(Variant.position)).where(Variant.product_id == product.id)
    )
    variant = Variant(product_id=product.id, position=(last or 0) + 1)
    _describe_variant(variant, details)
    variant.unit_amount = details.unit_amount
    variant.compare_at_amount = details.compare_at_amount
    db.session.add(variant)
    db.session.flush()
    inventory.create_stock(
        variant.id,
        on_hand=on_hand,
        is_tracked=is_tracked and not product.is_gift_card,
        reason=MovementReason.INITIAL,
    )
    prices.note(variant_ids=[variant.id])
    audit.record(by, "variant.created", subject_kind="variant", subject_id=variant.id)
    keep_in_step([product])
    return variant


def update_variant(
    product: Product, variant: Variant, details: VariantDetails, by: int | None = None
) -> None:
    """Everything but the stock. Raises SkuTaken, OptionsTaken, OptionsDoNotFit."""
    check_variant(product.id, details.sku, details.options, besides=variant.id)
    before = audit.values_of(variant)
    _describe_variant(variant, details)
    audit.record_changes(before, variant, by, "variant.updated", subject_kind="variant")
    change_price(
        variant,
        unit_amount=details.unit_amount,
        compare_at_amount=details.compare_at_amount,
        by=by,
    )
    keep_in_step([product])


def change_price(
    variant: Variant, *, unit_amount: int, compare_at_amount: int | None, by: int | None
) -> None:
    """Amounts in minor units. Orders keep the price they were placed at; carts hold none."""
    was = variant.unit_amount, variant.compare_at_amount
    if was == (unit_amount, compare_at_amount):
        return
    variant.unit_amount, variant.compare_at_amount = unit_amount, compare_at_amount
    audit.record(
        by,
        "variant.price_changed",
        subject_kind="variant",
        subject_id=variant.id,
        unit_amount=[was[0], unit_amount],
        compare_at_amount=[was[1], compare_at_amount],
    )
    prices.note(variant_ids=[variant.id])
    held_by_rules.refresh_members([variant.product_id])


def describe_facts(variant: Variant, facts: VariantFacts, *, by: int | None) -> None:
    audit.change(variant, vars(facts), by, "variant.updated", subject_kind="variant")


def describe_supply(
    variant: Variant, *, restock_on: date | None, measures: Measures | None, by: int | None
) -> None:
    """When it comes again, and what is in one."""
    before = audit.values_of(variant)
    variant.restock_on, variant.measures = restock_on, measures
    audit.record_changes(before, variant, by, "variant.updated", subject_kind="variant")
    db.session.flush()


def discard_variants(
    variants: Sequence[Variant], by: int | None, *, with_product: bool = False
) -> None:
    """Whatever is left of the product then, and without keeping anything in step. Those that go
    with their product come back with it alone.
    """
    refuse_promised([variant.id for variant in variants])
    stocks = stock.availability([variant.id for variant in variants])
    _note_ordered(variants)
    for variant in variants:
        audit.record_removal(
            None if with_product else _kept(variant, stocks[variant.id]),
            by,
            "variant.removed",
            subject_kind="variant",
            subject_id=variant.id,
            sku=variant.sku,
            options=" / ".join(variant.option_values),
        )
        db.session.delete(variant)
    db.session.flush()


def refuse_promised(variant_ids: Collection[int]) -> None:
    """Their stock stays locked, so that no order can take units meanwhile. Raises UnitsPromised."""
    for variant_id, found in inventory.locked(variant_ids).items():
        if found.reserved or found.on_hand < 0:
            raise UnitsPromised(variant_id)


def check_variant(
    product_id: int, sku: str | None, options: tuple[str, str, str], besides: int | None = None
) -> None:
    """Raises SkuTaken, OptionsTaken, OptionsDoNotFit. `besides`: the variant's own id."""
    count = len(options_of(product_id))
    if [bool(value) for value in options] != [n < count for n in range(MAX_OPTIONS)]:
        raise OptionsDoNotFit(options, count)
    if sku and (owner := _other(Variant.sku == sku, besides)) is not None:
        raise SkuTaken(sku, owner)
    option1, option2, option3 = options
    same = sa.and_(
        Variant.product_id == product_id,
        Variant.option1 == option1,
        Variant.option2 == option2,
        Variant.option3 == option3,
    )
    if _other(same, besides) is not None:
        raise OptionsTaken(options)


def options_of(product_id: int) -> Sequence[ProductOption]:
    return db.session.scalars(
        sa.select(ProductOption).where(ProductOption.product_id == product_id)
    ).all()


# Inside


def _note_ordered(variants: Sequence[Variant]) -> None:
    """The product stands in the books then, though no line of an order leads to it any more."""
    ordered = stock.ordered_among([variant.id for variant in variants])
    ids = {variant.product_id for variant in variants if variant.id in ordered}
    for product_id in ids:
        db.session.get_one(Product, product_id).lost_sold_variant = True


def _kept(variant: Variant, available: stock.Availability) -> dict[str, Any]:
    """For catalog/restoring.py."""
    typed = db.session.scalars(sa.select(VariantPrice).where(VariantPrice.variant_id == variant.id))
    return audit.values_of(variant) | {
        "prices": [audit.values_of(price) for price in typed],
        "on_hand": available.on_hand,
        "is_tracked": available.is_tracked,
    }


def _other(condition: sa.ColumnElement[bool], variant_id: int | None) -> int | None:
    """The product of another variant of which this is true."""
    products = sa.select(Variant.product_id).where(condition)
    if variant_id is not None:
        products = products.where(Variant.id != variant_id)
    return db.session.scalar(products.limit(1))


def _describe_variant(variant: Variant, details: VariantDetails) -> None:
    variant.sku = details.sku or None
    variant.barcode = details.barcode
    variant.option1, variant.option2, variant.option3 = details.options
    variant.weight_grams = details.weight_grams
    variant.is_taxable = details.is_taxable
    variant.requires_shipping = details.requires_shipping
    variant.restock_on, variant.measures = details.restock_on, details.measures
