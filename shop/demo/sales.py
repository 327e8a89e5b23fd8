"""Made-up sales of a small shop: what was bought, when, by whom and how it was paid. Nothing is
written here.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from shop.addresses import Address
from shop.catalog.models import Product, ProductImage, ProductStatus, Variant
from shop.clock import now
from shop.extensions import db
from shop.money import Money
from shop.orders.kept_lines import kept
from shop.orders.states import OrderState
from shop.pricing.discount_models import StoredDiscount
from shop.pricing.discounts import Discount, Kind
from shop.pricing.quote import Item, Quote, quote
from shop.pricing.tax import STANDARD, Rate, TaxRules

#: Older ones have been sent.
SENT_AFTER = timedelta(days=3)
FREE_DELIVERY_FROM, DELIVERY = 6000, 450

_COUNTRIES = {"GB": 70, "DE": 9, "FR": 6, "IE": 5, "NL": 4, "US": 4, "JP": 2}
_VAT_PPM = {"GB": 200_000, "DE": 190_000, "FR": 200_000, "IE": 230_000, "NL": 210_000}
_CITIES = {
    "GB": ("Leeds", "LS6 2AB"), "DE": ("Bremen", "28195"), "FR": ("Lyon", "69001"),
    "IE": ("Cork", "T12 W8K0"), "NL": ("Utrecht", "3511 AA"), "US": ("Portland", "97201"),
    "JP": ("Kyoto", "600-8001"),
}  # fmt: skip
_METHODS = (("card", "Visa 4242", 62), ("card", "Mastercard 4444", 24), ("paypal", "", 9),
            ("bank_transfer", "", 5))  # fmt: skip
_FIRST = ("Ines", "Tom", "Maya", "Jonas", "Clara", "Owen", "Priya", "Lena", "Sam", "Noor")
_LAST = ("Rowan", "Alder", "Birch", "Hazel", "Thorn", "Ashby", "Reed", "Moss", "Linden", "Heath")
#: Of a week, Monday first, and of a year, January first: how a small shop of gifts sells.
_WEEK = (0.9, 0.85, 0.9, 1.0, 1.05, 1.1, 1.2)
_YEAR = (0.7, 0.8, 0.9, 0.9, 1.0, 0.9, 0.8, 0.8, 1.0, 1.1, 1.6, 1.9)


class NothingToSell(Exception):
    """No published product has a variant."""


@dataclass(frozen=True)
class Goods:
    variant: Variant
    title: str
    file: str | None
    weight: float


@dataclass(frozen=True)
class Made:
    """One order, with all that hangs on it."""

    order: dict[str, Any]
    quoted: Quote
    goods: Sequence[Goods]
    at: datetime
    method: str
    label: str
    is_sent: bool
    is_refunded: bool

    @property
    def refunded_amount(self) -> int:
        """The first line, whole: what can be given back in any order's sum."""
        return self.quoted.lines[0].total.amount if self.is_refunded else 0


def goods_to_sell(source: random.Random) -> list[Goods]:
    """A few sell well, most seldom."""
    first = (
        sa.select(sa.func.min(ProductImage.file))
        .where(ProductImage.product_id == Product.id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(Variant, Product.title, first)
        .join(Product, Product.id == Variant.product_id)
        .where(Product.status == ProductStatus.PUBLISHED, sa.not_(Product.is_gift_card))
        .order_by(Variant.id)
    ).all()
    if not rows:
        raise NothingToSell
    ranks = list(range(1, len(rows) + 1))
    source.shuffle(ranks)
    return [
        Goods(row[0], row[1], row[2], 1 / rank**0.9) for row, rank in zip(rows, ranks, strict=True)
    ]


def moments(source: random.Random, orders: int, days: int) -> list[datetime]:
    """More on weekends, before the holidays, and as the shop grows."""
    at, today = now(), now().date()
    dates = [today - timedelta(days=back) for back in range(days, -1, -1)]
    weights = [
        _WEEK[day.weekday()] * _YEAR[day.month - 1] * (0.6 + 0.8 * place / len(dates))
        for place, day in enumerate(dates)
    ]
    found = []
    for day in source.choices(dates, weights, k=orders):
        minute = min(1439, max(0, int(source.gauss(15 * 60, 240))))
        moment = datetime.combine(day, time(), UTC) + timedelta(
            minutes=minute, seconds=source.randrange(60)
        )
        found.append(moment if moment <= at else at - timedelta(minutes=source.randrange(1, 600)))
    return sorted(found)


def make(source: random.Random, goods: Sequence[Goods], currency: str, at: datetime) -> Made:
    country = source.choices(list(_COUNTRIES), list(_COUNTRIES.values()))[0]
    chosen = list(
        {
            each.variant.id: each
            for each in source.choices(
                goods, [each.weight for each in goods], k=source.choice((1, 1, 1, 2, 2, 3))
            )
        }.values()
    )
    quoted = _quote(source, chosen, currency, country)
    method, label = source.choices([pair[:2] for pair in _METHODS], [pair[2] for pair in _METHODS])[
        0
    ]
    return Made(
        order=_order(source, quoted, currency, country, at),
        quoted=quoted,
        goods=chosen,
        at=at,
        method=method,
        label=label,
        is_sent=at < now() - SENT_AFTER,
        is_refunded=source.random() < 0.03 and at < now() - SENT_AFTER,
    )


def _quote(source: random.Random, goods: Sequence[Goods], currency: str, country: str) -> Quote:
    items = [
        Item(
            each.variant.id, Money(each.variant.unit_amount, currency), source.choice((1, 1, 1, 2))
        )
        for each in goods
    ]
    subtotal = sum(item.unit.amount * item.quantity for item in items)
    shipping = Money(0 if subtotal >= FREE_DELIVERY_FROM else DELIVERY, currency)
    ppm = _VAT_PPM.get(country)
    rates = {STANDARD: (Rate("VAT", ppm),)} if ppm else {}
    is_discounted = source.random() < 0.12
    tenth = Discount(_discount_id(), "A tenth off your first pot", Kind.PERCENTAGE, "FIRSTPOT",
                     100_000)  # fmt: skip
    return quote(
        items,
        shipping=shipping,
        tax=TaxRules(is_included=True, rates=rates),
        discounts=[tenth] if is_discounted else [],
    )


def _discount_id() -> int:
    known = db.session.info.get("demo_discount")
    if known is None:
        known = db.session.scalar(sa.select(sa.func.min(StoredDiscount.id))) or 0
        db.session.info["demo_discount"] = known
    return int(known)


def _order(
    source: random.Random, quoted: Quote, currency: str, country: str, at: datetime
) -> dict[str, Any]:
    # Few come often, most once: each draw is the square of an even one.
    who = int(source.random() ** 2 * 900)
    name = f"{_FIRST[who % 10]} {_LAST[who // 10 % 10]}"
    city, postal_code = _CITIES[country]
    address = Address(
        name=name, line1=f"{1 + who % 90} Alder Row", city=city, postal_code=postal_code,
        country=country,
    )  # fmt: skip
    bill = quoted.bill
    return {
        "token": secrets.token_urlsafe(24),
        "fingerprint": secrets.token_hex(32),
        "state": OrderState.PAID,
        "currency": currency,
        "subtotal_amount": bill.subtotal.amount,
        "discount_amount": bill.discount.amount,
        "shipping_amount": bill.shipping.amount,
        "shipping_discount_amount": bill.shipping_discount.amount,
        "tax_amount": bill.tax.amount,
        "rounding_amount": bill.rounding.amount,
        "total_amount": bill.total.amount,
        "is_tax_included": bill.is_tax_included,
        "tax_lines": [kept(line) for line in bill.taxes],
        "discount_lines": [kept(line) for line in bill.discounts],
        **asdict(address),
        "email": f"{name.lower().replace(' ', '.')}.{who}@example.com",
        "shipping_name": "Standard",
        "shipping_min_days": 2,
        "shipping_max_days": 4,
        "placed_at": at,
        "paid_at": at + timedelta(minutes=source.randrange(1, 6)),
    }
