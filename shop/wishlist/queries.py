"""Wishlists as their pages show them: prices and stock of this moment."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from shop.cart.queries import VariantFacts, variant_facts
from shop.catalog.models import Product, ProductStatus, Variant
from shop.extensions import db
from shop.inventory.models import StockItem
from shop.inventory.queries import CAN_BE_BOUGHT
from shop.money import Money
from shop.store.currencies import Currency
from shop.store.wording import StockWords
from shop.wishlist.models import Wish, Wishlist


@dataclass(frozen=True)
class WishLine:
    variant_id: int
    #: Empty where it is not for sale any more.
    url: str
    title: str
    options: str
    file: str | None
    unit: Money
    #: The higher price at which it was put on the list.
    fell_from: Money | None
    is_available: bool
    is_low: bool
    left: int

    @property
    def name(self) -> str:
        return f"{self.title}, {self.options}" if self.options else self.title


@dataclass(frozen=True)
class Marks:
    """What is on a list, for the hearts of other pages."""

    products: tuple[int, ...]
    variants: tuple[int, ...]


def by_token(token: str | None) -> Wishlist | None:
    return _find(Wishlist.token == token) if token else None


def of_account(account_id: int) -> Wishlist | None:
    return _find(Wishlist.account_id == account_id)


def by_share_token(token: str) -> Wishlist | None:
    return _find(Wishlist.share_token == token)


def count(wishlist_id: int) -> int:
    wishes = sa.select(sa.func.count()).select_from(Wish).where(Wish.wishlist_id == wishlist_id)
    return db.session.scalar(wishes) or 0


def lines(wishlist_id: int, currency: Currency, words: StockWords) -> list[WishLine]:
    """Newest first. Three queries."""
    wishes = db.session.execute(
        sa.select(Wish.variant_id, Wish.unit_amount)
        .where(Wish.wishlist_id == wishlist_id)
        .order_by(Wish.added_at.desc(), Wish.variant_id.desc())
    ).all()
    facts = variant_facts([wish.variant_id for wish in wishes], currency)
    return [
        _line(facts[wish.variant_id], wish.unit_amount, currency, words)
        for wish in wishes
        if wish.variant_id in facts
    ]


def marks(wishlist_id: int) -> Marks:
    rows = db.session.execute(
        sa.select(Variant.product_id, Variant.id)
        .join(Wish, Wish.variant_id == Variant.id)
        .where(Wish.wishlist_id == wishlist_id)
        .order_by(Variant.product_id, Variant.id)
    ).all()
    products = dict.fromkeys(row.product_id for row in rows)
    return Marks(tuple(products), tuple(row.id for row in rows))


def variant_to_wish_for(product_id: int) -> int | None:
    """The variant that the product's page shows first; none: it is not for sale."""
    is_sold_out = sa.not_(CAN_BE_BOUGHT)
    return db.session.scalar(
        sa.select(Variant.id)
        .join(Product, Product.id == Variant.product_id)
        .outerjoin(StockItem, StockItem.variant_id == Variant.id)
        .where(Variant.product_id == product_id, Product.status == ProductStatus.PUBLISHED)
        .order_by(sa.case((is_sold_out, 1), else_=0), Variant.position, Variant.id)
        .limit(1)
    )


def _find(condition: sa.ColumnElement[bool]) -> Wishlist | None:
    return db.session.scalars(sa.select(Wishlist).where(condition)).first()


def _line(facts: VariantFacts, was: int, currency: Currency, words: StockWords) -> WishLine:
    """`was`: the price then, in minor units of the shop's own currency."""
    available = facts.stock.told
    before = currency.of(was)
    return WishLine(
        variant_id=facts.variant_id,
        url=f"/products/{facts.handle}?variant_id={facts.variant_id}" if facts.is_published else "",
        title=facts.title,
        options=facts.options,
        file=facts.file,
        unit=facts.unit,
        fell_from=before if was > facts.base_amount and facts.unit < before else None,
        is_available=facts.is_published and facts.stock.allows(1),
        is_low=words.is_low(available),
        left=words.count(available) if words.is_low(available) else 0,
    )
