"""Lists as CSV files, for spreadsheets and for moving on: read a part at a time, so that no shop is
too large. What people typed is text there, never a formula: see csvfile.write_table.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from shop.admin import customer_queries, discount_queries, gift_card_queries
from shop.admin.discount_forms import PPM_PER_PERCENT
from shop.admin.discount_queries import DiscountFilter
from shop.admin.gift_card_queries import CardFilter
from shop.catalog.csvfile import write_table
from shop.catalog.models import Product, Variant
from shop.extensions import db
from shop.gift_cards.models import GiftCard
from shop.inventory.models import StockItem
from shop.money import Money, plain_amount
from shop.pricing.discount_models import StoredDiscount
from shop.pricing.discounts import Kind

#: Rows read at a time.
PART = 500

Cell = str | int

CUSTOMER_COLUMNS = (
    "Id", "Name", "Email", "Tags", "Customer since", "Orders", "Gets the newsletter",
)  # fmt: skip
DISCOUNT_COLUMNS = (
    "Id", "Title", "Code", "Kind", "Value", "State", "Starts at", "Ends at", "Used", "Limit",
    "Limit per customer", "Minimum amount", "Minimum quantity", "Combines",
)  # fmt: skip
GIFT_CARD_COLUMNS = (
    "Id", "Kind", "Last four", "Email", "Currency", "Balance", "State", "Expires on", "Issued at",
    "Note",
)  # fmt: skip
INVENTORY_COLUMNS = (
    "Handle", "Title", "Option1 Value", "Option2 Value", "Option3 Value", "SKU", "Counted",
    "On hand", "Reserved", "Available",
)  # fmt: skip


def customers(*, text: str) -> Iterator[str]:
    return write_table(
        CUSTOMER_COLUMNS,
        (
            (
                row.id,
                row.name,
                row.email,
                row.tags,
                _instant(row.created_at),
                row.order_count,
                _flag(row.is_subscribed),
            )
            for row in customer_queries.all_customers(text=text)
        ),
    )


def discounts(*, text: str, only: DiscountFilter, at: datetime, currency: str) -> Iterator[str]:
    listing = discount_queries.listing(text=text, only=only, at=at)
    return write_table(
        DISCOUNT_COLUMNS,
        (_of_discount(row, at, currency) for row in _all(listing, StoredDiscount.id)),
    )


def gift_cards(*, text: str, only: CardFilter, today: date) -> Iterator[str]:
    """Without their codes: who has the file has no money."""
    listing = gift_card_queries.listing(text=text, only=only, today=today)
    return write_table(
        GIFT_CARD_COLUMNS, (_of_gift_card(row, today) for row in _all(listing, GiftCard.id))
    )


def inventory() -> Iterator[str]:
    """A line for each variant, products in the order they were made."""
    return write_table(INVENTORY_COLUMNS, _stock())


def _of_discount(row: StoredDiscount, at: datetime, currency: str) -> tuple[Cell, ...]:
    return (
        row.id,
        row.title,
        row.code or "",
        row.kind,
        _worth(row, currency),
        discount_queries.status_of(row, at),
        _instant(row.starts_at),
        _instant(row.ends_at),
        row.used_count,
        "" if row.limit_total is None else row.limit_total,
        "" if row.limit_per_customer is None else row.limit_per_customer,
        plain_amount(Money(row.minimum_amount, currency)),
        row.minimum_quantity,
        _flag(row.combines),
    )


def _worth(row: StoredDiscount, currency: str) -> str:
    """What it takes off: of the price in percent, or an amount."""
    if row.kind == Kind.AMOUNT:
        return plain_amount(Money(row.value, currency))
    return "" if row.kind == Kind.FREE_SHIPPING else f"{row.value / PPM_PER_PERCENT:g}%"


def _of_gift_card(row: GiftCard, today: date) -> tuple[Cell, ...]:
    return (
        row.id,
        row.kind,
        row.last_four,
        row.email,
        row.currency,
        plain_amount(Money(row.balance_amount, row.currency)),
        gift_card_queries.status_of(row, today),
        row.expires_on.isoformat() if row.expires_on else "",
        _instant(row.created_at),
        row.note,
    )


def _stock() -> Iterator[tuple[Cell, ...]]:
    after = 0
    while ids := db.session.scalars(
        sa.select(Product.id).where(Product.id > after).order_by(Product.id).limit(PART)
    ).all():
        rows = db.session.execute(_STOCK.where(Product.id.between(ids[0], ids[-1]))).all()
        db.session.rollback()  # nothing is held open while the reader is slow
        for *names, sku, is_tracked, on_hand, reserved in rows:
            available = on_hand - reserved if is_tracked else ""
            yield (*names, sku or "", _flag(is_tracked), on_hand, reserved, available)
        after = ids[-1]


def _all(listing: sa.Select[Any], key: InstrumentedAttribute[int]) -> Iterator[Any]:
    """Newest first, a part at a time."""
    below: int | None = None
    while True:
        query = listing if below is None else listing.where(key < below)
        rows = db.session.scalars(query.limit(PART)).all()
        db.session.expunge_all()
        db.session.rollback()
        yield from rows
        if len(rows) < PART:
            return
        below = rows[-1].id


def _instant(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


def _flag(value: bool) -> str:
    return "true" if value else "false"


_STOCK = (
    sa.select(
        Product.handle,
        Product.title,
        Variant.option1,
        Variant.option2,
        Variant.option3,
        Variant.sku,
        sa.func.coalesce(StockItem.is_tracked, sa.true()),
        sa.func.coalesce(StockItem.on_hand, 0),
        sa.func.coalesce(StockItem.reserved, 0),
    )
    .join(Variant, Variant.product_id == Product.id)
    .outerjoin(StockItem, StockItem.variant_id == Variant.id)
    .order_by(Product.id, Variant.position, Variant.id)
)
