"""The product feed that Google Merchant Center and Meta read: RSS 2.0, one item a variant.

Source: Google's product data specification; Meta takes the same fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from shop.catalog.models import Product, ProductImage, Variant
from shop.catalog.options import ONLY_VARIANT, Choosable, queries_of
from shop.money import Money, plain_amount
from shop.pricing.shipping import Parcel, ShippingOption
from shop.seo.words import plain_text, xml_text

#: Limits of the specification.
MAX_TITLE, MAX_DESCRIPTION, MAX_OTHER_IMAGES, MAX_CODE = 150, 5000, 10, 50
_GTIN = re.compile(r"[0-9]{8}|[0-9]{12,14}", re.ASCII)
#: Option names that the specification has a field for.
_FIELDS = {
    "color": "color",
    "colour": "color",
    "size": "size",
    "material": "material",
    "pattern": "pattern",
}


@dataclass(frozen=True)
class Seller:
    name: str
    url: str
    country: str
    currency: str
    shipping: tuple[ShippingOption, ...]


def head(seller: Seller) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>'
        f"{_tag('title', seller.name)}{_tag('link', f'{seller.url}/')}"
        f"{_tag('description', seller.name)}\n"
    )


TAIL = "</channel></rss>\n"


def items(product: Product, available: Mapping[int, bool], seller: Seller) -> Iterator[str]:
    """`available`: by variant, whether one can be bought now."""
    names = [option.name for option in product.options]
    queries = queries_of(
        names,
        [
            Choosable(row.id, _values(row, len(names)), is_available=True)
            for row in product.variants
        ],
    )
    description = plain_text(product.description) or plain_text(product.summary) or product.title
    for variant in product.variants:
        fields = [
            *_identity(product, variant),
            ("description", description[:MAX_DESCRIPTION]),
            ("link", _link(product, queries[variant.id], seller.url)),
            *_images(product, variant, seller.url),
            ("availability", "in_stock" if available[variant.id] else "out_of_stock"),
            *_prices(variant, seller.currency),
            ("condition", "new"),
            *_codes(product, variant, seller.name),
            *_options(names, variant),
        ]
        inside = "".join(_tag(f"g:{name}", value) for name, value in fields if value)
        yield f"<item>{inside}{_shipping(variant, seller)}</item>\n"


def is_gtin(text: str) -> bool:
    """A GTIN-8, -12, -13 or -14 whose last digit is right. Source: GS1 General Specifications."""
    if not _GTIN.fullmatch(text):
        return False
    digits = [int(digit) for digit in reversed(text)]
    return sum(digit * (3 if i % 2 else 1) for i, digit in enumerate(digits)) % 10 == 0


def _identity(product: Product, variant: Variant) -> Iterable[tuple[str, str]]:
    values = [value for value in variant.option_values if value != ONLY_VARIANT]
    title = f"{product.title} - {' / '.join(values)}" if values else product.title
    yield "id", str(variant.id)
    yield "title", title[:MAX_TITLE]
    if len(product.variants) > 1:
        yield "item_group_id", str(product.id)


def _link(product: Product, query: Mapping[str, str], site_url: str) -> str:
    address = f"{site_url}/products/{quote(product.handle)}"
    return f"{address}?{urlencode(query)}" if query else address


def _images(product: Product, variant: Variant, site_url: str) -> Iterable[tuple[str, str]]:
    """The variant's own first."""
    images = [image for image in product.images if image.file]
    images.sort(key=lambda image: image.id != variant.image_id)
    for position, image in enumerate(images[: MAX_OTHER_IMAGES + 1]):
        yield ("additional_image_link" if position else "image_link"), _image(image, site_url)


def _image(image: ProductImage, site_url: str) -> str:
    return f"{site_url}/media/{image.file}-800.jpg"


def _prices(variant: Variant, currency: str) -> Iterable[tuple[str, str]]:
    now = _amount(variant.unit_amount, currency)
    before = variant.compare_at_amount
    if before is not None and before > variant.unit_amount:
        return [("price", _amount(before, currency)), ("sale_price", now)]
    return [("price", now)]


def _codes(product: Product, variant: Variant, seller: str) -> Iterable[tuple[str, str]]:
    yield "brand", (product.vendor or seller)[:70]
    gtin = variant.barcode if is_gtin(variant.barcode) else ""
    yield "gtin", gtin
    yield "mpn", (variant.sku or "")[:70]
    if not gtin and not variant.sku:
        yield "identifier_exists", "no"
    yield "product_type", product.product_type


def _options(names: list[str], variant: Variant) -> Iterable[tuple[str, str]]:
    for name, value in zip(names, _values(variant, len(names)), strict=True):
        if (field := _FIELDS.get(name.casefold())) and value != ONLY_VARIANT:
            yield field, value


def _shipping(variant: Variant, seller: Seller) -> str:
    """The cheapest way within the shop's own country."""
    if not (variant.requires_shipping and seller.shipping):
        return ""
    price = Money(variant.unit_amount, seller.currency)
    parcel = Parcel(price, variant.weight_grams, quantity=1)
    ways = [option for option in seller.shipping if option.carries(parcel)]
    if not ways:
        return ""
    cheapest = min(ways, key=lambda option: option.cost(parcel).amount)
    cost = _amount(cheapest.cost(parcel).amount, seller.currency)
    weight = _tag("g:shipping_weight", f"{variant.weight_grams} g") if variant.weight_grams else ""
    inside = _tag("g:country", seller.country) + _tag("g:service", cheapest.name)
    return f"{weight}<g:shipping>{inside}{_tag('g:price', cost)}</g:shipping>"


def _values(variant: Variant, count: int) -> tuple[str, ...]:
    return (variant.option1, variant.option2, variant.option3)[:count]


def _amount(amount: int, currency: str) -> str:
    return f"{plain_amount(Money(amount, currency))} {currency}"


def _tag(name: str, text: str) -> str:
    return f"<{name}>{xml_text(text)}</{name}>"
