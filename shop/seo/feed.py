"""The product feed that Google Merchant Center and Meta read: RSS 2.0, one item a variant.

Source: Google's product data specification; Meta takes the same fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

from shop.catalog.options import ONLY_VARIANT, Choosable, queries_of
from shop.money import Money, plain_amount
from shop.pricing.shipping import Parcel, ShippingOption, cheapest_sent
from shop.seo.words import plain_text, xml_text
from shop.store.currencies import Currency, price_in

#: Limits of the specification.
MAX_TITLE, MAX_DESCRIPTION, MAX_OTHER_IMAGES, MAX_CODE = 150, 5000, 10, 50
#: Of back-orders and pre-orders the specification demands a day.
_IN_STOCK = "<g:availability>in_stock</g:availability>"
_OUT_OF_STOCK = "<g:availability>out_of_stock</g:availability>"
_GTIN = re.compile(r"[0-9]{8}|[0-9]{12,14}", re.ASCII)
#: Casefolded names of options that the specification, and schema.org, have a field for.
_FIELDS = {
    "color": "color",
    "colour": "color",
    "farbe": "color",
    "size": "size",
    "grösse": "size",
    "material": "material",
    "pattern": "pattern",
    "muster": "pattern",
}


@dataclass(frozen=True, eq=False)  # the same one for the whole feed, compared in no time
class Seller:
    name: str
    url: str
    country: str
    #: What the prices of the feed are in.
    currency: Currency
    shipping: tuple[ShippingOption, ...]
    #: By the shop's clock: a day that is over is promised to nobody.
    today: date


def head(seller: Seller) -> str:
    name = xml_text(seller.name)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>'
        f"<title>{name}</title><link>{xml_text(seller.url)}/</link>"
        f"<description>{name}</description>\n"
    )


TAIL = "</channel></rss>\n"


@dataclass(frozen=True, slots=True)
class Listing:
    """A product with what hangs on it: rows of seo/queries.py."""

    product: Any
    options: Sequence[str]
    variants: Sequence[Any]
    images: Sequence[Any]


def items(listing: Listing, seller: Seller) -> Iterator[str]:
    """What all variants of a product say is made once."""
    product, names = listing.product, listing.options
    fields = [field_of(name) for name in names]
    queries = queries_of(
        names, [Choosable(row.id, _values(row, len(names)), True) for row in listing.variants]
    )
    address = xml_text(f"{seller.url}/products/{quote(product.handle)}")
    images = [
        (image.id, xml_text(f"{seller.url}/media/{image.file}-800.jpg")) for image in listing.images
    ]
    same = _same(listing, seller)
    named = {} if seller.currency.is_base else {"currency": seller.currency.code}
    for variant in listing.variants:
        prices, unit_amount = _prices(
            variant.unit_amount,
            variant.compare_at_amount,
            getattr(variant, "own_amount", None),
            getattr(variant, "own_compare_at_amount", None),
            seller,
        )
        yield (
            f"<item><g:id>{variant.id}</g:id>{_title(product, variant)}{same}"
            f"<g:link>{address}{_query({**queries[variant.id], **named})}</g:link>"
            f"{_images(images, variant.image_id)}"
            f"{_availability(variant, seller.today)}"
            f"{prices}"
            f"{_codes(variant)}{_options(fields, variant)}"
            f"{_shipping(variant, unit_amount, seller)}</item>\n"
        )


def field_of(option_name: str) -> str:
    """Empty where there is none."""
    return _FIELDS.get(option_name.casefold(), "")


def by_field(fields: Sequence[str], values: Sequence[str | None]) -> dict[str, str]:
    """What a variant's values say. Where two options mean one field, a slash parts their values, as
    Google's feed parts several colors.
    """
    told: dict[str, str] = {}
    for field, value in zip(fields, values, strict=True):
        if field and value and value != ONLY_VARIANT:
            told[field] = f"{told[field]}/{value}" if field in told else value
    return told


def is_gtin(text: str) -> bool:
    """A GTIN-8, -12, -13 or -14 whose last digit is right. Source: GS1 General Specifications."""
    if not _GTIN.fullmatch(text):
        return False
    digits = [int(digit) for digit in reversed(text)]
    return sum(digit * (3 if i % 2 else 1) for i, digit in enumerate(digits)) % 10 == 0


def _same(listing: Listing, seller: Seller) -> str:
    product = listing.product
    text = plain_text(product.description) or plain_text(product.summary) or product.title
    group = _tag("item_group_id", str(product.id)) if len(listing.variants) > 1 else ""
    kind = _tag("product_type", product.product_type) if product.product_type else ""
    return (
        f"{group}{_tag('description', text[:MAX_DESCRIPTION])}{_tag('condition', 'new')}"
        f"{_tag('brand', (product.vendor or seller.name)[:70])}{kind}"
    )


def _query(asked: Mapping[str, str]) -> str:
    """Escaped for XML."""
    parts = "&amp;".join(f"{_quoted(name)}={_quoted(value)}" for name, value in asked.items())
    return parts and f"?{parts}"


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    return quote_plus(text)


def _title(product: Any, variant: Any) -> str:
    values = [value for value in _values(variant, 3) if value and value != ONLY_VARIANT]
    title = f"{product.title} - {' / '.join(values)}" if values else product.title
    return _tag("title", title[:MAX_TITLE])


def _images(images: Sequence[tuple[int, str]], own_id: int | None) -> str:
    """The variant's own first."""
    if not images:
        return ""
    first = next((place for place, (id_, _) in enumerate(images) if id_ == own_id), 0)
    others = [address for place, (_, address) in enumerate(images) if place != first]
    return f"<g:image_link>{images[first][1]}</g:image_link>" + "".join(
        f"<g:additional_image_link>{address}</g:additional_image_link>"
        for address in others[:MAX_OTHER_IMAGES]
    )


def _availability(variant: Any, today: date) -> str:
    """What is sold before it is here, and nobody knows when it comes, counts as out of stock."""
    if not variant.is_available:
        return _OUT_OF_STOCK
    if not variant.comes_later:
        return _IN_STOCK
    day = variant.promised_on
    if day is None or day < today:
        return _OUT_OF_STOCK
    return _tag("availability", variant.backorders) + _tag("availability_date", f"{day}T00:00Z")


@lru_cache(maxsize=4096)
def _prices(
    unit_amount: int, before: int | None, own: int | None, own_before: int | None, seller: Seller
) -> tuple[str, int]:
    """As the feed writes them, and the price in minor units of its currency."""
    price = price_in(seller.currency, unit_amount, before, own, own_before)
    now = _amount(price.unit)
    if price.was:
        return _tag("price", _amount(price.was)) + _tag("sale_price", now), price.unit.amount
    return _tag("price", now), price.unit.amount


def _codes(variant: Any) -> str:
    gtin = _tag("gtin", variant.barcode) if is_gtin(variant.barcode) else ""
    if variant.sku:
        return gtin + _tag("mpn", variant.sku[:70])
    return gtin or _tag("identifier_exists", "no")


def _options(fields: Sequence[str], variant: Any) -> str:
    told = by_field(fields, _values(variant, len(fields)))
    return "".join(_tag(field, value) for field, value in told.items())


def _shipping(variant: Any, unit_amount: int, seller: Seller) -> str:
    if not (variant.requires_shipping and seller.shipping):
        return ""
    return _cheapest_way(unit_amount, variant.weight_grams, seller)


@lru_cache(maxsize=4096)
def _cheapest_way(unit_amount: int, grams: int, seller: Seller) -> str:
    """Within the shop's own country."""
    parcel = Parcel(Money(unit_amount, seller.currency.code), grams, quantity=1)
    cheapest = cheapest_sent(seller.shipping, parcel)
    if cheapest is None:
        return ""
    cost = _amount(cheapest.cost(parcel))
    weight = _tag("shipping_weight", f"{grams} g") if grams else ""
    inside = _tag("country", seller.country) + _tag("service", cheapest.name) + _tag("price", cost)
    return f"{weight}<g:shipping>{inside}</g:shipping>"


def _values(variant: Any, count: int) -> tuple[str, ...]:
    return (variant.option1, variant.option2, variant.option3)[:count]


def _amount(money: Money) -> str:
    return f"{plain_amount(money)} {money.currency}"


def _tag(name: str, text: str) -> str:
    return f"<g:{name}>{xml_text(text)}</g:{name}>"
