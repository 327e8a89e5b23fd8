"""What variants cost in a currency: by the shop's own price, or by one typed for that currency."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from shop.catalog.models import Variant, VariantPrice
from shop.extensions import db
from shop.store.currencies import Currency, Price, price_in

_Rows = sa.Select[*tuple[Any, ...]]
_CURRENCY: sa.BindParameter[str] = sa.bindparam("currency")


class Priced:
    """A statement about variants for any currency: the shop's own costs no join."""

    def __init__(self, rows: _Rows) -> None:
        self._rows = rows
        self._with_own = rows.add_columns(
            VariantPrice.unit_amount.label("own_amount"),
            VariantPrice.compare_at_amount.label("own_compare_at_amount"),
        ).outerjoin(
            VariantPrice,
            sa.and_(VariantPrice.variant_id == Variant.id, VariantPrice.currency == _CURRENCY),
        )

    def statement(self, currency: Currency) -> _Rows:
        if currency.is_base:
            return self._rows
        return self._with_own.params(currency=currency.code)

    def run(self, currency: Currency, **values: Any) -> list[tuple[Any, Price]]:
        """Each row, and what its variant costs."""
        return [(row, price_of(row, currency)) for row in self.rows(currency, **values)]

    def rows(self, currency: Currency, **values: Any) -> sa.CursorResult[*tuple[Any, ...]]:
        """Plain ones: the session's own would take twice as long."""
        connection = db.session.connection()
        if currency.is_base:
            return connection.execute(self._rows, values)
        return connection.execute(self._with_own, values | {"currency": currency.code})


def price_of(row: Any, currency: Currency) -> Price:
    """Of a row with the columns of its variant; those of the price list where it was asked for."""
    if currency.is_base:
        return price_in(currency, row.unit_amount, row.compare_at_amount)
    return price_in(
        currency,
        row.unit_amount,
        row.compare_at_amount,
        getattr(row, "own_amount", None),
        getattr(row, "own_compare_at_amount", None),
    )


def prices_of(variants: Sequence[Variant], currency: Currency) -> dict[int, Price]:
    """Of variants that are here already, by id. One query, but none in the shop's own currency."""
    typed = typed_prices([variant.id for variant in variants], currency)
    found = {}
    for variant in variants:
        own = typed.get(variant.id)
        found[variant.id] = price_in(
            currency,
            variant.unit_amount,
            variant.compare_at_amount,
            own.unit_amount if own else None,
            own.compare_at_amount if own else None,
        )
    return found


def typed_prices(variant_ids: Collection[int], currency: Currency) -> dict[int, VariantPrice]:
    """By variant; no query in the shop's own currency."""
    if currency.is_base or not variant_ids:
        return {}
    rows = db.session.scalars(
        sa.select(VariantPrice).where(
            VariantPrice.variant_id.in_(variant_ids), VariantPrice.currency == currency.code
        )
    )
    return {row.variant_id: row for row in rows}
