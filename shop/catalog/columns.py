"""The columns of Shopify's product CSV that the shop uses, and how it writes their cells. [pure]

Every other column is carried along untouched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from shop.catalog.measures import Measures, plain_thousandths
from shop.catalog.options import ONLY_OPTION, ONLY_VARIANT
from shop.money import Money, plain_amount


class Field(StrEnum):
    """A column the shop uses, by its usual name."""

    HANDLE = "Handle"
    TITLE = "Title"
    DESCRIPTION = "Body (HTML)"
    VENDOR = "Vendor"
    PRODUCT_TYPE = "Type"
    TAGS = "Tags"
    PUBLISHED = "Published"
    OPTION1_NAME = "Option1 Name"
    OPTION1_VALUE = "Option1 Value"
    OPTION2_NAME = "Option2 Name"
    OPTION2_VALUE = "Option2 Value"
    OPTION3_NAME = "Option3 Name"
    OPTION3_VALUE = "Option3 Value"
    SKU = "Variant SKU"
    WEIGHT = "Variant Grams"
    TRACKER = "Variant Inventory Tracker"
    QUANTITY = "Variant Inventory Qty"
    POLICY = "Variant Inventory Policy"
    PRICE = "Variant Price"
    COMPARE_AT = "Variant Compare At Price"
    REQUIRES_SHIPPING = "Variant Requires Shipping"
    TAXABLE = "Variant Taxable"
    BARCODE = "Variant Barcode"
    MEASURE = "Unit Price Total Measure"
    MEASURE_UNIT = "Unit Price Total Measure Unit"
    BASE = "Unit Price Base Measure"
    BASE_UNIT = "Unit Price Base Measure Unit"
    IMAGE_URL = "Image Src"
    IMAGE_POSITION = "Image Position"
    IMAGE_ALT = "Image Alt Text"
    SEO_TITLE = "SEO Title"
    SEO_DESCRIPTION = "SEO Description"
    VARIANT_IMAGE = "Variant Image"
    COST = "Cost per item"
    STATUS = "Status"
    SUMMARY = "Summary (product.metafields.till.summary)"
    TAX_CATEGORY = "Tax category (product.metafields.till.tax_category)"
    FACTS = "Facts (product.metafields.till.facts)"
    BACKORDER_KIND = "Back-order kind (variant.metafields.till.backorder_kind)"
    BACKORDER_LIMIT = "Back-order limit (variant.metafields.till.backorder_limit)"
    PROMISED_ON = "Promised on (variant.metafields.till.promised_on)"
    #: Read only: what it names, an import puts the product into.
    COLLECTION = "Collection"


#: Other names of the same columns, as Shopify's files of other years have them.
_OTHER_NAMES = {
    "URL handle": Field.HANDLE,
    "Body HTML": Field.DESCRIPTION,
    "Description": Field.DESCRIPTION,
    "Custom Product Type": Field.PRODUCT_TYPE,
    "Published on online store": Field.PUBLISHED,
    "SKU": Field.SKU,
    "Weight value (grams)": Field.WEIGHT,
    "Inventory tracker": Field.TRACKER,
    "Inventory quantity": Field.QUANTITY,
    "Continue selling when out of stock": Field.POLICY,
    "Price": Field.PRICE,
    "Compare-at price": Field.COMPARE_AT,
    "Compare at price": Field.COMPARE_AT,
    "Requires shipping": Field.REQUIRES_SHIPPING,
    "Charge tax": Field.TAXABLE,
    "Barcode": Field.BARCODE,
    "Product image URL": Field.IMAGE_URL,
    "Variant image URL": Field.VARIANT_IMAGE,
}
_FIELDS = {str(field).casefold(): field for field in Field} | {
    name.casefold(): field for name, field in _OTHER_NAMES.items()
}

OPTION_NAMES = (Field.OPTION1_NAME, Field.OPTION2_NAME, Field.OPTION3_NAME)
OPTION_VALUES = (Field.OPTION1_VALUE, Field.OPTION2_VALUE, Field.OPTION3_VALUE)
BACKORDER_FIELDS = (Field.BACKORDER_KIND, Field.BACKORDER_LIMIT, Field.PROMISED_ON)
MEASURE_FIELDS = (Field.MEASURE, Field.MEASURE_UNIT, Field.BASE, Field.BASE_UNIT)
PRODUCT_FIELDS = frozenset(
    {
        Field.TITLE,
        Field.DESCRIPTION,
        Field.VENDOR,
        Field.PRODUCT_TYPE,
        Field.TAGS,
        Field.PUBLISHED,
        Field.STATUS,
        Field.SEO_TITLE,
        Field.SEO_DESCRIPTION,
        Field.SUMMARY,
        Field.TAX_CATEGORY,
        Field.FACTS,
        *OPTION_NAMES,
    }
)
IMAGE_FIELDS = frozenset({Field.IMAGE_URL, Field.IMAGE_POSITION, Field.IMAGE_ALT})
VARIANT_FIELDS = frozenset(Field) - PRODUCT_FIELDS - IMAGE_FIELDS - {Field.HANDLE, Field.COLLECTION}

#: What an empty cell says.
USUAL_TAX_CATEGORY = "standard"
#: Kinds of selling beyond what is on hand; an empty cell of an export is a back-order.
PREORDER, BACKORDER = "preorder", "backorder"

#: Columns beyond the shop's that describe a variant, by how their names begin.
_OF_VARIANTS = (
    "variant ",
    "tax code",
    "unit price",
    "weight unit",
    "fulfillment service",
    "price /",
    "compare at price /",
    "compare-at price /",
)


@dataclass(frozen=True, kw_only=True)
class ProductValues:
    """A product as the file's columns describe it."""

    handle: str
    title: str = ""
    description: str = ""
    summary: str = ""
    vendor: str = ""
    product_type: str = ""
    tax_category: str = USUAL_TAX_CATEGORY
    tags: tuple[str, ...] = ()
    seo_title: str = ""
    seo_description: str = ""
    is_published: bool = True
    option_names: tuple[str, ...] = ()
    #: Pairs of name and value.
    facts: tuple[tuple[str, str], ...] = ()
    #: Ways to collections, from the outermost in.
    collections: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class VariantValues:
    """Amounts in minor units of the shop's currency."""

    sku: str | None = None
    options: tuple[str, str, str] = ("", "", "")
    unit_amount: int = 0
    compare_at_amount: int | None = None
    weight_grams: int = 0
    is_taxable: bool = True
    requires_shipping: bool = True
    barcode: str = ""
    quantity: int = 0
    is_tracked: bool = True
    #: Whether it is sold beyond what is on hand; none: not said.
    sells_on: bool | None = None
    #: Of one that is: whether it is a pre-order, how many units may wait, and when it is promised;
    #: none: not said, or as usual.
    is_preorder: bool | None = None
    backorder_limit: int | None = None
    promised_on: date | None = None
    #: What one costs the shop; none: not said.
    cost_amount: int | None = None
    measures: Measures | None = None
    image_url: str = ""


@dataclass(frozen=True, kw_only=True)
class ImageValues:
    url: str
    alt: str = ""
    position: int = 1


def field_of(name: str) -> Field | None:
    """The field a column of this name holds; none: carried along."""
    return _FIELDS.get(" ".join(name.split()).casefold())


@lru_cache(maxsize=64)
def keys_of(header: tuple[str, ...]) -> tuple[str, ...]:
    """One key for each column: its field's usual name, or its own; repeated names are numbered."""
    keys: list[str] = []
    for name in header:
        key, number = str(field_of(name) or name), 2
        while key in keys:
            key, number = f"{name}\t{number}", number + 1
        keys.append(key)
    return tuple(keys)


def is_of_variants(key: str) -> bool:
    return key in VARIANT_FIELDS or key.casefold().startswith(_OF_VARIANTS)


def merge_headers(headers: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """Keys and names of all their columns, each behind the one it followed when first seen."""
    merged: list[tuple[str, str]] = []
    for header in headers:
        place = 0
        for key, name in zip(keys_of(header), header, strict=True):
            known = next((i for i, column in enumerate(merged) if column[0] == key), None)
            if known is None:
                merged.insert(place, (key, name))
                known = place
            place = known + 1
    return dict(merged)


def product_cells(values: ProductValues) -> dict[str, str]:
    names = values.option_names or (ONLY_OPTION,)
    return {
        Field.TITLE: values.title,
        Field.DESCRIPTION: values.description,
        Field.SUMMARY: values.summary,
        Field.VENDOR: values.vendor,
        Field.PRODUCT_TYPE: values.product_type,
        Field.TAX_CATEGORY: (
            "" if values.tax_category == USUAL_TAX_CATEGORY else values.tax_category
        ),
        Field.TAGS: ", ".join(values.tags),
        Field.PUBLISHED: _flag(values.is_published),
        Field.STATUS: "active" if values.is_published else "draft",
        Field.SEO_TITLE: values.seo_title,
        Field.SEO_DESCRIPTION: values.seo_description,
        Field.FACTS: written_facts(values.facts),
        **dict.fromkeys(OPTION_NAMES, ""),
        **dict(zip(OPTION_NAMES, names, strict=False)),
    }


def variant_cells(values: VariantValues, currency: str) -> dict[str, str]:
    options = values.options if any(values.options) else (ONLY_VARIANT, "", "")
    measures = values.measures
    return {
        **dict(zip(OPTION_VALUES, options, strict=True)),
        Field.SKU: values.sku or "",
        Field.WEIGHT: str(values.weight_grams),
        Field.TRACKER: "shopify" if values.is_tracked else "",
        Field.QUANTITY: str(values.quantity),
        Field.POLICY: "deny" if values.is_tracked and not values.sells_on else "continue",
        **_backorder_cells(values),
        Field.PRICE: _amount(values.unit_amount, currency),
        Field.COMPARE_AT: _amount(values.compare_at_amount, currency),
        Field.COST: _amount(values.cost_amount, currency),
        Field.REQUIRES_SHIPPING: _flag(values.requires_shipping),
        Field.TAXABLE: _flag(values.is_taxable),
        Field.BARCODE: values.barcode,
        Field.MEASURE: plain_thousandths(measures.amount) if measures else "",
        Field.MEASURE_UNIT: measures.unit if measures else "",
        Field.BASE: str(measures.base) if measures else "",
        Field.BASE_UNIT: measures.base_unit if measures else "",
        Field.VARIANT_IMAGE: values.image_url,
    }


def _backorder_cells(values: VariantValues) -> dict[str, str]:
    """Empty where it is sold beyond what is on hand in the usual way, or not at all."""
    is_on = values.is_tracked and values.sells_on
    limit, day = values.backorder_limit, values.promised_on
    return {
        Field.BACKORDER_KIND: PREORDER if is_on and values.is_preorder else "",
        Field.BACKORDER_LIMIT: "" if not is_on or limit is None else str(limit),
        Field.PROMISED_ON: day.isoformat() if is_on and day else "",
    }


def image_cells(values: ImageValues) -> dict[str, str]:
    return {
        Field.IMAGE_URL: values.url,
        Field.IMAGE_POSITION: str(values.position),
        Field.IMAGE_ALT: values.alt,
    }


def written_facts(facts: Iterable[Sequence[str]]) -> str:
    """A line for each: "Height: 95 mm"."""
    return "\n".join(f"{_escaped(name, ':')}: {_escaped(value)}" for name, value in facts)


def read_facts(text: str) -> tuple[tuple[str, str], ...]:
    """What `written_facts` was given; a line without a colon is a value without a name."""
    facts = []
    for line in text.splitlines():
        name, colon, value = _FACT.fullmatch(line).groups()  # type: ignore[union-attr]  # fits all
        if not colon:
            name, value = "", name
        if name.strip() or value.strip():
            facts.append((_unescaped(name).strip(), _unescaped(value).strip()))
    return tuple(facts)


def split_list(text: str) -> list[str]:
    """Parts between commas; a comma that belongs to a part has a backslash before it."""
    parts = re.split(r"(?<!\\),", text)
    return [part.replace("\\,", ",").strip() for part in parts if part.strip()]


def _escaped(text: str, *marks: str) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    for mark in marks:
        text = text.replace(mark, f"\\{mark}")
    return text


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text)


_FACT = re.compile(r"((?:\\.|[^:\\])*\\?)(:?)(.*)")


def _amount(amount: int | None, currency: str) -> str:
    return "" if amount is None else plain_amount(Money(amount, currency))


def _flag(value: bool) -> str:
    return "true" if value else "false"
