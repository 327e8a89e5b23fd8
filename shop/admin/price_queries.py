"""Price lists of the shop's currencies, as the admin shows them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shop import substrings
from shop.admin.inventory_queries import NEWEST, holding, of_product
from shop.admin.queries import PAGE_SIZE
from shop.catalog.models import Product, ProductStatus, Variant, VariantPrice
from shop.catalog.options import options_in
from shop.catalog.price_lists import Priced
from shop.extensions import db
from shop.money import Money, plain_amount
from shop.paging import in_order, page_of
from shop.store.currencies import Currency, Price


@dataclass(frozen=True)
class PricedExample:
    title: str
    own: Money
    price: Money


def priced_examples(currency: Currency, count: int = 5) -> list[PricedExample]:
    """What the newest products cost in the shop's own currency and in this one."""
    return [
        PricedExample(row.title, Money(row.unit_amount, currency.base), price.unit)
        for row, price in _EXAMPLES.run(currency, count=count)
    ]


def dearest() -> int:
    """The highest price, in minor units of the shop's own currency; it reads an index."""
    return db.session.scalar(sa.select(sa.func.max(Variant.unit_amount))) or 0


_EXAMPLES = Priced(
    sa.select(Product.title, Variant.unit_amount, Variant.compare_at_amount)
    .join(Variant, Variant.product_id == Product.id)
    .where(
        Product.status == ProductStatus.PUBLISHED,
        Variant.id
        == sa.select(sa.func.min(Variant.id))
        .where(Variant.product_id == Product.id)
        .correlate(Product)
        .scalar_subquery(),
    )
    .order_by(Product.published_at.desc(), Product.id.desc())
    .limit(sa.bindparam("count"))
)


@dataclass(frozen=True)
class PriceRow:
    """A variant in a currency's price list."""

    id: int
    product_id: int
    name: str
    sku: str
    own: Money
    #: What shoppers pay.
    price: Money
    #: What was typed, as form fields write it; empty: the price is converted.
    typed: str
    before: str


@dataclass(frozen=True)
class PricePage:
    """A page and one more where another follows."""

    rows: Sequence[PriceRow]
    #: Whether the text is so common that what has it stands newest first, not by title.
    is_newest_first: bool = False


def price_rows(currency: Currency, *, text: str, page: int) -> PricePage:
    """One query, one more for a text."""
    narrowed, is_few = substrings.narrowest(Variant.id, [holding(text)] if text else [])
    is_newest_first = bool(text) and not is_few
    listing = _PRICE_ROWS.join(Product, of_product(is_walked=not is_few)).where(*narrowed)
    order = NEWEST if is_newest_first else _BY_TITLE
    found = Priced(page_of(listing, order, page, PAGE_SIZE)).run(currency)
    rows = [_price_row(row, price, currency) for row, price in found]
    return PricePage(in_order(rows, page), is_newest_first)


def typed_in(rows: Iterable[PriceRow]) -> list[list[Any]]:
    """What is typed of them: variant, price and the one before, in the order of variants."""
    return sorted([row.id, row.typed, row.before] for row in rows if row.typed)


def typed_of(currency: Currency, variant_ids: Collection[int]) -> list[list[Any]]:
    """As `typed_in`, as it stands in the database now."""
    rows = db.session.execute(
        sa.select(VariantPrice.variant_id, VariantPrice.unit_amount, VariantPrice.compare_at_amount)
        .where(VariantPrice.currency == currency.code, VariantPrice.variant_id.in_(variant_ids))
        .order_by(VariantPrice.variant_id)
    )
    return [[id_, *(_written(amount, currency) for amount in pair)] for id_, *pair in rows]


def _written(amount: int | None, currency: Currency) -> str:
    return "" if amount is None else plain_amount(Money(amount, currency.code))


def _price_row(row: Any, price: Price, currency: Currency) -> PriceRow:
    options = options_in(row)
    return PriceRow(
        id=row.id,
        product_id=row.product_id,
        name=f"{row.title}, {options}" if options else row.title,
        sku=row.sku or "",
        own=Money(row.unit_amount, currency.base),
        price=price.unit,
        typed=_written(row.own_amount, currency),
        before=_written(row.own_compare_at_amount, currency),
    )


def known_variants(ids: Sequence[int]) -> list[int]:
    return list(db.session.scalars(sa.select(Variant.id).where(Variant.id.in_(ids))))


_BY_TITLE = (Product.title, Product.id, Variant.position, Variant.id)
_PRICE_ROWS = sa.select(
    Variant.id,
    Variant.product_id,
    Product.title,
    Variant.option1,
    Variant.option2,
    Variant.option3,
    Variant.sku,
    Variant.unit_amount,
    Variant.compare_at_amount,
).select_from(Variant)
