"""What the facet index is told of each product, read from the database."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from shop.catalog.facets import TAG, TYPE, VENDOR, Attribute, Facts
from shop.catalog.filters import RESERVED
from shop.catalog.handles import handle_from
from shop.catalog.models import Product, ProductOption, ProductStatus, Variant, VariantPrice
from shop.extensions import db
from shop.inventory.models import StockItem
from shop.inventory.queries import CAN_BE_BOUGHT
from shop.store.currencies import Currency, price_in

_Rows = sa.Select[*tuple[Any, ...]]


def facts_of(ids: list[int] | None, currencies: Iterable[Currency] = ()) -> Iterator[Facts]:
    """Of the published ones with variants among these products, or of all."""
    typed = typed_ranges(ids, currencies)
    # Plain rows: the session's own would take twice as long for a large shop.
    connection = db.session.connection()
    options: defaultdict[int, list[str]] = defaultdict(list)
    for product_id, name in connection.execute(_some(_OPTIONS, ProductOption.product_id, ids)):
        options[product_id].append(name)
    variants: defaultdict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(_some(_VARIANTS, Variant.product_id, ids)):
        variants[row[0]].append(row)
    for product in connection.execute(_some(_PRODUCTS, Product.id, ids)):
        if product.id in variants:
            yield _facts_of_one(
                product, options[product.id], variants[product.id], typed.get(product.id, {})
            )


def typed_ranges(
    ids: list[int] | None, currencies: Iterable[Currency]
) -> dict[int, dict[str, tuple[int, int]]]:
    """By product and currency, the lowest and the highest price, where one was typed for it. One
    query for each currency.
    """
    found: dict[int, dict[str, tuple[int, int]]] = {}
    for currency in currencies:
        amounts: dict[int, list[int]] = {}
        rows = db.session.connection().execute(
            _some(_TYPED, Variant.product_id, ids), {"currency": currency.code}
        )
        for row in rows:
            price = price_in(currency, row.unit_amount, own_amount=row.own_amount)
            amounts.setdefault(row.product_id, []).append(price.unit.amount)
        for product_id, each in amounts.items():
            found.setdefault(product_id, {})[currency.code] = min(each), max(each)
    return found


def _facts_of_one(
    product: Any,
    options: list[str],
    variants: list[Any],
    typed: Mapping[str, tuple[int, int]],
) -> Facts:
    amounts = [row[1] for row in variants]
    return Facts(
        product_id=product.id,
        title=product.title,
        published_at=_microseconds(product.published_at),
        lowest=min(amounts),
        highest=max(amounts),
        is_available=any(row[2] for row in variants),
        attributes=(*_own(product), *_of_options(options, variants)),
        score=_score(product.rating_count, product.rating_sum),
        typed=typed,
    )


def _score(count: int, stars: int) -> int:
    """One review of five stars is less than twenty of four and a half: each product begins with
    five reviews of three stars and a half.
    """
    return (2 * stars + 35) * 1_000_000 // (2 * count + 10) if count else 0


def _own(product: Any) -> Iterator[Attribute]:
    if product.product_type:
        yield _attribute(TYPE, product.product_type)
    if product.vendor:
        yield _attribute(VENDOR, product.vendor)
    yield from _tags(product.tags)


def _of_options(names: list[str], variants: list[Any]) -> Iterator[Attribute]:
    for number, name in enumerate(names[:3], start=3):
        found: dict[str, bool] = {}
        for row in variants:
            if value := row[number]:
                found[value] = found.get(value, False) or bool(row[2])
        for place, (value, is_available) in enumerate(found.items()):
            yield _option_value(name, value, place, is_available)


@lru_cache(maxsize=4096)
def _attribute(facet: str, label: str) -> Attribute:
    return Attribute(facet, handle_of(label), "", label)


@lru_cache(maxsize=4096)
def _tags(text: str) -> tuple[Attribute, ...]:
    return tuple(_attribute(TAG, str(tag)) for tag in json.loads(text))


@lru_cache(maxsize=4096)
def _option_value(name: str, value: str, place: int, is_available: bool) -> Attribute:
    return Attribute(facet_of(name), handle_of(value), name, value, place, is_available)


@lru_cache(maxsize=256)
def facet_of(option_name: str) -> str:
    """What addresses call an option."""
    handle = handle_from(option_name)
    return f"option-{handle}" if handle in RESERVED else handle


@lru_cache(maxsize=4096)
def handle_of(value: str) -> str:
    return handle_from(value)


def _microseconds(at: datetime | None) -> int:
    return 0 if at is None else int(at.timestamp() * 1_000_000)


def _some(rows: _Rows, column: Any, ids: list[int] | None) -> _Rows:
    return rows if ids is None else rows.where(column.in_(ids))


_for_currency = sa.and_(
    VariantPrice.variant_id == Variant.id, VariantPrice.currency == sa.bindparam("currency")
)
_other = aliased(Variant)
#: All variants of the products for which a price was typed.
_TYPED: _Rows = (
    sa.select(Variant.product_id, Variant.unit_amount, VariantPrice.unit_amount.label("own_amount"))
    .outerjoin(VariantPrice, _for_currency)
    .where(
        Variant.product_id.in_(
            sa.select(_other.product_id)
            .join(VariantPrice, VariantPrice.variant_id == _other.id)
            .where(VariantPrice.currency == sa.bindparam("currency"))
        )
    )
)
_PRODUCTS: _Rows = sa.select(
    Product.id,
    Product.title,
    Product.vendor,
    Product.product_type,
    sa.cast(Product.tags, sa.Text).label("tags"),  # few shops have many different ones
    Product.published_at,
    Product.rating_count,
    Product.rating_sum,
).where(Product.status == ProductStatus.PUBLISHED)
_OPTIONS: _Rows = sa.select(ProductOption.product_id, ProductOption.name).order_by(
    ProductOption.product_id, ProductOption.position
)
_VARIANTS: _Rows = (
    sa.select(
        Variant.product_id,
        Variant.unit_amount,
        CAN_BE_BOUGHT,
        Variant.option1,
        Variant.option2,
        Variant.option3,
    )
    .outerjoin(StockItem, StockItem.variant_id == Variant.id)
    .order_by(Variant.product_id, Variant.position, Variant.id)
)
