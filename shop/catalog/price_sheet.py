"""A currency's price list as a CSV file, with the columns that Shopify gives its markets: out with
all variants, in with the prices that were typed. A price left empty is converted from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.catalog.csvfile import Fault, FileRefused, Row, Table, plain, read_table, write_table
from shop.catalog.models import Product, Variant, VariantPrice
from shop.extensions import db
from shop.money import Money, UnreadableAmount, plain_amount, read_amount
from shop.store.currencies import Currency

#: Products read at a time, and names looked up at a time.
PART = 500

HANDLE, TITLE, SKU = "Handle", "Title", "Variant SKU"
OPTIONS = ("Option1 Value", "Option2 Value", "Option3 Value")


@dataclass(frozen=True)
class Typed:
    """In minor units of the currency."""

    amount: int
    before: int | None = None


def columns_of(currency: Currency) -> tuple[str, str, str]:
    """The shop's own price, for reading; then the two that are taken in."""
    code = currency.code
    return f"Price / {currency.base}", f"Price / {code}", f"Compare At Price / {code}"


def lines(currency: Currency) -> Iterator[str]:
    """Of all variants; those without a typed price leave it empty."""
    return write_table((HANDLE, TITLE, *OPTIONS, SKU, *columns_of(currency)), _rows(currency))


def read(data: bytes, currency: Currency) -> dict[int, Typed | None]:
    """By variant, which a row names by its SKU, or by its handle and options. Raises FileRefused
    with every fault; nothing of such a file is taken.
    """
    table = read_table(data)
    _own, price, before = columns_of(currency)
    places = {name.casefold(): at for at, name in enumerate(table.header)}
    if price.casefold() not in places:
        raise FileRefused([Fault(1, price, "this column is missing")])
    if SKU.casefold() not in places and HANDLE.casefold() not in places:
        raise FileRefused([Fault(1, SKU, "neither this column nor Handle is there")])
    reading = _Reading(table, places, currency)
    found = reading.variants()
    wanted: dict[int, Typed | None] = {}
    for row in table.rows:
        variant_id = found.get(row.line)
        if variant_id is None:
            reading.faults.append(Fault(row.line, "", "no variant of the shop has this name"))
        elif variant_id in wanted:
            reading.faults.append(Fault(row.line, "", "this variant stood further up already"))
        else:
            wanted[variant_id] = reading.typed(row, price, before)
    if reading.faults:
        raise FileRefused(reading.faults)
    return wanted


def keep(currency: Currency, wanted: Mapping[int, Typed | None], *, by: int | None) -> int:
    """Make these the typed prices of their variants; none: converted. How many changed."""
    changed = 0
    for ids in _parts(sorted(wanted)):
        rows = {
            row.variant_id: row
            for row in db.session.scalars(
                sa.select(VariantPrice).where(
                    VariantPrice.currency == currency.code, VariantPrice.variant_id.in_(ids)
                )
            )
        }
        changed += sum(_keep_one(currency, id_, wanted[id_], rows.get(id_)) for id_ in ids)
        db.session.flush()
    if changed:
        audit.record(
            by, "prices.typed", subject_kind="store", subject_id=1,
            currency=currency.code, count=changed,
        )  # fmt: skip
    return changed


def _keep_one(
    currency: Currency, variant_id: int, typed: Typed | None, row: VariantPrice | None
) -> bool:
    if typed is None:
        if row is not None:
            db.session.delete(row)
        return row is not None
    if row is None:
        row = VariantPrice(variant_id=variant_id, currency=currency.code, unit_amount=-1)
        db.session.add(row)
    if (row.unit_amount, row.compare_at_amount) == (typed.amount, typed.before):
        return False
    row.unit_amount, row.compare_at_amount = typed.amount, typed.before
    return True


class _Reading:
    def __init__(self, table: Table, places: Mapping[str, int], currency: Currency) -> None:
        self.table, self.places, self.currency = table, places, currency
        self.faults = list(table.faults)

    def cell(self, row: Row, name: str) -> str:
        place = self.places.get(name.casefold())
        return "" if place is None else plain(row.cells[place].strip())

    def typed(self, row: Row, price: str, before: str) -> Typed | None:
        amount = self._amount(row, price)
        return None if amount is None else Typed(amount, self._amount(row, before))

    def variants(self) -> dict[int, int]:
        """Ids by line."""
        skus = {row.line: self.cell(row, SKU) for row in self.table.rows}
        by_sku = _variants_by_sku([sku for sku in skus.values() if sku])
        named = {
            row.line: (self.cell(row, HANDLE), *(self.cell(row, name) for name in OPTIONS))
            for row in self.table.rows
            if not skus[row.line]
        }
        by_name = _variants_by_name([name[0] for name in named.values()])
        found = {line: by_sku.get(sku) for line, sku in skus.items() if sku}
        found |= {line: by_name.get(name) for line, name in named.items()}
        return {line: id_ for line, id_ in found.items() if id_ is not None}

    def _amount(self, row: Row, name: str) -> int | None:
        text = self.cell(row, name)
        if not text:
            return None
        try:
            return read_amount(text, self.currency.code).amount
        except UnreadableAmount:
            reason = f"“{text[:20]}” is not a price in {self.currency.code}"
            self.faults.append(Fault(row.line, name, reason))
            return None


def _variants_by_sku(skus: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in _parts(sorted(set(skus))):
        rows = db.session.execute(sa.select(Variant.sku, Variant.id).where(Variant.sku.in_(part)))
        found |= {row.sku: row.id for row in rows if row.sku}
    return found


def _variants_by_name(handles: Sequence[str]) -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    for part in _parts(sorted(set(handles))):
        rows = db.session.execute(
            sa.select(Product.handle, *_OPTION_VALUES, Variant.id)
            .join(Variant, Variant.product_id == Product.id)
            .where(Product.handle.in_(part))
        )
        found |= {tuple(row[:4]): row.id for row in rows}
    return found


def _rows(currency: Currency) -> Iterator[tuple[str, ...]]:
    """A part at a time; between two parts nothing is held open."""
    after = 0
    while ids := db.session.scalars(
        sa.select(Product.id).where(Product.id > after).order_by(Product.id).limit(PART)
    ).all():
        rows = db.session.execute(
            _SHEET, {"first": ids[0], "last": ids[-1], "currency": currency.code}
        ).all()
        db.session.rollback()
        for row in rows:
            yield _cells(row, currency)
        after = ids[-1]


def _cells(row: Any, currency: Currency) -> tuple[str, ...]:
    def written(amount: int | None, code: str) -> str:
        return "" if amount is None else plain_amount(Money(amount, code))

    return (
        row.handle,
        row.title,
        row.option1,
        row.option2,
        row.option3,
        row.sku or "",
        written(row.unit_amount, currency.base),
        written(row.own_amount, currency.code),
        written(row.own_compare_at_amount, currency.code),
    )


def _parts(names: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (names[start : start + PART] for start in range(0, len(names), PART))


_OPTION_VALUES = (Variant.option1, Variant.option2, Variant.option3)
_SHEET = (
    sa.select(
        Product.handle,
        Product.title,
        *_OPTION_VALUES,
        Variant.sku,
        Variant.unit_amount,
        VariantPrice.unit_amount.label("own_amount"),
        VariantPrice.compare_at_amount.label("own_compare_at_amount"),
    )
    .join(Variant, Variant.product_id == Product.id)
    .outerjoin(
        VariantPrice,
        sa.and_(
            VariantPrice.variant_id == Variant.id,
            VariantPrice.currency == sa.bindparam("currency"),
        ),
    )
    .where(Product.id.between(sa.bindparam("first"), sa.bindparam("last")))
    .order_by(Product.id, Variant.position, Variant.id)
)
