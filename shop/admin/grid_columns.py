"""The columns of the table that edits many products: how a cell is written, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from shop.admin.activity_names import VALUES
from shop.admin.forms import MAX_TAG, MAX_TAGS, MAX_WEIGHT, is_weight, tags_in
from shop.catalog.models import Product, ProductStatus, Variant
from shop.inventory.queries import Availability
from shop.inventory.service import MAX_ON_HAND
from shop.money import MAX_AMOUNT, Money, UnreadableAmount, plain_amount, read_amount
from shop.web.filters import money, number
from shop.web.forms import tidy

MAX_TEXT = 255


class BadCell(Exception):
    """Carries the sentence for whoever typed it."""


@dataclass(frozen=True)
class Row:
    """What a cell is written from. The first row of a product has its own cells too."""

    product: Product
    variant: Variant
    stock: Availability
    currency: str


@dataclass(frozen=True)
class Column:
    name: str
    label: LazyString
    #: Of the product, so only its first row has the cell.
    is_products: bool
    write: Callable[[Row], str]
    #: The value of what was typed. Raises BadCell.
    read: Callable[[str, str], Any]
    #: Characters that its cell has room for.
    size: int = 8
    inputmode: str = ""
    #: A value, as pages tell it.
    tell: Callable[[Any, str], str] = lambda value, _currency: str(value)


def _text(text: str, _currency: str) -> str:
    if len(text) > MAX_TEXT:
        raise BadCell(_("Use at most %(most)s characters.", most=MAX_TEXT))
    return text


def _title(text: str, currency: str) -> str:
    if not text:
        raise BadCell(_("Give the product a title."))
    return _text(text, currency)


def _status(text: str, _currency: str) -> ProductStatus:
    if text not in set(ProductStatus):
        raise BadCell(_("Choose draft, published or archived."))
    return ProductStatus(text)


def _tags(text: str, _currency: str) -> tuple[str, ...]:
    tags = tags_in(text)
    if len(tags) > MAX_TAGS:
        raise BadCell(_("Use at most %(most)s tags.", most=MAX_TAGS))
    if any(len(tag) > MAX_TAG for tag in tags):
        raise BadCell(_("A tag has at most %(most)s characters.", most=MAX_TAG))
    return tags


def _amount(text: str, currency: str) -> int:
    try:
        return read_amount(text, currency).amount
    except UnreadableAmount:
        example = plain_amount(Money(3400, currency))
        most = plain_amount(Money(MAX_AMOUNT, currency))
        raise BadCell(
            _("Type an amount like %(example)s, at most %(most)s.", example=example, most=most)
        ) from None


def _amount_or_none(text: str, currency: str) -> int | None:
    return _amount(text, currency) if text else None


def _weight(text: str, _currency: str) -> int:
    if text and not is_weight(text):
        raise BadCell(_("Type whole grams from 0 to %(most)s.", most=format_decimal(MAX_WEIGHT)))
    return int(text or "0")


def _told_amount(amount: int, currency: str) -> str:
    return money(Money(amount, currency))


def _told_number(value: int, _currency: str) -> str:
    return number(value)


def _told_status(status: ProductStatus, _currency: str) -> str:
    return str(VALUES["status"][status])


def _told_tags(tags: tuple[str, ...], _currency: str) -> str:
    return ", ".join(tags)


def _count(text: str, _currency: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= MAX_ON_HAND):
        raise BadCell(
            _("Type a whole number from 0 to %(most)s.", most=format_decimal(MAX_ON_HAND))
        )
    return int(text)


def _written(amount: int | None, currency: str) -> str:
    return "" if amount is None else plain_amount(Money(amount, currency))


_ALL = (
    Column("title", _l("Title"), True, lambda row: row.product.title, _title, 22),
    Column(
        "status", _l("Status"), True, lambda row: row.product.status, _status, tell=_told_status
    ),
    Column(
        "tags",
        _l("Tags"),
        True,
        lambda row: ", ".join(map(str, row.product.tags)),
        _tags,
        16,
        tell=_told_tags,
    ),
    Column("product_type", _l("Type"), True, lambda row: row.product.product_type, _text, 12),
    Column("vendor", _l("Maker"), True, lambda row: row.product.vendor, _text, 12),
    Column("sku", _l("SKU"), False, lambda row: row.variant.sku or "", _text, 14),
    Column(
        "price",
        _l("Price"),
        False,
        lambda row: _written(row.variant.unit_amount, row.currency),
        _amount,
        inputmode="decimal",
        tell=_told_amount,
    ),
    Column(
        "compare_at",
        _l("Compare at"),
        False,
        lambda row: _written(row.variant.compare_at_amount, row.currency),
        _amount_or_none,
        inputmode="decimal",
        tell=_told_amount,
    ),
    Column(
        "cost",
        _l("Cost"),
        False,
        lambda row: _written(row.variant.cost_amount, row.currency),
        _amount_or_none,
        inputmode="decimal",
        tell=_told_amount,
    ),
    Column("barcode", _l("Barcode"), False, lambda row: row.variant.barcode, _text, 14),
    Column(
        "weight",
        _l("Weight in g"),
        False,
        lambda row: str(row.variant.weight_grams or ""),
        _weight,
        inputmode="numeric",
        tell=_told_number,
    ),
    Column(
        "on_hand",
        _l("On hand"),
        False,
        lambda row: str(row.stock.on_hand),
        _count,
        6,
        inputmode="numeric",
        tell=_told_number,
    ),
)
COLUMNS = {column.name: column for column in _ALL}
USUAL = ("title", "status", "sku", "price", "compare_at", "on_hand")


def typed(text: str | None) -> str:
    return tidy(text)
