"""The shop's own currency, changed while nothing is sold: every amount that is kept in it follows.

Nothing is only renamed: 34.00 pounds are 3400 in the database, and 3400 yen would be another price.
All amounts go through one conversion, at the rate of 1 where the numbers are to stay: 34.00 become
34 yen or 34.000 dinars. In the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.catalog import held_by_rules, prices, saves
from shop.catalog.models import Collection, PriceChange, Product, Variant, VariantPrice
from shop.catalog.rules import AMOUNTS
from shop.extensions import db
from shop.gift_cards.models import GiftCard
from shop.imports import queries as import_queries
from shop.imports import service as imports
from shop.money import MAX_AMOUNT, Money
from shop.orders.models import Order
from shop.payments.models import Payment
from shop.pricing.discount_models import StoredDiscount
from shop.pricing.discounts import Kind
from shop.pricing.models import ShippingRate
from shop.pricing.shipping import Basis
from shop.purchasing.models import PurchaseLine
from shop.store import queries as stores
from shop.store import service as store
from shop.store.currencies import Currency
from shop.wishlist.models import Wish

#: Rows written in one go.
BATCH = 1000


class CurrencySettled(Exception):
    """Something was sold in the shop's currency, or is promised in it."""

    def __init__(self, sold: Sold) -> None:
        self.sold = sold
        super().__init__(sold)


class TooDear(Exception):
    """An amount would be more than any price may be."""

    def __init__(self, would_be: Money) -> None:
        self.would_be = would_be
        super().__init__(would_be)


class FileWaiting(Exception):
    """A file of products, read in the currency of now, is not brought in or discarded yet."""


class OtherBase(Exception):
    """The shop's currency became another meanwhile; the rate was about the one before."""


REFUSALS = (CurrencySettled, FileWaiting, OtherBase, TooDear)


@dataclass(frozen=True)
class Sold:
    orders: int
    gift_cards: int
    payments: int

    def __bool__(self) -> bool:
        return bool(self.orders or self.gift_cards or self.payments)


def sold() -> Sold:
    """What keeps the currency where it is: it tells of amounts that somebody paid or may pay."""
    counts = (
        sa.select(sa.func.count()).select_from(table).scalar_subquery()
        for table in (Order, GiftCard, Payment)
    )
    return Sold(*db.session.execute(sa.select(*counts)).one())


def has_amounts() -> bool:
    """Whether any amount is kept in the shop's currency: typed prices and ways of delivery."""
    return bool(
        db.session.scalar(
            sa.select(
                sa.or_(sa.exists(sa.select(Variant.id)), sa.exists(sa.select(ShippingRate.id)))
            )
        )
    )


def change(to: Currency, *, by: int) -> audit.Forgotten:
    """`to.base`: the currency of now; its rate and ending say what becomes of amounts. A price that
    was typed for the new currency becomes the price. The other currencies go, since their rates
    were about the old one. What it returns can be brought back no more. Raises one of REFUSALS.
    """
    store.take_turn()
    if stores.current().currency != to.base:
        raise OtherBase
    if found := sold():
        raise CurrencySettled(found)
    if import_queries.is_any_waiting():
        raise FileWaiting
    store.change_currency(to, by=by)
    for convert in (_convert_variants, _convert_columns, _convert_discounts, _convert_ways):
        convert(to)
    _take_typed_prices(to)
    _convert_rules(to)
    forgotten = _forget_the_past()
    db.session.flush()
    db.session.expire_all()
    return forgotten


# Inside -------------------------------------------------------------------------------------------


def _in(to: Currency, amount: int) -> int:
    found = to.of(amount)
    if found.amount > MAX_AMOUNT:
        raise TooDear(found)
    return found.amount


def _in_if_any(to: Currency, amount: int | None) -> int | None:
    return None if amount is None else _in(to, amount)


def _convert_variants(to: Currency) -> None:
    _rewrite(Variant, ("unit_amount", "compare_at_amount", "cost_amount"), to)


def _convert_columns(to: Currency) -> None:
    _rewrite(PriceChange, ("unit_amount", "compare_at_amount"), to)
    _rewrite(PurchaseLine, ("cost_amount",), to)
    _rewrite(Wish, ("unit_amount",), to)


def _rewrite(table: Any, names: Sequence[str], to: Currency) -> None:
    """Columns of every row that has an amount in one of them."""
    keys = [column.key for column in sa.inspect(table).primary_key]
    columns = [getattr(table, name) for name in (*keys, *names)]
    has_any = sa.or_(*(getattr(table, name) > 0 for name in names))
    rows = db.session.execute(sa.select(*columns).where(has_any)).all()
    for part in _parts(rows):
        db.session.execute(
            sa.update(table),
            [
                {key: getattr(row, key) for key in keys}
                | {name: _in_if_any(to, getattr(row, name)) for name in names}
                for row in part
            ],
        )


def _convert_discounts(to: Currency) -> None:
    for discount in db.session.scalars(sa.select(StoredDiscount).order_by(StoredDiscount.id)):
        is_amount = discount.kind == Kind.AMOUNT
        if is_amount:
            discount.value = _in(to, discount.value)
        discount.minimum_amount = _in(to, discount.minimum_amount)
        discount.tiers = [
            [_in(to, least), _in(to, value) if is_amount else value]
            for least, value in discount.tiers
        ]


def _convert_ways(to: Currency) -> None:
    for way in db.session.scalars(sa.select(ShippingRate).order_by(ShippingRate.id)):
        way.amount = _in(to, way.amount)
        way.free_from_amount = _in_if_any(to, way.free_from_amount)
        is_by_price = way.basis == Basis.PRICE
        way.steps = [
            [_in(to, least) if is_by_price else least, _in_if_any(to, amount)]
            for least, amount in way.steps
        ]


def _take_typed_prices(to: Currency) -> None:
    rows = db.session.execute(
        sa.select(
            VariantPrice.variant_id, VariantPrice.unit_amount, VariantPrice.compare_at_amount
        ).where(VariantPrice.currency == to.code)
    ).all()
    for part in _parts(rows):
        db.session.execute(
            sa.update(Variant),
            [
                {"id": row.variant_id, "unit_amount": row.unit_amount,
                 "compare_at_amount": row.compare_at_amount}
                for row in part
            ],
        )  # fmt: skip
    db.session.execute(
        sa.delete(VariantPrice)
        .where(VariantPrice.currency == to.code)
        .execution_options(synchronize_session=False)
    )
    prices.note(variant_ids=[row.variant_id for row in rows])


def _convert_rules(to: Currency) -> None:
    """Of collections, which decide anew: converted prices are rounded."""
    has_rules = False
    for collection in db.session.scalars(sa.select(Collection).order_by(Collection.id)):
        if any(about in AMOUNTS for about, _, _ in collection.conditions):
            has_rules = True
            collection.conditions = [
                [about, comparison, _in(to, value) if about in AMOUNTS else value]
                for about, comparison, value in collection.conditions
            ]
    db.session.flush()
    if has_rules:
        held_by_rules.refresh_members(db.session.scalars(sa.select(Product.id)).all())


def _forget_the_past() -> audit.Forgotten:
    """What would come back holds amounts of the other currency, and they would be taken for this
    one's.
    """
    imports.forget_undo()
    return audit.forget_kept_of(WITH_AMOUNTS)


#: What was deleted and holds amounts.
WITH_AMOUNTS = (
    "collection.deleted", "discount.deleted", "product.deleted", saves.PAGE_SAVED,
    saves.TABLE_SAVED, "shipping_rate.removed", "shipping_zone.removed", "variant.removed",
)  # fmt: skip


def _parts(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
